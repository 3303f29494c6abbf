/* One call of the tool in its world, and what a crash leaves; and all nights of a seed. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/job.h"
#include "sim.h"

enum { OWN_DESCRIPTORS = 40, RECOVERIES_MOST = 3 };

static int first_descriptor;

void step(void)
{
    sim->steps++;
    trace_add(sim->steps);
    const struct night_plan *plan = sim->plan;
    if (sim->is_running && plan->crash && plan->crash_step && sim->steps == plan->crash_step)
        siglongjmp(sim->crash, 1);
}

/* ---------------------------------------------------------------- words */

void fail(const char *invariant, const char *words, ...)
{
    va_list arguments;
    if (sim->failed)
        return;
    sim->failed = true;
    int length =
        snprintf(sim->why, sizeof sim->why, "%s: seed %" PRIu64 ", night %d, run %d: ", invariant,
                 sim->seed, sim->night, sim->run);
    va_start(arguments, words);
    vsnprintf(sim->why + length, sizeof sim->why - (size_t)length, words, arguments);
    va_end(arguments);
    say("FAILED %s", sim->why);
}

void say(const char *words, ...)
{
    va_list arguments;
    if (!sim->is_loud)
        return;
    va_start(arguments, words);
    vprintf(words, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

void trace_add(uint64_t value)
{
    sim->trace = (sim->trace ^ value) * UINT64_C(0x100000001b3) + (sim->trace >> 29);
}

void trace_bytes(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        sim->trace = (sim->trace ^ at[i]) * UINT64_C(0x100000001b3);
    trace_add(length);
}

/* ---------------------------------------------------------------- one call */

static void settings_fill(const struct night_plan *plan, struct settings *out)
{
    static char guards[][12] = {"rows", "new", "changed", "gone", "rejected", "field", "mapping"};
    static char *guard_list[] = {guards[0], guards[1], guards[2], guards[3],
                                 guards[4], guards[5], guards[6]};
    static char mappings[][16] = {"open.jsonc", "guarded.jsonc"}, only[16], *only_list[1] = {only};
    static char url[] = "https://controller.example/api/OC_SIM/v1", token[] = "token",
                state[] = "state.db", folder[] = "runs";
    *out = (struct settings){.mapping = mappings[sim->guarded],
                             .url = url,
                             .token_file = token,
                             .state = state,
                             .runs = folder,
                             .rate = plan->rate,
                             .connections = plan->connections,
                             .limit = plan->limit,
                             .full = plan->full,
                             .retry_refused = plan->retry_refused,
                             .first_load = plan->first_load,
                             .refresh = plan->refresh,
                             .max_duration_ms = plan->duration_ms,
                             .max_age_ms = -1,
                             .retention_days = 400,
                             .gone_nights = 3};
    if (plan->ignore_guards)
        out->ignore = (struct strings){guard_list, sizeof guard_list / sizeof *guard_list};
    if (plan->only >= 0) {
        person_id(plan->only, only);
        out->only = (struct strings){only_list, 1};
    }
}

static void call(const struct night_plan *plan, struct job_result *result)
{
    static const uint8_t key[KEY_SIZE] = "the key of every simulated night";
    struct settings settings;
    struct job_world world = {
        .master_key = key, .seed = mix(sim->seed, (uint64_t)sim->run) | 1, .width = 80};
    settings_fill(plan, &settings);
    server_world(&world);
    if (plan->is_adopt)
        job_adopt(&settings, "export.csv", &world, result);
    else if (plan->is_plan)
        job_plan(&settings, "export.csv", &world, result);
    else
        job_push(&settings, "export.csv", &world, result);
}

void night_second(void)
{
    struct job_result result;
    sim->had_second = sim->is_second = true;
    call(sim->plan, &result);
    sim->is_second = false;
    if (result.exit != 9)
        fail("V9", "a second push ends with exit %d while the first is under way", result.exit);
    job_result_clear(&result);
}

/* The process is gone: its descriptors with it, and what it had not written. */
static void bury(enum crash_kind kind)
{
    for (int i = 0; i < OWN_DESCRIPTORS; i++)
        close(first_descriptor + i);
    files_crash(kind);
    disk_crash(kind);
    sim->crashes++;
}

static char *kept(const struct text *text)
{
    return strdup(text_string(text));
}

static void result_keep(struct job_result *result, struct night_result *out)
{
    *out = (struct night_result){.exit = result->exit,
                                 .document = kept(&result->document),
                                 .summary = kept(&result->summary),
                                 .warnings = kept(&result->warnings),
                                 .fault = strdup(result->fault.kind ? result->fault.text : "")};
    json_find_string(out->document, "run", out->run, sizeof out->run);
    job_result_clear(result);
}

void night_result_free(struct night_result *result)
{
    free(result->document);
    free(result->summary);
    free(result->warnings);
    free(result->fault);
    *result = (struct night_result){0};
}

void night_run(const struct night_plan *plan, struct night_result *out)
{
    static struct job_result result; /* static: a crash jumps over it */
    if (first_descriptor == 0) {
        first_descriptor = dup(0);
        close(first_descriptor);
        for (int i = 1; i < OWN_DESCRIPTORS; i++) /* inherited ones that stand in the way */
            close(first_descriptor + i);
    }
    *out = (struct night_result){0};
    sim->run++;
    sim->runs++;
    sim->plan = plan;
    sim->night_ms = sim->steady_ms;
    sim->signal = 0;
    sim->signal_given = sim->had_io_error = sim->had_second = sim->is_second = false;
    sim->steps = sim->received = sim->idle = 0;
    server_settle_delayed(sim->steady_ms);
    server_reset();
    oracle_begin();
    if (sigsetjmp(sim->crash, 0) == 0) {
        sim->is_running = true;
        call(plan, &result);
        sim->is_running = false;
        result_keep(&result, out);
        files_forget();
        disk_close_all();
    } else {
        sim->is_running = false;
        out->crashed = true;
        bury(plan->crash == CRASH_POWER ? CRASH_POWER : CRASH_KILL);
    }
    trace_add((uint64_t)out->exit);
    if (out->document)
        trace_bytes(out->document, strlen(out->document));
    say("  run %d: exit %d%s, %u requests, %u steps%s%s", sim->run, out->exit,
        out->crashed ? " crashed" : "", sim->received, sim->steps,
        out->fault && *out->fault ? ": " : "", out->fault ? out->fault : "");
    oracle_end(plan, out);
}

/* ---------------------------------------------------------------- a night */

static void tell_plan(const struct night_plan *plan)
{
    say("night %d: %s from %" PRId64 " to %" PRId64
        " (%u), crash %d at step %u request %u, io %d at %u, signal %" PRId64 ", clock %" PRId64
        " at %" PRId64 ", %d connections, rate %g, limit %ld, only %d%s%s%s%s",
        sim->night, trouble_name(plan->weather.trouble), plan->weather.from_ms, plan->weather.to_ms,
        plan->weather.per_mille, plan->crash, plan->crash_step, plan->crash_request, plan->io_error,
        plan->io_error_step, plan->signal_ms, plan->clock_step_ms, plan->clock_step_at_ms,
        plan->connections, plan->rate, plan->limit, plan->only, plan->full ? " full" : "",
        plan->retry_refused ? " retry-refused" : "", plan->restore ? " restore" : "",
        plan->is_adopt ? " adopt" : "");
}

static void dawn(bool quiet, bool clean)
{
    sim->steady_ms += DAY - 2 * HOUR;
    sim->wall_ms += DAY - 2 * HOUR;
    server_settle_delayed(INT64_MAX);
    world_dawn(quiet);
    world_cast(clean);
    world_write_export("export.csv");
}

static void token_rotate(void)
{
    if (dice_hits(&sim->dice, 100))
        world_write_token(++sim->server.token);
}

/* An operator brings an older copy back. The tool must notice, or nothing was lost; then they say --full. */
static void restore(void)
{
    struct night_result result;
    struct night_plan plan;
    weather_calm(&plan);
    disk_restore();
    plan.restore = true;
    sim->gone_is_certain = sim->is_loaded = false;
    sim->may_be_loaded = true;
    sim->last_rows = 0;
    memset(sim->last_marks, 0, sizeof sim->last_marks);
    night_run(&plan, &result);
    if (result.exit == 12) {
        unlink("state.db.counter");
        sim->excuse_wall_ms = sim->asked_wall_ms; /* an older wait, or none */
        sim->not_before_wall_ms = 0;
        plan.full = plan.first_load = plan.ignore_guards = true;
        plan.restore = false;
        for (int i = 0; i < PEOPLE_MAX; i++)
            sim->beliefs[i] =
                (struct belief){.after_restore = true,
                                .was_forgotten = true}; /* nothing can be said of what it holds */
        night_result_free(&result);
        night_run(&plan, &result);
    }
    night_result_free(&result);
}

/* Crashes again while it recovers, up to three deep; what comes after the last crash is the next night's. */
static void recover(const struct night_plan *plan)
{
    struct night_result result;
    for (int depth = 0; depth < RECOVERIES_MOST && dice_hits(&sim->dice, 400) && !sim->failed;
         depth++) {
        struct night_plan again = *plan;
        again.crash_request = 0;
        again.crash_step = 1 + dice_below(&sim->dice, 25);
        sim->steady_ms += 2 * MINUTE;
        sim->wall_ms += 2 * MINUTE;
        night_run(&again, &result);
        bool crashed = result.crashed;
        night_result_free(&result);
        if (!crashed)
            return;
    }
}

static void night(void)
{
    struct night_plan plan;
    struct night_result result;
    dawn(false, false);
    token_rotate();
    weather_plan(&plan);
    if (plan.only >= 0 && sim->world.people[plan.only].presence != VALID)
        plan.only = -1;
    if (disk_has_copy() && dice_hits(&sim->dice, 30)) {
        restore();
        return;
    }
    tell_plan(&plan);
    night_run(&plan, &result);
    sim->injected += plan.weather.trouble != CALM || sim->had_io_error;
    if (result.crashed)
        recover(&plan);
    else if (dice_hits(&sim->dice, 60))
        disk_keep();
    night_result_free(&result);
}

/* ---------------------------------------------------------------- the end: the truth must be reached */

static void last_runs(void)
{
    struct night_plan plan;
    struct night_result result;
    sim->night++;
    sim->refuses = false;
    dawn(dice_hits(&sim->dice, 300), dice_hits(&sim->dice, 300));
    weather_calm(&plan);
    plan.retry_refused = plan.ignore_guards = true;
    for (int i = 0; i < PEOPLE_MAX; i++)
        plan.full |= sim->server.subjects[i].overtaken;
    if (sim->not_before_wall_ms > sim->wall_ms) {
        sim->steady_ms += 2 * DAY;
        sim->wall_ms += 2 * DAY;
    }
    tell_plan(&plan);
    night_run(&plan, &result);
    if (result.exit == 7 && !sim->failed) { /* a Retry-After of old that a clock step had hidden */
        sim->steady_ms += 2 * DAY;
        sim->wall_ms += 2 * DAY;
        night_result_free(&result);
        night_run(&plan, &result);
    }
    if (result.exit != 0 && result.exit != 3 && !(result.exit == 6 && sim->world.rows == 0))
        fail("V1", "a run without faults ended with exit %d: %s", result.exit, result.fault);
    oracle_whole();
    night_result_free(&result);
    uint64_t before = state_print(false);
    plan.retry_refused = plan.full = false;
    sim->steady_ms += HOUR;
    sim->wall_ms += HOUR;
    night_run(&plan, &result);
    oracle_quiet(sim->received);
    if (!sim->failed && state_print(true) != before)
        fail("V5", "an unchanged export changed what the state believes of people");
    oracle_secrets(&result);
    night_result_free(&result);
}

static void begin(uint64_t seed, bool loud, struct sim *out)
{
    memset(out, 0, sizeof *out);
    sim = out;
    sim->seed = seed;
    sim->is_loud = loud;
    sim->dice.state = mix(seed, 1);
    sim->fate.state = mix(seed, 2);
    sim->wear.state = mix(seed, 3);
    sim->sodium.state = mix(seed, 4);
    sim->steady_ms = dice_between(&sim->dice, MINUTE, 1000 * DAY);
    sim->wall_ms = INT64_C(1790000000000) + dice_between(&sim->dice, 0, 365 * DAY);
    sim->guarded = dice_hits(&sim->dice, 150);
    sim->gone_is_certain = true;
    sim->refuses = dice_hits(&sim->dice, 400);
    for (int i = 0; i < PEOPLE_MAX; i++)
        sim->beliefs[i].is_certain = true;
    disk_format();
    files_forget();
    unlink("state.db.counter");
    world_begin();
    world_write_token(0);
}

/* A state that was lost: the server holds them all, and adopt says so. */
static void adopt(void)
{
    struct night_plan plan;
    struct night_result result;
    world_cast(true);
    world_write_export("export.csv");
    weather_calm(&plan);
    plan.is_adopt = true;
    for (int i = 0; i < sim->world.count; i++) {
        const struct person *person = &sim->world.people[i];
        struct subject *subject = &sim->server.subjects[i];
        if (person->presence != VALID)
            continue;
        subject->exists = true;
        subject->mark = person->payload.mark;
        memcpy(subject->value, person->payload.value, sizeof subject->value);
    }
    tell_plan(&plan);
    night_run(&plan, &result);
    night_result_free(&result);
}

/* False: an invariant does not hold; 'out' says which. */
bool seed_run(uint64_t seed, int nights_most, bool loud, struct sim *out)
{
    begin(seed, loud, out);
    int nights = 1 + (int)dice_below(&sim->dice, 1 + (1U << dice_below(&sim->dice, 7)));
    nights = nights > 60 ? 60 : nights;
    nights = nights_most > 0 && nights_most < nights ? nights_most : nights;
    if (dice_hits(&sim->dice, 80))
        adopt();
    for (sim->night = 1; sim->night <= nights && !sim->failed; sim->night++)
        night();
    if (!sim->failed)
        last_runs();
    return !sim->failed;
}
