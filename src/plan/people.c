#include "people.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
    PEOPLE_MIN = 64,
    PEOPLE_MAX =
        0x7fffffff, /* a place in the order of rows has a bit to tell people from other rows */
    GUESSES = 4,    /* the person found last, and those behind */
    AHEAD = 16      /* so far before it is needed a slot is asked of memory */
};

void people_init(struct people *people)
{
    *people = (struct people){.count = 1, .capacity = PEOPLE_MIN};
    people->items = mem_array(PEOPLE_MIN, sizeof *people->items);
}

void people_clear(struct people *people)
{
    free(people->items);
    free(people->slots);
    *people = (struct people){0};
}

void people_seal(struct people *people)
{
    free(people->slots);
    people->slots = NULL;
}

/* Where in the index a tag stands, or behind it. */
static uint32_t index_at(const struct people *people, const struct short_tag *tag)
{
    return (uint32_t)((uint64_t)tag->word[0] * people->slot_count >> 32);
}

void people_expect(const struct people *people, const struct short_tag *tag)
{
    if (people->slots)
        __builtin_prefetch(&people->slots[index_at(people, tag)], 1);
}

static void index_put(struct people *people, uint32_t number)
{
    const struct short_tag *tag = &people->items[number].tag;
    uint32_t at = index_at(people, tag);
    while (people->slots[at])
        at = at + 1 == people->slot_count ? 0 : at + 1;
    people->slots[at] = (tag->word[1] & ~people->number_mask) | number;
}

/* An index for a quarter more people than there are, filled to at most four fifths. */
static void index_build(struct people *people)
{
    free(people->slots);
    people->limit = people->count + people->count / 4 + PEOPLE_MIN;
    people->slot_count = people->limit + people->limit / 4;
    people->slots = mem_array(people->slot_count, sizeof *people->slots);
    people->number_mask = 1;
    while (people->number_mask < people->limit)
        people->number_mask = people->number_mask << 1 | 1;
    for (uint32_t number = 1; number < people->count; number++) {
        if (number + AHEAD < people->count)
            people_expect(people, &people->items[number + AHEAD].tag);
        index_put(people, number);
    }
}

uint32_t people_add(struct people *people, const struct digest *tag)
{
    assert(people->count < PEOPLE_MAX);
    if (people->count == people->capacity) {
        people->capacity += people->capacity / 2;
        people->items = mem_resize(people->items, people->capacity, sizeof *people->items);
    }
    uint32_t number = people->count++;
    people->items[number] = (struct person){.tag = tag_short(tag)};
    if (people->slots && number < people->limit)
        index_put(people, number);
    else if (people->slots)
        index_build(people);
    return number;
}

static bool tag_is(const struct people *people, uint32_t number, const struct short_tag *tag)
{
    return memcmp(&people->items[number].tag, tag, sizeof *tag) == 0;
}

static uint32_t index_find(const struct people *people, const struct short_tag *tag)
{
    uint32_t at = index_at(people, tag), slot;
    while ((slot = people->slots[at])) {
        uint32_t number = slot & people->number_mask;
        if (((slot ^ tag->word[1]) & ~people->number_mask) == 0 && tag_is(people, number, tag))
            return number;
        at = at + 1 == people->slot_count ? 0 : at + 1;
    }
    return 0;
}

uint32_t people_find(struct people *people, const struct short_tag *tag)
{
    for (uint32_t guess = people->last; guess < people->last + GUESSES; guess++)
        if (guess && guess < people->count && tag_is(people, guess, tag))
            return people->last = guess;
    if (!people->slots)
        index_build(people);
    uint32_t number = index_find(people, tag);
    if (number)
        people->last = number;
    return number;
}
