#include "plan/counts.h"

#include "base/text.h"

static const char *const action_names[ACTION_COUNT] = {
    [ACTION_NEW] = "new",
    [ACTION_CHANGED] = "changed",
    [ACTION_UNCHANGED] = "unchanged",
    [ACTION_LEFT_OUT] = "left_out",
    [ACTION_REJECTED] = "rejected",
    [ACTION_REPEATED] = "repeated",
    [ACTION_HELD] = "held",
};

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_ACCEPTED] = "accepted",
    [OUTCOME_REFUSED] = "refused",
    [OUTCOME_UNKNOWN] = "unknown",
    [OUTCOME_NOT_REACHED] = "not_reached",
};

static int name_find(const char *const names[], int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (text_is(names[i], name))
            return i;
    return -1;
}

const char *action_name(enum action action)
{
    return action_names[action];
}

const char *outcome_name(enum outcome outcome)
{
    return outcome_names[outcome];
}

int action_find(const char *name)
{
    return name_find(action_names, ACTION_COUNT, name);
}

int outcome_find(const char *name)
{
    return name_find(outcome_names, OUTCOME_COUNT, name);
}

bool counts_add_up(const struct counts *counts, bool is_push)
{
    uint64_t rows = 0, sent = 0;
    for (int i = 0; i < ACTION_COUNT; i++)
        rows += counts->action[i];
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sent += counts->outcome[i];
    uint64_t to_send = counts->action[ACTION_NEW] + counts->action[ACTION_CHANGED];
    return rows == counts->rows && (!is_push || sent == to_send);
}
