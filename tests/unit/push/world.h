#ifndef OPSPUSH_TESTS_PUSH_WORLD_H
#define OPSPUSH_TESTS_PUSH_WORLD_H

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "push/pump.h"
#include "unit.h"

/*
 * All that a pump can see, without a network and without time: people, a server that answers by a rule, a state that
 * remembers, a clock that jumps to the next event. What must always hold is asserted at every step: no request without
 * a durable intent (V3), one request for a person at a time (V7), one outcome for each job.
 */

enum { PEOPLE_MAX = 2000, REQUESTS_MAX = 8000, FLIGHTS_MAX = 64 };

struct reply_rule {
    enum exchange_end end;
    int status;              /* 0: 200 */
    const char *body;        /* NULL: success */
    const char *retry_after; /* or NULL */
    int64_t latency_ms;      /* 0: 20 */
};

/* Check notes each of its assertions on a pipe, too slow for those that hold at every step. */
#define MUST(holds)                                                                                \
    do {                                                                                           \
        if (!(holds))                                                                              \
            ck_abort_msg("%s", #holds);                                                            \
    } while (0)

struct world;
/* How the server answers the n-th request (from 0), which is person's k-th (from 1). */
typedef struct reply_rule (*server_rule)(struct world *world, size_t n, uint64_t id, int k);

enum person_state { NEVER, INTENDED, SETTLED, WITHDRAWN };

struct world {
    int64_t now_ms, wall_ms; /* wall: what it says at steady 0; a rule may move it */
    server_rule rule;
    uint64_t random;

    size_t people; /* in the source */
    size_t next;
    bool is_new[PEOPLE_MAX];        /* changed otherwise */
    uint64_t person_of[PEOPLE_MAX]; /* 0: its own */
    int again_fails, next_fails;    /* at the n-th call; 0: never */
    int nexts, agains;

    enum person_state state[PEOPLE_MAX];
    enum outcome outcome[PEOPLE_MAX];
    struct push_result result[PEOPLE_MAX];
    int asked[PEOPLE_MAX]; /* requests that the server got, or that failed on the way to it */
    bool in_flight[PEOPLE_MAX];
    int intend_fails, settle_fails, flush_fails;
    int intends, settles, flushes, sink_calls_after_fault;
    bool sink_failed;
    size_t unflushed, batch_max;
    int64_t unflushed_ms;

    struct {
        uint64_t ticket, id;
        int64_t done_ms;
        struct reply_rule rule;
        bool is_used;
    } flights[FLIGHTS_MAX];
    size_t flying, flying_max;
    int start_fails, wait_fails, starts, waits;
    size_t requests;
    struct {
        int64_t at_ms;
        uint64_t id;
    } log[REQUESTS_MAX];

    volatile sig_atomic_t signal;
    size_t signal_at; /* raised when so many requests have started; 0: never */
    struct push_progress progress;
    struct push_figures figures;
    struct fault fault;
    struct push_settings settings;
};

static inline uint64_t world_random(struct world *world)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return world->random >> 33;
}

/* ---------------------------------------------------------------- clock */

static inline int64_t world_steady(void *self)
{
    return ((struct world *)self)->now_ms;
}

static inline int64_t world_wall(void *self)
{
    struct world *world = self;
    return world->wall_ms + world->now_ms;
}

/* ---------------------------------------------------------------- source */

static inline uint64_t world_person(const struct world *world, uint64_t id)
{
    return world->person_of[id] ? world->person_of[id] : id + 1000000;
}

static inline void world_job(struct world *world, uint64_t id, struct push_job *job)
{
    *job =
        (struct push_job){.id = id, .person = world_person(world, id), .is_new = world->is_new[id]};
    text_addf(&job->body, "%llu", (unsigned long long)id);
}

static inline int world_next(void *self, struct push_job *job, struct fault *fault)
{
    struct world *world = self;
    if (++world->nexts == world->next_fails)
        return fault_set(fault, FAULT_INPUT, "the source fails");
    if (world->next == world->people)
        return 0;
    world_job(world, world->next++, job);
    return 1;
}

static inline int world_again(void *self, uint64_t id, struct push_job *job, struct fault *fault)
{
    struct world *world = self;
    if (++world->agains == world->again_fails)
        return fault_set(fault, FAULT_INPUT, "the source fails again");
    world_job(world, id, job);
    return 1;
}

/* ---------------------------------------------------------------- sink */

static inline int world_sink_call(struct world *world, bool fails, struct fault *fault)
{
    world->sink_calls_after_fault += world->sink_failed;
    if (!fails)
        return 0;
    world->sink_failed = true;
    return fault_set(fault, FAULT_STATE, "the state fails");
}

static inline int world_intend(void *self, const struct push_job jobs[], size_t count,
                               struct fault *fault)
{
    struct world *world = self;
    if (world_sink_call(world, ++world->intends == world->intend_fails, fault))
        return -1;
    if (count > world->batch_max)
        world->batch_max = count;
    for (size_t i = 0; i < count; i++) {
        MUST(world->state[jobs[i].id] == NEVER);
        world->state[jobs[i].id] = INTENDED;
    }
    return 0;
}

static inline int world_settle(void *self, uint64_t id, const struct push_result *result,
                               struct fault *fault)
{
    struct world *world = self;
    if (world_sink_call(world, ++world->settles == world->settle_fails, fault))
        return -1;
    MUST(world->state[id] == INTENDED);
    MUST(!world->in_flight[id] || result->outcome == OUTCOME_UNKNOWN);
    MUST(result->attempts == world->asked[id]);
    world->state[id] = SETTLED;
    world->outcome[id] = result->outcome;
    world->result[id] = *result;
    if (!world->unflushed++)
        world->unflushed_ms = world->now_ms;
    MUST(world->unflushed <= 64);
    return 0;
}

static inline int world_flush(void *self, struct fault *fault)
{
    struct world *world = self;
    if (world_sink_call(world, ++world->flushes == world->flush_fails, fault))
        return -1;
    world->unflushed = 0;
    return 0;
}

static inline int world_withdraw(void *self, const uint64_t ids[], size_t count,
                                 struct fault *fault)
{
    struct world *world = self;
    if (world_sink_call(world, false, fault))
        return -1;
    for (size_t i = 0; i < count; i++) {
        MUST(world->state[ids[i]] == INTENDED && world->asked[ids[i]] == 0);
        world->state[ids[i]] = WITHDRAWN;
    }
    return 0;
}

static inline void world_progress(void *self, const struct push_progress *progress)
{
    ((struct world *)self)->progress = *progress;
}

/* ---------------------------------------------------------------- transport */

static inline int world_start(void *self, uint64_t ticket, const char *body, size_t length,
                              struct fault *fault)
{
    struct world *world = self;
    uint64_t id = strtoull(body, NULL, 10);
    size_t slot = 0;
    if (++world->starts == world->start_fails)
        return fault_set(fault, FAULT_FAILED, "the transport fails");
    MUST(length == strlen(body));
    MUST(world->state[id] == INTENDED); /* V3 */
    for (slot = 0; slot < FLIGHTS_MAX; slot++)
        MUST(!world->flights[slot].is_used ||
             world_person(world, world->flights[slot].id) != world_person(world, id));
    for (slot = 0; world->flights[slot].is_used;)
        slot++;
    world->in_flight[id] = true;
    world->flights[slot].is_used = true;
    world->flights[slot].ticket = ticket;
    world->flights[slot].id = id;
    world->flights[slot].rule = world->rule(world, world->requests, id, ++world->asked[id]);
    int64_t latency_ms = world->flights[slot].rule.latency_ms;
    world->flights[slot].done_ms = world->now_ms + (latency_ms ? latency_ms : 20);
    if (++world->flying > world->flying_max)
        world->flying_max = world->flying;
    MUST(world->requests < REQUESTS_MAX);
    world->log[world->requests].at_ms = world->now_ms;
    world->log[world->requests++].id = id;
    if (world->signal_at && world->requests >= world->signal_at)
        world->signal = 15;
    return 0;
}

static inline void world_answer(struct world *world, size_t slot, struct exchange *done)
{
    struct reply_rule rule = world->flights[slot].rule;
    *done = (struct exchange){.ticket = world->flights[slot].ticket,
                              .end = rule.end,
                              .content_type = "application/json",
                              .duration_ms = rule.latency_ms ? rule.latency_ms : 20};
    if (rule.end == EXCHANGE_ANSWERED) {
        done->http_status = rule.status ? rule.status : 200;
        text_add(&done->body,
                 rule.body ? rule.body : "{\"status\":\"success\",\"reference_id\":1}");
    }
    if (rule.retry_after)
        snprintf(done->retry_after, sizeof done->retry_after, "%s", rule.retry_after);
    world->flights[slot].is_used = false;
    world->in_flight[world->flights[slot].id] = false;
    world->flying--;
}

static inline int world_wait(void *self, int64_t timeout_ms, struct exchange *done,
                             struct fault *fault)
{
    struct world *world = self;
    size_t first = FLIGHTS_MAX;
    if (++world->waits == world->wait_fails)
        return fault_set(fault, FAULT_FAILED, "waiting fails");
    MUST(timeout_ms >= 0);
    MUST(world->waits < 10000000);
    if (world->unflushed)
        MUST(world->now_ms + timeout_ms - world->unflushed_ms <= 50);
    for (size_t slot = 0; slot < FLIGHTS_MAX; slot++)
        if (world->flights[slot].is_used &&
            (first == FLIGHTS_MAX || world->flights[slot].done_ms < world->flights[first].done_ms))
            first = slot;
    if (first == FLIGHTS_MAX || world->flights[first].done_ms > world->now_ms + timeout_ms) {
        world->now_ms += timeout_ms;
        return 0;
    }
    if (world->flights[first].done_ms > world->now_ms)
        world->now_ms = world->flights[first].done_ms;
    world_answer(world, first, done);
    return 1;
}

/* ---------------------------------------------------------------- a run */

static inline struct world *world_new(size_t people, server_rule rule)
{
    struct world *world = mem_new(sizeof *world);
    world->now_ms = 5000000;
    world->wall_ms = 1795310400000;
    world->rule = rule;
    world->people = people;
    world->settings = (struct push_settings){.rate = 5,
                                             .connections = 2,
                                             .max_duration_ms = 6 * 3600 * 1000,
                                             .limit = UINT64_MAX,
                                             .token = "t0k3n",
                                             .seed = 42,
                                             .signal = &world->signal};
    return world;
}

static inline enum pump_end world_run(struct world *world)
{
    struct push_source source = {.next = world_next, .again = world_again, .self = world};
    struct push_sink sink = {.intend = world_intend,
                             .settle = world_settle,
                             .flush = world_flush,
                             .withdraw = world_withdraw,
                             .progress = world_progress,
                             .self = world};
    struct transport transport = {.start = world_start, .wait = world_wait, .self = world};
    struct clock clock = {.steady_ms = world_steady, .wall_ms = world_wall, .self = world};
    enum pump_end end =
        pump_run(&world->settings, source, sink, transport, clock, &world->figures, &world->fault);
    MUST(world->figures.requests == world->requests);
    MUST(world->sink_calls_after_fault == 0);
    if (world->sink_failed)
        return end;
    MUST(world->unflushed == 0);
    for (size_t id = 0; id < world->people; id++) /* what was taken has an outcome */
        MUST(world->state[id] == (id < world->next ? world->state[id] : NEVER) &&
             world->state[id] != INTENDED);
    return end;
}

static inline size_t world_count(const struct world *world, enum outcome outcome)
{
    size_t count = 0;
    for (size_t id = 0; id < world->people; id++)
        count += world->state[id] == SETTLED && world->outcome[id] == outcome;
    return count;
}

static inline void world_all_accepted(const struct world *world)
{
    MUST(world_count(world, OUTCOME_ACCEPTED) == world->people);
}

/* The most requests in any window of one second. */
static inline size_t world_busiest_second(const struct world *world)
{
    size_t most = 0;
    for (size_t first = 0, last = 0; last < world->requests; last++) {
        while (world->log[last].at_ms - world->log[first].at_ms >= 1000)
            first++;
        most = last - first + 1 > most ? last - first + 1 : most;
    }
    return most;
}

#endif
