#include "verdict.h"

#include <math.h>

#include "tally.h"

bool report_is_plan(const struct report *report)
{
    return text_is(report->command, "plan");
}

bool report_is_unread(const struct report *report)
{
    return report->exit != 0 && report->counts.rows == 0 && !report->has_guards;
}

uint64_t report_to_send(const struct report *report)
{
    return report->counts.action[ACTION_NEW] + report->counts.action[ACTION_CHANGED];
}

enum colour verdict_colour(const struct report *report)
{
    bool stopped = report->has_guards && report->guards.tripped;
    if (report->exit == 0 && !stopped)
        return COLOUR_GOOD;
    return report->exit == 0 || report->exit == 3 || report->exit == 10 ? COLOUR_WARN : COLOUR_BAD;
}

static void part_add(struct text *out, uint64_t count, const char *words)
{
    if (count == 0)
        return;
    text_add(out, ", ");
    text_add_count(out, count);
    text_addf(out, " %s", words);
}

static void plan_parts(const struct report *report, struct text *out)
{
    uint64_t people = report_to_send(report);
    if (report_is_unread(report)) {
        text_add(out, ", there is no plan");
        return;
    }
    text_add(out, people ? ", would push " : ", nothing to push");
    if (people) {
        text_add_count(out, people);
        text_add(out, people == 1 ? " person" : " people");
    }
    part_add(out, report->counts.action[ACTION_REJECTED], "rejected");
    part_add(out, report->counts.action[ACTION_HELD], "held");
    if (report->has_guards && report->guards.tripped)
        text_add(out, "; a guard would stop it");
}

static void accepted_part(const struct report *report, struct text *out)
{
    const uint64_t *outcome = report->counts.outcome;
    uint64_t wanted = report_to_send(report), accepted = outcome[OUTCOME_ACCEPTED];
    if (report_is_unread(report)) {
        text_add(out, ", nothing was sent");
    } else if (accepted + outcome[OUTCOME_REFUSED] + outcome[OUTCOME_UNKNOWN] == 0) {
        text_add(out, wanted ? ", nothing sent" : ", nothing to send");
    } else if (accepted == wanted) {
        part_add(out, accepted, "sent and accepted");
    } else {
        text_add(out, ", ");
        text_add_count(out, accepted);
        text_add(out, " of ");
        text_add_count(out, wanted);
        text_add(out, " accepted");
    }
}

static void push_parts(const struct report *report, struct text *out)
{
    const uint64_t *outcome = report->counts.outcome;
    accepted_part(report, out);
    part_add(out, outcome[OUTCOME_REFUSED], "refused");
    part_add(out, outcome[OUTCOME_UNKNOWN], "unknown");
    part_add(out, outcome[OUTCOME_NOT_REACHED], "not reached");
    part_add(out, report->counts.action[ACTION_REJECTED], "rejected");
    part_add(out, report->counts.action[ACTION_HELD], "held");
}

void verdict_add(const struct report *report, struct text *out)
{
    text_addf(out, "opspush %s: %s", report->command, report->verdict);
    if (report->exit != 0)
        text_addf(out, " (exit %d)", report->exit);
    if (report_is_plan(report))
        plan_parts(report, out);
    else if (report->is_push)
        push_parts(report, out);
}

void usual_add(double low, double high, struct text *out)
{
    text_add_count(out, (uint64_t)fmax(0, floor(low)));
    text_add_byte(out, '-');
    text_add_count(out, (uint64_t)fmax(0, ceil(high)));
}

bool usual_excludes(const struct report_usual *usual, double low, double high, uint64_t count)
{
    enum { RUNS_ENOUGH = 5 };
    if (usual->runs < RUNS_ENOUGH)
        return false;
    return (double)count < floor(low) || (double)count > ceil(high);
}

void plain_name_add(struct text *out, const char *name)
{
    for (; *name; name++)
        text_add_byte(out, *name == '_' ? ' ' : *name);
}
