#ifndef OPSPUSH_EXPORT_SOURCE_H
#define OPSPUSH_EXPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/fault.h"

/* The bytes of an export: a regular file, or standard input kept in a private file without a name. */
struct source {
    int descriptor; /* -1: none */
    const char *path;
    bool spooled;
    struct stat opened; /* as it was then */
};

/* 'path' is lent for as long as the source is open. FAULT_INPUT, with the path in front. */
int source_open(struct source *source, const char *path, const char *spool_folder,
                struct fault *fault) MUST_CHECK;
void source_close(struct source *source);
/* Up to 'bytes' from 'offset' on; sets 'got', which is less only at the end. */
int source_read(const struct source *source, uint64_t offset, void *to, size_t bytes, size_t *got,
                struct fault *fault) MUST_CHECK;
/* Fails when size, time or identity differ from what was opened. */
int source_check_unchanged(const struct source *source, struct fault *fault) MUST_CHECK;

#endif
