#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/*
 * The first pass: every record of the export is mapped, digested and compared with what was delivered. It holds no row.
 */

enum { SHARED_RULES_FROM = 25, BROKEN_PERCENT = 5, DAMAGED_IDS_PERCENT = 20, ROWS_AHEAD = 16 };

static bool world_fingerprints(void *self, person_handle handle, struct fingerprints *out)
{
    struct job *job = self;
    return job->feed.state && state_fingerprints(job->feed.state, job->feed.people, handle, out);
}

static const struct text *world_rank(void *self, uint64_t offset, uint32_t bytes, uint32_t line)
{
    static const struct text none;
    struct job *job = self;
    struct export_record record;
    struct fault ignored;
    if (export_reread(job->export, offset, bytes, line, &record, &ignored) < 0)
        return &none;
    return &mapper_apply(job->reading.rank_mapper, &record)->rank;
}

static void know_person(void *self, const struct plan_known *known)
{
    plan_know(self, known);
}

/* ---------------------------------------------------------------- the file as a whole */

/* Rules that refuse a whole file, from 25 rows on (interface.md, Meanings). */
static int judge_file(struct job *job)
{
    const struct census *census = &job->reading.census;
    const char *path = export_facts(job->export)->path;
    if (job->partial || census->rows < SHARED_RULES_FROM)
        return 0;
    if (census->broken * 100 > census->rows * BROKEN_PERCENT)
        return fault_set(
            &job->fault, FAULT_INPUT,
            "%s: %llu of %llu rows have another number of cells than the heading, or bytes that "
            "the declared encoding does not have: check \"delimiter\" and \"encoding\" in the "
            "mapping, "
            "or have the file made again; nothing was sent",
            path, (unsigned long long)census->broken, (unsigned long long)census->rows);
    if (census->damaged_ids * 100 > census->rows * DAMAGED_IDS_PERCENT)
        return fault_set(
            &job->fault, FAULT_INPUT,
            "%s: %llu of %llu ids are damaged (zeros lost, or written like 1.23E+08): was the file "
            "opened and saved in a spreadsheet? Have it made again; nothing was sent",
            path, (unsigned long long)census->damaged_ids, (unsigned long long)census->rows);
    if (census->left_out == census->rows)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: the mapping's rules leave out every one of the %llu rows: is it the "
                         "right file, and "
                         "are the terms and codes in \"people\" still current? Nothing was sent",
                         path, (unsigned long long)census->rows);
    return 0;
}

static int judge_stop(struct job *job)
{
    if (job->reading.stop.kind == FAULT_NONE)
        return 0;
    job->fault = job->reading.stop;
    return -1;
}

static int judge_only(struct job *job)
{
    const struct strings *only = &job->settings->only;
    for (size_t i = 0; i < only->count; i++)
        if (!job->reading.only_seen[i])
            return fault_set(&job->fault, FAULT_INPUT,
                             "%s: no row has the unique_id that --only names (number %zu of %zu); "
                             "ids are compared "
                             "as they are sent, after the mapping's steps; nothing was sent",
                             export_facts(job->export)->path, i + 1, only->count);
    return 0;
}

static void show_progress(struct job *job)
{
    if (!job->world->progress)
        return;
    struct job_progress progress = {.phase = PHASE_READ,
                                    .rows = export_facts(job->export)->records,
                                    .bytes_total = export_facts(job->export)->bytes};
    progress.elapsed_ms = job->world->clock.steady_ms(job->world->clock.self) - job->started_ms;
    job->world->progress(job->world->self, &progress);
}

/* Gives the rows of the oldest batch to the plan; 1, 0 when there is none, -1. */
static int take_batch(struct job *job)
{
    struct batch *batch = crew_take(job->reading.crew);
    if (!batch)
        return 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (i + ROWS_AHEAD < batch->count)
            plan_expect(job->plan, &batch->rows[i + ROWS_AHEAD].tag);
        if (job_add_row(job, batch, &batch->rows[i]) < 0)
            return -1;
    }
    crew_release(job->reading.crew);
    show_progress(job);
    if (job_interrupted(job)) {
        job->fault =
            (struct fault){0}; /* it is told already, and its exit code is not that of a fault */
        return -1;
    }
    return 1;
}

/* An empty batch; while all are under way, the oldest is taken first. */
static struct batch *next_batch(struct job *job)
{
    struct batch *batch = crew_batch(job->reading.crew);
    if (!batch && take_batch(job) == 1)
        batch = crew_batch(job->reading.crew);
    return batch;
}

static int read_rows(struct job *job)
{
    struct export_record record;
    struct batch *batch = next_batch(job);
    int step, taken;
    while (batch && (step = export_next(job->export, &record, &job->fault)) == 1) {
        batch_add(batch, &record);
        if (!batch_is_full(batch))
            continue;
        crew_submit(job->reading.crew);
        batch = next_batch(job);
    }
    if (!batch || (step < 0 && !job->looks))
        return -1;
    struct fault fault = job->fault;
    if (batch->count)
        crew_submit(job->reading.crew);
    while ((taken = take_batch(job)) == 1)
        ;
    if (step < 0)
        job->fault = fault;
    return step < 0 ? -1 : taken;
}

/* Maps with as many hands as there are processors; what they counted is added up at the end, good or bad. */
static int read_with_crew(struct job *job, struct date today)
{
    job->reading.crew = crew_new(job->mapping, job->export, today, &job->keys,
                                 crew_size(export_facts(job->export)->bytes));
    int done = read_rows(job);
    crew_free(job->reading.crew, &job->reading.census);
    job->reading.crew = NULL;
    return done;
}

/* The mapping of the last finished run, when it was another one: changes it alone makes are told apart. */
static void open_old_mapping(struct job *job, struct date today)
{
    struct text bundle = {0};
    struct problems ignored = {0};
    struct fault fault;
    if (!job->feed.people || job->baseline.first_load ||
        strcmp(job->baseline.mapping_digest, mapping_digest(job->mapping)) == 0 ||
        state_last_mapping(job->feed.state, job->feed.people, &bundle, &fault) < 0 ||
        !bundle.length)
        goto out;
    job->reading.old_mapping = mapping_load_bundle(bundle.bytes, bundle.length);
    if (job->reading.old_mapping &&
        mapping_bind(job->reading.old_mapping, export_heading(job->export), &ignored) == 0)
        job->reading.old_mapper = mapper_new(job->reading.old_mapping, today);
    else
        job_warn(
            job,
            "the mapping of the last run does not fit this export, so what it alone changes cannot "
            "be told apart");
out:
    problems_clear(&ignored);
    text_clear(&bundle);
}

static int open_export(struct job *job)
{
    char *spool = file_folder(job->settings->state);
    struct problems problems = {0};
    job->export = export_open(job->export_path, job->lock && file_exists(spool) ? spool : NULL,
                              mapping_dialect(job->mapping), &job->fault);
    free(spool);
    if (!job->export)
        return -1;
    int bound = mapping_bind(job->mapping, export_heading(job->export), &problems);
    if (problems.count)
        problems_print(&problems, &job->result->warnings);
    if (bound < 0)
        problems_fault(&problems, FAULT_INPUT, &job->fault);
    problems_clear(&problems);
    job->partial = job->settings->only.count || mapping_is_refed(job->mapping);
    return bound;
}

static void open_plan(struct job *job)
{
    struct plan_settings settings = {.repeated_id = (int)mapping_repeated_id(job->mapping),
                                     .has_prefer = mapping_has_prefer(job->mapping),
                                     .full = job->settings->full,
                                     .retry_refused = job->settings->retry_refused,
                                     .partial = job->partial};
    struct plan_world world = {.fingerprints = world_fingerprints, .rank = world_rank, .self = job};
    job->plan = plan_new(&settings, world);
}

/* More are asked for than are wanted: some of them are changed, gone or rejected today. */
static void refresh_oldest(struct job *job)
{
    enum { SPARE = 1000 };
    if (job->settings->refresh <= 0 || !job->feed.people)
        return;
    size_t wanted = (size_t)job->settings->refresh, asked = 2 * wanted + SPARE;
    person_handle *handles = mem_array(asked, sizeof *handles);
    size_t count = state_longest_unrefreshed(job->feed.state, job->feed.people, handles, asked);
    plan_refresh(job->plan, handles, count, wanted);
    free(handles);
}

int job_read(struct job *job)
{
    struct date today = clock_local_date(job->started_wall_ms);
    if (open_export(job) < 0)
        return -1;
    job->reading.mapper = mapper_new(job->mapping, today);
    job->reading.rank_mapper = mapper_new(job->mapping, today);
    job->reading.only_seen = mem_array(job->settings->only.count + 1, sizeof(bool));
    open_old_mapping(job, today);
    open_plan(job);
    if (job->feed.people && state_each_person(job->feed.state, job->feed.people, know_person,
                                              job->plan, &job->fault) < 0)
        return -1;
    if (job->feed.state && state_warning(job->feed.state))
        job_warn(job, "%s", state_warning(job->feed.state));
    if (read_with_crew(job, today) < 0 || export_check_unchanged(job->export, &job->fault) < 0 ||
        judge_stop(job) < 0 || judge_file(job) < 0 || judge_only(job) < 0)
        return -1;
    refresh_oldest(job);
    plan_close(job->plan);
    job->read_whole = true;
    return 0;
}
