#ifndef OPSPUSH_STATE_SCHEMA_H
#define OPSPUSH_STATE_SCHEMA_H

#include "sql.h"

enum {
    SCHEMA_APPLICATION = 0x4f505350, /* "OPSP" */
    SCHEMA_VERSION = 1
};

/* What a file that SQLite can open turned out to be. */
enum schema_kind {
    SCHEMA_EMPTY,   /* nothing in it yet: its creation did not end, or a file of no bytes */
    SCHEMA_OLDER,   /* ours, to be migrated */
    SCHEMA_CURRENT, /* ours, every table as this program makes it */
    SCHEMA_UNKNOWN  /* with a fault: foreign, newer, changed by hand, or damaged */
};
enum schema_kind schema_judge(struct sql *sql, struct fault *fault);

/* Makes the tables, in the transaction that is open. */
int schema_create(struct sql *sql, struct fault *fault) MUST_CHECK;

/* One step of the way from an older version to this one; the last is all zero. */
struct schema_step {
    int from; /* leads to from + 1 */
    const char *script;
};
extern const struct schema_step schema_steps[];
/*
 * Copies the state to PATH.before-N, then takes the steps from its version on, each in a transaction of its own together with the new
 * version's number: killed at any instant, it is whole and of the old version or the new one.
 */
int schema_migrate(struct sql *sql, const struct schema_step *steps,
                   struct fault *fault) MUST_CHECK;

/* A consistent copy of the open database under another name, 0600, complete or not at all. */
int sql_copy(struct sql *sql, const char *to, struct fault *fault) MUST_CHECK;

#endif
