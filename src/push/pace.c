#include "pace.h"

#include <math.h>

static const double cut_factor = 0.7;
static const double floor_share = 0.1, floor_without_ceiling = 2;
static const double recovery_s = 60, growth_share = 0.1;
static const int64_t second_ms = 1000;

enum {
    LATENCY_ANSWERS_MIN = 16,
    LATENCY_RISE_MS = 300,
    LATENCY_RISE_FACTOR = 3,
    SLACK_MS = 2,
    SHORTEST_COUNT_MS = 100
};

void pace_init(struct pace *pace, double ceiling, int64_t now_ms)
{
    *pace = (struct pace){.ceiling = ceiling,
                          .rate = ceiling,
                          .peak = ceiling,
                          .next_ms = (double)now_ms,
                          .cut_ms = now_ms - second_ms,
                          .step_ms = now_ms,
                          .second_ms = now_ms};
}

int64_t pace_wait_ms(const struct pace *pace, int64_t now_ms)
{
    double at_ms = pace->rate > 0 ? pace->next_ms : (double)now_ms;
    if (at_ms < (double)pace->pause_until_ms)
        at_ms = (double)pace->pause_until_ms;
    return at_ms <= (double)now_ms ? 0 : (int64_t)ceil(at_ms - (double)now_ms);
}

/*
 * What a request that left late may be early the next time, so that waking up late costs no speed. A whole rate leaves
 * almost an interval of room below "rate + 1 in a second"; a broken one only the rest of its fraction.
 */
static double slack_ms(double rate)
{
    double room = (1 - (rate - floor(rate))) * (double)second_ms / rate / 2;
    return room < SLACK_MS ? room : SLACK_MS;
}

static void count_second(struct pace *pace, int64_t now_ms)
{
    if (now_ms - pace->second_ms >= second_ms) {
        pace->seen = pace->in_second;
        pace->second_ms = now_ms;
        pace->in_second = 0;
    }
    pace->in_second++;
}

void pace_take(struct pace *pace, int64_t now_ms)
{
    count_second(pace, now_ms);
    if (pace->rate <= 0)
        return;
    double earliest = (double)now_ms - slack_ms(pace->rate);
    double from = pace->next_ms > earliest ? pace->next_ms : earliest;
    pace->next_ms = from + (double)second_ms / pace->rate;
}

static double rate_floor(const struct pace *pace)
{
    return pace->ceiling > 0 ? pace->ceiling * floor_share : floor_without_ceiling;
}

/* Requests a second of late: of the last whole second, or of the one that is being counted. */
static double rate_of_late(const struct pace *pace, int64_t now_ms)
{
    double passed_ms = fmax((double)(now_ms - pace->second_ms), SHORTEST_COUNT_MS);
    return fmax(pace->seen, pace->in_second * (double)second_ms / passed_ms);
}

void pace_slow(struct pace *pace, int64_t now_ms)
{
    if (now_ms - pace->cut_ms < second_ms)
        return;
    if (pace->rate <= 0) {
        pace->peak = fmax(rate_of_late(pace, now_ms), rate_floor(pace));
        pace->rate = pace->peak;
        pace->next_ms = (double)now_ms;
    }
    pace->rate = fmax(pace->rate * cut_factor, rate_floor(pace));
    pace->cut_ms = pace->step_ms = now_ms;
}

static void recover(struct pace *pace, int64_t now_ms)
{
    if (pace->rate <= 0 || pace->rate == pace->ceiling || now_ms - pace->cut_ms < second_ms)
        return;
    double passed_ms = fmin((double)(now_ms - pace->step_ms), (double)second_ms);
    double step = pace->peak / recovery_s;
    if (pace->ceiling <=
        0) /* the peak may be a poor guess: nothing but the server says how fast is too fast */
        step = fmax(step, pace->rate * growth_share);
    pace->rate += step * passed_ms / (double)second_ms;
    pace->step_ms = now_ms;
    if (pace->ceiling > 0)
        pace->rate = fmin(pace->rate, pace->ceiling);
    else if (pace->rate > 2 * pace->peak)
        pace->rate = 0;
}

static int latency_rises(struct pace *pace, int64_t latency_ms)
{
    double latency = (double)latency_ms;
    if (pace->answers++ == 0)
        pace->quick_ms = pace->usual_ms = latency;
    pace->quick_ms += (latency - pace->quick_ms) / 8;
    pace->usual_ms += (latency - pace->usual_ms) / 256;
    return pace->answers > LATENCY_ANSWERS_MIN &&
           pace->quick_ms > LATENCY_RISE_FACTOR * pace->usual_ms + LATENCY_RISE_MS;
}

void pace_answer(struct pace *pace, int64_t now_ms, int64_t latency_ms)
{
    if (latency_rises(pace, latency_ms))
        pace_slow(pace, now_ms);
    else
        recover(pace, now_ms);
}

void pace_pause(struct pace *pace, int64_t until_ms)
{
    if (until_ms > pace->pause_until_ms)
        pace->pause_until_ms = until_ms;
}
