/* What becomes of a request, by the weather of the night. */
#include "fate.h"

#include <stdio.h>
#include <string.h>

enum { TOTAL_TIMEOUT_MS = 60000, CONNECT_TIMEOUT_MS = 10000 };

static bool is_bad_now(const struct weather *weather)
{
    int64_t at_ms = sim->steady_ms - sim->night_ms;
    if (at_ms < weather->from_ms || at_ms >= weather->to_ms)
        return false;
    if (weather->trouble == FLAP && (at_ms - weather->from_ms) / weather->period_ms % 2)
        return false;
    return dice_hits(&sim->fate, weather->per_mille);
}

static struct fate fate_plain(const struct weather *weather)
{
    return (struct fate){
        .class = CLASS_ACCEPTED,
        .applied = true,
        .status = 200,
        .takes_ms = 1 + dice_between(&sim->fate, weather->latency_ms / 2, weather->latency_ms)};
}

static struct fate fate_broken(void)
{
    bool stalls = dice_hits(&sim->fate, 200);
    return (struct fate){.class = CLASS_NONE,
                         .applied = dice_hits(&sim->fate, 500),
                         .takes_ms = stalls ? TOTAL_TIMEOUT_MS : dice_between(&sim->fate, 1, 3000)};
}

static struct fate fate_brown(void)
{
    static const int statuses[] = {500, 502, 503, 504, 408, 522};
    if (dice_hits(&sim->fate, 250))
        return fate_broken();
    return (struct fate){.class = CLASS_NONE,
                         .applied = dice_hits(&sim->fate, 150),
                         .status = statuses[dice_below(&sim->fate, 6)],
                         .takes_ms = dice_between(&sim->fate, 50, 20000)};
}

static struct fate fate_down(void)
{
    if (dice_hits(&sim->fate, 100))
        return fate_broken();
    bool is_filtered = dice_hits(&sim->fate, 200);
    return (struct fate){.class = CLASS_NOT_SENT, .takes_ms = is_filtered ? CONNECT_TIMEOUT_MS : 3};
}

static struct fate fate_of_trouble(const struct weather *weather, enum trouble trouble)
{
    struct fate fate = fate_plain(weather);
    switch (trouble) {
    case STORM:
        return (struct fate){.class = CLASS_THROTTLED, .status = 429, .takes_ms = fate.takes_ms};
    case BROWN:
    case FLAP:
        return fate_brown();
    case DOWN:
        return fate_down();
    case DELAYED:
        fate.applied_late_ms = dice_between(&sim->fate, 1, 2 * HOUR);
        fate.class = CLASS_NONE;
        fate.status = 0;
        return fate;
    case LOSSY:
        fate.class = CLASS_NONE;
        fate.status = 0;
        return fate;
    case PORTAL:
    case GARBLED:
        fate.class = CLASS_NONE;
        fate.applied = trouble == GARBLED && dice_hits(&sim->fate, 300);
        fate.form = trouble == PORTAL ? 0 : 1 + (int)dice_below(&sim->fate, 9);
        return fate;
    case SUSPECTED:
        return (struct fate){.class = CLASS_SUSPECT, .status = 403, .takes_ms = fate.takes_ms};
    case CALM:
    case TOKEN:
    case TURNED:
    case MIXED:
    case TROUBLES:
        break;
    }
    return fate;
}

static enum trouble mixed_trouble(void)
{
    static const enum trouble parts[] = {STORM, BROWN, DOWN, LOSSY, DELAYED, PORTAL, GARBLED};
    return parts[dice_below(&sim->fate, 7)];
}

/* Which payloads it does not like, and which addresses belong to somebody else: a matter of the payload, until the last night. */
static void is_refused(const struct request *request, struct fate *fate)
{
    uint64_t chance = mix(sim->seed + 77, request->payload.mark) % 1000;
    if (chance >= 100 || !sim->refuses)
        return;
    fate->applied = false;
    if (fate->class != CLASS_ACCEPTED)
        return;
    bool defers = chance < 35;
    *fate = (struct fate){.class = defers ? CLASS_DEFERRED : CLASS_REFUSED,
                          .status = chance & 1 ? 200 : 422,
                          .takes_ms = fate->takes_ms,
                          .form = (int)(chance % 3)};
}

static bool is_stopped(const struct weather *weather, struct fate *fate)
{
    if ((weather->trouble != TOKEN && weather->trouble != TURNED) ||
        sim->received <= weather->from_request)
        return false;
    bool token = weather->trouble == TOKEN;
    fate->class = token ? CLASS_STOP_AUTH : CLASS_STOP_CONFIG;
    fate->applied = false;
    fate->form = (int)(mix(sim->seed, (uint64_t)sim->run) % 3);
    fate->status = token ? (fate->form == 0   ? 401
                            : fate->form == 1 ? 200
                                              : 400)
                         : (fate->form == 0 ? 307 : 200);
    return true;
}

struct fate fate_of(const struct request *request)
{
    const struct weather *weather = &sim->plan->weather;
    struct fate fate = fate_plain(weather);
    char token[64];
    snprintf(token, sizeof token, "SEKRET-%u", sim->server.token);
    if (strcmp(request->token, token) != 0) {
        fail("V12", "a request bears another token than the file: %s", request->token);
        return fate;
    }
    if (is_stopped(weather, &fate))
        return fate;
    bool bad = weather->trouble != CALM && is_bad_now(weather);
    enum trouble trouble = weather->trouble == MIXED ? mixed_trouble() : weather->trouble;
    if (bad && trouble != TOKEN && trouble != TURNED)
        fate = fate_of_trouble(weather, trouble);
    is_refused(request, &fate);
    return fate;
}
