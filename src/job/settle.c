#include "sender.h"

#include <stdlib.h>
#include <string.h>

/* What becomes of a person goes to the state in groups, and is counted only when it is durable there. */

void flight_free(struct flight *flight)
{
    if (flight)
        free(flight->id);
    free(flight);
}

static int group_open(struct sender *sender, struct fault *fault)
{
    if (sender->in_group)
        return 0;
    if (state_still_there(sender->job->feed.state, fault) < 0 ||
        state_group_begin(sender->job->feed.state, fault) < 0)
        return -1;
    sender->in_group = true;
    return 0;
}

/* A success is durable before it is counted. */
static int group_close(struct sender *sender, struct fault *fault)
{
    if (!sender->in_group)
        return 0;
    if (state_still_there(sender->job->feed.state, fault) < 0)
        return -1; /* the group stays open: it is abandoned at the end, and what it held is unknown */
    sender->in_group = false;
    if (state_group_commit(sender->job->feed.state, fault) < 0)
        return -1;
    for (size_t i = 0; i < sender->pending_count; i++) {
        uint32_t index = sender->pending[i];
        sender->job->sent[index] = sender->pending_sent[i];
        flight_free(sender->flights[index]);
        sender->flights[index] = NULL;
    }
    sender->pending_count = 0;
    return 0;
}

static int sink_flush(void *self, struct fault *fault)
{
    return group_close(self, fault);
}

static int sink_intend(void *self, const struct push_job jobs[], size_t count, struct fault *fault)
{
    struct sender *sender = self;
    if (group_open(sender, fault) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (state_intend(sender->job->feed.state, &sender->flights[jobs[i].id]->intent, fault) < 0)
            return -1;
    return group_close(sender, fault);
}

static int sink_withdraw(void *self, const uint64_t ids[], size_t count, struct fault *fault)
{
    struct sender *sender = self;
    if (group_open(sender, fault) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct flight *flight = sender->flights[ids[i]];
        if (flight && state_withdraw(sender->job->feed.state, flight->intent.handle, fault) < 0)
            return -1;
        flight_free(flight);
        sender->flights[ids[i]] = NULL;
    }
    return group_close(sender, fault);
}

uint32_t keep_words(struct job *job, const char *words)
{
    if (!words[0])
        return 0;
    size_t at = job->words.length;
    text_add_bytes(&job->words, words, strlen(words) + 1);
    return (uint32_t)at;
}

static struct sent sent_of(struct job *job, const struct push_result *result)
{
    const struct answer *answer = &result->answer;
    bool plain = result->outcome == OUTCOME_ACCEPTED;
    return (struct sent){.outcome = (int16_t)result->outcome,
                         .attempts = (uint16_t)result->attempts,
                         .http_status = (uint16_t)answer->http_status,
                         .opscom_code = (int32_t)answer->opscom_code,
                         .reference = keep_words(job, answer->reference_id),
                         .code = plain ? 0 : keep_words(job, answer->code),
                         .message = plain ? 0 : keep_words(job, answer->message)};
}

/* A8: the same person under another reference_id than before is perhaps a second profile. */
static void watch_reference(struct job *job, const struct plan_row *row,
                            const struct answer *answer)
{
    if (!(row->flags & PLAN_DELIVERED_BEFORE) || !answer->reference_id[0])
        return;
    char *before = state_reference(job->feed.state, job->feed.people, row->handle);
    if (before && *before && strcmp(before, answer->reference_id) != 0 &&
        job->other_references++ == 0)
        job->other_reference_line = row->line;
    free(before);
}

static int sink_settle(void *self, uint64_t id, const struct push_result *result,
                       struct fault *fault)
{
    struct sender *sender = self;
    struct job *job = sender->job;
    struct flight *flight = sender->flights[id];
    struct plan_row row = plan_row_at(job->plan, (size_t)id);
    const struct answer *answer = &result->answer;
    if (result->outcome == OUTCOME_ACCEPTED)
        watch_reference(job, &row, answer);
    struct settlement settlement = {
        .handle = flight->intent.handle,
        .digest = flight->intent.digest,
        .prints = &flight->prints,
        .aliases = flight->aliases,
        .alias_count = flight->alias_count,
        .was_doubtful = result->was_doubtful,
        .wall_ms = job->world->clock.wall_ms(job->world->clock.self),
        .row = {.line = row.line,
                .handle = flight->intent.handle,
                .unique_id = flight->id,
                .action = row.action,
                .outcome = (int)result->outcome,
                .fields = row.fields,
                .flags = row.flags,
                .attempts = result->attempts,
                .http_status = answer->http_status,
                .opscom_code = answer->opscom_code,
                .reference_id = answer->reference_id,
                .code = result->outcome == OUTCOME_ACCEPTED ? "" : answer->code,
                .field = -1,
                .message = result->outcome == OUTCOME_ACCEPTED ? "" : answer->message}};
    if (group_open(sender, fault) < 0)
        return -1;
    int done = result->outcome == OUTCOME_NOT_REACHED
                   ? state_withdraw(job->feed.state, flight->intent.handle, fault)
                   : state_settle(job->feed.state, &settlement, fault);
    if (done < 0)
        return -1;
    sender->pending[sender->pending_count] = (uint32_t)id;
    sender->pending_sent[sender->pending_count++] = sent_of(job, result);
    return sender->pending_count == GROUP_MAX ? group_close(sender, fault) : 0;
}

static void sink_progress(void *self, const struct push_progress *progress)
{
    struct sender *sender = self;
    const struct job_world *world = sender->job->world;
    struct job_progress out = {.phase = PHASE_SEND, .to_send = sender->count, .push = *progress};
    if (!world->progress)
        return;
    out.elapsed_ms = world->clock.steady_ms(world->clock.self) - sender->job->started_ms;
    world->progress(world->self, &out);
}

struct push_sink settling(struct sender *sender)
{
    return (struct push_sink){.intend = sink_intend,
                              .settle = sink_settle,
                              .flush = sink_flush,
                              .withdraw = sink_withdraw,
                              .mask = sender_mask,
                              .progress = sink_progress,
                              .self = sender};
}
