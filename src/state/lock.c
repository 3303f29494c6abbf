#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "state/state.h"

/* The lock: the kernel's, on a file that stays. It ends with the process that holds it, so it is never stale. */

enum {
    POLL_MS = 50,
    LOOK_MS = 2 * POLL_MS, /* for those who only look at the lock: they hold it for a moment */
    HOLDER_BYTES = 400,
    INTERRUPTED = 2
};

struct state_lock {
    int descriptor;
};

static int lock_file_open(const char *path, struct fault *fault)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fault_set(fault, FAULT_STATE, "cannot open the lock %s: %s", path, strerror(errno));
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
        ((status.st_mode & 07777) == 0600 || fchmod(descriptor, 0600) == 0))
        return descriptor;
    close(descriptor);
    return fault_set(fault, FAULT_STATE,
                     "%s cannot be used as a lock: check what it is, and its owner", path);
}

/* 1: taken; 0: another holds it; -1. */
static int lock_try(int descriptor, const char *path, struct fault *fault)
{
    while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return 0;
        if (errno != EINTR)
            return fault_set(fault, FAULT_STATE, "cannot lock %s: %s", path, strerror(errno));
    }
    return 1;
}

static void pause_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

/* Those who only look at the lock share it for a moment; a run does not. */
static bool is_only_looked_at(int descriptor)
{
    bool is_shared = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    if (is_shared)
        flock(descriptor, LOCK_UN);
    return is_shared;
}

/* As lock_try; INTERRUPTED: a signal asks to stop. */
static int lock_wait(int descriptor, const char *path, int64_t wait_ms,
                     const volatile sig_atomic_t *signal, struct fault *fault)
{
    struct clock clock = clock_system();
    int64_t began = clock.steady_ms(clock.self);
    for (;;) {
        int got = lock_try(descriptor, path, fault);
        int64_t waited = clock.steady_ms(clock.self) - began;
        if (got != 0)
            return got;
        if (signal && *signal)
            return INTERRUPTED;
        bool is_looked_at = waited < LOOK_MS && is_only_looked_at(descriptor);
        if (waited >= wait_ms && !is_looked_at)
            return 0;
        pause_ms(is_looked_at ? 1 : wait_ms - waited < POLL_MS ? wait_ms - waited : POLL_MS);
    }
}

/* "pid 4711 on HOST since 2026-11-22T01:20:00Z": for people and for the words of another run. */
static void holder_write(int descriptor)
{
    char host[256] = "", since[32], *line;
    struct clock clock = clock_system();
    if (gethostname(host, sizeof host - 1) != 0)
        strcpy(host, "?");
    clock_utc(clock.wall_ms(clock.self), since);
    line = mem_format("pid %ld on %s since %s\n", (long)getpid(), host, since);
    if (ftruncate(descriptor, 0) == 0) {
        ssize_t written = pwrite(descriptor, line, strlen(line), 0);
        (void)written; /* words alone: the lock holds without them */
    }
    free(line);
}

static void holder_read(int descriptor, struct text *out)
{
    char raw[HOLDER_BYTES];
    ssize_t got = pread(descriptor, raw, sizeof raw, 0);
    size_t length = got > 0 ? (size_t)got : 0;
    const char *end = length ? memchr(raw, '\n', length) : NULL;
    size_t before = out->length;
    utf8_add_clean(out, raw, end ? (size_t)(end - raw) : length, sizeof raw);
    if (out->length == before)
        text_add(out, "it began just now");
}

static int lock_busy(int descriptor, const char *path, struct fault *fault)
{
    struct text holder = {0};
    holder_read(descriptor, &holder);
    fault_set(fault, FAULT_BUSY,
              "another run is using this state (%s; lock %s). Run again when it has ended, or with "
              "--wait 30m",
              holder.bytes, path);
    text_clear(&holder);
    return -1;
}

static int lock_take(const char *path, int64_t wait_ms, const volatile sig_atomic_t *signal,
                     struct fault *fault)
{
    int descriptor = lock_file_open(path, fault);
    if (descriptor < 0)
        return -1;
    int got = lock_wait(descriptor, path, wait_ms, signal, fault);
    if (got == 1) {
        holder_write(descriptor);
        return descriptor;
    }
    if (got == 0)
        lock_busy(descriptor, path, fault);
    if (got == INTERRUPTED)
        *fault = (struct fault){0};
    close(descriptor);
    return -1;
}

struct state_lock *state_lock_take(const char *path, int64_t wait_ms,
                                   const volatile sig_atomic_t *signal, struct fault *fault)
{
    char *folder = file_folder(path);
    char *lock_path = mem_format("%s.lock", path);
    struct state_lock *lock = NULL;
    int descriptor = file_make_folder(folder, FAULT_STATE, fault) < 0
                         ? -1
                         : lock_take(lock_path, wait_ms, signal, fault);
    if (descriptor >= 0) {
        lock = mem_new(sizeof *lock);
        lock->descriptor = descriptor;
    }
    free(lock_path);
    free(folder);
    return lock;
}

void state_lock_release(struct state_lock *lock)
{
    if (!lock)
        return;
    close(lock->descriptor);
    free(lock);
}

bool state_lock_is_held(const char *path, struct text *holder)
{
    char *lock_path = mem_format("%s.lock", path);
    int descriptor = open(lock_path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    free(lock_path);
    if (descriptor < 0)
        return false;
    bool is_held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (is_held)
        holder_read(descriptor, holder);
    close(descriptor);
    return is_held;
}
