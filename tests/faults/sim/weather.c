/* What goes wrong in a night: drawn once, before the tool is called. */
#include <errno.h>

#include "sim.h"

const char *trouble_name(enum trouble trouble)
{
    static const char *const names[TROUBLES] = {
        "calm",   "storm",   "brown-out", "down",   "flapping", "lossy", "delayed",
        "portal", "garbled", "token",     "turned", "suspects", "mixed"};
    return names[trouble];
}

void weather_calm(struct night_plan *out)
{
    *out = (struct night_plan){.weather = {.latency_ms = 120},
                               .signal_ms = -1,
                               .duration_ms = 6 * HOUR,
                               .rate = 5,
                               .connections = 2,
                               .first_load = true,
                               .limit = -1,
                               .only = -1};
}

static void draw_trouble(struct weather *weather)
{
    static const int64_t spans[] = {2000, 20000, 90000, 600000, 4 * 3600000, 24 * 3600000};
    struct dice *dice = &sim->dice;
    weather->trouble = (enum trouble)dice_between(dice, STORM, MIXED);
    weather->from_ms = dice_hits(dice, 400) ? 0 : dice_between(dice, 0, 8000);
    weather->to_ms = weather->from_ms + dice_between(dice, 500, spans[dice_below(dice, 6)]);
    weather->period_ms = dice_between(dice, 300, 30000);
    weather->per_mille = dice_hits(dice, 300) ? 1000 : dice_below(dice, 1000);
    weather->from_request = dice_below(dice, 30);
    weather->wish_per_mille = dice_hits(dice, 500) ? 0 : dice_below(dice, 1000);
}

static void draw_crash(struct night_plan *plan, uint32_t usual_steps)
{
    struct dice *dice = &sim->dice;
    plan->crash = dice_hits(dice, 500) ? CRASH_KILL : CRASH_POWER;
    if (dice_hits(dice, 300))
        plan->crash_request = 1 + dice_below(dice, (uint32_t)sim->world.count);
    else
        plan->crash_step = 1 + dice_below(dice, usual_steps + usual_steps / 8 + 4);
}

static void draw_io_error(struct night_plan *plan, uint32_t usual_steps)
{
    static const int errors[] = {EIO, ENOSPC, EDQUOT};
    plan->io_error_step = 1 + dice_below(&sim->dice, usual_steps + 4);
    plan->io_error = errors[dice_below(&sim->dice, 3)];
    plan->io_error_lasts = dice_hits(&sim->dice, 500);
}

static void draw_options(struct night_plan *plan)
{
    static const double rates[] = {5, 0.5, 2, 2.5, 20, 0};
    static const int64_t durations[] = {6 * 3600000, 6 * 3600000, 3600000, 600000, 45000};
    struct dice *dice = &sim->dice;
    plan->rate = rates[dice_below(dice, 6)];
    plan->connections = 1 + (int)dice_below(dice, dice_hits(dice, 700) ? 2 : 6);
    plan->duration_ms = durations[dice_below(dice, 5)];
    plan->weather.latency_ms = dice_between(dice, 5, 700);
    plan->full = dice_hits(dice, 30);
    plan->retry_refused = dice_hits(dice, 50);
    plan->refresh = dice_hits(dice, 60) ? (long)dice_between(dice, 1, 5) : 0;
    plan->limit = dice_hits(dice, 40) ? (long)dice_between(dice, 1, 10) : -1;
    plan->only = dice_hits(dice, 40) ? (int)dice_below(dice, (uint32_t)sim->world.count) : -1;
    plan->second_push = dice_hits(dice, 50);
    plan->ignore_guards = sim->guarded && dice_hits(dice, 300);
    plan->first_load = !dice_hits(dice, 30);
}

static void draw_clock(struct night_plan *plan)
{
    static const int64_t steps[] = {1000, 3600000, 86400000, INT64_C(631152000000)};
    if (!dice_hits(&sim->dice, 60))
        return;
    plan->clock_step_ms = steps[dice_below(&sim->dice, 4)] * (dice_hits(&sim->dice, 500) ? 1 : -1);
    plan->clock_step_at_ms = dice_between(&sim->dice, 0, 30000);
}

void weather_plan(struct night_plan *out)
{
    struct dice *dice = &sim->dice;
    uint32_t usual_steps = sim->steps > 40 ? sim->steps : 40;
    weather_calm(out);
    draw_options(out);
    draw_clock(out);
    if (dice_hits(dice, 450))
        draw_trouble(&out->weather);
    if (dice_hits(dice, 250))
        draw_crash(out, usual_steps);
    else if (dice_hits(dice, 60))
        draw_io_error(out, usual_steps);
    if (dice_hits(dice, 60))
        out->signal_ms = dice_between(dice, 0, dice_hits(dice, 500) ? 3000 : 60000);
}
