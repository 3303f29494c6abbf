#ifndef OPSPUSH_MAPPING_ARENA_H
#define OPSPUSH_MAPPING_ARENA_H

#include <stddef.h>

/* Memory that lives for one row: handed out in pieces, taken back at once, kept for the next row. Zeroed is empty. */
struct arena {
    struct arena_block *blocks; /* the one in use first */
    struct arena_block *spare;
};

void arena_clear(struct arena *arena);
void arena_reset(struct arena *arena);
/* 'length' bytes, not zeroed, until the next reset. */
char *arena_take(struct arena *arena, size_t length);
/* Gives back all but the first 'used' bytes of the piece taken last. */
void arena_trim(struct arena *arena, const char *piece, size_t used);

#endif
