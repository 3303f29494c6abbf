#ifndef OPSPUSH_PLAN_COUNTS_H
#define OPSPUSH_PLAN_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* Every data row has exactly one action; every new or changed row of a push exactly one outcome (interface.md). */
enum action {
    ACTION_NEW,
    ACTION_CHANGED,
    ACTION_UNCHANGED,
    ACTION_LEFT_OUT,
    ACTION_REJECTED,
    ACTION_REPEATED,
    ACTION_HELD,
    ACTION_COUNT
};

enum outcome {
    OUTCOME_ACCEPTED,
    OUTCOME_REFUSED,
    OUTCOME_UNKNOWN,
    OUTCOME_NOT_REACHED,
    OUTCOME_COUNT
};

const char *action_name(enum action action);    /* "new" */
const char *outcome_name(enum outcome outcome); /* "not_reached" */
int action_find(const char *name);              /* -1: none */
int outcome_find(const char *name);

struct counts {
    uint64_t rows;
    uint64_t action[ACTION_COUNT];
    uint64_t outcome[OUTCOME_COUNT];
    uint64_t gone;  /* known before and newly missing */
    uint64_t known; /* delivered or adopted, and not gone before this run */
};

/* rows = the sum of the actions, and, of a push, new + changed = the sum of the outcomes. */
bool counts_add_up(const struct counts *counts, bool is_push);

#endif
