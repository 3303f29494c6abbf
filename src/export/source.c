#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { SPOOL_BYTES = 65536 };

static int fault_errno(const struct source *source, const char *what, struct fault *fault)
{
    return fault_set(fault, FAULT_INPUT, "%s: %s: %s", source->path, what, strerror(errno));
}

/* ---------------------------------------------------------------- standard input */

/* A file without a name in the first of the folders that can hold one; -1 with errno of the last. */
static int spool_file(const char *spool_folder)
{
    const char *folders[] = {spool_folder, getenv("TMPDIR"), "/tmp"};
    int descriptor = -1;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && descriptor < 0; i++) {
        if (!folders[i] || !folders[i][0])
            continue;
        char *path = file_join(folders[i], ".opspush-spool-XXXXXX");
        descriptor = mkstemp(path);
        if (descriptor >= 0)
            unlink(path);
        free(path);
    }
    if (descriptor >= 0)
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}

static int write_all(int descriptor, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

static int spool_input(struct source *source, const char *spool_folder, struct fault *fault)
{
    char bytes[SPOOL_BYTES];
    source->descriptor = spool_file(spool_folder);
    if (source->descriptor < 0)
        return fault_errno(source, "no private file to keep standard input in", fault);
    for (;;) {
        ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
        if (got == 0)
            return 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fault_errno(source, "standard input cannot be read", fault);
        if (write_all(source->descriptor, bytes, (size_t)got) < 0)
            return fault_errno(source, "standard input cannot be kept in a private file", fault);
    }
}

/* ---------------------------------------------------------------- the file */

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

static int check_regular(const struct source *source, struct fault *fault)
{
    if (S_ISREG(source->opened.st_mode))
        return 0;
    return fault_set(fault, FAULT_INPUT, "%s: is %s, not a file; give the CSV file%s", source->path,
                     kind_of(source->opened.st_mode),
                     S_ISFIFO(source->opened.st_mode) ? ", or \"-\" for standard input" : "");
}

int source_open(struct source *source, const char *path, const char *spool_folder,
                struct fault *fault)
{
    *source = (struct source){.descriptor = -1, .path = path, .spooled = text_is(path, "-")};
    if (source->spooled) {
        if (spool_input(source, spool_folder, fault) < 0)
            goto failed;
    } else {
        source->descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (source->descriptor < 0) {
            fault_errno(source, "cannot be opened", fault);
            goto failed;
        }
    }
    if (fstat(source->descriptor, &source->opened) < 0) {
        fault_errno(source, "cannot be examined", fault);
        goto failed;
    }
    if (check_regular(source, fault) < 0)
        goto failed;
    return 0;
failed:
    source_close(source);
    return -1;
}

void source_close(struct source *source)
{
    if (source->descriptor >= 0)
        close(source->descriptor);
    source->descriptor = -1;
}

int source_read(const struct source *source, uint64_t offset, void *to, size_t bytes, size_t *got,
                struct fault *fault)
{
    char *at = to;
    for (*got = 0; *got < bytes;) {
        ssize_t step = pread(source->descriptor, at + *got, bytes - *got, (off_t)(offset + *got));
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return fault_errno(source, "cannot be read", fault);
        if (step == 0)
            break;
        *got += (size_t)step;
    }
    return 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int source_check_unchanged(const struct source *source, struct fault *fault)
{
    struct stat held, named;
    if (fstat(source->descriptor, &held) < 0)
        return fault_errno(source, "cannot be examined", fault);
    bool same = is_same_file(&held, &source->opened);
    if (same && !source->spooled)
        same = stat(source->path, &named) == 0 && is_same_file(&named, &source->opened);
    if (same)
        return 0;
    return fault_set(fault, FAULT_INPUT,
                     "%s: changed while it was being read; is it still being written? Run again "
                     "when it is complete",
                     source->path);
}
