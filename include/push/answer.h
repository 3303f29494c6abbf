#ifndef OPSPUSH_PUSH_ANSWER_H
#define OPSPUSH_PUSH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "push/transport.h"

/* What an exchange means. A closed list: no default branch anywhere. */
enum verdict {
    VERDICT_ACCEPTED,
    VERDICT_REFUSED, /* the server clearly said no to this person */
    VERDICT_DEFER,   /* 9019, 9020: once more at the end of the run, then refused */
    VERDICT_THROTTLED, /* 429: not about the person, nothing was stored. A 503 is UNKNOWN, like every 5xx */
    VERDICT_AGAIN,   /* nothing left this machine (DNS, connect): may go again */
    VERDICT_UNKNOWN, /* a byte may have left and there was no clear answer, also 5xx */
    VERDICT_SUSPECT, /* 403, 9003, token-like wording: refused, unless the next different person gets the same: then stop */
    VERDICT_STOP     /* token, client code, login source, redirect, certificate: the run ends */
};

struct answer {
    enum verdict verdict;
    enum fault_kind
        stop_kind; /* VERDICT_STOP, and SUSPECT when it is confirmed: FAULT_AUTH or FAULT_CONFIG */
    int http_status;  /* 0: none */
    long opscom_code; /* 0: none */
    char reference_id
        [64];      /* "" none; exactly as it was written, a string's content or a number's digits */
    char code[32]; /* for grouping: "9019", "http_500", "timeout", "not_json", "redirect", ... */
    char message[208];      /* cleaned, token masked, at most 200 bytes */
    int64_t retry_after_ms; /* the server's wish, clamped to [0, 1 day]; -1: none */
    bool is_new_shape;      /* "an answer not seen before" */
};

/*
 * Judges a finished exchange (failures.md, server-answer side). Accepted iff: 2xx, complete, JSON content type, body at most 64 KiB,
 * strict JSON object, exactly one "status" and it is the string "success". 'token' is masked wherever it shows. Pure.
 */
void answer_judge(const struct exchange *exchange, const char *token, int64_t wall_ms,
                  struct answer *out);
/*
 * Retry-After in seconds or one of the three HTTP dates (RFC 9110 section 10.2.3), against 'date' (the answer's Date
 * header) or, without it, wall_ms. Returns ms in [0, 1 day], -1 when it says nothing usable.
 */
int64_t retry_after_ms(const char *value, const char *date, int64_t wall_ms);
/*
 * What only the run knows turns a refusal into VERDICT_STOP: a login source that is a constant of the mapping (9015), and 404, 405
 * or 415 before any answer showed that the address is right.
 */
void answer_weigh(struct answer *answer, bool constant_login_source, bool address_is_proven);
/* Sets a fault of the answer's stop_kind: what the server said and what to do. Returns -1. */
int answer_fault(const struct answer *answer, struct fault *fault);
/* Plain words for an OPS-COM error code; NULL when it is not a documented one. */
const char *opscom_meaning(long code);

#endif
