#ifndef OPSPUSH_MAPPING_CODES_H
#define OPSPUSH_MAPPING_CODES_H

#include "span.h"

/* Words and what each stands for: a set for 'in' and 'never', a dictionary for lists. Look-up by hash. Zeroed is empty. */
struct code {
    struct span code, gives;
    size_t index;  /* in the order in which they were added */
    uint64_t word; /* of the code, see codes.c */
};

struct codes {
    struct code *items; /* in the order in which they were added; strings are owned */
    size_t count, capacity;
    uint32_t *slots; /* index + 1 into items; 0: free */
    size_t slot_count;
};

void codes_clear(struct codes *codes);
/* Adds a copy of both; false when the code is there already. Look-ups are allowed at any time. */
bool codes_add(struct codes *codes, struct span code, struct span gives);
const struct code *codes_find(const struct codes *codes, struct span code);

#endif
