#include "arena.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

enum { ARENA_BLOCK_BYTES = 1 << 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, capacity;
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
    first->used = 0;
    arena->blocks = first;
}

static struct arena_block *arena_spare(struct arena *arena, size_t length)
{
    for (struct arena_block **at = &arena->spare; *at; at = &(*at)->next) {
        struct arena_block *block = *at;
        if (block->capacity >= length) {
            *at = block->next;
            return block;
        }
    }
    return NULL;
}

static void arena_grow(struct arena *arena, size_t length)
{
    struct arena_block *block = arena_spare(arena, length);
    if (!block) {
        size_t capacity = length > ARENA_BLOCK_BYTES ? length : ARENA_BLOCK_BYTES;
        block = mem_new(sizeof *block + capacity);
        block->capacity = capacity;
    }
    block->used = 0;
    block->next = arena->blocks;
    arena->blocks = block;
}

char *arena_take(struct arena *arena, size_t length)
{
    if (!arena->blocks || arena->blocks->capacity - arena->blocks->used < length)
        arena_grow(arena, length);
    char *piece = arena->blocks->bytes + arena->blocks->used;
    arena->blocks->used += length;
    return piece;
}

void arena_trim(struct arena *arena, const char *piece, size_t used)
{
    struct arena_block *block = arena->blocks;
    assert(piece >= block->bytes && piece + used <= block->bytes + block->used);
    block->used = (size_t)(piece - block->bytes) + used;
}
