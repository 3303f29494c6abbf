#ifndef OPSPUSH_SANDBOX_MISCHIEF_H
#define OPSPUSH_SANDBOX_MISCHIEF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

/*
 * How the stand-in misbehaves, on request: by shares of all requests, drawn from a seed, or by a script. What happens
 * to a request depends on the seed and its number (or its person and try), never on time.
 */

enum mischief_kind {
    MISCHIEF_STATUS,       /* an HTTP status with a page, as proxies and broken servers send */
    MISCHIEF_ERROR,        /* an OPS-COM error code, whatever the profile says */
    MISCHIEF_RESET_BEFORE, /* the connection is reset, nothing was stored */
    MISCHIEF_RESET_AFTER,  /* stored, then the connection is reset */
    MISCHIEF_STALL,        /* no answer for a long time, then a reset */
    MISCHIEF_CUT,          /* stored; the answer ends in its middle */
    MISCHIEF_HTML,         /* 200 with a web page */
    MISCHIEF_REDIRECT,     /* 307 to another page */
    MISCHIEF_LATE,         /* a good answer, late */
    MISCHIEF_SAYS_ERROR,   /* 200, and JSON whose "status" is "error" */
    MISCHIEF_ECHO          /* a refusal that repeats the whole request, its token too */
};

struct mischief {
    enum mischief_kind kind;
    int number;        /* HTTP status or OPS-COM code */
    bool applied;      /* the profile is judged and stored before the misbehaviour */
    long wait_ms;      /* before anything is answered; of a stall: before the reset */
    char *retry_after; /* a header's value, or NULL */
    char *location;    /* of a redirect, or NULL */
    char *name;        /* as it was written, without its share */
    double share;      /* of all requests, 0 to 1 */
};

struct mischief_plan;
struct mischief_plan *mischief_plan_new(uint64_t seed, bool by_person);
void mischief_plan_free(struct mischief_plan *plan);
/* "429=5%:retry-after=1,500=2%,reset-after=1%": FAULT_USAGE when it is not that. */
int mischief_plan_add(struct mischief_plan *plan, const char *list, struct fault *fault) MUST_CHECK;
/*
 * Lines "NUMBER KIND", "FROM-TO KIND", "FROM- KIND" or "id=UNIQUE_ID KIND [TIMES]"; blank lines and those that begin
 * with # are passed over. FAULT_USAGE with the line.
 */
int mischief_plan_script(struct mischief_plan *plan, const char *path, const struct text *lines,
                         struct fault *fault) MUST_CHECK;
/*
 * What befalls request 'number' (from 1) of this person (may be ""), who was named 'earlier' times before; NULL: nothing.
 * A line of the script goes before the shares.
 */
const struct mischief *mischief_choose(struct mischief_plan *plan, uint64_t number,
                                       const char *unique_id, uint64_t earlier);
/* Starts the script's TIMES again. */
void mischief_plan_rewind(struct mischief_plan *plan);

/* The bytes of a seed spread over 64 bits (splitmix64): the same on every machine. */
uint64_t mischief_mix(uint64_t seed);

#endif
