#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/*
 * adopt: marks the export's people as already delivered, for a lost state or a migration. Sends nothing, needs no token; what it records
 * is unverified, so --refresh takes these people first.
 */

enum { GROUP = 8192 }; /* nothing is sent, so that a group may be large */

static int adopt_row(struct job *job, const struct plan_row *row)
{
    struct export_record record;
    struct fingerprints prints;
    uint64_t aliases[3];
    const struct keys *keys = state_keys(job->feed.state);
    if (export_reread(job->export, row->offset, row->bytes, row->line, &record, &job->fault) < 0)
        return -1;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    struct intent person = {
        .handle = row->handle, .unique_id = id->bytes, .unique_id_length = id->length};
    person_tag(id->bytes, id->length, keys, &person.tag);
    profile_digest(&mapped->profile, keys, &person.digest);
    profile_fingerprints(&mapped->profile, keys, &prints);
    size_t count = job_aliases(mapped, keys, aliases);
    return state_adopt(job->feed.state, &person, &prints, aliases, count,
                       job->world->clock.wall_ms(job->world->clock.self), &job->fault);
}

/* Everybody who would be pushed now counts as delivered, so that the same export then sends nothing. */
static int adopt_rows(struct job *job, uint64_t *adopted)
{
    size_t count = plan_row_count(job->plan);
    for (size_t i = 0; i < count; i += GROUP) {
        if (state_group_begin(job->feed.state, &job->fault) < 0)
            return -1;
        for (size_t j = i; j < count && j < i + GROUP; j++) {
            struct plan_row row = plan_row_at(job->plan, j);
            if (row.action != ACTION_NEW && row.action != ACTION_CHANGED)
                continue;
            if (adopt_row(job, &row) < 0) {
                state_group_abandon(job->feed.state);
                return -1;
            }
            ++*adopted;
        }
        if (state_group_commit(job->feed.state, &job->fault) < 0)
            return -1;
    }
    return 0;
}

static int prepare(struct job *job)
{
    if (job_prepare_target(job, true) < 0 || job_prepare_mapping(job) < 0)
        return -1;
    if (job_take_lock(job) < 0 || job_prepare_state(job, STATE_WRITE) < 0 || job_read(job) < 0)
        return -1;
    job_judge(job, true);
    return 0;
}

static int adopt(struct job *job)
{
    uint64_t adopted = 0;
    struct run_start start = {.id = job->run,
                              .command = "adopt",
                              .started_ms = job->started_wall_ms,
                              .mapping_digest = mapping_digest(job->mapping)};
    if (job_create_state(job) < 0 ||
        state_run_begin(job->feed.state, job->feed.people, &start, &job->fault) < 0)
        return -1;
    job->run_open = true;
    if (state_adopt_begin(job->feed.state, &job->fault) < 0 || adopt_rows(job, &adopted) < 0)
        return -1;
    job_next_step(job, "marked as delivered: %llu; nothing was sent", (unsigned long long)adopted);
    job_next_step(job, "what OPS-COM really holds of them is not known; opspush push --refresh N "
                       "sends them again, "
                       "a few each night");
    return 0;
}

static int end_run(struct job *job)
{
    struct text bundle = {0};
    mapping_bundle(job->mapping, &bundle);
    struct run_finish finish = {.ended_ms = job->world->clock.wall_ms(job->world->clock.self),
                                .exit = job->exit,
                                .verdict = job_exit_name(job->exit),
                                .finished = false,
                                .counts = job->report.counts,
                                .export_digest = export_facts(job->export)->digest,
                                .export_bytes = export_facts(job->export)->bytes,
                                .export_modified_ms = export_facts(job->export)->modified_ms,
                                .mapping_digest = mapping_digest(job->mapping),
                                .mapping_bundle = text_string(&bundle),
                                .valid = job->reading.census.valid};
    memcpy(finish.filled, job->reading.census.filled, sizeof finish.filled);
    int done = state_run_end(job->feed.state, &finish, NULL, &job->fault);
    text_clear(&bundle);
    return done;
}

void job_adopt(const struct settings *settings, const char *export_path,
               const struct job_world *world, struct job_result *result)
{
    struct job job;
    job_begin(&job, "adopt", settings, export_path, world, result);
    bool done = prepare(&job) == 0 && !job.exit && adopt(&job) == 0;
    if (!done && job.fault.kind)
        job_fail(&job);
    job_fill_report(&job);
    if (done && job_partial_exit(&job, job_kept_back(&job))) {
        fault_set(&job.fault, FAULT_FAILED,
                  "some people of the export are rejected or held, and were not adopted");
        job_event(&job, 3, &job.fault);
    }
    if (job.read_whole)
        job_tally(&job);
    if (job.run_open && end_run(&job) < 0)
        job_fail(&job);
    job_tell(&job);
    job_end(&job);
}
