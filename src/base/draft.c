/* What appears under its name only when complete: drafts of files, and symbolic links. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "folder.h"

int folder_sync(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return errno == EACCES ? 0 : -1;
    }
    int result = fsync(descriptor);
    if (result != 0 && (errno == EINVAL || errno == EROFS || errno == ENOTSUP)) {
        result = 0;
    }
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result;
}

static int folder_sync_of(const char *path)
{
    char *folder = file_folder(path);
    int result = folder_sync(folder);
    int reason = errno;
    free(folder);
    errno = reason;
    return result;
}

/* A hidden name beside 'path' that nobody can guess; free(). */
static char *temporary_name(const char *path)
{
    uint64_t chance;
    random_bytes(&chance, sizeof chance);
    char *name = mem_format(".opspush-%016llx.tmp", (unsigned long long)chance);
    char *folder = file_folder(path);
    char *temporary = file_join(folder, name);
    free(folder);
    free(name);
    return temporary;
}

static int private_create(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor >= 0 && fchmod(descriptor, 0600) != 0) {
        int reason = errno;
        close(descriptor);
        unlink(path);
        errno = reason;
        return -1;
    }
    return descriptor;
}

static int draft_fault(const struct file_draft *draft, enum fault_kind kind, struct fault *fault)
{
    return fault_set(fault, kind, "cannot write %s: %s", draft->path, strerror(errno));
}

int file_draft_open(struct file_draft *draft, const char *path, enum fault_kind kind,
                    struct fault *fault)
{
    *draft = (struct file_draft){.path = mem_string(path)};
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        fault_set(fault, kind, "cannot write %s: it is %s", path,
                  S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
        file_draft_discard(draft);
        return -1;
    }
    draft->temporary = temporary_name(path);
    int descriptor = private_create(draft->temporary);
    if (descriptor < 0) {
        draft_fault(draft, kind, fault);
        free(draft->temporary);
        draft->temporary = NULL;
        file_draft_discard(draft);
        return -1;
    }
    draft->stream = fdopen(descriptor, "w");
    if (!draft->stream) {
        draft_fault(draft, kind, fault);
        close(descriptor);
        file_draft_discard(draft);
        return -1;
    }
    return 0;
}

/* All bytes on the disk and the stream closed, or -1 with errno. */
static int draft_settle(struct file_draft *draft)
{
    errno = 0;
    int failed =
        fflush(draft->stream) != 0 || ferror(draft->stream) || fsync(fileno(draft->stream)) != 0;
    int reason = errno ? errno : EIO;
    failed |= fclose(draft->stream) != 0;
    draft->stream = NULL;
    errno = reason;
    return failed ? -1 : 0;
}

int file_draft_publish(struct file_draft *draft, enum fault_kind kind, struct fault *fault)
{
    int result = draft_settle(draft);
    if (result == 0) {
        result = rename(draft->temporary, draft->path);
    }
    if (result == 0) {
        free(draft->temporary);
        draft->temporary = NULL;
        result = folder_sync_of(draft->path);
    }
    if (result != 0) {
        draft_fault(draft, kind, fault);
    }
    file_draft_discard(draft);
    return result;
}

void file_draft_discard(struct file_draft *draft)
{
    if (draft->stream) {
        fclose(draft->stream);
    }
    if (draft->temporary) {
        unlink(draft->temporary);
    }
    free(draft->temporary);
    free(draft->path);
    *draft = (struct file_draft){0};
}

int file_write(const char *path, const void *bytes, size_t length, enum fault_kind kind,
               struct fault *fault)
{
    struct file_draft draft;
    if (file_draft_open(&draft, path, kind, fault) != 0) {
        return -1;
    }
    if (length > 0) {
        fwrite(bytes, 1, length, draft.stream);
    }
    return file_draft_publish(&draft, kind, fault);
}

int file_link(const char *path, const char *to, enum fault_kind kind, struct fault *fault)
{
    char *temporary = temporary_name(path);
    int result = symlink(to, temporary);
    if (result == 0) {
        result = rename(temporary, path);
        if (result == 0) {
            result = folder_sync_of(path);
        }
    }
    if (result != 0) {
        fault_set(fault, kind, "cannot make the link %s: %s", path, strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return result;
}
