#include "breaker.h"

int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms)
{
    if (!breaker->is_open)
        return 0;
    if (breaker->is_probing)
        return -1;
    return breaker->probe_ms > now_ms ? breaker->probe_ms - now_ms : 0;
}

bool breaker_take(struct breaker *breaker)
{
    breaker->is_probing = breaker->is_open;
    return breaker->is_open;
}

void breaker_good(struct breaker *breaker)
{
    *breaker = (struct breaker){0};
}

void breaker_bad(struct breaker *breaker, bool was_probe, int64_t now_ms)
{
    breaker->failures++;
    if (!breaker->is_open && breaker->failures >= BREAKER_FAILURES) {
        breaker->is_open = true;
        breaker->delay_ms = BREAKER_FIRST_MS;
        breaker->probe_ms = now_ms + breaker->delay_ms;
    } else if (breaker->is_open && was_probe) {
        int64_t twice = 2 * breaker->delay_ms;
        breaker->is_probing = false;
        breaker->delay_ms = twice < BREAKER_LONGEST_MS ? twice : BREAKER_LONGEST_MS;
        breaker->probe_ms = now_ms + breaker->delay_ms;
    }
}
