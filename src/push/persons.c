#include "persons.h"

#include <stdlib.h>

#include "base/memory.h"

/* Open addressing with linear probing; removal moves the followers up, so that no markers are left. */
struct person_slot {
    uint64_t person;
    bool is_used;
};

enum { CAPACITY_MIN = 64 };

void persons_clear(struct persons *persons)
{
    free(persons->slots);
    *persons = (struct persons){0};
}

static size_t home(const struct persons *persons, uint64_t person)
{
    return (size_t)((person * 0x9e3779b97f4a7c15u) >> 32) & (persons->capacity - 1);
}

/* The slot that holds the person, or the free one where it belongs. */
static size_t find(const struct persons *persons, uint64_t person)
{
    size_t at = home(persons, person);
    while (persons->slots[at].is_used && persons->slots[at].person != person)
        at = (at + 1) & (persons->capacity - 1);
    return at;
}

static void grow(struct persons *persons)
{
    struct persons bigger = {.capacity = persons->capacity ? persons->capacity * 2 : CAPACITY_MIN};
    bigger.slots = mem_array(bigger.capacity, sizeof *bigger.slots);
    for (size_t i = 0; i < persons->capacity; i++)
        if (persons->slots[i].is_used)
            persons_add(&bigger, persons->slots[i].person);
    free(persons->slots);
    *persons = bigger;
}

bool persons_add(struct persons *persons, uint64_t person)
{
    if (persons->count * 2 >= persons->capacity)
        grow(persons);
    size_t at = find(persons, person);
    if (persons->slots[at].is_used)
        return false;
    persons->slots[at] = (struct person_slot){person, true};
    persons->count++;
    return true;
}

void persons_remove(struct persons *persons, uint64_t person)
{
    size_t mask = persons->capacity - 1;
    if (!persons->count)
        return;
    size_t hole = find(persons, person);
    if (!persons->slots[hole].is_used)
        return;
    persons->count--;
    for (size_t at = (hole + 1) & mask; persons->slots[at].is_used; at = (at + 1) & mask) {
        size_t from_home = (at - home(persons, persons->slots[at].person)) & mask;
        if (from_home >= ((at - hole) & mask)) {
            persons->slots[hole] = persons->slots[at];
            hole = at;
        }
    }
    persons->slots[hole].is_used = false;
}
