#ifndef OPSPUSH_STATE_OPENING_H
#define OPSPUSH_STATE_OPENING_H

#include "inside.h"

/* What is found out on the way to an open state. */
struct opening {
    struct state *state;
    const struct state_options *options;
    sqlite3_vfs *vfs;
    bool has_wal; /* the main file is not all: somebody writes, or was killed */
    struct mirror mirror;
    uint64_t counter; /* the sum of the state's */
    bool was_cut_off; /* a run in it has no verdict */
};

static inline bool opening_writes(const struct opening *opening)
{
    return opening->options->mode != STATE_READ;
}

/* ---- place.c */
/* The library is new enough and runs; finds the VFS. */
int sqlite_start(struct opening *opening, struct fault *fault) MUST_CHECK;
/* Is the place one where a state can be, and the file there private and ours? */
int place_check(const struct opening *opening, struct fault *fault) MUST_CHECK;
/* Is there a file of at least one byte? Asked of the VFS: it need not be on a disk. */
bool vfs_has(const struct opening *opening, const char *suffix);
/* An empty file, 0600 whatever the umask; SQLite gives what it makes beside it the same mode. */
int state_file_create(const char *path, struct fault *fault) MUST_CHECK;
/* Connects, fenced in, and changes nothing yet. */
int connection_open(struct opening *opening, struct fault *fault) MUST_CHECK;
/* Only when the file is known to be ours, or new. */
int connection_use_wal(struct sql *sql, struct fault *fault) MUST_CHECK;

#endif
