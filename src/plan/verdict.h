#ifndef OPSPUSH_SRC_PLAN_VERDICT_H
#define OPSPUSH_SRC_PLAN_VERDICT_H

#include "base/fault.h"
#include "plan/guard.h"

/* Everything that guards look at. */
struct evidence {
    const struct limits *limits;
    const struct counts *counts;
    const struct plan_figures *figures;
    const struct baseline *baseline;
    const struct guard_facts *facts;
};

/* Appends to the text of a verdict, as far as there is room. */
void verdict_say(struct guard_verdict *verdict, const char *words, ...) PRINTF_LIKE(2, 3);

/* "12.5", "10": at most two decimals, whatever the locale. */
struct percent {
    char text[32];
};
struct percent percent_text(double value);

/*
 * Judges the field that is furthest over a limit, its own or that of the last runs; without one the
 * nearest to it.
 */
void judge_field(const struct evidence *evidence, struct guard_verdict *verdict);

#endif
