#include "codes.h"

#include <stdlib.h>

#include "base/memory.h"

void codes_clear(struct codes *codes)
{
    for (size_t i = 0; i < codes->count; i++)
        free((void *)(uintptr_t)codes->items[i].code.bytes);
    free(codes->items);
    free(codes->slots);
    *codes = (struct codes){0};
}

/* The last up to 8 bytes as a number, or all where there are fewer. */
static uint64_t word_at_end(struct span code)
{
    uint64_t word = 0;
    if (code.length >= sizeof word) {
        memcpy(&word, code.bytes + code.length - sizeof word, sizeof word);
        return word;
    }
    for (size_t i = 0; i < code.length; i++)
        word = word << 8 | (unsigned char)code.bytes[i];
    return word;
}

/* Quick rather than strong: the words are short and come from the mapping, not from an adversary. */
static size_t codes_hash(struct span code)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word, hash = (code.length ^ word_at_end(code)) * factor;
    for (size_t at = 0; at + sizeof word < code.length; at += sizeof word) {
        memcpy(&word, code.bytes + at, sizeof word);
        hash = ((hash ^ hash >> 32) ^ word) * factor;
    }
    return (size_t)(hash ^ hash >> 32);
}

/* The slot where the code stands or would stand. */
static size_t codes_slot(const struct codes *codes, struct span code)
{
    size_t mask = codes->slot_count - 1;
    size_t at = codes_hash(code) & mask;
    while (codes->slots[at] && !span_equals(codes->items[codes->slots[at] - 1].code, code))
        at = (at + 1) & mask;
    return at;
}

const struct code *codes_find(const struct codes *codes, struct span code)
{
    if (codes->count == 0)
        return NULL;
    uint32_t slot = codes->slots[codes_slot(codes, code)];
    return slot ? &codes->items[slot - 1] : NULL;
}

static void codes_grow(struct codes *codes)
{
    codes->capacity = codes->capacity ? codes->capacity * 2 : 8;
    codes->items = mem_resize(codes->items, codes->capacity, sizeof *codes->items);
    free(codes->slots);
    codes->slot_count = codes->capacity * 2;
    codes->slots = mem_array(codes->slot_count, sizeof *codes->slots);
    for (size_t i = 0; i < codes->count; i++)
        codes->slots[codes_slot(codes, codes->items[i].code)] = (uint32_t)i + 1;
}

bool codes_add(struct codes *codes, struct span code, struct span gives)
{
    if (codes_find(codes, code))
        return false;
    if (codes->count == codes->capacity)
        codes_grow(codes);
    size_t at = codes_slot(codes, code);
    char *copy = mem_new((size_t)code.length + gives.length + 2);
    memcpy(copy, code.bytes, code.length);
    if (gives.length)
        memcpy(copy + code.length + 1, gives.bytes, gives.length);
    codes->items[codes->count] =
        (struct code){.code = span_of(copy, code.length),
                      .gives = span_of(copy + code.length + 1, gives.length),
                      .index = codes->count};
    codes->slots[at] = (uint32_t)++codes->count;
    return true;
}
