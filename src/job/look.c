#include "job_private.h"

/* check, map: the first pass as if nobody had been delivered yet; no state, no token, no network. */

static int prepare(struct job *job)
{
    random_bytes(job->passing_key, sizeof job->passing_key);
    keys_derive(&job->keys, job->passing_key);
    job->baseline = (struct baseline){.first_load = true};
    return job_prepare_mapping(job);
}

/* While nobody is known, no row is unchanged: the plan has every one. */
static int show_rows(struct job *job, const struct job_viewer *viewer)
{
    viewer->begin(viewer->self, job->mapping, export_heading(job->export));
    for (size_t i = 0; i < plan_row_count(job->plan); i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        struct export_record record;
        if (job_interrupted(job))
            return 0;
        if (export_reread(job->export, row.offset, row.bytes, row.line, &record, &job->fault) < 0)
            return -1;
        viewer->row(viewer->self, &record, mapper_apply(job->reading.mapper, &record), row.action,
                    row.reason == UINT32_MAX ? NULL : plan_reason_at(job->plan, row.reason));
    }
    if (viewer->end)
        viewer->end(viewer->self, export_facts(job->export), plan_counts(job->plan));
    return 0;
}

/* Guards that would stop the push of such a file, whoever is known. */
static void tell_guards(struct job *job)
{
    struct fault none = {0};
    job_judge(job, false);
    for (int guard = 0; guard < GUARD_COUNT; guard++) {
        if (guard == GUARD_FIRST_LOAD || !(job->guards.tripped & (guard_set)1 << guard))
            continue;
        text_addf(&job->result->warnings, "warning: guard %s would stop a push: %s\n",
                  guard_name((enum guard)guard), job->guards.of[guard].text);
        job_event(job, 3, &none);
    }
}

static void look(struct job *job, const struct job_viewer *viewer)
{
    struct fault none = {0};
    if (prepare(job) < 0) {
        job_fail(job);
        return;
    }
    bool is_good = job_read(job) == 0;
    if (!is_good)
        job_fail(job);
    if (!job->plan || job_interrupted(job) || (!is_good && !viewer->is_check))
        return;
    if (!is_good)
        plan_close(job->plan);
    if (show_rows(job, viewer) < 0)
        job_fail(job);
    if (plan_counts(job->plan)->action[ACTION_REJECTED])
        job_event(job, 3, &none);
    if (is_good && viewer->is_check)
        tell_guards(job);
}

void job_look(const struct settings *settings, const char *export_path,
              const struct job_world *world, const struct job_viewer *viewer,
              struct job_result *result)
{
    struct job job;
    job_begin(&job, viewer->is_check ? "check" : "map", settings, export_path, world, result);
    job.looks = viewer->is_check;
    look(&job, viewer);
    result->exit = job.exit;
    result->fault = job.worst;
    job_end(&job);
}
