#include "codes.h"

#include <assert.h>
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

/* With so few a look at each is quicker than a hash. */
enum { CODES_FEW = 4 };

/* The last 8 bytes as a number, or a number that stands for all where there are fewer and the length is known. */
static uint64_t code_word(struct span code)
{
    const unsigned char *bytes = (const unsigned char *)code.bytes;
    uint64_t word;
    uint32_t first, last;
    if (code.length >= sizeof word) {
        memcpy(&word, bytes + code.length - sizeof word, sizeof word);
        return word;
    }
    if (code.length >= sizeof first) {
        memcpy(&first, bytes, sizeof first);
        memcpy(&last, bytes + code.length - sizeof last, sizeof last);
        return (uint64_t)first << 32 | last;
    }
    if (code.length == 0)
        return 0;
    return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[code.length / 2] << 8 |
           bytes[code.length - 1];
}

static bool code_is(const struct code *item, struct span code, uint64_t word)
{
    return item->word == word && item->code.length == code.length &&
           (code.length <= sizeof word || memcmp(item->code.bytes, code.bytes, code.length) == 0);
}

/* Quick rather than strong: the words are short and come from the mapping, not from an adversary. */
static size_t codes_hash(struct span code, uint64_t last)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word, hash = (code.length ^ last) * factor;
    for (size_t at = 0; at + sizeof word < code.length; at += sizeof word) {
        memcpy(&word, code.bytes + at, sizeof word);
        hash = ((hash ^ hash >> 32) ^ word) * factor;
    }
    return (size_t)(hash ^ hash >> 32);
}

/* The slot where the code stands or would stand. */
static size_t codes_slot(const struct codes *codes, struct span code, uint64_t word)
{
    size_t mask = codes->slot_count - 1;
    size_t at = codes_hash(code, word) & mask;
    while (codes->slots[at] && !code_is(&codes->items[codes->slots[at] - 1], code, word))
        at = (at + 1) & mask;
    return at;
}

const struct code *codes_find(const struct codes *codes, struct span code)
{
    uint64_t word = code_word(code);
    if (codes->count > CODES_FEW) {
        uint32_t slot = codes->slots[codes_slot(codes, code, word)];
        return slot ? &codes->items[slot - 1] : NULL;
    }
    for (size_t i = 0; i < codes->count; i++) {
        if (code_is(&codes->items[i], code, word))
            return &codes->items[i];
    }
    return NULL;
}

static void codes_grow(struct codes *codes)
{
    codes->capacity = codes->capacity ? codes->capacity * 2 : 8;
    codes->items = mem_resize(codes->items, codes->capacity, sizeof *codes->items);
    free(codes->slots);
    codes->slot_count = codes->capacity * 2;
    codes->slots = mem_array(codes->slot_count, sizeof *codes->slots);
    for (size_t i = 0; i < codes->count; i++)
        codes->slots[codes_slot(codes, codes->items[i].code, codes->items[i].word)] =
            (uint32_t)i + 1;
}

bool codes_add(struct codes *codes, struct span code, struct span gives)
{
    if (codes_find(codes, code))
        return false;
    if (codes->count == codes->capacity)
        codes_grow(codes);
    assert(codes->items);
    uint64_t word = code_word(code);
    size_t at = codes_slot(codes, code, word);
    char *copy = mem_new((size_t)code.length + gives.length + 2);
    memcpy(copy, code.bytes, code.length);
    if (gives.length)
        memcpy(copy + code.length + 1, gives.bytes, gives.length);
    codes->items[codes->count] =
        (struct code){.code = span_of(copy, code.length),
                      .gives = span_of(copy + code.length + 1, gives.length),
                      .index = codes->count,
                      .word = word};
    codes->slots[at] = (uint32_t)++codes->count;
    return true;
}
