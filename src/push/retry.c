#include "retry.h"

#include <assert.h>

static const int64_t base_ms = 1000, cap_ms = 60000;

bool retry_grant(struct retry *retry, uint64_t first_requests)
{
    uint64_t share = first_requests / RETRY_BUDGET_SHARE;
    if (retry->granted >= (share > RETRY_BUDGET_MIN ? share : RETRY_BUDGET_MIN))
        return false;
    retry->granted++;
    return true;
}

void retry_refund(struct retry *retry)
{
    assert(retry->granted > 0);
    retry->granted--;
}

/* splitmix64: any seed will do, and the same seed gives the same run. */
static uint64_t next_random(struct retry *retry)
{
    uint64_t mixed = retry->random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

int64_t retry_delay_ms(struct retry *retry, int failures)
{
    int doublings = failures > 1 ? failures - 1 : 0;
    int64_t most = doublings < 6 ? base_ms << doublings : cap_ms;
    most = most < cap_ms ? most : cap_ms;
    return (int64_t)(next_random(retry) % (uint64_t)(most + 1));
}
