#ifndef OPSPUSH_MAPPING_ARENA_H
#define OPSPUSH_MAPPING_ARENA_H

#include <assert.h>
#include <stddef.h>

/* Memory that lives for one row: handed out in pieces, taken back at once, kept for the next row. Zeroed is empty. */
struct arena {
    struct arena_block *blocks; /* the one in use first */
    struct arena_block *spare;
    char *at, *end; /* what is free of the one in use */
};

void arena_clear(struct arena *arena);
void arena_reset(struct arena *arena);
/* Makes room for more than 'length' bytes at 'at'. */
void arena_grow(struct arena *arena, size_t length);

/* 'length' bytes, not zeroed, until the next reset. */
static inline char *arena_take(struct arena *arena, size_t length)
{
    if ((size_t)(arena->end - arena->at) <= length)
        arena_grow(arena, length);
    char *piece = arena->at;
    arena->at += length;
    return piece;
}

/* Gives back all but the first 'used' bytes of the piece taken last. */
static inline void arena_trim(struct arena *arena, char *piece, size_t used)
{
    assert(piece + used <= arena->at);
    arena->at = piece + used;
}

#endif
