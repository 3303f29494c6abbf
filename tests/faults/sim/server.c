/* The model server behind a transport: what it holds, what it answers, and when. Time passes only here. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fate.h"
#include "job/job.h"
#include "sim.h"

enum { IDLE_MOST = 20000 };

/* ---------------------------------------------------------------- what it holds */

static void apply(int person, const struct payload *payload, const bool sent_field[],
                  const char *type, uint64_t order)
{
    struct subject *subject = &sim->server.subjects[person];
    for (int column = 0; column < COLUMNS; column++)
        if (sent_field[column])
            memcpy(subject->value[column], payload->value[column], FIELD_BYTES);
    if (*type)
        snprintf(subject->type, sizeof subject->type, "%s", type);
    subject->overtaken = order < subject->order;
    if (order > subject->order)
        subject->order = order;
    subject->exists = true;
    subject->mark = payload->mark;
}

static void apply_delayed(size_t index)
{
    struct server *server = &sim->server;
    struct delayed late = server->delayed[index];
    server->delayed[index] = server->delayed[--server->delayed_count];
    apply(late.person, &late.payload, late.sent_field, late.type, late.order);
}

void server_settle_delayed(int64_t until_ms)
{
    struct server *server = &sim->server;
    for (;;) {
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < server->delayed_count; i++)
            if (server->delayed[i].at_ms <= until_ms &&
                (first == SIZE_MAX || server->delayed[i].order < server->delayed[first].order))
                first = i;
        if (first == SIZE_MAX)
            return;
        apply_delayed(first);
    }
}

static void receive(const struct request *request, const struct fate *fate)
{
    struct server *server = &sim->server;
    uint64_t order = ++server->order;
    if (!fate->applied)
        return;
    if (!fate->applied_late_ms ||
        server->delayed_count == sizeof server->delayed / sizeof *server->delayed) {
        apply(request->person, &request->payload, request->sent_field, request->type, order);
        return;
    }
    struct delayed *late = &server->delayed[server->delayed_count++];
    *late = (struct delayed){.person = request->person,
                             .payload = request->payload,
                             .order = order,
                             .at_ms = sim->steady_ms + fate->applied_late_ms};
    memcpy(late->sent_field, request->sent_field, sizeof late->sent_field);
    memcpy(late->type, request->type, sizeof late->type);
}

/* ---------------------------------------------------------------- Retry-After, and what it means */

static void http_date_850(const struct tm *parts, char *out, size_t size)
{
    char day[16], month[8], rest[16];
    strftime(day, sizeof day, "%A", parts);
    strftime(month, sizeof month, "%b", parts);
    strftime(rest, sizeof rest, "%H:%M:%S", parts);
    snprintf(out, size, "%s, %02d-%s-%02d %s GMT", day, parts->tm_mday, month, parts->tm_year % 100,
             rest);
}

static void http_date(int64_t wall_ms, int form, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    if (form == 0)
        strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    else if (form == 1)
        http_date_850(&parts, out, size);
    else
        strftime(out, size, "%a %b %e %H:%M:%S %Y", &parts);
}

static int64_t server_wall(void)
{
    int64_t skew_s = (int64_t)(mix(sim->seed, 99) % 7200) - 3600; /* its clock is not ours */
    return (sim->wall_ms / 1000 + skew_s) * SECOND;
}

/* Writes a header; gives what it asks for: no request for so long, or -1. */
static int64_t draw_wish(char *out, size_t size)
{
    struct dice *dice = &sim->fate;
    int64_t seconds = dice_between(dice, 0, dice_hits(dice, 300) ? 4 * 3600 : 90);
    int form = (int)dice_below(dice, 3);
    switch (dice_below(dice, 10)) {
    case 0:
        snprintf(out, size, "-%" PRId64, seconds);
        return -1;
    case 1:
        snprintf(out, size, "1.5");
        return -1;
    case 2:
        snprintf(out, size, "soon");
        return -1;
    case 3:
        snprintf(out, size, "100000000000000000000");
        return DAY;
    case 4:
        http_date(server_wall() - 1000 * seconds - SECOND, form, out, size);
        return 0;
    case 5:
    case 6:
        http_date(server_wall() + 1000 * seconds, form, out, size);
        return 1000 * seconds;
    case 7:
        snprintf(out, size, "3\n%" PRId64, seconds);
        return 1000 * (seconds > 3 ? seconds : 3);
    default:
        snprintf(out, size, "%" PRId64, seconds);
        return 1000 * seconds;
    }
}

/* ---------------------------------------------------------------- answers */

static const char *garbled_body(int form)
{
    static const char *const forms[] = {"<html><body>Please log in</body></html>",
                                        "{\"status\":\"SUCCESS\",\"reference_id\":1}",
                                        "[\"success\"]",
                                        "{\"STATUS\":\"success\"}",
                                        "{\"result\":{\"status\":\"success\"}}",
                                        "{\"status\":\"success\"",
                                        "{\"status\":\"success\",\"status\":\"success\"}",
                                        "",
                                        "{\"status\":\"success \"}",
                                        "{\"status\":\"success\"} ok"};
    return forms[form];
}

static void answer_body(const struct flight *flight, const struct entry *entry,
                        struct exchange *out)
{
    static const int refusals[] = {9031, 9033, 9022};
    char words[160] = "";
    switch (entry->class) {
    case CLASS_ACCEPTED:
        snprintf(words, sizeof words, "{\"status\":\"success\",\"reference_id\":%d}",
                 1000 + entry->person);
        break;
    case CLASS_REFUSED:
        snprintf(words, sizeof words, "{\"ErrorCode\":%d,\"ErrorMessage\":\"not like this\"}",
                 refusals[flight->form % 3]);
        break;
    case CLASS_DEFERRED:
        snprintf(words, sizeof words, "{\"ErrorCode\":%d,\"ErrorMessage\":\"must be unique\"}",
                 flight->form % 2 ? 9019 : 9020);
        break;
    case CLASS_STOP_AUTH:
        if (flight->form)
            snprintf(words, sizeof words, "{\"ErrorCode\":%d,\"ErrorMessage\":\"token\"}",
                     flight->form == 1 ? 9001 : 9002);
        break;
    case CLASS_STOP_CONFIG:
        if (flight->form)
            snprintf(words, sizeof words, "{\"ErrorCode\":%d,\"ErrorMessage\":\"no\"}",
                     flight->form == 1 ? 9000 : 9015);
        break;
    case CLASS_NONE:
        snprintf(words, sizeof words, "%s",
                 entry->status == 200 ? garbled_body(flight->form) : "<h1>oops</h1>");
        break;
    case CLASS_SUSPECT:
    case CLASS_THROTTLED:
    case CLASS_NOT_SENT:
        break;
    }
    text_add(&out->body, words);
    bool is_html = entry->class == CLASS_NONE && (entry->status != 200 || flight->form == 0);
    snprintf(out->content_type, sizeof out->content_type, "%s",
             is_html ? "text/html" : "application/json; charset=utf-8");
}

static void answer_fill(const struct flight *flight, const struct entry *entry,
                        struct exchange *out)
{
    *out = (struct exchange){.ticket = flight->ticket,
                             .http_status = entry->status,
                             .duration_ms = sim->steady_ms - entry->start_ms};
    if (entry->status) {
        out->end = EXCHANGE_ANSWERED;
        http_date(server_wall(), 0, out->date, sizeof out->date);
        snprintf(out->retry_after, sizeof out->retry_after, "%s", flight->retry_after);
        if (entry->status == 307)
            snprintf(out->location_host, sizeof out->location_host, "elsewhere.example");
        answer_body(flight, entry, out);
        return;
    }
    bool not_sent = entry->class == CLASS_NOT_SENT;
    out->end = not_sent ? EXCHANGE_NOT_SENT : EXCHANGE_BROKEN;
    snprintf(out->error_code, sizeof out->error_code, not_sent ? "connect" : "reset");
    snprintf(out->error, sizeof out->error, not_sent ? "connection refused" : "connection reset");
}

/* ---------------------------------------------------------------- the clock */

static void clock_set(int64_t to_ms)
{
    const struct night_plan *plan = sim->plan;
    int64_t step_at = sim->night_ms + plan->clock_step_at_ms;
    bool steps_now = plan->clock_step_ms && sim->steady_ms < step_at && to_ms >= step_at;
    int64_t signal_at = sim->night_ms + plan->signal_ms;
    if (plan->signal_ms >= 0 && !sim->signal_given && to_ms >= signal_at) {
        sim->signal = 15;
        sim->signal_given = true;
    }
    sim->wall_ms += to_ms - sim->steady_ms;
    sim->steady_ms = to_ms;
    if (steps_now && sim->wall_ms + plan->clock_step_ms > 0)
        sim->wall_ms += plan->clock_step_ms;
    if (steps_now) { /* nobody can tell any more when it is */
        if (sim->not_before_wall_ms > sim->excuse_wall_ms)
            sim->excuse_wall_ms = sim->not_before_wall_ms;
        sim->not_before_wall_ms = 0;
    }
    sim->clock_was_stepped |= steps_now;
    sim->clock_leapt |= steps_now && plan->clock_step_ms > 400 * DAY;
    server_settle_delayed(sim->steady_ms);
}

/* Wakes up for a signal, or when the time has come. */
static void clock_pass(int64_t until_ms)
{
    int64_t signal_at = sim->night_ms + sim->plan->signal_ms;
    if (sim->plan->signal_ms >= 0 && !sim->signal_given && signal_at > sim->steady_ms &&
        signal_at < until_ms)
        until_ms = signal_at;
    clock_set(until_ms);
}

static int64_t steady_now(void *self)
{
    (void)self;
    return sim->steady_ms;
}

static int64_t wall_now(void *self)
{
    (void)self;
    return sim->wall_ms;
}

/* ---------------------------------------------------------------- the transport */

static struct flight *flight_new(uint64_t ticket)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (!sim->server.flights[i].is_used)
            return &sim->server.flights[i];
    fail("V8", "request %" PRIu64 " leaves while %zu are in flight", ticket, sim->server.in_flight);
    return NULL;
}

static void flight_plan(struct flight *flight, const struct fate *fate, size_t entry)
{
    *flight = (struct flight){.is_used = true,
                              .entry = entry,
                              .due_ms = sim->steady_ms + fate->takes_ms,
                              .status = fate->status,
                              .form = fate->form,
                              .wish_ms = -1};
}

static int transport_start(void *self, uint64_t ticket, const char *body, size_t length,
                           struct fault *fault)
{
    struct server *server = &sim->server;
    struct request request;
    struct flight *flight = flight_new(ticket);
    (void)self, (void)fault;
    step();
    sim->received++;
    sim->requests++;
    trace_add((uint64_t)sim->steady_ms);
    trace_bytes(body, length);
    if (!request_read(body, length, &request) || !request.has_login_source) {
        fail("V10", "a request is not as the API wants it: %.200s", body);
        request.person = request.person < 0 ? 0 : request.person;
    }
    if (!flight || server->log_count == LOG_MAX) {
        fail("V8", "%zu requests in one run", server->log_count);
        siglongjmp(sim->crash, 1);
    }
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (server->flights[i].is_used &&
            server->log[server->flights[i].entry].person == request.person)
            fail("V7", "person %d is in flight twice", request.person);
    struct fate fate = fate_of(&request);
    struct entry *entry = &server->log[server->log_count];
    *entry = (struct entry){.person = request.person,
                            .mark = request.payload.mark,
                            .start_ms = sim->steady_ms,
                            .class = fate.class,
                            .status = fate.status,
                            .has_type = request.type[0] != '\0'};
    flight_plan(flight, &fate, server->log_count++);
    flight->ticket = ticket;
    server->in_flight++;
    oracle_start(entry);
    say("  %8" PRId64 " start person %d mark %04x class %d status %d%s",
        sim->steady_ms - sim->night_ms, request.person,
        (unsigned)(request.payload.mark >> 8 & 0xffff), fate.class, fate.status,
        fate.applied ? " applied" : "");
    receive(&request, &fate);
    if (sim->plan->crash_request && sim->received == sim->plan->crash_request)
        siglongjmp(sim->crash, 1);
    return 0;
}

static struct flight *flight_first(void)
{
    struct flight *first = NULL;
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        struct flight *flight = &sim->server.flights[i];
        if (flight->is_used && (!first || flight->due_ms < first->due_ms))
            first = flight;
    }
    return first;
}

static int hand_over(struct flight *flight, struct exchange *done)
{
    struct entry *entry = &sim->server.log[flight->entry];
    entry->end_ms = sim->steady_ms;
    entry->answered = true;
    bool may_wish = entry->status == 429 || (entry->status >= 500 && entry->status <= 599);
    if (may_wish && dice_hits(&sim->fate, sim->plan->weather.wish_per_mille))
        flight->wish_ms = draw_wish(flight->retry_after, sizeof flight->retry_after);
    answer_fill(flight, entry, done);
    flight->is_used = false;
    sim->server.in_flight--;
    say("  %8" PRId64 " answer person %d class %d status %d%s%s", sim->steady_ms - sim->night_ms,
        entry->person, entry->class, entry->status, flight->retry_after[0] ? " retry-after " : "",
        flight->retry_after);
    oracle_answer(entry, flight->wish_ms);
    return 1;
}

static int transport_wait(void *self, int64_t timeout_ms, struct exchange *done,
                          struct fault *fault)
{
    struct flight *first = flight_first();
    int64_t before_ms = sim->steady_ms, until_ms = before_ms + (timeout_ms > 0 ? timeout_ms : 0);
    (void)self, (void)fault;
    step();
    if (sim->plan->second_push && !sim->had_second)
        night_second();
    bool is_due = first && first->due_ms <= until_ms;
    if (is_due && first->due_ms > before_ms)
        clock_pass(first->due_ms);
    else if (!is_due)
        clock_pass(until_ms);
    oracle_wait(sim->steady_ms - before_ms);
    if (is_due && first->due_ms <= sim->steady_ms) {
        sim->idle = 0;
        return hand_over(first, done);
    }
    sim->idle = sim->steady_ms > before_ms ? 0 : sim->idle + 1;
    if (sim->idle > IDLE_MOST) {
        fail("V13", "the run turns in circles: %u waits that took no time", sim->idle);
        siglongjmp(sim->crash, 1);
    }
    return 0;
}

static void transport_close(void *self)
{
    (void)self;
}

static int open_transport(void *self, const struct http_settings *http, struct transport *out,
                          struct fault *fault)
{
    (void)self, (void)http, (void)fault;
    *out = (struct transport){
        .start = transport_start, .wait = transport_wait, .close = transport_close};
    return 0;
}

void server_reset(void)
{
    struct server *server = &sim->server;
    memset(server->flights, 0, sizeof server->flights);
    server->in_flight = 0;
    server->log_count = 0;
}

void server_world(struct job_world *world)
{
    world->clock = (struct clock){.steady_ms = steady_now, .wall_ms = wall_now};
    world->open_transport = open_transport;
    world->signal = &sim->signal;
    world->vfs = "sim";
}
