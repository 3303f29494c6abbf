#ifndef OPSPUSH_PUSH_PERSONS_H
#define OPSPUSH_PUSH_PERSONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of persons: those with a request under way or still owed. Zeroed is empty. */
struct persons {
    struct person_slot *slots;
    size_t capacity, count;
};

void persons_clear(struct persons *persons);
/* False when the person was in it already. */
bool persons_add(struct persons *persons, uint64_t person);
void persons_remove(struct persons *persons, uint64_t person);

#endif
