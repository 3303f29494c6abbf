/* What goes next, and when: the loop of a run. What comes back is outcome.c's. */
#include "push/pump.h"

#include <stdlib.h>

#include "base/memory.h"
#include "figures.h"
#include "run.h"

enum {
    INTENDS_MAX = 64, /* in one batch (failures.md, "Row state machine") */
    FLUSH_MS = 50,
    PROGRESS_MS = 50,
    WAIT_MAX_MS = 60000
};

/* ---------------------------------------------------------------- from the source */

static struct work *work_new(struct run *run, const struct push_job *job)
{
    struct work *work = mem_new(sizeof *work);
    work->id = job->id;
    work->person = job->person;
    work->is_new = job->is_new;
    work->owns_person = persons_add(&run->persons, job->person);
    work->body = job->body;
    return work;
}

static void pull_fault(struct run *run)
{
    run->is_dry = true;
    run_stop(run, PUMP_FAULT);
}

static size_t pull(struct run *run, struct push_job jobs[], size_t wanted)
{
    size_t count = 0;
    while (count < wanted && !run->is_dry) {
        if (run->pulled == run->settings->limit) {
            run->is_dry = run->limit_reached = true;
            break;
        }
        jobs[count] = (struct push_job){0};
        int found = run->source.next(run->source.self, &jobs[count], run->fault);
        if (found < 0)
            pull_fault(run);
        else if (found == 0)
            run->is_dry = true;
        else
            count++, run->pulled++;
    }
    return count;
}

/* One by one until an answer was clear; then enough to keep the connections, or a second, busy. */
static size_t window(const struct run *run)
{
    double rate = run->settings->rate;
    size_t flow = rate > 0 && rate < INTENDS_MAX ? (size_t)rate : INTENDS_MAX;
    size_t pairs = 2 * run->connections;
    if (!run->had_clear_answer || run->breaker.is_open)
        return 1;
    return flow > pairs ? flow : pairs;
}

/* Takes jobs from the source and makes their intents durable; none of them starts before that. */
static void refill(struct run *run)
{
    struct push_job jobs[INTENDS_MAX];
    struct fault fault = {0};
    size_t room = window(run);
    if (run->is_dry || run->fresh.count > room / 2)
        return;
    room -= run->fresh.count;
    size_t count = pull(run, jobs, room < INTENDS_MAX ? room : INTENDS_MAX);
    if (count && run->sink.intend(run->sink.self, jobs, count, &fault) < 0) {
        *run->fault = fault;
        run->sink_failed = true;
        run_stop(run, PUMP_FAULT);
    }
    for (size_t i = 0; i < count; i++) {
        struct work *work = work_new(run, &jobs[i]);
        queue_push(work->owns_person ? &run->fresh : &run->late, work);
    }
}

/* ---------------------------------------------------------------- what goes next */

/* Deferred people and second jobs of one person come when nothing else is left. */
static bool late_is_due(struct run *run)
{
    if (run->is_dry && !run->fresh.count && !run->waiting.count && !run->in_flight)
        run->late_began = true;
    return run->late_began && run->late.count;
}

/* The first late work whose person is free, brought to the front; NULL: none. */
static struct work *late_first(struct run *run)
{
    for (size_t i = 0; late_is_due(run) && i < run->late.count; i++) {
        struct work *work = queue_first(&run->late);
        work->owns_person = work->owns_person || persons_add(&run->persons, work->person);
        if (work->owns_person)
            return work;
        queue_push(&run->late, queue_pop(&run->late));
    }
    return NULL;
}

enum place { PLACE_NONE, PLACE_WAITING, PLACE_FRESH, PLACE_LATE };

/*
 * Second attempts that are due come first, but not in a streak of failures: another person tells more about the server. An
 * open breaker's probe takes whom it can get, whatever the delay.
 */
static enum place choose(struct run *run, int64_t now_ms, struct work **out)
{
    struct work *waiting = heap_first(&run->waiting), *fresh = queue_first(&run->fresh);
    bool is_due = waiting && (waiting->due_ms <= now_ms || run->breaker.is_open);
    if (is_due && !(fresh && run->breaker.failures)) {
        *out = waiting;
        return PLACE_WAITING;
    }
    if ((*out = fresh))
        return PLACE_FRESH;
    return (*out = late_first(run)) ? PLACE_LATE : PLACE_NONE;
}

static void remove_chosen(struct run *run, enum place place)
{
    switch (place) {
    case PLACE_WAITING:
        heap_pop(&run->waiting);
        return;
    case PLACE_FRESH:
        queue_pop(&run->fresh);
        return;
    case PLACE_LATE:
        queue_pop(&run->late);
        return;
    case PLACE_NONE:
        return;
    }
}

/* The first person of a kind, and everybody while a refusal may be about the token, go alone. */
static bool goes_alone(const struct run *run, const struct work *work)
{
    return run->suspect || !run->proven[work->is_new];
}

/*
 * Milliseconds until something can start; 0: now, with the work and its place; -1: only an answer can change that, or
 * nothing is left.
 */
static int64_t next_start_ms(struct run *run, int64_t now_ms, struct work **work, enum place *place)
{
    if (run->is_stopping || run->in_flight == run->connections || run->is_alone)
        return -1;
    *place = choose(run, now_ms, work);
    if (*place == PLACE_NONE && !run->waiting.count)
        return -1;
    if (*place == PLACE_NONE)
        *work = heap_first(&run->waiting);
    if (run->in_flight && goes_alone(run, *work))
        return -1;
    int64_t due_ms = *place == PLACE_NONE ? (*work)->due_ms - now_ms : 0;
    int64_t pace_ms = pace_wait_ms(&run->pace, now_ms);
    int64_t breaker_ms = breaker_wait_ms(&run->breaker, now_ms);
    if (breaker_ms < 0)
        return -1;
    due_ms = due_ms > pace_ms ? due_ms : pace_ms;
    return due_ms > breaker_ms ? due_ms : breaker_ms;
}

/* ---------------------------------------------------------------- starting */

static int make_body(struct run *run, struct work *work)
{
    struct push_job job = {0};
    if (work->body.bytes)
        return 0;
    if (run->source.again(run->source.self, work->id, &job, run->fault) < 0)
        return -1;
    work->body = job.body;
    return 0;
}

static int start(struct run *run, struct work *work, int64_t now_ms)
{
    size_t ticket = 0;
    while (run->flights[ticket])
        ticket++;
    if (make_body(run, work) ||
        run->transport.start(run->transport.self, ticket, text_string(&work->body),
                             work->body.length, run->fault))
        return -1;
    run->is_alone = goes_alone(run, work);
    run->flights[ticket] = work;
    run->in_flight++;
    pace_take(&run->pace, now_ms);
    if (breaker_take(&run->breaker))
        run->probe = work;
    figures_request(run->figures, now_ms - run->started_ms, work->attempts > 0);
    work->attempts++;
    return 0;
}

/* Starts what may go now; a work that cannot be started stays, and the run stops. */
static void start_ready(struct run *run, int64_t now_ms)
{
    struct work *work;
    enum place place;
    while (!run->is_stopping && (refill(run), next_start_ms(run, now_ms, &work, &place) == 0)) {
        remove_chosen(run, place);
        if (start(run, work, now_ms) == 0)
            continue;
        queue_push(&run->late, work);
        run_stop(run, PUMP_FAULT);
    }
}

/* ---------------------------------------------------------------- reasons to end */

static void tell_unavailable(struct run *run, int64_t now_ms)
{
    char until[32];
    int64_t pause_ms = run->pace.pause_until_ms - now_ms;
    if (pause_ms > 0) {
        clock_utc(run->clock.wall_ms(run->clock.self) + pause_ms, until);
        fault_set(run->fault, FAULT_UNAVAILABLE,
                  "the server asks to wait until %s, which is longer than the time left", until);
        run_stop(run, PUMP_DEADLINE);
    } else if (run->breaker.is_open) {
        fault_set(run->fault, FAULT_UNAVAILABLE,
                  "the service kept failing: %d requests in a row without a clear answer",
                  run->breaker.failures);
        run_stop(run, PUMP_UNAVAILABLE);
    } else {
        run_stop(run, PUMP_DEADLINE);
    }
}

static bool is_done(const struct run *run)
{
    return run->is_dry && !run->in_flight && !run->fresh.count && !run->waiting.count &&
           !run->late.count && !run->doubtful.count;
}

/* Looks for reasons to stop; a wait that would end after the deadline is one already. */
static void consider_end(struct run *run, int64_t now_ms)
{
    struct work *work;
    enum place place;
    if (is_done(run))
        return;
    if (run->settings->signal && *run->settings->signal)
        run_stop(run, PUMP_SIGNAL);
    if (run->is_stopping)
        return;
    int64_t left_ms = run->deadline_ms - now_ms;
    int64_t next_ms = next_start_ms(run, now_ms, &work, &place);
    bool too_late = next_ms > 0 && next_ms >= left_ms;
    if (run->pace.pause_until_ms - now_ms >= left_ms)
        too_late = true;
    if (left_ms <= 0 || (too_late && !run->in_flight))
        tell_unavailable(run, now_ms);
    else if (run->is_dry && next_ms < 0 && !run->in_flight)
        run_settle_pending(run);
}

/* ---------------------------------------------------------------- waiting */

static int64_t wait_ms(struct run *run, int64_t now_ms)
{
    struct work *work;
    enum place place;
    int64_t until_ms = WAIT_MAX_MS, next_ms = next_start_ms(run, now_ms, &work, &place);
    int64_t end_ms = (run->is_stopping ? run->drain_ms : run->deadline_ms) - now_ms;
    if (next_ms >= 0 && next_ms < until_ms)
        until_ms = next_ms;
    if (end_ms < until_ms)
        until_ms = end_ms;
    if (run->unflushed && run->unflushed_ms + FLUSH_MS - now_ms < until_ms)
        until_ms = run->unflushed_ms + FLUSH_MS - now_ms;
    return until_ms < 0 ? 0 : until_ms;
}

static void wait_for_answer(struct run *run, int64_t now_ms)
{
    struct exchange exchange = {0};
    struct fault fault = {0};
    int done = run->transport.wait(run->transport.self, wait_ms(run, now_ms), &exchange, &fault);
    if (done > 0) {
        run_take_answer(run, &exchange);
    } else if (done < 0) {
        *run->fault = fault;
        run_stop(run, PUMP_FAULT);
        run->drain_ms = now_ms;
    }
}

static void tell_progress(struct run *run, int64_t now_ms, bool at_once)
{
    if (!run->sink.progress || (!at_once && now_ms - run->progress_ms < PROGRESS_MS))
        return;
    int64_t pause_ms = pace_wait_ms(&run->pace, now_ms);
    int64_t breaker_ms = breaker_wait_ms(&run->breaker, now_ms);
    struct push_progress progress = {.accepted = run->settled[OUTCOME_ACCEPTED],
                                     .refused = run->settled[OUTCOME_REFUSED],
                                     .unknown = run->settled[OUTCOME_UNKNOWN],
                                     .waiting =
                                         run->waiting.count + run->late.count + run->doubtful.count,
                                     .in_flight = run->in_flight,
                                     .requests = run->figures->requests,
                                     .retries = run->figures->retries,
                                     .rate = run->pace.rate,
                                     .pause_ms = breaker_ms > pause_ms ? breaker_ms : pause_ms,
                                     .breaker_open = run->breaker.is_open};
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        progress.done += run->settled[outcome];
    run->progress_ms = now_ms;
    run->sink.progress(run->sink.self, &progress);
}

/* ---------------------------------------------------------------- the run */

/* Time that was up while the last answer was under way ended nothing: nobody was left to be sent. */
static enum pump_end end_of(const struct run *run)
{
    if (!is_done(run) || run->end > PUMP_UNAVAILABLE)
        return run->end;
    return run->limit_reached ? PUMP_LIMIT : PUMP_DONE;
}

static void run_loop(struct run *run)
{
    for (;;) {
        int64_t now_ms = run_now(run);
        consider_end(run, now_ms);
        start_ready(run, now_ms);
        tell_progress(run, now_ms, false);
        if (!run->in_flight || now_ms - run->unflushed_ms >= FLUSH_MS)
            run_flush(run);
        bool given_up = run->is_stopping && (run->sink_failed || now_ms >= run->drain_ms);
        if (is_done(run) || (run->is_stopping && !run->in_flight) || given_up)
            return;
        wait_for_answer(run, now_ms);
    }
}

static void run_clear(struct run *run)
{
    persons_clear(&run->persons);
    queue_clear(&run->fresh);
    queue_clear(&run->doubtful);
    queue_clear(&run->late);
    heap_clear(&run->waiting);
    free(run->flights);
}

enum pump_end pump_run(const struct push_settings *settings, struct push_source source,
                       struct push_sink sink, struct transport transport, struct clock clock,
                       struct push_figures *figures, struct fault *fault)
{
    size_t connections = settings->connections > 0 ? (size_t)settings->connections : 1;
    struct run run = {.settings = settings,
                      .source = source,
                      .sink = sink,
                      .transport = transport,
                      .clock = clock,
                      .figures = figures,
                      .fault = fault,
                      .retry = {.random = settings->seed},
                      .flights = mem_array(connections, sizeof(struct work *)),
                      .connections = connections,
                      .streak = 1,
                      .end = PUMP_DONE};
    run.started_ms = run_now(&run);
    run.deadline_ms = run.started_ms + settings->max_duration_ms;
    pace_init(&run.pace, settings->rate, run.started_ms);
    pace_pause(&run.pace, settings->not_before_ms);
    run_loop(&run);
    run.end = end_of(&run);
    run_close(&run);
    int64_t now_ms = run_now(&run);
    tell_progress(&run, now_ms, true);
    if (run.pace.pause_until_ms > now_ms)
        figures->not_before_wall_ms = clock.wall_ms(clock.self) + run.pace.pause_until_ms - now_ms;
    run_clear(&run);
    return run.end;
}
