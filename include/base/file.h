#ifndef OPSPUSH_BASE_FILE_H
#define OPSPUSH_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/text.h"

/* Reads a whole regular file of at most 'max_bytes'; 'kind' is the fault's kind when that fails. */
int file_read(const char *path, size_t max_bytes, struct text *out, enum fault_kind kind,
              struct fault *fault) MUST_CHECK;

/*
 * A file that appears under its name only when complete: written as a 0600 temporary file (O_EXCL, O_NOFOLLOW) in the
 * same folder, synced, renamed, the folder synced. Until 'file_draft_publish' the old file stands untouched.
 */
struct file_draft {
    FILE *stream; /* write here; lent until publish or discard */
    char *path;
    char *temporary;
};
int file_draft_open(struct file_draft *draft, const char *path, enum fault_kind kind,
                    struct fault *fault) MUST_CHECK;
int file_draft_publish(struct file_draft *draft, enum fault_kind kind,
                       struct fault *fault) MUST_CHECK;
void file_draft_discard(struct file_draft *draft); /* harmless after publish */
/* A draft with this content, published. */
int file_write(const char *path, const void *bytes, size_t length, enum fault_kind kind,
               struct fault *fault) MUST_CHECK;

/* Makes the folder and those above it, each new one 0700; an existing one is left as it is. */
int file_make_folder(const char *path, enum fault_kind kind, struct fault *fault) MUST_CHECK;
/* Removes a folder of plain files (one level); missing is fine. */
int file_remove_folder(const char *path, struct fault *fault) MUST_CHECK;
/* Points the symbolic link 'path' to 'to', by rename. */
int file_link(const char *path, const char *to, enum fault_kind kind,
              struct fault *fault) MUST_CHECK;

bool file_exists(const char *path);
/* Refuses (FAULT_CONFIG, with the chmod to run) a file that group or others can read or that another user owns. */
int file_check_private(const char *path, struct fault *fault) MUST_CHECK;

char *file_join(const char *folder, const char *name); /* free(); an absolute name stands alone */
char *file_folder(const char *path);                   /* free(); "." when there is none */
const char *file_base(const char *path);               /* points into 'path' */
/* Does the path lie on NFS, SMB, 9p or a FUSE network mount (statfs magic)? False when that cannot be told. */
bool file_is_remote(const char *path);

#endif
