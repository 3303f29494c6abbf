#include "job_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* push: prepare, read, judge, send, tell. What was delivered is recorded as it happens; the record of the run comes last. */

/* ---------------------------------------------------------------- the run's folder */

static int open_folder(struct job *job)
{
    struct text first = {0};
    char *latest = file_join(job->settings->runs, "latest");
    int done = -1;
    job->folder = file_join(job->settings->runs, job->run);
    if (file_make_folder(job->folder, FAULT_FAILED, &job->fault) < 0)
        goto out;
    text_addf(&first,
              "opspush: run %s has begun and has not ended (or was killed): incomplete.\n"
              "The next push finishes its work.\n",
              job->run);
    char *summary = file_join(job->folder, "summary.txt");
    done = file_write(summary, first.bytes, first.length, FAULT_FAILED, &job->fault);
    free(summary);
    if (done == 0)
        done = file_link(latest, job->run, FAULT_FAILED, &job->fault);
out:
    free(latest);
    text_clear(&first);
    return done;
}

static int begin_run(struct job *job)
{
    struct run_start start = {.id = job->run,
                              .command = job->command,
                              .started_ms = job->started_wall_ms,
                              .mapping_digest = mapping_digest(job->mapping)};
    if (job_create_state(job) < 0 ||
        state_run_begin(job->feed.state, job->feed.people, &start, &job->fault) < 0)
        return -1;
    job->run_open = true;
    return 0;
}

/* ---------------------------------------------------------------- the end */

static uint64_t undelivered(const struct job *job)
{
    return job_kept_back(job) + job->report.counts.outcome[OUTCOME_REFUSED];
}

/* Reached nobody for another reason than --limit or --only-data: the work is not done. */
static uint64_t left_over(const struct job *job)
{
    uint64_t count = job->report.counts.outcome[OUTCOME_UNKNOWN];
    for (size_t i = 0; job->sent && i < plan_row_count(job->plan); i++) {
        if (!job->chosen[i] || job->sent[i].outcome != OUTCOME_NOT_REACHED)
            continue;
        count += strcmp(job->words.bytes + job->sent[i].code, "limit") != 0;
    }
    return count;
}

static void judge_outcomes(struct job *job)
{
    struct fault fault;
    uint64_t left = left_over(job), missed = undelivered(job);
    if (left) {
        fault_set(&fault, FAULT_UNAVAILABLE,
                  "no clear outcome, or not reached: %llu %s; the next push goes on there",
                  (unsigned long long)left, left == 1 ? "person" : "people");
        job_event(job, 7, &fault);
    }
    if (missed && job_partial_exit(job, missed)) {
        uint64_t again = plan_figures(job->plan)->rejected_again;
        char rows[40] = "";
        if (again)
            snprintf(rows, sizeof rows, " (%" PRIu64 " rows)", missed + again);
        fault_set(&fault, FAULT_FAILED, "%llu %s%s of the export %s not delivered",
                  (unsigned long long)missed, missed == 1 ? "person" : "people", rows,
                  missed == 1 ? "is" : "are");
        job_event(job, 3, &fault);
    }
}

static bool is_finished(const struct job *job)
{
    const struct settings *settings = job->settings;
    return job->read_whole && !job->partial && settings->limit < 0 && !settings->only_data &&
           (job->exit == 0 || job->exit == 3);
}

static int by_handle(const void *a, const void *b)
{
    person_handle x = ((const struct run_left_out *)a)->handle;
    person_handle y = ((const struct run_left_out *)b)->handle;
    return (x > y) - (x < y);
}

/* People whom the state knows and of whom a rule leaves out every row today. free() the list. */
static struct run_left_out *list_left_out(const struct job *job, size_t *count)
{
    size_t rows = job->read_whole ? plan_row_count(job->plan) : 0;
    struct run_left_out *list = NULL;
    *count = 0;
    for (size_t i = 0; i < rows; i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        if (row.action != ACTION_LEFT_OUT || !row.handle || (row.flags & PLAN_LOST))
            continue;
        list = mem_resize(list, *count + 1, sizeof *list);
        list[(*count)++] = (struct run_left_out){
            .handle = row.handle, .because = plan_reason_at(job->plan, row.reason)->message};
    }
    if (list)
        qsort(list, *count, sizeof *list, by_handle);
    return list;
}

static int end_run(struct job *job)
{
    struct text bundle = {0}, document = {0};
    size_t left_out_count;
    struct run_left_out *left_out = list_left_out(job, &left_out_count);
    static const struct export_facts none = {.digest = ""};
    const struct export_facts *facts = job->export ? export_facts(job->export) : &none;
    struct run_finish finish = {.ended_ms = job->world->clock.wall_ms(job->world->clock.self),
                                .exit = job->exit,
                                .verdict = job_exit_name(job->exit),
                                .finished = is_finished(job),
                                .counts = job->report.counts,
                                .export_digest = facts->digest,
                                .export_bytes = facts->bytes,
                                .export_modified_ms = facts->modified_ms,
                                .mapping_digest = mapping_digest(job->mapping),
                                .valid = job->reading.census.valid};
    memcpy(finish.filled, job->reading.census.filled, sizeof finish.filled);
    memcpy(finish.field_changed, job->report.figures.field_changed, sizeof finish.field_changed);
    job_remember(job, &document);
    mapping_bundle(job->mapping, &bundle);
    finish.mapping_bundle = text_string(&bundle);
    finish.document = text_string(&document);
    struct run_presence presence = {
        .plan = job->plan, .left_out = left_out, .left_out_count = left_out_count};
    int done = state_still_there(job->feed.state, &job->fault);
    if (done == 0)
        done = state_run_end(job->feed.state, &finish, finish.finished ? &presence : NULL,
                             &job->fault);
    text_clear(&bundle);
    text_clear(&document);
    free(left_out);
    return done;
}

static void retain(struct job *job)
{
    char **ids = NULL;
    size_t count = 0;
    struct fault fault;
    if (state_retain(job->feed.state, (int)job->settings->retention_days, job->started_wall_ms,
                     &ids, &count, &fault) < 0)
        job_warn(job, "old history was not removed: %s", fault.text);
    for (size_t i = 0; i < count; i++) {
        char *folder = file_join(job->settings->runs, ids[i]);
        if (file_remove_folder(folder, &fault) < 0)
            job_warn(job, "%s", fault.text);
        free(folder);
        free(ids[i]);
    }
    free(ids);
}

static void tell_all(struct job *job)
{
    struct fault fault;
    job_fill_report(job);
    if (job->read_whole)
        judge_outcomes(job);
    job_advise(job, left_over(job));
    if (job_write_rows(job, job->folder) < 0)
        job_fail(job);
    job_recall(job);
    if (job->exit != 12 && !report_adds_up(&job->report)) {
        fault_set(&fault, FAULT_FAILED,
                  "the counts of this run do not add up: this is a bug in opspush");
        job_event(job, 1, &fault);
    }
    if (job->run_open && end_run(job) < 0)
        job_fail(job);
    job->night_ended = job->run_open && is_finished(job);
    if (job->night_ended)
        retain(job);
    if (job_write_documents(job, job->folder, true, &fault) < 0)
        job_event(job, fault_exit(fault.kind), &fault);
}

/* ---------------------------------------------------------------- the order of things */

/* What a run needs before it may leave a folder: exit 2, 4 and 9 leave none. */
static int prepare(struct job *job)
{
    struct text *warnings = &job->result->warnings;
    if (job->settings->plan)
        job->saved = saved_plan_read(job->settings->plan, &job->fault);
    if (!job->settings->plan || job->saved)
        if (job_prepare_target(job, true) < 0 || job_prepare_mapping(job) < 0 ||
            feed_token(job->settings, &job->token, warnings, &job->fault) < 0)
            return -1;
    return job_take_lock(job);
}

static int read_and_judge(struct job *job, struct settings *settings)
{
    if (job->settings->plan && !job->saved)
        return -1;
    if (job_prepare_state(job, STATE_WRITE) < 0)
        return -1;
    if (job->saved) {
        if (job_load_plan(job, settings) < 0)
            return -1;
        if (!job->export_path)
            job->export_path = job->saved->export_path;
    }
    if (job_read(job) < 0 || (job->saved && job_compare_plan(job) < 0))
        return -1;
    job_judge(job, false);
    return 0;
}

static void run(struct job *job, struct settings *settings)
{
    if (open_folder(job) < 0) {
        job_fail(job);
        free(job->folder);
        job->folder = NULL; /* no reports lie there */
        return;
    }
    if (read_and_judge(job, settings) < 0)
        job_fail(job);
    bool go = job->exit == 0;
    if (job->read_whole)
        job_choose(job);
    if (((job->read_whole && go) || job->feed.people) && begin_run(job) < 0) {
        job_fail(job);
        go = false;
    }
    if (go && job_send(job) < 0)
        job_fail(job);
    tell_all(job);
}

void job_push(const struct settings *settings, const char *export_path,
              const struct job_world *world, struct job_result *result)
{
    struct job job;
    struct settings own = *settings;
    if (settings->plan)
        own.only = (struct strings){0}; /* a saved plan brings its own */
    job_begin(&job, "push", &own, export_path, world, result);
    if (prepare(&job) < 0) {
        job_fail(&job);
    } else {
        run(&job, &own);
    }
    job_tell(&job);
    if (settings->plan)
        strings_clear(&own.only);
    job_end(&job);
}
