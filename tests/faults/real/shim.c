/*
 * Preloaded into the tool by the fault tests: makes the n-th allocation fail, and lets clocks run faster or jump. Settings are
 * environment variables; without them it changes nothing.
 *
 *   FAULT_ALLOC=N        the N-th allocation fails, FAULT_ALLOC=N+ every one from the N-th on
 *   FAULT_COUNT=FILE     writes there at the end how many allocations there were
 *   FAULT_SPEED=X        clocks run X times as fast; waits are as much shorter
 *   FAULT_JUMP=MS@S      the wall clock jumps by MS milliseconds S seconds (of the fast clock) after the start
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static bool is_on;
static atomic_long allocations;
static long fails_at;
static bool fails_for_ever;
static long speed = 1;
static long long jump_ms, jump_at_s;
static struct timespec born[16]; /* each clock as it was at the start */

/* ---------------------------------------------------------------- memory */

static bool must_fail(void)
{
    if (!is_on)
        return false;
    long number = ++allocations;
    bool fails = fails_at && (fails_for_ever ? number >= fails_at : number == fails_at);
    if (fails)
        errno = ENOMEM;
    return fails;
}

void *malloc(size_t size)
{
    return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return must_fail() ? NULL : __libc_realloc(old, size);
}

/* ---------------------------------------------------------------- time */

static int64_t microseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

static int real_gettime(clockid_t clock, struct timespec *out)
{
    return (int)syscall(SYS_clock_gettime, clock, out);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = real_gettime(clock, out);
    if (result != 0 || !is_on || clock < 0 || clock >= 16 || clock == CLOCK_PROCESS_CPUTIME_ID ||
        clock == CLOCK_THREAD_CPUTIME_ID)
        return result;
    int64_t start = microseconds(&born[clock]);
    int64_t since = (microseconds(out) - start) * speed;
    bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (is_wall && jump_ms && since >= jump_at_s * 1000000)
        since += jump_ms * 1000;
    out->tv_sec = (start + since) / 1000000;
    out->tv_nsec = (start + since) % 1000000 * 1000;
    return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int poll(struct pollfd *items, nfds_t count, int timeout_ms)
{
    struct timespec wait;
    int64_t us = timeout_ms > 0 ? (int64_t)timeout_ms * 1000 / speed : 0;
    wait = (struct timespec){us / 1000000, us % 1000000 * 1000};
    return (int)syscall(SYS_ppoll, items, count, timeout_ms < 0 ? NULL : &wait, NULL, 0);
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    int64_t us = microseconds(wanted) / speed;
    struct timespec wait = {us / 1000000, us % 1000000 * 1000};
    return (int)syscall(SYS_nanosleep, &wait, left);
}

int usleep(useconds_t us)
{
    struct timespec wait = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
    return nanosleep(&wait, NULL);
}

/* ---------------------------------------------------------------- the start and the end */

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *alloc = getenv("FAULT_ALLOC"), *jump = getenv("FAULT_JUMP");
    fails_at = number_of("FAULT_ALLOC");
    fails_for_ever = alloc && strchr(alloc, '+');
    speed = number_of("FAULT_SPEED") > 0 ? number_of("FAULT_SPEED") : 1;
    if (jump && sscanf(jump, "%lld@%lld", &jump_ms, &jump_at_s) != 2)
        jump_ms = 0;
    for (clockid_t clock = 0; clock < 16; clock++)
        real_gettime(clock, &born[clock]);
    is_on = true;
}

__attribute__((destructor)) static void end(void)
{
    char line[32];
    const char *path = getenv("FAULT_COUNT");
    is_on = false;
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (file < 0)
        return;
    int length = snprintf(line, sizeof line, "%ld\n", (long)allocations);
    if (write(file, line, (size_t)length) != length)
        abort();
    close(file);
}
