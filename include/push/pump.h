#ifndef OPSPUSH_PUSH_PUMP_H
#define OPSPUSH_PUSH_PUMP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"
#include "plan/counts.h"
#include "push/answer.h"
#include "push/transport.h"

/*
 * Moves jobs from a source over a transport to a sink: pace, retries, breaker, stop. It does not know what is in a body, and not what
 * becomes of an outcome. Order for each job: intend (durable) -> bytes leave -> answer judged -> settle -> flush (durable).
 */
struct push_job {
    uint64_t id;      /* the source's */
    uint64_t person;  /* the same person never twice in flight */
    bool is_new;      /* for the careful beginning: a new and a changed person go alone first */
    struct text body; /* handed to the pump */
};

struct push_source {
    int (*next)(void *self, struct push_job *job,
                struct fault *fault); /* 1, 0 when there are no more, -1 */
    int (*again)(void *self, uint64_t id, struct push_job *job,
                 struct fault *fault); /* makes a job's body anew for another attempt: 1, -1 */
    void *self;
};

struct push_result {
    enum outcome outcome;
    int attempts;
    bool was_doubtful; /* an attempt before the last had no clear answer: the server may have it */
    struct answer answer; /* the last one; verdict tells why */
};

struct push_progress {
    uint64_t done, accepted, refused, unknown, waiting, in_flight, requests, retries;
    double rate;      /* requests a second now allowed; 0: no ceiling */
    int64_t pause_ms; /* until sending goes on, 0: it goes on */
    bool breaker_open;
};

struct push_sink {
    int (*intend)(void *self, const struct push_job jobs[], size_t count,
                  struct fault *fault); /* durable when it returns */
    int (*settle)(void *self, uint64_t id, const struct push_result *result, struct fault *fault);
    /* Durable when it returns; called at least every 50 ms while something is settled, and before the pump waits for long. */
    int (*flush)(void *self, struct fault *fault);
    /* A clean stop: these were intended and never left (durable when it returns); they count as not reached. */
    int (*withdraw)(void *self, const uint64_t ids[], size_t count, struct fault *fault);
    /* Takes what was sent of this job's person out of a server's words, in place; may be NULL. Nothing else sees them before. */
    void (*mask)(void *self, uint64_t id, char *message);
    void (*progress)(void *self, const struct push_progress *progress); /* often; may be NULL */
    void *self;
};

struct push_settings {
    double rate; /* requests a second, a ceiling; 0: none */
    int connections;
    int64_t max_duration_ms;
    uint64_t limit;             /* --limit: the first N jobs; UINT64_MAX: all */
    int64_t not_before_ms;      /* steady clock: no request earlier; 0: none */
    const char *token;          /* for masking alone */
    uint64_t seed;              /* of the jitter */
    bool constant_login_source; /* 9015 stops the run */
    volatile sig_atomic_t *
        signal; /* 0, or the number of the signal that asks to stop; a second one ends the program elsewhere */
};

enum pump_end {             /* from good to bad: of several the gravest stands */
                PUMP_DONE,  /* every job has an outcome */
                PUMP_LIMIT, /* --limit reached */
                PUMP_DEADLINE, /* --max-duration, or a wait longer than the time left ('fault' may say which) */
                PUMP_UNAVAILABLE, /* the breaker never closed again: 'fault' says what was seen */
                PUMP_SIGNAL,
                PUMP_STOPPED, /* a fatal answer: 'fault' says which */
                PUMP_FAULT    /* ours: state, memory: 'fault' says what */
};

enum { LATENCY_SLOTS = 512, STATUS_SLOTS = 1000, MINUTE_SLOTS = 2880 };

struct push_figures {
    uint64_t requests, retries, deferred;
    uint64_t by_status[STATUS_SLOTS]; /* [0]: no answer */
    uint64_t latency
        [LATENCY_SLOTS]; /* log-spaced histogram: latency_slot_ms() gives each slot's upper edge */
    int64_t latency_max_ms;
    struct {
        uint32_t requests, throttled;
    } minute[MINUTE_SLOTS];
    uint64_t new_shapes;
    int64_t
        not_before_wall_ms; /* the server asked to wait beyond this run: for the next one; 0: none */
};
double latency_slot_ms(size_t slot);
double latency_percentile_ms(const struct push_figures *figures, double percent);

/*
 * Runs until everything has an outcome or a reason to stop; on a stop what is in flight is settled first. Each job that was
 * pulled is settled or withdrawn exactly once, unless the sink itself fails: then it is not called again. Jobs that the source
 * still holds are not pulled: the caller counts them as not reached. 'figures' comes zeroed.
 */
enum pump_end pump_run(const struct push_settings *settings, struct push_source source,
                       struct push_sink sink, struct transport transport, struct clock clock,
                       struct push_figures *figures, struct fault *fault);

#endif
