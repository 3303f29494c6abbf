#include "arena.h"

#include <stdlib.h>

#include "base/memory.h"

enum { ARENA_BLOCK_BYTES = 1 << 14 };

struct arena_block {
    struct arena_block *next;
    size_t capacity;
    char bytes[];
};

static void blocks_free(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_clear(struct arena *arena)
{
    blocks_free(arena->blocks);
    blocks_free(arena->spare);
    *arena = (struct arena){0};
}

static void arena_use(struct arena *arena, struct arena_block *block)
{
    arena->blocks = block;
    arena->at = block->bytes;
    arena->end = block->bytes + block->capacity;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *first = arena->blocks;
    if (!first)
        return;
    while (first->next) {
        struct arena_block *next = first->next;
        first->next = arena->spare;
        arena->spare = first;
        first = next;
    }
    arena_use(arena, first);
}

static struct arena_block *arena_spare(struct arena *arena, size_t length)
{
    for (struct arena_block **at = &arena->spare; *at; at = &(*at)->next) {
        struct arena_block *block = *at;
        if (block->capacity > length) {
            *at = block->next;
            return block;
        }
    }
    return NULL;
}

void arena_grow(struct arena *arena, size_t length)
{
    struct arena_block *block = arena_spare(arena, length);
    if (!block) {
        size_t capacity = length >= ARENA_BLOCK_BYTES ? length + 1 : ARENA_BLOCK_BYTES;
        block = mem_resize(NULL, sizeof *block + capacity, 1);
        block->capacity = capacity;
    }
    block->next = arena->blocks;
    arena_use(arena, block);
}
