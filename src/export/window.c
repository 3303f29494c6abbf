#include "window.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void window_init(struct window *window, const struct source *source, size_t chunk)
{
    *window = (struct window){.source = source, .chunk = chunk, .capacity = chunk};
    window->bytes = mem_resize(NULL, chunk, 1);
    digest_stream_init(&window->digest);
}

void window_clear(struct window *window)
{
    free(window->bytes);
    window->bytes = NULL;
}

int window_fill(struct window *window, size_t *moved, struct fault *fault)
{
    *moved = window->at;
    window->length -= window->at;
    window->offset += window->at;
    if (window->at && window->length)
        memmove(window->bytes, window->bytes + window->at, window->length);
    window->at = 0;
    if (window->ended)
        return 0;
    if (window->capacity - window->length < window->chunk) {
        window->capacity = 2 * window->capacity + window->chunk;
        window->bytes = mem_resize(window->bytes, window->capacity, 1);
    }
    size_t got;
    char *to = window->bytes + window->length;
    if (source_read(window->source, window->offset + window->length, to, window->chunk, &got,
                    fault) < 0)
        return -1;
    digest_stream_add(&window->digest, to, got);
    window->length += got;
    window->ended = got < window->chunk;
    return got ? 1 : 0;
}
