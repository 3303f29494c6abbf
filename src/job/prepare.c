#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int job_prepare_mapping(struct job *job)
{
    const char *path = job->settings->mapping;
    if (!path && job->saved)
        path = job->saved->mapping_path;
    job->mapping = feed_mapping(path, &job->problems, &job->fault);
    if (!job->mapping && job->problems.count)
        problems_print(&job->problems, &job->result->warnings);
    return job->mapping ? 0 : -1;
}

int job_prepare_target(struct job *job, bool required)
{
    const char *url = job->settings->url;
    if (!url && job->saved)
        url = job->saved->binding.target;
    if (!url || !*url) {
        if (required)
            return fault_set(
                &job->fault, FAULT_CONFIG,
                "no target is named: give --url URL, or \"url\" in the configuration (the base of "
                "the client's API, for example https://HOST/api/CLIENT/v1)");
        return 0;
    }
    job->url = url_normalise(url, &job->fault);
    return job->url ? 0 : -1;
}

enum { NIGHTS = 60 }; /* so many earlier ones are looked at */

int job_prepare_state(struct job *job, enum state_mode mode)
{
    if (feed_open(job->settings, job->world, mode, mapping_name(job->mapping), job->url, false,
                  &job->feed, &job->fault) < 0)
        return -1;
    if (job->feed.fitting > 1)
        return fault_set(&job->fault, FAULT_CONFIG, FEEDS_TO_CHOOSE, job->feed.fitting);
    job->baseline = (struct baseline){.first_load = true};
    if (!job->feed.state) {
        random_bytes(job->passing_key, sizeof job->passing_key);
        keys_derive(&job->keys, job->passing_key);
        return 0;
    }
    job->keys = *state_keys(job->feed.state);
    if (!job->url && job->feed.target)
        job->url = mem_string(job->feed.target);
    if (!job->feed.people)
        return 0;
    if (state_nights(job->feed.state, job->feed.people, NIGHTS, &job->nights, &job->night_count,
                     &job->fault) < 0)
        return -1;
    return state_baseline(job->feed.state, job->feed.people, job->nights, job->night_count,
                          &job->baseline, &job->fault);
}

int job_take_lock(struct job *job)
{
    job->lock = state_lock_take(job->settings->state, job->settings->wait_ms, job->world->signal,
                                &job->fault);
    if (!job->lock && job->fault.kind == FAULT_NONE)
        job_interrupted(job);
    return job->lock ? 0 : -1;
}

int job_create_state(struct job *job)
{
    if (job->feed.state && job->feed.people)
        return 0;
    if (job->feed.state)
        return state_population(job->feed.state, mapping_name(job->mapping), job->url, true,
                                &job->feed.people, &job->fault);
    feed_close(&job->feed);
    return feed_open(job->settings, job->world, STATE_CREATE, mapping_name(job->mapping), job->url,
                     false, &job->feed, &job->fault);
}
