/*
 * What the tool writes beside the state goes to real files; the calls that make them durable pass here (the linker's --wrap). A loss of
 * power empties what was renamed without a sync, and takes back a rename whose folder was not synced.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_fsync(int descriptor);
int __wrap_mlock(const void *bytes, size_t length);

enum { PENDING_MAX = 32, PATH_SIZE = 160 };

/* A rename that a loss of power may take back. */
struct pending {
    char path[PATH_SIZE];
    char *before; /* NULL: there was none */
    size_t before_length;
    bool was_synced; /* the content, before the rename */
};

static struct {
    struct pending of[PENDING_MAX];
    size_t count;
    bool content_synced; /* since the last rename */
} files;

void files_forget(void)
{
    for (size_t i = 0; i < files.count; i++)
        free(files.of[i].before);
    files.count = 0;
    files.content_synced = false;
}

static bool io_fails(void)
{
    const struct night_plan *plan = sim->plan;
    bool fails = plan->io_error_step && (plan->io_error_lasts ? sim->steps >= plan->io_error_step
                                                              : sim->steps == plan->io_error_step);
    sim->had_io_error |= fails;
    errno = fails ? plan->io_error : errno;
    return fails;
}

/* The state's own folder is the one that the simulator stands in. */
static void folder_synced(const struct stat *status)
{
    static ino_t own;
    struct stat here;
    if (own == 0 && stat(".", &here) == 0)
        own = here.st_ino;
    files_forget();
    if (status->st_ino == own)
        disk_sync_folder();
}

int __wrap_fsync(int descriptor)
{
    struct stat status;
    step();
    if (io_fails())
        return -1;
    bool is_folder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    if (is_folder)
        folder_synced(&status);
    else
        files.content_synced = true;
    return 0;
}

/* The kernel takes longer for it than for all that the token is needed for. */
int __wrap_mlock(const void *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return 0;
}

static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static bool is_worth_keeping(const char *path)
{
    const char *suffix = strrchr(path, '.');
    return suffix && (strcmp(suffix, ".counter") == 0 || strcmp(suffix, ".json") == 0);
}

int __wrap_rename(const char *from, const char *to)
{
    step();
    if (io_fails())
        return -1;
    if (is_worth_keeping(to) && !is_link(from) && files.count < PENDING_MAX &&
        strlen(to) < PATH_SIZE) {
        struct pending *pending = &files.of[files.count++];
        strcpy(pending->path, to);
        pending->before = slurp(to, &pending->before_length);
        pending->was_synced = files.content_synced;
    }
    files.content_synced = false;
    return __real_rename(from, to);
}

static void put_back(const struct pending *pending)
{
    FILE *stream = pending->before ? fopen(pending->path, "w") : NULL;
    if (!stream) {
        unlink(pending->path);
        return;
    }
    fwrite(pending->before, 1, pending->before_length, stream);
    fclose(stream);
}

void files_crash(enum crash_kind kind)
{
    for (size_t i = files.count; kind == CRASH_POWER && i-- > 0;) {
        const struct pending *pending = &files.of[i];
        if (dice_hits(&sim->wear, 500))
            put_back(pending);
        else if (!pending->was_synced && truncate(pending->path, 0) != 0)
            unlink(pending->path);
    }
    files_forget();
}
