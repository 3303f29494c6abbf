#include "sender.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/*
 * The second pass: the rows to send are read again by their place, mapped, and handed to the pump; settle.c takes what becomes of them.
 */

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

field_set job_fields_sent(struct job *job, const struct plan_row *row,
                          const struct profile *profile)
{
    struct fingerprints before;
    bool first = !(row->flags & PLAN_DELIVERED_BEFORE);
    bool unsettled = row->flags & PLAN_UNSETTLED;
    bool has_before = (!first || unsettled) && last_delivery(job, row, &before);
    return profile_sent(profile, first, has_before ? &before : NULL);
}

static int make_job(struct sender *sender, uint32_t index, struct push_job *out,
                    struct fault *fault)
{
    struct job *job = sender->job;
    struct plan_row row = plan_row_at(job->plan, index);
    struct export_record record;
    if (export_reread(job->export, row.offset, row.bytes, row.line, &record, fault) < 0)
        return -1;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    if (mapped->verdict != ROW_VALID)
        return fault_set(fault, FAULT_INPUT, "%s:%u: the file changed while it was being sent",
                         export_facts(job->export)->path, row.line);
    if (!sender->flights[index])
        sender->flights[index] = flight_new(job, mapped, &row);
    field_set fields = job_fields_sent(job, &row, &mapped->profile);
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
    struct push_settings settings = push_settings_of(job);
    struct transport transport;
    struct fault fault = {0};
    if (job->world->open_transport(job->world->self, &http, &transport, &fault) < 0) {
        settle_rest(sender, PUMP_FAULT, false);
        job_event(job, fault_exit(fault.kind), &fault);
        return 0;
    }
    enum pump_end end = pump_run(&settings, source, settling(sender), transport, job->world->clock,
                                 &job->figures, &fault);
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
