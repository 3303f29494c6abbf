#ifndef OPSPUSH_PUSH_RETRY_H
#define OPSPUSH_PUSH_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Who may try again, and when: five attempts a person, a budget for the run, full jitter. */
enum { RETRY_ATTEMPTS = 5, RETRY_BUDGET_MIN = 10, RETRY_BUDGET_SHARE = 10 };

struct retry {
    uint64_t random; /* state of the generator; start with the seed */
    uint64_t granted;
};

/* Takes one out of the budget: a tenth of the requests that were no retries, at least ten. False: it is spent. */
bool retry_grant(struct retry *retry, uint64_t first_requests);
void retry_refund(struct retry *retry);
/* After the n-th failure: anything from 0 to 1 s x 2^(n-1), at most 60 s. */
int64_t retry_delay_ms(struct retry *retry, int failures);

#endif
