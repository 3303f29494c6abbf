/* Reading files whole, and folders, names and permissions; drafts are in draft.c. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "folder.h"

/* Opens without waiting for a FIFO's writer and without taking a terminal; only a regular file will do. */
static int regular_open(const char *path, struct stat *status, enum fault_kind kind,
                        struct fault *fault)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        return fault_set(fault, kind, "cannot read %s: %s", path, strerror(errno));
    }
    if (fstat(descriptor, status) != 0) {
        fault_set(fault, kind, "cannot read %s: %s", path, strerror(errno));
    } else if (S_ISDIR(status->st_mode)) {
        fault_set(fault, kind, "cannot read %s: it is a folder", path);
    } else if (!S_ISREG(status->st_mode)) {
        fault_set(fault, kind, "cannot read %s: it is not a regular file", path);
    } else {
        return descriptor;
    }
    close(descriptor);
    return -1;
}

/* Reads to the end, at most 'most' bytes: a file may grow while it is read. */
static int descriptor_read(int descriptor, size_t most, struct text *out)
{
    while (out->length < most) {
        if (out->length + 1 >= out->capacity) {
            text_reserve(out, out->capacity);
        }
        size_t room = out->capacity - out->length - 1;
        size_t wanted = most - out->length < room ? most - out->length : room;
        ssize_t got = read(descriptor, out->bytes + out->length, wanted);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return (int)got;
        }
        out->length += (size_t)got;
        out->bytes[out->length] = '\0';
    }
    return 0;
}

int file_read(const char *path, size_t max_bytes, struct text *out, enum fault_kind kind,
              struct fault *fault)
{
    struct stat status = {0};
    int descriptor = regular_open(path, &status, kind, fault);
    if (descriptor < 0) {
        return -1;
    }
    int result = 0;
    size_t size = (size_t)status.st_size;
    text_reset(out);
    if (size <= max_bytes) {
        text_reserve(out, size + 1);
        result = descriptor_read(descriptor, max_bytes + 1, out);
    }
    if (result < 0) {
        fault_set(fault, kind, "cannot read %s: %s", path, strerror(errno));
    } else if (size > max_bytes || out->length > max_bytes) {
        result =
            fault_set(fault, kind, "%s is too large: at most %zu bytes are read", path, max_bytes);
    }
    close(descriptor);
    return result;
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

int file_check_private(const char *path, struct fault *fault)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return fault_set(fault, FAULT_CONFIG, "cannot read %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fault_set(fault, FAULT_CONFIG, "%s is not a regular file", path);
    }
    if (status.st_uid != geteuid()) {
        return fault_set(fault, FAULT_CONFIG,
                         "%s belongs to another user (uid %lu, this program runs as %lu): "
                         "chown %lu %s",
                         path, (unsigned long)status.st_uid, (unsigned long)geteuid(),
                         (unsigned long)geteuid(), path);
    }
    if (status.st_mode & (S_IRWXG | S_IRWXO)) {
        return fault_set(fault, FAULT_CONFIG,
                         "%s is open to others than its owner (mode %04o): chmod 600 %s", path,
                         (unsigned)status.st_mode & 07777u, path);
    }
    return 0;
}

char *file_join(const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0') {
        return mem_string(name);
    }
    size_t length = strlen(folder);
    return mem_format("%s%s%s", folder, folder[length - 1] == '/' ? "" : "/", name);
}

char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return mem_string(".");
    }
    return slash == path ? mem_string("/") : mem_bytes(path, (size_t)(slash - path));
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Makes one folder; 0 also when something of that name is there already. */
static int folder_make_one(const char *path)
{
    if (mkdir(path, 0700) != 0) {
        return errno == EEXIST ? 0 : -1;
    }
    if (chmod(path, 0700) != 0) {
        return -1;
    }
    char *above = file_folder(path);
    int result = folder_sync(above);
    free(above);
    return result;
}

int file_make_folder(const char *path, enum fault_kind kind, struct fault *fault)
{
    char *part = mem_string(path);
    size_t length = strlen(part);
    while (length > 1 && part[length - 1] == '/') {
        part[--length] = '\0';
    }
    int result = 0;
    for (size_t i = 1; i <= length && result == 0; i++) {
        bool ends_here = (part[i] == '/' && part[i - 1] != '/') || i == length;
        if (ends_here) {
            char rest = part[i];
            part[i] = '\0';
            result = file_exists(part) ? 0 : folder_make_one(part);
            part[i] = rest;
        }
    }
    struct stat status;
    if (result != 0 || stat(path, &status) != 0) {
        result = fault_set(fault, kind, "cannot make the folder %s: %s", path, strerror(errno));
    } else if (!S_ISDIR(status.st_mode)) {
        result = fault_set(fault, kind, "cannot make the folder %s: a file has that name", path);
    }
    free(part);
    return result;
}

static int folder_empty(DIR *folder)
{
    struct dirent *entry;
    while ((errno = 0, entry = readdir(folder))) {
        if (text_is(entry->d_name, ".") || text_is(entry->d_name, "..")) {
            continue;
        }
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT) {
            return -1;
        }
    }
    return errno ? -1 : 0;
}

int file_remove_folder(const char *path, struct fault *fault)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!folder) {
        int reason = errno;
        if (descriptor >= 0) {
            close(descriptor);
        }
        return reason == ENOENT ? 0
                                : fault_set(fault, FAULT_FAILED, "cannot remove the folder %s: %s",
                                            path, strerror(reason));
    }
    int result = folder_empty(folder);
    if (result != 0 || (rmdir(path) != 0 && errno != ENOENT)) {
        result = fault_set(fault, FAULT_FAILED, "cannot remove the folder %s: %s", path,
                           strerror(errno));
    }
    closedir(folder);
    return result;
}
