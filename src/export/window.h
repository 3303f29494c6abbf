#ifndef OPSPUSH_EXPORT_WINDOW_H
#define OPSPUSH_EXPORT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/fault.h"
#include "source.h"

/* The stretch of a source that is in memory: read once, from the first byte to the last, digested on the way. */
struct window {
    const struct source *source;
    char *bytes;
    size_t length, capacity;
    size_t at;       /* what stands before is done with */
    uint64_t offset; /* of bytes[0] in the file */
    size_t chunk;    /* bytes a read */
    bool ended;      /* the file has no more */
    struct digest_stream digest;
};

void window_init(struct window *window, const struct source *source, size_t chunk);
void window_clear(struct window *window);
/*
 * Drops what is done with and reads on; tells by how much the bytes moved up. 1, 0 when the file had ended, -1 a fault.
 */
int window_fill(struct window *window, size_t *moved, struct fault *fault) MUST_CHECK;

#endif
