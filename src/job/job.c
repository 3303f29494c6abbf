#include "job_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The worst event of a run wins, in this order (interface.md, exit codes). */
static const int worst_first[] = {1, 12, 5, 4, 6, 8, 11, 9, 130, 143, 7, 3, 10, 0};

static size_t exit_rank(int exit)
{
    size_t count = sizeof worst_first / sizeof *worst_first;
    for (size_t i = 0; i < count; i++)
        if (worst_first[i] == exit)
            return i;
    return 0; /* an unknown code means failure */
}

int job_worse(int a, int b)
{
    return exit_rank(a) <= exit_rank(b) ? a : b;
}

const char *job_exit_name(int exit)
{
    static const struct {
        int exit;
        const char *name;
    } names[] = {{0, "ok"},     {1, "failed"},        {2, "usage"},        {3, "partial"},
                 {4, "config"}, {5, "auth"},          {6, "input"},        {7, "unavailable"},
                 {8, "guard"},  {9, "busy"},          {10, "changes"},     {11, "stale"},
                 {12, "state"}, {130, "interrupted"}, {143, "interrupted"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].exit == exit)
            return names[i].name;
    return "failed";
}

void job_result_clear(struct job_result *result)
{
    text_clear(&result->summary);
    text_clear(&result->document);
    text_clear(&result->warnings);
}

void strings_add(struct strings *strings, char *taken)
{
    strings->items = mem_resize(strings->items, strings->count + 1, sizeof *strings->items);
    strings->items[strings->count++] = taken;
}

void strings_clear(struct strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (struct strings){0};
}

/*
 * A file below the folder of runs by its lasting name: a push moves the link 'latest' away from a
 * rejects.csv before it reads it. NULL: it lies elsewhere. free()
 */
static char *path_in_runs(const struct settings *settings, const char *path)
{
    char *whole = path ? realpath(path, NULL) : NULL, *runs = realpath(settings->runs, NULL);
    size_t length = runs ? strlen(runs) : 0;
    bool inside = whole && runs && strncmp(whole, runs, length) == 0 && whole[length] == '/';
    free(runs);
    if (inside)
        return whole;
    free(whole);
    return NULL;
}

void job_begin(struct job *job, const char *command, const struct settings *settings,
               const char *export_path, const struct job_world *world, struct job_result *result)
{
    *job = (struct job){.settings = settings,
                        .world = world,
                        .result = result,
                        .command = command,
                        .is_push = strcmp(command, "push") == 0,
                        .export_path = export_path,
                        .path_in_runs = path_in_runs(settings, export_path)};
    if (job->path_in_runs)
        job->export_path = job->path_in_runs;
    *result = (struct job_result){0};
    digest_start();
    job->started_wall_ms = world->clock.wall_ms(world->clock.self);
    job->started_ms = world->clock.steady_ms(world->clock.self);
    char stamp[32];
    clock_utc_compact(job->started_wall_ms, stamp);
    uint32_t salt;
    if (world->seed)
        salt = (uint32_t)(world->seed ^ (uint64_t)job->started_wall_ms);
    else
        random_bytes(&salt, sizeof salt);
    snprintf(job->run, sizeof job->run, "%s-%04x", stamp, salt & 0xffff);
}

void job_end(struct job *job)
{
    report_clear(&job->report);
    problems_clear(&job->problems);
    plan_free(job->plan);
    mapper_free(job->reading.mapper);
    mapper_free(job->reading.rank_mapper);
    mapper_free(job->reading.old_mapper);
    mapping_free(job->reading.old_mapping);
    crew_free(job->reading.crew, &job->reading.census);
    census_clear(&job->reading.census);
    census_clear(&job->reading.named);
    free(job->reading.only_seen);
    free(job->reading.places);
    if (job->export)
        export_close(job->export);
    mapping_free(job->mapping);
    feed_close(&job->feed);
    state_lock_release(job->lock);
    saved_plan_free(job->saved);
    free(job->path_in_runs);
    mem_wipe(job->token.bytes, job->token.capacity);
    text_clear(&job->token);
    text_clear(&job->words);
    keys_wipe(&job->keys);
    mem_wipe(job->passing_key, sizeof job->passing_key);
    strings_clear(&job->warnings);
    strings_clear(&job->next_steps);
    text_clear(&job->document);
    free(job->nights);
    free(job->chosen);
    free(job->sent);
    free(job->url);
    free(job->folder);
}

void job_event(struct job *job, int exit, const struct fault *fault)
{
    if (job_worse(exit, job->exit) != exit || exit == job->exit)
        return;
    job->exit = exit;
    job->worst = *fault;
    job->has_news = true;
}

void job_fail(struct job *job)
{
    if (job->fault.kind != FAULT_NONE)
        job_event(job, fault_exit(job->fault.kind), &job->fault);
}

void job_warn(struct job *job, const char *words, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, words);
    vsnprintf(line, sizeof line, words, arguments);
    va_end(arguments);
    strings_add(&job->warnings, mem_string(line));
    job->has_news = true;
}

void job_next_step(struct job *job, const char *words, ...)
{
    struct text line = {0}; /* of any length: a command in it is there to be copied */
    va_list arguments;
    va_start(arguments, words);
    text_addv(&line, words, arguments);
    va_end(arguments);
    strings_add(&job->next_steps, text_take(&line));
    job->has_news = true;
}

bool job_interrupted(struct job *job)
{
    if (!job->world->signal || !*job->world->signal)
        return false;
    struct fault fault;
    fault_set(&fault, FAULT_FAILED, "interrupted before anything was sent");
    job_event(job, 128 + (int)*job->world->signal, &fault);
    return true;
}
