#ifndef OPSPUSH_SANDBOX_SERVICE_H
#define OPSPUSH_SANDBOX_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "journal.h"
#include "mischief.h"
#include "people.h"
#include "reply.h"
#include "rules.h"

/* What the stand-in answers to whom, and what it remembers; without sockets and without waiting. */

/* How late every push is answered: a fixed time, or drawn from the seed. */
struct latency {
    long min_ms, max_ms;
};

struct service_setup {
    const struct rules *rules;  /* lent */
    struct mischief_plan *plan; /* lent; NULL: well-behaved */
    uint64_t seed;              /* of the latency */
    struct latency latency;
    bool bare;            /* answer success without looking */
    const char *log_path; /* NULL: none */
};

struct service;
struct service *service_open(const struct service_setup *setup, struct fault *fault) MUST_CHECK;
void service_close(struct service *service);

/* A request that came whole. Everything is lent. */
struct call {
    const char *method, *path;
    bool is_json; /* by its Content-Type */
    bool is_long; /* the body went over the ceiling and is not complete */
    const struct text *body;
    uint64_t connection; /* number of the connection, from 1 */
    int64_t ms;          /* since the start */
};

/* What is to be done about it. Zeroed before, cleared after. */
struct turn {
    struct reply reply;
    long wait_ms; /* before the reply goes */
    bool is_in_flight;
    struct person *person; /* counted as in flight, or NULL */
    uint64_t generation;   /* of the people: moved by a reset */
};

void service_decide(struct service *service, const struct call *call, struct turn *turn);
/* The reply went, or never will. Harmless when it was said before. */
void service_answered(struct service *service, struct turn *turn);
/* Another connection came in; gives its number. */
uint64_t service_connected(struct service *service);

#endif
