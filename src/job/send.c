#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/*
 * The second pass: the rows to send are read again by their place, mapped, and handed to the pump; what becomes of them goes to the
 * state, and is counted only when it is durable there.
 */

enum { GROUP_MAX = 64 };

/* What must be known of a person until their outcome is settled. */
struct flight {
    struct intent intent; /* unique_id lent by 'id' */
    struct fingerprints prints;
    uint64_t aliases[3];
    size_t alias_count;
    char *id;
};

struct sender {
    struct job *job;
    uint32_t *order; /* plan rows, in the order of sending */
    size_t count, next;
    struct flight **flights;     /* by plan row */
    uint32_t pending[GROUP_MAX]; /* settled, not durable yet */
    struct sent pending_sent[GROUP_MAX];
    size_t pending_count;
    bool in_group;
};

/* ---------------------------------------------------------------- which rows */

void job_choose(struct job *job)
{
    size_t count = plan_row_count(job->plan);
    job->chosen = mem_array(count + 1, sizeof *job->chosen);
    job->sent = mem_array(count + 1, sizeof *job->sent);
    text_add_byte(&job->words, '\0');
    for (size_t i = 0; i < count; i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        job->sent[i].outcome = -1;
        job->chosen[i] = row.action == ACTION_NEW || row.action == ACTION_CHANGED;
        if (job->settings->only_data && (row.flags & PLAN_MAPPING_ONLY))
            job->chosen[i] = false;
    }
}

/* Unsettled people first, then the order of the lines. */
static void order_rows(struct sender *sender)
{
    struct job *job = sender->job;
    size_t rows = plan_row_count(job->plan);
    sender->order = mem_array(rows + 1, sizeof *sender->order);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < rows; i++) {
            bool unsettled = plan_row_at(job->plan, i).flags & PLAN_UNSETTLED;
            if (job->chosen[i] && unsettled == (pass == 0))
                sender->order[sender->count++] = (uint32_t)i;
        }
}

/* ---------------------------------------------------------------- source */

static void flight_free(struct flight *flight)
{
    if (flight)
        free(flight->id);
    free(flight);
}

static struct flight *flight_new(struct job *job, const struct mapped_row *mapped,
                                 const struct plan_row *row)
{
    const struct keys *keys = state_keys(job->feed.state);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    struct flight *flight = mem_new(sizeof *flight);
    flight->id = mem_bytes(id->bytes, id->length);
    flight->intent = (struct intent){
        .handle = row->handle, .unique_id = flight->id, .unique_id_length = id->length};
    person_tag(id->bytes, id->length, keys, &flight->intent.tag);
    profile_digest(&mapped->profile, keys, &flight->intent.digest);
    profile_fingerprints(&mapped->profile, keys, &flight->prints);
    flight->alias_count = job_aliases(mapped, keys, flight->aliases);
    return flight;
}

/*
 * What the server is believed to hold. After a push without a clear answer every field may have a value there, so that 'clear' is sent.
 */
static bool last_delivery(struct job *job, const struct plan_row *row, struct fingerprints *out)
{
    if (row->flags & PLAN_UNSETTLED) {
        *out = (struct fingerprints){.present = (field_set)~0u};
        return true;
    }
    return row->handle && state_fingerprints(job->feed.state, job->feed.people, row->handle, out);
}

static int make_job(struct sender *sender, uint32_t index, struct push_job *out,
                    struct fault *fault)
{
    struct job *job = sender->job;
    struct plan_row row = plan_row_at(job->plan, index);
    struct export_record record;
    struct fingerprints before;
    if (export_reread(job->export, row.offset, row.bytes, row.line, &record, fault) < 0)
        return -1;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    if (mapped->verdict != ROW_VALID)
        return fault_set(fault, FAULT_INPUT, "%s:%u: the file changed while it was being sent",
                         export_facts(job->export)->path, row.line);
    if (!sender->flights[index])
        sender->flights[index] = flight_new(job, mapped, &row);
    bool first = !(row.flags & PLAN_DELIVERED_BEFORE);
    bool unsettled = row.flags & PLAN_UNSETTLED;
    bool has_before = (!first || unsettled) && last_delivery(job, &row, &before);
    field_set fields = profile_sent(&mapped->profile, first, has_before ? &before : NULL);
    *out = (struct push_job){.id = index, .is_new = row.action == ACTION_NEW};
    memcpy(&out->person, sender->flights[index]->intent.tag.bytes, sizeof out->person);
    profile_body(&mapped->profile, fields, job->token.bytes, &out->body);
    return 1;
}

static int source_next(void *self, struct push_job *out, struct fault *fault)
{
    struct sender *sender = self;
    if (sender->next == sender->count)
        return 0;
    return make_job(sender, sender->order[sender->next++], out, fault);
}

static int source_again(void *self, uint64_t id, struct push_job *out, struct fault *fault)
{
    return make_job(self, (uint32_t)id, out, fault);
}

/* ---------------------------------------------------------------- sink */

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

static uint32_t keep_words(struct job *job, const char *words)
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

/* A2, A10: a server may repeat what it was sent; the values of the person's own fields are masked in its words. */
static void mask_values(struct job *job, const struct plan_row *row, char *message)
{
    enum { SHORTEST = 4 };
    struct export_record record;
    struct fault ignored;
    if (!message[0] ||
        export_reread(job->export, row->offset, row->bytes, row->line, &record, &ignored) < 0)
        return;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    struct text value = {0};
    for (int field = FIELD_LOGIN_SOURCE + 1; field < FIELD_COUNT; field++) {
        text_reset(&value);
        text_add_bytes(&value, mapped->profile.values[field].bytes,
                       mapped->profile.values[field].length);
        for (char *at = message; value.length >= SHORTEST && (at = strstr(at, value.bytes));) {
            memmove(at + 3, at + value.length, strlen(at + value.length) + 1);
            memcpy(at, "***", 3);
        }
    }
    text_clear(&value);
}

/* A8: the same person under another reference_id than before is perhaps a second profile. */
static void watch_reference(struct job *job, const struct plan_row *row,
                            const struct answer *answer)
{
    struct person_detail person;
    struct fault ignored;
    if (!(row->flags & PLAN_DELIVERED_BEFORE) || !answer->reference_id[0] ||
        state_person(job->feed.state, job->feed.people, row->handle, &person, &ignored) < 0)
        return;
    if (person.reference_id && *person.reference_id &&
        strcmp(person.reference_id, answer->reference_id) != 0 && job->other_references++ == 0)
        job->other_reference_line = row->line;
    person_detail_clear(&person);
}

static int sink_settle(void *self, uint64_t id, const struct push_result *result,
                       struct fault *fault)
{
    struct sender *sender = self;
    struct job *job = sender->job;
    struct flight *flight = sender->flights[id];
    struct plan_row row = plan_row_at(job->plan, (size_t)id);
    struct push_result masked = *result;
    struct answer *answer = &masked.answer;
    if (result->outcome == OUTCOME_ACCEPTED)
        watch_reference(job, &row, answer);
    else
        mask_values(job, &row, answer->message);
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
    sender->pending_sent[sender->pending_count++] = sent_of(job, &masked);
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

/* ---------------------------------------------------------------- the run of it */

/* Rows without an outcome: intended and not settled is unknown, the rest was not reached. */
static void settle_rest(struct sender *sender, enum pump_end end, bool pumped)
{
    static const struct {
        const char *code, *words;
    } why[] = {[PUMP_DONE] = {"not_reached", "not sent"},
               [PUMP_LIMIT] = {"limit", "not sent: --limit"},
               [PUMP_DEADLINE] = {"deadline", "not sent: the time was up"},
               [PUMP_UNAVAILABLE] = {"unavailable", "not sent: the service kept failing"},
               [PUMP_SIGNAL] = {"interrupted", "not sent: the run was interrupted"},
               [PUMP_STOPPED] = {"stopped", "not sent: the server turned the run away"},
               [PUMP_FAULT] = {"failed", "not sent: the run failed"}};
    struct job *job = sender->job;
    uint32_t code = keep_words(job, why[end].code), words = keep_words(job, why[end].words);
    uint32_t lost = keep_words(job, "not_recorded");
    uint32_t lost_words = keep_words(job, "sent, but the answer could not be recorded; goes again");
    for (size_t i = 0; i < sender->count; i++) {
        uint32_t index = sender->order[i];
        if (job->sent[index].outcome >= 0)
            continue;
        bool is_lost = pumped && end == PUMP_FAULT && sender->flights[index];
        job->sent[index] =
            is_lost ? (struct sent){.outcome = OUTCOME_UNKNOWN, .code = lost, .message = lost_words}
                    : (struct sent){.outcome = OUTCOME_NOT_REACHED, .code = code, .message = words};
    }
}

static void end_event(struct job *job, enum pump_end end, const struct fault *fault)
{
    struct fault words = {0};
    switch (end) {
    case PUMP_DONE:
    case PUMP_LIMIT:
        return;
    case PUMP_DEADLINE:
        fault_set(&words, FAULT_UNAVAILABLE, "%s",
                  fault->text[0] ? fault->text : "the time allowed by --max-duration was up");
        job_event(job, 7, &words);
        return;
    case PUMP_UNAVAILABLE:
        fault_set(&words, FAULT_UNAVAILABLE, "%s",
                  fault->text[0] ? fault->text : "the service kept failing");
        job_event(job, 7, &words);
        return;
    case PUMP_SIGNAL:
        fault_set(&words, FAULT_FAILED, "interrupted; what was in flight is settled");
        job_event(job, 128 + (int)*job->world->signal, &words);
        return;
    case PUMP_STOPPED:
    case PUMP_FAULT:
        job_event(job, fault_exit(fault->kind), fault);
        return;
    }
}

/* Steady time before which the server asked not to be called, as an earlier run was told; 0: none. */
static int64_t not_before(struct job *job)
{
    int64_t wall = job->world->clock.wall_ms(job->world->clock.self);
    int64_t until = state_not_before(job->feed.state, job->url);
    if (until <= wall)
        return 0;
    int64_t steady = job->world->clock.steady_ms(job->world->clock.self);
    int64_t day = 24 * 3600 * 1000;
    return steady + (until - wall > day ? day : until - wall);
}

static struct push_settings push_settings_of(struct job *job)
{
    const struct settings *settings = job->settings;
    uint64_t seed = job->world->seed;
    if (!seed)
        random_bytes(&seed, sizeof seed);
    int64_t used = job->world->clock.steady_ms(job->world->clock.self) - job->started_ms;
    return (struct push_settings){
        .rate = settings->rate,
        .connections = (int)settings->connections,
        .max_duration_ms = settings->max_duration_ms > used ? settings->max_duration_ms - used : 1,
        .limit = settings->limit < 0 ? UINT64_MAX : (uint64_t)settings->limit,
        .not_before_ms = not_before(job),
        .token = job->token.bytes,
        .seed = seed,
        .constant_login_source = mapping_is_constant(job->mapping, FIELD_LOGIN_SOURCE),
        .signal = job->world->signal};
}

/* One that is over is forgotten: a clock that is set back later must not bring it back. */
static int remember_wait(struct job *job)
{
    int64_t until = job->figures.not_before_wall_ms;
    if (!until && !state_not_before(job->feed.state, job->url))
        return 0;
    return state_set_not_before(job->feed.state, job->url, until, &job->fault);
}

static int pump_rows(struct sender *sender)
{
    struct job *job = sender->job;
    struct http_settings http = {.url = job->url,
                                 .path = "/profiles/push",
                                 .proxy = job->settings->proxy,
                                 .ca_file = job->settings->ca_file,
                                 .connections = (int)job->settings->connections,
                                 .connect_timeout_s = 10,
                                 .total_timeout_s = 60};
    struct push_source source = {.next = source_next, .again = source_again, .self = sender};
    struct push_sink sink = {.intend = sink_intend,
                             .settle = sink_settle,
                             .flush = sink_flush,
                             .withdraw = sink_withdraw,
                             .progress = sink_progress,
                             .self = sender};
    struct push_settings settings = push_settings_of(job);
    struct transport transport;
    struct fault fault = {0};
    if (job->world->open_transport(job->world->self, &http, &transport, &fault) < 0) {
        settle_rest(sender, PUMP_FAULT, false);
        job_event(job, fault_exit(fault.kind), &fault);
        return 0;
    }
    enum pump_end end =
        pump_run(&settings, source, sink, transport, job->world->clock, &job->figures, &fault);
    transport.close(transport.self);
    job->pumped = true;
    if (sender->in_group)
        state_group_abandon(job->feed.state);
    settle_rest(sender, end, true);
    end_event(job, end, &fault);
    return remember_wait(job);
}

int job_send(struct job *job)
{
    struct sender sender = {.job = job};
    size_t rows = plan_row_count(job->plan);
    sender.flights = mem_array(rows + 1, sizeof *sender.flights);
    order_rows(&sender);
    int done = sender.count ? pump_rows(&sender) : 0;
    for (size_t i = 0; i < rows; i++)
        flight_free(sender.flights[i]);
    free(sender.flights);
    free(sender.order);
    return done;
}
