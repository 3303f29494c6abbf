#include "job_private.h"

#include "base/file.h"
#include "base/memory.h"

/*
 * plan: the first pass and nothing else. Nothing that can send, lock or create is opened; the guards are judged and told, and do not stop it.
 */

static int prepare(struct job *job)
{
    if (job_prepare_target(job, false) < 0 || job_prepare_mapping(job) < 0)
        return -1;
    return job_prepare_state(job, STATE_READ);
}

/* --exit-code: 8 when a guard would trip, 3 when people are rejected, 10 when there is something to push. */
static void exit_code(struct job *job)
{
    const struct counts *counts = plan_counts(job->plan);
    struct fault none = {0};
    if (counts->action[ACTION_NEW] + counts->action[ACTION_CHANGED])
        job_event(job, 10, &none);
    if (job_partial_exit(job, job_kept_back(job)))
        job_event(job, 3, &none);
    if (job->guards.tripped)
        job_event(job, 8, &none);
}

static int write_all(struct job *job)
{
    const char *folder = job->settings->report;
    if (job->settings->out && job_save_plan(job) < 0)
        return -1;
    if (!folder) {
        job_tally(job);
        return 0;
    }
    if (file_make_folder(folder, FAULT_FAILED, &job->fault) < 0)
        return -1;
    job->folder = mem_string(folder);
    return job_write_rows(job, folder);
}

void job_plan(const struct settings *settings, const char *export_path,
              const struct job_world *world, struct job_result *result)
{
    struct job job;
    job_begin(&job, "plan", settings, export_path, world, result);
    bool planned = prepare(&job) == 0 && job_read(&job) == 0 &&
                   (!job.feed.state || state_still_there(job.feed.state, &job.fault) == 0);
    if (planned) {
        job_judge(&job, false);
        job_advise(&job, 0);
        planned = write_all(&job) == 0;
    }
    if (!planned)
        job_fail(&job);
    job_fill_report(&job);
    if (planned && !report_adds_up(&job.report)) {
        fault_set(&job.fault, FAULT_FAILED,
                  "the counts of this plan do not add up: this is a bug in opspush");
        job_fail(&job);
    }
    job_recall(&job);
    if (planned && settings->exit_code)
        exit_code(&job);
    if (planned && settings->report &&
        job_write_documents(&job, settings->report, false, &job.fault) < 0)
        job_fail(&job);
    job_tell(&job);
    job_end(&job);
}
