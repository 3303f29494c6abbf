#include <math.h>

#include "figures.h"

/* Each slot is 2.3 % wider than the one before: 1 ms to two minutes in 512. */
static const double slot_ratio = 1.0232;

double latency_slot_ms(size_t slot)
{
    return pow(slot_ratio, (double)slot);
}

double latency_percentile_ms(const struct push_figures *figures, double percent)
{
    uint64_t total = 0, seen = 0;
    for (size_t slot = 0; slot < LATENCY_SLOTS; slot++)
        total += figures->latency[slot];
    uint64_t rank = (uint64_t)ceil((double)total * percent / 100);
    for (size_t slot = 0; slot < LATENCY_SLOTS && total; slot++) {
        seen += figures->latency[slot];
        if (seen >= rank && seen)
            return fmin(latency_slot_ms(slot), (double)figures->latency_max_ms);
    }
    return 0;
}

static size_t slot_of(int64_t latency_ms)
{
    double slot = latency_ms > 1 ? ceil(log((double)latency_ms) / log(slot_ratio)) : 0;
    return slot < LATENCY_SLOTS ? (size_t)slot : LATENCY_SLOTS - 1;
}

static size_t minute_of(int64_t elapsed_ms)
{
    return elapsed_ms < 0 ? 0 : (size_t)(elapsed_ms / 60000);
}

void figures_request(struct push_figures *figures, int64_t elapsed_ms, bool is_retry)
{
    size_t minute = minute_of(elapsed_ms);
    figures->requests++;
    figures->retries += is_retry;
    if (minute < MINUTE_SLOTS)
        figures->minute[minute].requests++;
}

void figures_answer(struct push_figures *figures, int64_t elapsed_ms,
                    const struct exchange *exchange, const struct answer *answer)
{
    size_t minute = minute_of(elapsed_ms);
    bool has_status = answer->http_status > 0 && answer->http_status < STATUS_SLOTS;
    figures->by_status[has_status ? answer->http_status : 0]++;
    figures->new_shapes += answer->is_new_shape;
    if (answer->verdict == VERDICT_THROTTLED && minute < MINUTE_SLOTS)
        figures->minute[minute].throttled++;
    if (exchange->end != EXCHANGE_ANSWERED)
        return;
    figures->latency[slot_of(exchange->duration_ms)]++;
    if (exchange->duration_ms > figures->latency_max_ms)
        figures->latency_max_ms = exchange->duration_ms;
}
