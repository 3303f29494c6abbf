#ifndef OPSPUSH_PUSH_RUN_H
#define OPSPUSH_PUSH_RUN_H

#include "breaker.h"
#include "pace.h"
#include "persons.h"
#include "push/pump.h"
#include "queue.h"
#include "retry.h"

/*
 * A run of the pump. A work is in exactly one place: fresh, waiting, doubtful, late, flights, or suspect.
 *
 * A streak is what happened since the last clear answer. When it opens the breaker and several people are in it of whom
 * nothing else is known, it is an outage: their failures are forgiven, and failures cost nobody anything until it is over.
 * Works that have no attempt left stay doubtful until the streak has ended: forgiven, or final.
 */
struct run {
    const struct push_settings *settings;
    struct push_source source;
    struct push_sink sink;
    struct transport transport;
    struct clock clock;
    struct push_figures *figures;
    struct fault *fault;

    struct pace pace;
    struct breaker breaker;
    struct retry retry;
    struct persons persons;

    struct queue fresh;  /* intended, body in hand, never started */
    struct heap waiting; /* failed, to be tried again */
    struct queue
        doubtful;      /* failed, no attempt left, in a streak that may turn out to be an outage */
    struct queue late; /* for the end of the run: deferred, or another job of a person under way */
    struct work *suspect;  /* the last clear answer was a first SUSPECT */
    struct work **flights; /* by ticket; NULL: free */
    size_t connections, in_flight;
    struct work *probe; /* of those in flight, the breaker's */

    uint64_t streak;     /* number of the streak */
    bool is_outage;      /* and whether it is one */
    bool is_alone;       /* what is in flight must come back before anything else starts */
    bool proven[2];      /* a clear answer came for a changed, a new person */
    bool address_proven; /* something was accepted, or OPS-COM itself answered */
    bool late_began;

    bool had_clear_answer;
    uint64_t pulled, settled[OUTCOME_COUNT];
    bool is_dry; /* the source has no more, or --limit is reached */
    bool limit_reached;

    bool is_stopping;
    enum pump_end end;
    int64_t drain_ms; /* stopping: what is in flight then is given up */
    bool sink_failed; /* the state is not to be touched any more */

    int64_t started_ms, deadline_ms;
    int64_t unflushed_ms; /* when the first of them was settled */
    size_t unflushed;
    int64_t progress_ms; /* when progress was last told */
};

static inline int64_t run_now(const struct run *run)
{
    return run->clock.steady_ms(run->clock.self);
}

/* Nothing starts any more; of several reasons the gravest stands ('enum pump_end' goes from good to bad). */
void run_stop(struct run *run, enum pump_end end);
/* What came back: judges it and decides what becomes of the work. Takes over and clears the exchange. */
void run_take_answer(struct run *run, struct exchange *exchange);
/* Nothing will tell any more whether the doubtful were part of an outage and the suspect one of many: both are final. */
void run_settle_pending(struct run *run);
/* Every work that is left gets its outcome or is withdrawn. Nothing is in flight any more, or is given up. */
void run_close(struct run *run);
/* Makes what was settled durable. */
void run_flush(struct run *run);

#endif
