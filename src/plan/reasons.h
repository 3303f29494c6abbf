#ifndef OPSPUSH_SRC_PLAN_REASONS_H
#define OPSPUSH_SRC_PLAN_REASONS_H

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* Each different reason once, numbered in the order in which they came. */
struct reasons {
    struct reason *items;
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1, by what the reason says; 0 is free; at most half full */
    uint32_t slot_count;
};

/* What a reason says, lent; members as those of 'struct reason'. */
struct reason_words {
    enum action action;
    int field;
    const char *code, *message, *fix;
};

void reasons_clear(struct reasons *reasons);
/* The number of the reason that says this, made of copies when there is none. */
uint32_t reasons_put(struct reasons *reasons, const struct reason_words *words);

#endif
