/* The command line: many seeds in children that die now and then (a crash leaks what the tool held), or one seed told at length. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

enum { BATCH = 100, REPLAY_ONE_IN = 100, LIST_MOST = 4096, OWN_FROM = 200 };

struct sim *sim;

struct options {
    uint64_t from, count;
    double seconds;
    int jobs, nights;
    bool one, stops, has_from;
    const char *list, *figures;
};

struct verdict {
    uint64_t seed, runs, nights, requests, crashes, injected;
    bool good;
    char why[600];
};

struct totals {
    uint64_t passed, failed, runs, nights, requests, crashes, injected;
};

/* ---------------------------------------------------------------- chance for the tool */

static const char *sodium_name(void)
{
    return "sim";
}

static uint32_t sodium_random(void)
{
    return (uint32_t)dice_next(&sim->sodium);
}

static void sodium_bytes(void *const out, const size_t length)
{
    unsigned char *bytes = out;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)dice_next(&sim->sodium);
}

static void chance_install(void)
{
    static struct randombytes_implementation chance = {
        .implementation_name = sodium_name, .random = sodium_random, .buf = sodium_bytes};
    randombytes_set_implementation(&chance);
}

/* ---------------------------------------------------------------- the folder of a worker */

static void folder_empty(const char *path, int depth)
{
    DIR *folder = opendir(path);
    char name[512];
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR && depth > 0) {
            folder_empty(name, depth - 1);
            rmdir(name);
        } else {
            unlink(name);
        }
    }
    if (folder)
        closedir(folder);
}

static void folder_enter(char path[64])
{
    struct stat status;
    const char *where =
        stat("/dev/shm", &status) == 0 && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, 64, "%s/opspush-sim-XXXXXX", where);
    if (!mkdtemp(path) || chdir(path) != 0) {
        perror(path);
        exit(1);
    }
    world_write_mappings();
}

/* As the seed found it: what the tool makes when it is missing is a part of the course that a seed takes. */
static void folder_clean(void)
{
    folder_empty("runs", 1);
    rmdir("runs");
    unlink("state.db.counter");
    unlink("state.db.lock");
}

static void folder_leave(const char *path)
{
    folder_empty(path, 2);
    rmdir(path);
}

/* ---------------------------------------------------------------- seeds */

static void verdict_fill(uint64_t seed, bool good, const struct sim *world, struct verdict *out)
{
    *out = (struct verdict){.seed = seed,
                            .good = good,
                            .runs = world->runs,
                            .nights = (uint64_t)world->night,
                            .requests = world->requests,
                            .crashes = world->crashes,
                            .injected = world->injected};
    snprintf(out->why, sizeof out->why, "%s", world->why);
}

static struct verdict seed_judge(uint64_t seed, int nights, bool loud)
{
    static struct sim world;
    struct verdict verdict;
    bool good = seed_run(seed, nights, loud, &world);
    folder_clean();
    if (good && seed % REPLAY_ONE_IN == 0) {
        uint64_t trace = world.trace;
        good = seed_run(seed, nights, false, &world);
        folder_clean();
        if (good && trace != world.trace) {
            fail("V14", "a second run of the seed took another course");
            good = false;
        }
    }
    verdict_fill(seed, good, &world, &verdict);
    return verdict;
}

/* Fewer nights that fail too; the smallest number found. */
static int nights_shrink(uint64_t seed, int nights)
{
    int least = nights;
    for (int few = 1; few < least && few <= 12; few++)
        if (!seed_judge(seed, few, false).good)
            least = few;
    return least;
}

static void child_run(int out, const uint64_t seeds[], size_t count, int nights)
{
    for (size_t i = 0; i < count; i++) {
        struct verdict verdict = seed_judge(seeds[i], nights, false);
        if (!verdict.good && nights == 0)
            verdict.nights = (uint64_t)nights_shrink(seeds[i], (int)verdict.nights);
        if (write(out, &verdict, sizeof verdict) != sizeof verdict)
            _exit(1);
    }
    _exit(0);
}

/* ---------------------------------------------------------------- batches */

struct source {
    uint64_t next, left;
    double until_s;
    uint64_t listed[LIST_MOST];
    size_t list_count, list_next;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t source_take(struct source *source, uint64_t out[BATCH])
{
    size_t count = 0;
    while (count < BATCH && source->list_next < source->list_count)
        out[count++] = source->listed[source->list_next++];
    bool time_left = source->until_s == 0 || now_s() < source->until_s;
    for (; count < BATCH && source->left && time_left; source->left--)
        out[count++] = source->next++;
    return count;
}

static void list_read(struct source *source, const char *path)
{
    char line[256];
    FILE *in = path ? fopen(path, "r") : NULL;
    while (in && fgets(line, sizeof line, in) && source->list_count < LIST_MOST) {
        char *end;
        uint64_t seed = strtoull(line, &end, 10);
        if (end != line)
            source->listed[source->list_count++] = seed;
    }
    if (in)
        fclose(in);
}

struct batch {
    pid_t pid;
    int in;
    uint64_t seeds[BATCH];
    size_t count;
};

static bool batch_begin(struct batch *batch, struct source *source, const struct options *options)
{
    int ends[2];
    batch->count = source_take(source, batch->seeds);
    if (batch->count == 0 || pipe(ends) != 0)
        return false;
    fflush(stdout);
    batch->pid = fork();
    if (batch->pid == 0) {
        /* out of the way of what a crash closes */
        child_run(fcntl(ends[1], F_DUPFD, OWN_FROM), batch->seeds, batch->count, options->nights);
    }
    close(ends[1]);
    batch->in = ends[0];
    return batch->pid > 0;
}

static void tell_failure(const struct verdict *verdict)
{
    printf("FAILED %s\n", verdict->why);
    printf("       again: sim --seed %" PRIu64 " --nights %" PRIu64 "\n", verdict->seed,
           verdict->nights);
}

static void add(struct totals *totals, const struct verdict *verdict)
{
    totals->passed += verdict->good;
    totals->failed += !verdict->good;
    totals->runs += verdict->runs;
    totals->nights += verdict->nights;
    totals->requests += verdict->requests;
    totals->crashes += verdict->crashes;
    totals->injected += verdict->injected;
    if (!verdict->good)
        tell_failure(verdict);
}

static void batch_end(struct batch *batch, struct totals *totals)
{
    struct verdict verdict;
    size_t done = 0;
    int status;
    while (read(batch->in, &verdict, sizeof verdict) == sizeof verdict) {
        add(totals, &verdict);
        done++;
    }
    close(batch->in);
    waitpid(batch->pid, &status, 0);
    if (done == batch->count)
        return;
    verdict = (struct verdict){.seed = batch->seeds[done], .nights = 60};
    snprintf(verdict.why, sizeof verdict.why, "V13: seed %" PRIu64 ": the tool died (status %x)",
             verdict.seed, (unsigned)status);
    add(totals, &verdict);
}

static void work(struct source *source, const struct options *options, struct totals *totals)
{
    char folder[64];
    struct batch batch;
    folder_enter(folder);
    while (!(options->stops && totals->failed) && batch_begin(&batch, source, options))
        batch_end(&batch, totals);
    folder_leave(folder);
}

/* Worker 'which' of 'jobs' has every jobs-th stretch of seeds; the list is the first one's. */
static void source_share(struct source *source, const struct options *options, int which)
{
    source->left = options->count / (uint64_t)options->jobs +
                   ((uint64_t)which < options->count % (uint64_t)options->jobs);
    source->next = options->from + (uint64_t)which * (options->count / (uint64_t)options->jobs + 1);
    source->until_s = options->seconds > 0 ? now_s() + options->seconds : 0;
    if (which == 0)
        list_read(source, options->list);
}

static struct totals share_run(const struct options *options, int which)
{
    static struct source source;
    struct totals totals = {0};
    source_share(&source, options, which);
    work(&source, options, &totals);
    return totals;
}

static struct totals shares_run(const struct options *options)
{
    struct totals sum = {0}, one;
    int ends[2];
    if (pipe(ends) != 0)
        exit(1);
    for (int i = 0; i < options->jobs; i++) {
        fflush(stdout);
        if (fork() == 0) {
            one = share_run(options, i);
            fflush(stdout);
            _exit(write(ends[1], &one, sizeof one) != sizeof one);
        }
    }
    close(ends[1]);
    while (read(ends[0], &one, sizeof one) == sizeof one) {
        sum.passed += one.passed;
        sum.failed += one.failed;
        sum.runs += one.runs;
        sum.nights += one.nights;
        sum.requests += one.requests;
        sum.crashes += one.crashes;
        sum.injected += one.injected;
    }
    while (wait(NULL) > 0)
        continue;
    return sum;
}

/* ---------------------------------------------------------------- the command line */

static void usage(void)
{
    fputs("sim --seed N [--nights K]      one seed, told at length\n"
          "sim --count N [--from SEED]    so many seeds\n"
          "sim --time SECONDS             fresh seeds for so long\n"
          "    --list FILE --jobs N --stop --figures FILE\n",
          stderr);
    exit(2);
}

static void options_read(int count, char **words, struct options *out)
{
    *out = (struct options){.count = UINT64_MAX / 4, .jobs = 1};
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : NULL;
        if (strcmp(words[i], "--stop") == 0) {
            out->stops = true;
            continue;
        }
        if (!value)
            usage();
        i++;
        if (strcmp(words[i - 1], "--seed") == 0)
            out->one = true, out->from = strtoull(value, NULL, 10);
        else if (strcmp(words[i - 1], "--nights") == 0)
            out->nights = atoi(value);
        else if (strcmp(words[i - 1], "--count") == 0)
            out->count = strtoull(value, NULL, 10);
        else if (strcmp(words[i - 1], "--from") == 0)
            out->has_from = true, out->from = strtoull(value, NULL, 10);
        else if (strcmp(words[i - 1], "--time") == 0)
            out->seconds = strtod(value, NULL);
        else if (strcmp(words[i - 1], "--jobs") == 0)
            out->jobs = atoi(value);
        else if (strcmp(words[i - 1], "--list") == 0)
            out->list = value;
        else if (strcmp(words[i - 1], "--figures") == 0)
            out->figures = value;
        else
            usage();
    }
    if (out->jobs < 1 || (!out->one && out->seconds <= 0 && out->count == UINT64_MAX / 4))
        usage();
}

static int one_run(const struct options *options)
{
    char folder[64];
    folder_enter(folder);
    struct verdict verdict = seed_judge(options->from, options->nights, true);
    folder_leave(folder);
    puts(verdict.good ? "passed" : verdict.why);
    return !verdict.good;
}

static void figures_write(const char *path, const struct totals *totals, double seconds, int jobs)
{
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out)
        return;
    fprintf(out,
            "seeds %" PRIu64 "\nfailed %" PRIu64 "\nnights %" PRIu64 "\nruns %" PRIu64
            "\nrequests %" PRIu64 "\ncrashes %" PRIu64 "\nnights_with_faults %" PRIu64
            "\nseconds %.1f\njobs %d\nnights_a_second %.0f\n",
            totals->passed + totals->failed, totals->failed, totals->nights, totals->runs,
            totals->requests, totals->crashes, totals->injected, seconds, jobs,
            (double)totals->nights / seconds / jobs);
    fclose(out);
}

int main(int count, char **words)
{
    struct options options;
    options_read(count, words, &options);
    setenv("TZ", "UTC", 1);
    unsetenv("OPSPUSH_TOKEN");
    unsetenv("CREDENTIALS_DIRECTORY");
    chance_install();
    disk_register();
    if (options.one)
        return one_run(&options);
    if (!options.has_from &&
        getrandom(&options.from, sizeof options.from, 0) == sizeof options.from)
        options.from >>= 16;
    double began_s = now_s();
    struct totals totals = shares_run(&options);
    double seconds = now_s() - began_s;
    printf("%" PRIu64 " nights, %" PRIu64 " runs, %" PRIu64 " requests, %" PRIu64
           " crashes, %" PRIu64 " nights with faults, from seed %" PRIu64
           ": %.0f nights a second and core\n",
           totals.nights, totals.runs, totals.requests, totals.crashes, totals.injected,
           options.from, (double)totals.nights / seconds / options.jobs);
    figures_write(options.figures, &totals, seconds, options.jobs);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", totals.passed, totals.failed);
    return totals.failed != 0;
}
