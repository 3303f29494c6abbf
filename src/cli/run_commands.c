#include "cli.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/memory.h"

/* plan, push and adopt: the job does the work; here it is told. */

/* ---------------------------------------------------------------- which file */

enum { SETTLED_S = 2 };

static bool still_grows(const char *path, const struct stat *before)
{
    struct stat after;
    struct timespec moment = {.tv_sec = 1};
    if (time(NULL) - before->st_mtime > SETTLED_S)
        return false;
    nanosleep(&moment, NULL);
    return stat(path, &after) < 0 || after.st_size != before->st_size ||
           after.st_mtim.tv_sec != before->st_mtim.tv_sec ||
           after.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
        return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* Of the files that match, the newest that is not among those found growing. */
static char *newest_file(const char *pattern, struct fault *fault)
{
    glob_t found;
    char *best = NULL;
    if (glob(pattern, 0, NULL, &found) != 0) {
        fault_set(fault, FAULT_INPUT, "%s: no file matches this pattern", pattern);
        return NULL;
    }
    for (size_t tries = 0; !best && tries < found.gl_pathc; tries++) {
        struct stat newest = {0}, status;
        size_t at = found.gl_pathc;
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (!found.gl_pathv[i][0] || stat(found.gl_pathv[i], &status) < 0 ||
                !S_ISREG(status.st_mode) || (at < found.gl_pathc && !is_newer(&status, &newest)))
                continue;
            newest = status;
            at = i;
        }
        if (at == found.gl_pathc)
            break;
        if (!still_grows(found.gl_pathv[at], &newest))
            best = mem_string(found.gl_pathv[at]);
        else
            found.gl_pathv[at][0] = '\0';
    }
    globfree(&found);
    if (!best)
        fault_set(fault, FAULT_INPUT,
                  "%s: every file that matches is still growing, or is no regular file", pattern);
    return best;
}

char *cli_export(struct call *call, const char *argument, struct fault *fault)
{
    return call->settings.newest ? newest_file(argument, fault) : mem_string(argument);
}

/* ---------------------------------------------------------------- what is said at the end */

/* Without a folder nothing happened, so there is nothing to sum up: usage, configuration, another run. */
static bool has_summary(const struct job_result *result)
{
    int exit = result->exit;
    return result->has_folder || (exit != 2 && exit != 4 && exit != 9);
}

static int tell(struct call *call, struct job_result *result)
{
    bool quiet = call->settings.quiet && result->exit == 0;
    progress_end();
    if (!quiet)
        cli_print_error(&result->warnings);
    if (result->exit && result->fault.text[0])
        fprintf(stderr, "opspush: %s\n", result->fault.text);
    /* a plan on standard output stands there alone */
    bool is_taken = text_is(call->settings.out, "-");
    void (*print)(const struct text *) = is_taken ? cli_print_error : cli_print;
    if (call->settings.json)
        print(&result->document);
    else if (!quiet && has_summary(result))
        print(&result->summary);
    int exit = result->exit;
    job_result_clear(result);
    return exit;
}

typedef void job_function(const struct settings *, const char *, const struct job_world *,
                          struct job_result *);

static int run_job(struct call *call, job_function *job)
{
    struct job_result result;
    struct fault fault;
    char *path = NULL;
    if (call->argument_count) {
        path = cli_export(call, call->arguments[0], &fault);
        if (!path)
            return cli_fail(&fault);
    }
    job(&call->settings, path, &call->world, &result);
    free(path);
    return tell(call, &result);
}

int command_plan(struct call *call)
{
    return run_job(call, job_plan);
}

int command_push(struct call *call)
{
    return run_job(call, call->settings.dry_run ? job_plan : job_push);
}

int command_adopt(struct call *call)
{
    return run_job(call, job_adopt);
}
