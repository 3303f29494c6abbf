#ifndef OPSPUSH_STATE_SQL_H
#define OPSPUSH_STATE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"

/*
 * SQLite behind few words. A statement is prepared at its first use and kept: it is known by the address of its text, so the text is a
 * literal. A write that failed makes the connection 'broken': it is not written to again (what is on the disk is then unknown).
 */
struct sql {
    sqlite3 *db;
    const char *path; /* for words; lent */
    bool broken;
    bool is_snapshot;   /* read as if nobody could write (immutable=1) */
    struct stat opened; /* the file when it was opened; all zero when it is not on a disk */
    struct sql_kept *kept;
    size_t kept_count;
};

struct sql_value {
    enum { SQL_IS_NULL, SQL_IS_INTEGER, SQL_IS_TEXT, SQL_IS_BLOB } kind;
    int64_t integer;
    const void *bytes; /* lent until the statement was run, or the query is done */
    size_t length;
};

#define SQL_INTEGER(value) ((struct sql_value){.kind = SQL_IS_INTEGER, .integer = (int64_t)(value)})
#define SQL_TEXT(value)    sql_text(value)
#define SQL_BLOB(value, size)                                                                      \
    ((struct sql_value){.kind = SQL_IS_BLOB, .bytes = (value), .length = (size)})
#define SQL_NULL ((struct sql_value){.kind = SQL_IS_NULL})
/* A digest, or NULL for none. */
#define SQL_DIGEST(value) sql_digest(value)

struct sql_value sql_text(const char *text); /* NULL gives NULL */
struct sql_value sql_digest(const struct digest *digest);

#define SQL_VALUES(...)                                                                            \
    (const struct sql_value[]){__VA_ARGS__},                                                       \
        sizeof((const struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value)

/* Runs a statement that gives no rows: sql_run(sql, fault, "...", SQL_INTEGER(1), ...). */
#define sql_run(sql, fault, text, ...) sql_run_values(sql, fault, text, SQL_VALUES(__VA_ARGS__))
int sql_run_values(struct sql *sql, struct fault *fault, const char *text,
                   const struct sql_value *values, size_t count) MUST_CHECK;
/* Statements without values, one after the other, not kept. */
int sql_script(struct sql *sql, const char *text, struct fault *fault) MUST_CHECK;

/* Starts a query; NULL on a fault. Step it to its end, or leave it with sql_done. */
#define sql_query(sql, fault, text, ...) sql_query_values(sql, fault, text, SQL_VALUES(__VA_ARGS__))
sqlite3_stmt *sql_query_values(struct sql *sql, struct fault *fault, const char *text,
                               const struct sql_value *values, size_t count);
/* 1: a row stands ready; 0: no more; -1: fault. The query is done after 0 and -1. 'rows' NULL gives -1. */
int sql_step(struct sql *sql, sqlite3_stmt *rows, struct fault *fault) MUST_CHECK;
void sql_done(sqlite3_stmt *rows);
/* The first column of the first row, 0 when there is none or it fails. */
#define sql_number(sql, text, ...) sql_number_values(sql, text, SQL_VALUES(__VA_ARGS__))
int64_t sql_number_values(struct sql *sql, const char *text, const struct sql_value *values,
                          size_t count);

/* Columns of the row that stands ready. */
bool sql_column_digest(sqlite3_stmt *rows, int column, struct digest *out); /* false: not one */
char *sql_column_string(sqlite3_stmt *rows, int column); /* free(); NULL when it is NULL */
bool sql_column_is_null(sqlite3_stmt *rows, int column);

/*
 * A transaction of its own, or a part of the one that is open: returns 1 when it began one, 0 when one was open, -1. Its end commits
 * only what it began; a 'result' other than 0 rolls back instead and is returned.
 */
int sql_enter(struct sql *sql, struct fault *fault) MUST_CHECK;
int sql_leave(struct sql *sql, int entered, int result, struct fault *fault) MUST_CHECK;
void sql_roll_back(struct sql *sql);

/* Was the file written to since it was opened? Asked of a snapshot, where a writer is not kept away. */
bool sql_file_changed(const struct sql *sql);

/* Words for what SQLite just said; returns -1. 'code' is an (extended) result code. */
int sql_fault(struct sql *sql, int code, struct fault *fault);
/* Words for a damaged state: what is wrong, and the ways out. */
int sql_damaged(const struct sql *sql, const char *what, struct fault *fault);

void sql_close(struct sql *sql);

#endif
