#include "job_private.h"

#include <stdlib.h>
#include <string.h>

/* Guards on the whole plan, before anything that can send is opened. */

static guard_set ignored_guards(const struct settings *settings)
{
    guard_set set = 0;
    for (size_t i = 0; i < settings->ignore.count; i++) {
        int guard = guard_find(settings->ignore.items[i]);
        if (guard >= 0)
            set |= (guard_set)1 << guard;
    }
    return set;
}

static void guard_event(struct job *job, bool adopting)
{
    struct fault fault = {0};
    for (int guard = 0; guard < GUARD_COUNT && !fault.text[0]; guard++)
        if (job->guards.tripped & ((guard_set)1 << guard))
            fault_set(&fault, FAULT_GUARD, "%s: guard %s: %s",
                      adopting ? "nobody was marked as delivered" : "nothing was sent",
                      guard_name((enum guard)guard), job->guards.of[guard].text);
    job_event(job, fault_exit(FAULT_GUARD), &fault);
}

void job_judge(struct job *job, bool adopting)
{
    const struct export_facts *export = export_facts(job->export);
    struct guard_facts facts = {
        .age_ms = export->modified_ms ? job->started_wall_ms - export->modified_ms : -1,
        .valid = job->reading.census.valid,
        .partial = job->partial,
        .first_load_allowed = job->settings->first_load,
        .adopting = adopting,
        .only_data = job->settings->only_data,
        .ignored = ignored_guards(job->settings),
        .approved = job->saved ? job->saved->approved : 0};
    memcpy(facts.digest, export->digest, sizeof facts.digest);
    memcpy(facts.mapping_digest, mapping_digest(job->mapping), sizeof facts.mapping_digest);
    memcpy(facts.filled, job->reading.census.filled, sizeof facts.filled);
    guards_judge(mapping_limits(job->mapping), job->plan, &job->baseline, &facts, &job->guards);
    job->judged = true;
    if (job->guards.tripped && (job->is_push || adopting))
        guard_event(job, adopting);
}

uint64_t job_kept_back(const struct job *job)
{
    const uint64_t *rows = plan_counts(job->plan)->action;
    return rows[ACTION_REJECTED] - plan_figures(job->plan)->rejected_again + rows[ACTION_HELD];
}

int job_partial_exit(const struct job *job, uint64_t undelivered)
{
    double allowed = job->settings->tolerate;
    if (job->settings->tolerate_percent)
        allowed = allowed * (double)plan_counts(job->plan)->rows / 100.0;
    return (double)undelivered > allowed ? 3 : 0;
}
