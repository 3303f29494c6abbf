/* The oracle while a run goes on: each request is judged when it leaves, each answer when it is handed over (V3, V4, V7, V8, V13). */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "belief.h"
#include "sim.h"

enum { STREAK_OPENS = 10, LOOKS_ONE_IN = 48 };
static const int64_t probe_first_ms = 15000, probe_most_ms = 600000;

void oracle_begin(void)
{
    struct watch *watch = &sim->watch;
    int64_t ahead_ms = sim->not_before_wall_ms - sim->wall_ms;
    *watch = (struct watch){.suspect_person = -1,
                            .suspects = {-1, -1},
                            .last_event_ms = sim->steady_ms,
                            .pause_until_ms = sim->steady_ms};
    if (ahead_ms > 0)
        watch->pause_until_ms += ahead_ms < DAY ? ahead_ms : DAY;
    int64_t excuse_ms = sim->excuse_wall_ms - sim->wall_ms;
    watch->excuse_until_ms = sim->steady_ms + (excuse_ms < DAY ? excuse_ms : DAY);
}

/* ---------------------------------------------------------------- V8 */

static void check_window(const struct watch *watch, int64_t now_ms)
{
    double rate = sim->plan->rate;
    size_t most = (size_t)floor(rate + 1);
    if (rate <= 0 || watch->start_count < most ||
        most > sizeof watch->starts / sizeof *watch->starts)
        return;
    int64_t before_ms =
        watch->starts[(watch->start_count - most) % (sizeof watch->starts / sizeof *watch->starts)];
    if (now_ms - before_ms < SECOND)
        fail("V8", "%zu requests within %" PRId64 " ms, with --rate %g", most + 1,
             now_ms - before_ms, rate);
}

static void check_load(struct watch *watch, const struct entry *entry)
{
    int64_t now_ms = entry->start_ms;
    check_window(watch, now_ms);
    watch->starts[watch->start_count++ % (sizeof watch->starts / sizeof *watch->starts)] = now_ms;
    if (sim->signal_given)
        fail("V13", "a request leaves after the signal that asks to stop");
    if (watch->is_over)
        fail("V8", "a request leaves after a fatal answer");
    if (now_ms < watch->pause_until_ms)
        fail("V8", "a request leaves %" PRId64 " ms before the time that the server asked for",
             watch->pause_until_ms - now_ms);
    if (watch->streak >= STREAK_OPENS && now_ms < watch->probe_ms)
        fail("V8", "after %d failures in a row a request leaves %" PRId64 " ms too early",
             watch->streak, watch->probe_ms - now_ms);
    if (watch->streak >= STREAK_OPENS && watch->has_probe)
        fail("V8", "a request leaves while a probe is under way");
    if (sim->server.in_flight > (size_t)sim->plan->connections)
        fail("V8", "%zu requests in flight with %d connections", sim->server.in_flight,
             sim->plan->connections);
    if (watch->streak >= STREAK_OPENS) {
        watch->has_probe = true;
        watch->probe_entry = (size_t)(entry - sim->server.log);
    }
}

/* ---------------------------------------------------------------- V13 */

/* With somebody to send to, nothing but what the server asked for, an open breaker or a delay holds a request back. */
static void check_progress(const struct watch *watch, int64_t now_ms)
{
    int64_t allowed_ms = watch->last_event_ms + 85 * SECOND;
    int64_t pause_ms = watch->pause_until_ms > watch->excuse_until_ms ? watch->pause_until_ms
                                                                      : watch->excuse_until_ms;
    if (pause_ms > watch->last_event_ms)
        allowed_ms += pause_ms - watch->last_event_ms;
    if (watch->streak >= STREAK_OPENS && watch->probe_ms > watch->last_event_ms)
        allowed_ms += watch->probe_ms - watch->last_event_ms;
    if (now_ms > allowed_ms)
        fail("V13", "nothing was sent for %" PRId64 " ms without a reason",
             now_ms - watch->last_event_ms);
}

/* ---------------------------------------------------------------- V3, V4, V6 */

static void check_repetition(const struct entry *entry)
{
    for (const struct entry *at = sim->server.log; at < entry; at++)
        if (at->person == entry->person && at->answered &&
            (at->class == CLASS_ACCEPTED || at->class == CLASS_REFUSED))
            fail("V4", "person %d is sent again after a clear answer in the same run",
                 entry->person);
    if (belief_is_settled(entry->person, sim->plan))
        fail("V4", "person %d is sent again, although exactly this was accepted and recorded",
             entry->person);
}

static void check_request(const struct entry *entry)
{
    const struct belief *belief = &sim->beliefs[entry->person];
    uint64_t mark = world_mark(entry->person);
    if (!mark)
        fail("V6", "person %d is sent, whose row is not valid tonight", entry->person);
    else if (entry->mark != mark)
        fail("V6", "person %d is sent with another payload than the export's", entry->person);
    if (belief->is_certain && belief->delivered && entry->has_type)
        fail("V6", "a field for new people goes to person %d, who was accepted before",
             entry->person);
    if (!belief->was_accepted && !belief->is_adopted && !belief->after_restore && !entry->has_type)
        fail("V6", "person %d is new and is sent without the field for new people", entry->person);
}

void oracle_start(struct entry *entry)
{
    struct watch *watch = &sim->watch;
    if (sim->plan->is_plan || sim->plan->is_adopt)
        fail("V15", "a request leaves where nothing may be sent");
    if (sim->is_second)
        fail("V9", "a second push sends while the first is under way");
    check_progress(watch, entry->start_ms);
    check_load(watch, entry);
    check_request(entry);
    check_repetition(entry);
    if (!disk_is_synced())
        fail("V3", "a request leaves before what was written to the state is synced");
    if (mix(sim->seed, sim->requests) % LOOKS_ONE_IN == 0)
        oracle_intents();
    watch->last_event_ms = entry->start_ms;
}

/* ---------------------------------------------------------------- answers */

static void answer_is_clear(struct watch *watch, const struct entry *entry)
{
    watch->streak = 0;
    watch->has_probe = false;
    if (entry->class != CLASS_SUSPECT) {
        watch->suspect_person = -1;
        return;
    }
    if (watch->suspect_person >= 0 && watch->suspect_person != entry->person && !watch->is_over) {
        watch->is_over = true;
        watch->over_ms = entry->end_ms;
        watch->suspects[0] = watch->suspect_person;
        watch->suspects[1] = entry->person;
    }
    watch->suspect_person = entry->person;
}

static void answer_is_failure(struct watch *watch, const struct entry *entry)
{
    bool is_probe = watch->has_probe && watch->probe_entry == (size_t)(entry - sim->server.log);
    watch->streak++;
    if (watch->streak == STREAK_OPENS) {
        watch->was_outage = true;
        watch->probe_delay_ms = probe_first_ms;
        watch->probe_ms = entry->end_ms + probe_first_ms;
    } else if (is_probe) {
        watch->has_probe = false;
        watch->probe_delay_ms *= 2;
        if (watch->probe_delay_ms > probe_most_ms)
            watch->probe_delay_ms = probe_most_ms;
        watch->probe_ms = entry->end_ms + watch->probe_delay_ms;
    }
}

void oracle_answer(struct entry *entry, int64_t wish_ms)
{
    struct watch *watch = &sim->watch;
    watch->last_event_ms = entry->end_ms;
    if (wish_ms > 0) {
        int64_t until_ms = entry->end_ms + (wish_ms < DAY ? wish_ms : DAY);
        if (until_ms > watch->pause_until_ms)
            watch->pause_until_ms = until_ms;
    }
    switch (entry->class) {
    case CLASS_ACCEPTED:
        sim->beliefs[entry->person].was_accepted = true;
        answer_is_clear(watch, entry);
        return;
    case CLASS_REFUSED:
    case CLASS_DEFERRED:
    case CLASS_SUSPECT:
        answer_is_clear(watch, entry);
        return;
    case CLASS_NONE:
    case CLASS_THROTTLED:
    case CLASS_NOT_SENT:
        answer_is_failure(watch, entry);
        return;
    case CLASS_STOP_AUTH:
    case CLASS_STOP_CONFIG:
        watch->over_ms = watch->is_over ? watch->over_ms : entry->end_ms;
        watch->is_over = true;
        return;
    }
}

void oracle_wait(int64_t waited_ms)
{
    int64_t ran_ms = sim->steady_ms - sim->night_ms;
    (void)waited_ms;
    if (ran_ms > sim->plan->duration_ms + 4 * MINUTE)
        fail("V13", "the run goes on %" PRId64 " s after its time was up",
             (ran_ms - sim->plan->duration_ms) / SECOND);
}
