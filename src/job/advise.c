#include "job_private.h"

#include <stdlib.h>

#include "base/file.h"

/* Sentences for people: what is true beside the counts, and what to do next. */

/* ---------------------------------------------------------------- what is true */

static void count_stranded(void *self, person_handle handle)
{
    (void)handle;
    ++*(uint64_t *)self;
}

static void warn_of_people(struct job *job)
{
    uint64_t stranded = 0, shared;
    if (!job->feed.people)
        return;
    plan_each_stranded(job->plan, count_stranded, &stranded);
    shared = state_shared_people(job->feed.state, job->feed.people);
    if (stranded)
        job_warn(job,
                 "%llu sent before without a clear answer and without a valid row today: unsettled "
                 "until they come back (opspush status --all names them)",
                 (unsigned long long)stranded);
    if (shared)
        job_warn(job, "%llu in another feed of this target too: the two feeds overwrite each other",
                 (unsigned long long)shared);
}

static void warn_of_identity(struct job *job)
{
    if (job->reading.probable_known)
        job_warn(job,
                 "%llu probably known under another id (same person key, student number, or name "
                 "and birth date): \"same_person\" in the mapping can hold such people%s",
                 (unsigned long long)job->reading.probable_known,
                 mapping_same_person(job->mapping) == SAME_PERSON_REPORT
                     ? " (its \"then\" says \"report\")"
                     : "");
    if (plan_figures(job->plan)->near_duplicates)
        job_warn(job, "%llu with an id that differs from another one in upper and lower case alone",
                 (unsigned long long)plan_figures(job->plan)->near_duplicates);
    if (plan_figures(job->plan)->id_unreadable)
        job_warn(job, "the id of a rejected row cannot be read, so nobody counts as gone today");
}

static void warn_of_answers(struct job *job)
{
    if (job->other_references)
        job_warn(job,
                 "%llu answered with another reference_id than before (first: line %u): OPS-COM "
                 "may hold a second profile of them",
                 (unsigned long long)job->other_references, job->other_reference_line);
    if (plan_figures(job->plan)->field_changed[FIELD_LOGIN_SOURCE])
        job_warn(job,
                 "login_source changes for %llu pushed before: whether OPS-COM then makes a second "
                 "profile is not documented; try one with --only",
                 (unsigned long long)plan_figures(job->plan)->field_changed[FIELD_LOGIN_SOURCE]);
    if (job->figures.new_shapes)
        job_warn(job, "answers of a kind not seen before: %llu; results.csv has their words",
                 (unsigned long long)job->figures.new_shapes);
}

/* "2,117 would change only because student_phone is now mapped" */
static void add_mapping_cause(const struct job *job, struct text *out)
{
    field_set now = mapping_fields(job->mapping), before = mapping_fields(job->reading.old_mapping);
    if (now & ~before) {
        field_set_names(now & ~before, ", ", out);
        text_add(out, " is now mapped");
    }
    if (before & ~now) {
        text_add(out, now & ~before ? " and " : "");
        field_set_names(before & ~now, ", ", out);
        text_add(out, " is no longer mapped");
    }
    if (now == before)
        text_add(out, "the mapping or one of its lists changed");
}

static void warn_of_mapping(struct job *job)
{
    const struct plan_figures *figures = plan_figures(job->plan);
    struct text cause = {0};
    if (!job->reading.old_mapping || !figures->changed_by_mapping)
        return;
    add_mapping_cause(job, &cause);
    uint64_t by_data = figures->changed - figures->changed_by_mapping;
    job_warn(job,
             "%llu %s changed in the data; %llu would change only because %s (--only-data pushes "
             "the first group alone)",
             (unsigned long long)by_data, by_data == 1 ? "person" : "people",
             (unsigned long long)figures->changed_by_mapping, text_string(&cause));
    text_clear(&cause);
}

/* ---------------------------------------------------------------- what to do */

/* Held, not because the server refused them, but as probably known under another id. */
static uint64_t count_known_before(const struct job *job)
{
    uint64_t count = 0;
    for (size_t i = 0; i < plan_row_count(job->plan); i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        count += row.action == ACTION_HELD &&
                 text_is(plan_reason_at(job->plan, row.reason)->code, "same_person");
    }
    return count;
}

static void advise_held(struct job *job)
{
    uint64_t known_before = count_known_before(job);
    uint64_t refused = job->report.counts.outcome[OUTCOME_REFUSED] +
                       plan_counts(job->plan)->action[ACTION_HELD] - known_before;
    if (refused)
        job_next_step(job,
                      "people who were refused or held are sent when their data changes, or "
                      "with --retry-refused%s",
                      known_before ? " (known under another id: and --only ID)" : "");
    else if (known_before)
        job_next_step(job, "people known under another id: merge or correct the two, or push with "
                           "--only ID --retry-refused");
}

/* A first load that was allowed, on the command line or by a plan, needs the same word again until a run has finished. */
static bool is_first_load_allowed(const struct job *job)
{
    guard_set bit = (guard_set)1 << GUARD_FIRST_LOAD;
    return job->settings->first_load ||
           (job->guards.of[GUARD_FIRST_LOAD].value > 0 && !(job->guards.tripped & bit));
}

static void add_option(struct text *out, const char *name, const char *value)
{
    text_addf(out, " --%s ", name);
    text_add_shell_word(out, value);
}

/* The same target by the same rules; what a saved plan brought must be named. */
static void advise_rejects(struct job *job)
{
    const struct settings *settings = job->settings;
    struct text words = {0};
    char *path = file_join(job->folder, "rejects.csv");
    text_add_shell_word(&words, path);
    text_add(&words, settings->repeat_where ? settings->repeat_where : "");
    if (job->saved && !settings->mapping)
        add_option(&words, "mapping", job->saved->mapping_path);
    if (job->saved && !settings->url)
        add_option(&words, "url", job->saved->binding.target);
    text_add(&words, is_first_load_allowed(job) ? " --first-load" : "");
    job_next_step(job,
                  "mend the rejected people in the source system, or in rejects.csv and push that: "
                  "opspush push %s",
                  words.bytes);
    text_clear(&words);
    free(path);
}

static void advise_push(struct job *job, uint64_t left_over)
{
    const struct counts *counts = plan_counts(job->plan);
    if (counts->action[ACTION_REJECTED] && job->folder)
        advise_rejects(job);
    advise_held(job);
    if (left_over)
        job_next_step(job, "run the same push again: what was accepted is not sent twice");
}

static void advise_plan(struct job *job)
{
    enum { COPIED_MOST = 1000 };
    const struct counts *counts = plan_counts(job->plan);
    const char *where = job->settings->repeat_where, *what = job->settings->repeat_what;
    bool to_push = counts->action[ACTION_NEW] + counts->action[ACTION_CHANGED] > 0;
    struct text words = {0};
    text_add_shell_word(&words, job->export_path);
    text_addf(&words, "%s%s", where ? where : "", what ? what : "");
    bool is_long = words.length > COPIED_MOST;
    if (!job->guards.tripped && to_push && is_long)
        job_next_step(job, "push it, with the options of this call");
    else if (!job->guards.tripped && to_push)
        job_next_step(job, "push it: opspush push %s", words.bytes);
    if (counts->action[ACTION_REJECTED] && is_long)
        job_next_step(job, "see who is rejected and why: add --report FOLDER to this call");
    else if (counts->action[ACTION_REJECTED])
        job_next_step(job, "see who is rejected and why: opspush plan %s --report FOLDER",
                      words.bytes);
    text_clear(&words);
}

void job_advise(struct job *job, uint64_t left_over)
{
    if (!job->read_whole)
        return;
    warn_of_people(job);
    warn_of_identity(job);
    warn_of_mapping(job);
    warn_of_answers(job);
    if (job->is_push)
        advise_push(job, left_over);
    else
        advise_plan(job);
}
