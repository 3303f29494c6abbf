#ifndef OPSPUSH_PUSH_BREAKER_H
#define OPSPUSH_PUSH_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens after ten failures in a row that are not about a person; then one probe after 15 s, doubling to ten minutes,
 * until an answer is clear again. Starts closed in every run. A zeroed one is closed.
 */
enum { BREAKER_FAILURES = 10, BREAKER_FIRST_MS = 15000, BREAKER_LONGEST_MS = 600000 };

struct breaker {
    int failures; /* in a row */
    bool is_open;
    bool is_probing; /* a probe is under way */
    int64_t probe_ms, delay_ms;
};

/* Milliseconds until a request may go as far as the breaker goes; 0: now; -1: not before the probe's answer. */
int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms);
/* A request goes now; returns whether it is the probe. */
bool breaker_take(struct breaker *breaker);
void breaker_good(struct breaker *breaker);
/* 'was_probe': the answer is the probe's, the next one waits twice as long. */
void breaker_bad(struct breaker *breaker, bool was_probe, int64_t now_ms);

#endif
