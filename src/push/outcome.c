/* What an answer does: to the pace, to the breaker, to its work, to the run. */
#include <stdlib.h>

#include "base/memory.h"
#include "figures.h"
#include "run.h"

enum {
    OUTAGE_PERSONS = 5, /* so many different people fail together only when it is not about them */
    FLUSH_MANY = 64,
    REFUSED_IN_A_ROW = 100, /* and nothing accepted at all: it is not about the people */
    DRAIN_MS = 120000,
};

void run_stop(struct run *run, enum pump_end end)
{
    if (!run->is_stopping)
        run->drain_ms = run_now(run) + DRAIN_MS;
    if (end > run->end)
        run->end = end;
    run->is_stopping = true;
}

/* ---------------------------------------------------------------- the sink */

/* After its first fault the state is left alone: what it holds are open intents, which is the truth. */
static void sink_result(struct run *run, int result, const struct fault *fault)
{
    if (result >= 0)
        return;
    run->sink_failed = true;
    *run->fault = *fault;
    run_stop(run, PUMP_FAULT);
}

void run_flush(struct run *run)
{
    struct fault fault = {0};
    if (!run->unflushed || run->sink_failed)
        return;
    run->unflushed = 0;
    sink_result(run, run->sink.flush(run->sink.self, &fault), &fault);
}

static void settle(struct run *run, struct work *work, enum outcome outcome)
{
    struct push_result result = {.outcome = outcome,
                                 .attempts = work->attempts,
                                 .was_doubtful = work->was_doubtful,
                                 .answer = work->last};
    struct fault fault = {0};
    if (!run->sink_failed) {
        run->settled[outcome]++;
        sink_result(run, run->sink.settle(run->sink.self, work->id, &result, &fault), &fault);
        if (!run->unflushed++)
            run->unflushed_ms = run_now(run);
        if (run->unflushed >= FLUSH_MANY)
            run_flush(run);
    }
    if (work->owns_person)
        persons_remove(&run->persons, work->person);
    work_free(work);
}

/* No attempt follows: whether the server may have it decides. */
static void settle_failed(struct run *run, struct work *work)
{
    settle(run, work, work->maybe_sent ? OUTCOME_UNKNOWN : OUTCOME_NOT_REACHED);
}

static void settle_doubtful(struct run *run)
{
    while (run->doubtful.count)
        settle_failed(run, queue_pop(&run->doubtful));
}

static void suspect_is_refused(struct run *run)
{
    struct work *work = run->suspect;
    run->suspect = NULL;
    if (work)
        settle(run, work, OUTCOME_REFUSED);
}

void run_settle_pending(struct run *run)
{
    settle_doubtful(run);
    suspect_is_refused(run);
}

/* ---------------------------------------------------------------- failures that are not about a person */

/* Nothing but this streak is known of it: whether it is about the person will show. */
static bool may_be_innocent(const struct run *run, const struct work *work)
{
    return work->streak == run->streak && !work->was_forgiven;
}

static void wait_again(struct run *run, struct work *work)
{
    int failures = work->charged > 0 ? work->charged : 1;
    work->due_ms = run_now(run) + retry_delay_ms(&run->retry, failures);
    heap_push(&run->waiting, work);
}

static void forgive(struct run *run, struct work *work)
{
    if (!may_be_innocent(run, work))
        return;
    work->charged = 0;
    work->was_forgiven = true;
    if (work->has_grant)
        retry_refund(&run->retry);
    work->has_grant = false;
}

static size_t streak_persons(const struct run *run)
{
    size_t count = run->doubtful.count; /* they are there only because of this streak */
    for (size_t i = 0; i < run->waiting.count; i++)
        count += may_be_innocent(run, run->waiting.items[i]);
    return count;
}

/* Judged while the breaker is open: it may take the probes to show that several people are concerned. */
static void judge_outage(struct run *run)
{
    if (!run->breaker.is_open || run->is_outage || streak_persons(run) < OUTAGE_PERSONS)
        return;
    run->is_outage = true;
    for (size_t i = 0; i < run->waiting.count; i++)
        forgive(run, run->waiting.items[i]);
    while (run->doubtful.count) {
        struct work *work = queue_pop(&run->doubtful);
        forgive(run, work);
        wait_again(run, work);
    }
}

static void work_failed(struct run *run, struct work *work)
{
    if (work->last.verdict == VERDICT_UNKNOWN)
        work->maybe_sent = work->was_doubtful = true;
    if (run->is_stopping) {
        settle_failed(run, work);
        return;
    }
    if (!work->charged)
        work->streak = run->streak;
    work->has_grant = false;
    if (run->is_outage) {
        work->was_forgiven = true;
        wait_again(run, work);
        return;
    }
    work->charged++;
    uint64_t first_requests = run->figures->requests - run->figures->retries;
    if (work->charged < RETRY_ATTEMPTS && retry_grant(&run->retry, first_requests)) {
        work->has_grant = true;
        wait_again(run, work);
    } else if (may_be_innocent(run, work)) {
        queue_push(&run->doubtful, work);
    } else {
        settle_failed(run, work);
    }
    judge_outage(run);
}

/* ---------------------------------------------------------------- clear answers */

/* The server is there and answers: whatever failed before it is not part of an outage any more. */
static void streak_ends(struct run *run)
{
    run->streak++;
    run->is_outage = false;
    breaker_good(&run->breaker);
    settle_doubtful(run);
}

static void work_stopped(struct run *run, struct work *work)
{
    if (run->end < PUMP_STOPPED)
        answer_fault(&work->last, run->fault);
    run_stop(run, PUMP_STOPPED);
    settle_failed(run, work);
    if (run->suspect)
        settle_failed(run, run->suspect);
    run->suspect = NULL;
}

static void work_suspected(struct run *run, struct work *work)
{
    const struct work *before = run->suspect;
    work->maybe_sent = false;
    if (run->end == PUMP_STOPPED) {
        settle_failed(run, work);
        return;
    }
    if (before && before->person != work->person &&
        before->last.stop_kind == work->last.stop_kind) {
        work_stopped(run, work);
        return;
    }
    suspect_is_refused(run);
    run->suspect = work;
}

static void work_deferred(struct run *run, struct work *work)
{
    work->maybe_sent = false;
    if (work->was_deferred) {
        settle(run, work, OUTCOME_REFUSED);
        return;
    }
    work->was_deferred = true;
    run->figures->deferred++;
    queue_push(&run->late, work);
}

/* Refusals of everybody say that the mapping or the client is wrong, not the people (failures.md, N13). */
static void refuse_run(struct run *run, const struct answer *answer)
{
    if (run->end >= PUMP_STOPPED || run->settled[OUTCOME_ACCEPTED] ||
        run->settled[OUTCOME_REFUSED] < REFUSED_IN_A_ROW)
        return;
    fault_set(run->fault, FAULT_CONFIG,
              "stopped: the first %d people were all refused and nobody was accepted; the last "
              "answer was: %s",
              (int)REFUSED_IN_A_ROW, answer->message);
    run_stop(run, PUMP_STOPPED);
}

static void work_answered(struct run *run, struct work *work)
{
    struct answer answer = work->last;
    run->address_proven |= answer.verdict == VERDICT_ACCEPTED || answer.opscom_code;
    streak_ends(run);
    if (answer.verdict == VERDICT_SUSPECT) {
        work_suspected(run, work);
        return;
    }
    run->had_clear_answer = true;
    run->proven[work->is_new] = true;
    suspect_is_refused(run);
    if (answer.verdict == VERDICT_DEFER) {
        work_deferred(run, work);
    } else {
        bool accepted = answer.verdict == VERDICT_ACCEPTED;
        settle(run, work, accepted ? OUTCOME_ACCEPTED : OUTCOME_REFUSED);
        refuse_run(run, &answer);
    }
}

static void dispatch(struct run *run, struct work *work, bool was_probe)
{
    switch (work->last.verdict) {
    case VERDICT_ACCEPTED:
    case VERDICT_REFUSED:
    case VERDICT_DEFER:
    case VERDICT_SUSPECT:
        work_answered(run, work);
        return;
    case VERDICT_THROTTLED:
    case VERDICT_AGAIN:
    case VERDICT_UNKNOWN:
        breaker_bad(&run->breaker, was_probe, run_now(run));
        work_failed(run, work);
        return;
    case VERDICT_STOP:
        work_stopped(run, work);
        return;
    }
}

/* ---------------------------------------------------------------- what came back */

static void adjust_pace(struct run *run, const struct exchange *exchange,
                        const struct answer *answer)
{
    int64_t now_ms = run_now(run);
    if (answer->http_status == 429 || answer->http_status == 503)
        pace_slow(&run->pace, now_ms);
    else if (exchange->end == EXCHANGE_ANSWERED)
        pace_answer(&run->pace, now_ms, exchange->duration_ms);
    if (answer->retry_after_ms > 0)
        pace_pause(&run->pace, now_ms + answer->retry_after_ms);
}

static struct work *land(struct run *run, uint64_t ticket)
{
    struct work *work = run->flights[ticket];
    run->flights[ticket] = NULL;
    run->in_flight--;
    if (!run->in_flight)
        run->is_alone = false;
    if (work->body.bytes)
        mem_wipe(work->body.bytes, work->body.capacity);
    text_clear(&work->body);
    return work;
}

void run_take_answer(struct run *run, struct exchange *exchange)
{
    struct work *work = land(run, exchange->ticket);
    bool was_probe = work == run->probe;
    if (was_probe)
        run->probe = NULL;
    answer_judge(exchange, run->settings->token, run->clock.wall_ms(run->clock.self), &work->last);
    answer_weigh(&work->last, run->settings->constant_login_source, run->address_proven);
    if (run->sink.mask && work->last.message[0])
        run->sink.mask(run->sink.self, work->id, work->last.message);
    figures_answer(run->figures, run_now(run) - run->started_ms, exchange, &work->last);
    adjust_pace(run, exchange, &work->last);
    exchange_clear(exchange);
    dispatch(run, work, was_probe);
}

/* ---------------------------------------------------------------- the end */

/* What was never started: its intents are taken back, all at once. */
static void withdraw_queue(struct run *run, struct queue *queue)
{
    struct fault fault = {0};
    uint64_t *ids = mem_array(queue->count + 1, sizeof *ids);
    size_t count = 0;
    for (struct work *work; (work = queue_pop(queue)); work_free(work))
        ids[count++] = work->id;
    if (count && !run->sink_failed)
        sink_result(run, run->sink.withdraw(run->sink.self, ids, count, &fault), &fault);
    free(ids);
}

static void give_up(struct run *run, struct work *work)
{
    work->maybe_sent = work->was_doubtful = true;
    work->last = (struct answer){.verdict = VERDICT_UNKNOWN,
                                 .retry_after_ms = -1,
                                 .code = "given_up",
                                 .message = "no answer came before the run had to end"};
    settle_failed(run, work);
}

void run_close(struct run *run)
{
    for (size_t i = 0; i < run->connections; i++)
        if (run->flights[i])
            give_up(run, run->flights[i]);
    run_settle_pending(run);
    while (run->waiting.count)
        settle_failed(run, heap_pop(&run->waiting));
    for (struct work *work; (work = queue_pop(&run->late));) {
        if (work->attempts)
            settle_failed(run, work);
        else
            queue_push(&run->fresh, work);
    }
    withdraw_queue(run, &run->fresh);
    run_flush(run);
}
