#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What earlier runs were: records, the baselines of guards, and what is kept for a target. */

/* Columns of SELECT_RUNS. */
enum {
    AT_SEQ,
    AT_ID,
    AT_COMMAND,
    AT_VERDICT,
    AT_FEED,
    AT_TARGET,
    AT_STARTED,
    AT_ENDED,
    AT_EXIT,
    AT_NIGHT,
    AT_EXPORT_DIGEST,
    AT_MAPPING_DIGEST,
    AT_COUNTS
};
static const char SELECT_RUNS[] =
    "SELECT r.seq, r.id, r.command, r.verdict, p.feed, p.target, r.started_ms, r.ended_ms, r.exit, "
    "r.night, r.export_digest, r.mapping_digest, r.row_count, r.new, r.changed, "
    "r.unchanged, r.left_out, r.rejected, r.repeated, r.held, r.accepted, r.refused, r.unknown, "
    "r.not_reached, r.gone, r.known FROM run r LEFT JOIN population p ON p.id = r.population "
    "WHERE ?1 = 0 OR r.population = ?1 "
    "ORDER BY r.seq DESC LIMIT ?2";

static struct counts counts_read(sqlite3_stmt *rows)
{
    struct counts counts;
    int column = AT_COUNTS;
    counts.rows = (uint64_t)sqlite3_column_int64(rows, column++);
    for (int i = 0; i < ACTION_COUNT; i++)
        counts.action[i] = (uint64_t)sqlite3_column_int64(rows, column++);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts.outcome[i] = (uint64_t)sqlite3_column_int64(rows, column++);
    counts.gone = (uint64_t)sqlite3_column_int64(rows, column++);
    counts.known = (uint64_t)sqlite3_column_int64(rows, column);
    return counts;
}

static struct run_record record_read(sqlite3_stmt *rows)
{
    bool ended = !sql_column_is_null(rows, AT_EXIT);
    struct run_record record = {.id = sql_column_string(rows, AT_ID),
                                .command = sql_column_string(rows, AT_COMMAND),
                                .verdict = sql_column_string(rows, AT_VERDICT),
                                .feed = sql_column_string(rows, AT_FEED),
                                .target = sql_column_string(rows, AT_TARGET),
                                .started_ms = sqlite3_column_int64(rows, AT_STARTED),
                                .ended_ms = sqlite3_column_int64(rows, AT_ENDED),
                                .exit = ended ? sqlite3_column_int(rows, AT_EXIT) : -1,
                                .finished = !sql_column_is_null(rows, AT_NIGHT),
                                .counts = counts_read(rows),
                                .export_digest = sql_column_string(rows, AT_EXPORT_DIGEST),
                                .mapping_digest = sql_column_string(rows, AT_MAPPING_DIGEST)};
    if (!record.verdict)
        record.verdict = mem_string("incomplete");
    return record;
}

int state_runs(struct state *state, population people, size_t most, struct run_record **out,
               size_t *count, struct fault *fault)
{
    struct run_record *records = NULL;
    size_t found = 0, capacity = 0;
    int got;
    sqlite3_stmt *rows = sql_query(&state->sql, fault, SELECT_RUNS, SQL_INTEGER(people),
                                   SQL_INTEGER(most > INT64_MAX ? INT64_MAX : most));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        if (found == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            records = mem_resize(records, capacity, sizeof *records);
        }
        records[found++] = record_read(rows);
    }
    if (got < 0) {
        run_records_free(records, found);
        return -1;
    }
    *out = records;
    *count = found;
    return 0;
}

int state_document(struct state *state, const char *run, struct text *out, struct fault *fault)
{
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault,
        "SELECT r.seq, d.sealed FROM run r JOIN run_document d ON d.run = r.seq WHERE r.id = ?",
        SQL_TEXT(run));
    int got = sql_step(&state->sql, rows, fault);
    char *document =
        got == 1 ? seal_column(state, SEAL_DOCUMENT, sqlite3_column_int64(rows, 0), rows, 1) : NULL;
    if (document)
        text_add(out, document);
    free(document);
    if (got == 1)
        sql_done(rows);
    return got < 0 ? -1 : 0;
}

void run_records_free(struct run_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(records[i].id);
        free(records[i].command);
        free(records[i].verdict);
        free(records[i].feed);
        free(records[i].target);
        free(records[i].export_digest);
        free(records[i].mapping_digest);
    }
    free(records);
}

/* ---------------------------------------------------------------- the baselines of guards */

static void column_copy(sqlite3_stmt *rows, int column, char *out, size_t size)
{
    const char *words = (const char *)sqlite3_column_text(rows, column);
    size_t length = words ? strlen(words) : 0;
    if (length >= size)
        length = 0;
    if (length)
        memcpy(out, words, length);
    out[length] = '\0';
}

static int baseline_fields(struct state *state, int64_t run, uint64_t filled[FIELD_COUNT],
                           uint64_t changed[FIELD_COUNT], struct fault *fault)
{
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault, "SELECT field, filled, changed FROM run_field WHERE run = ?",
                  SQL_INTEGER(run));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);
        int field = name ? field_find(name) : -1;
        if (field < 0)
            continue;
        filled[field] = (uint64_t)sqlite3_column_int64(rows, 1);
        changed[field] = (uint64_t)sqlite3_column_int64(rows, 2);
    }
    return got;
}

/* A row of columns seq, valid, known, row_count, export_digest, mapping_digest; the newest run comes first. */
static int baseline_add(struct state *state, sqlite3_stmt *rows, struct baseline *out,
                        struct fault *fault)
{
    size_t n = out->runs++;
    if (n == 0) {
        out->rows = (uint64_t)sqlite3_column_int64(rows, 3);
        column_copy(rows, 4, out->digest, sizeof out->digest);
        column_copy(rows, 5, out->mapping_digest, sizeof out->mapping_digest);
    }
    out->run[n].valid = (uint64_t)sqlite3_column_int64(rows, 1);
    out->run[n].known = (uint64_t)sqlite3_column_int64(rows, 2);
    return baseline_fields(state, sqlite3_column_int64(rows, 0), out->run[n].filled,
                           out->run[n].changed, fault);
}

int state_baseline(struct state *state, population people, struct baseline *out,
                   struct fault *fault)
{
    int got;
    *out = (struct baseline){0};
    out->first_load =
        sql_number(&state->sql,
                   "SELECT count(*) FROM run WHERE population = ? AND (night IS NOT NULL OR "
                   "(command = 'adopt' AND exit IN (0, 3)))",
                   SQL_INTEGER(people)) == 0;
    sqlite3_stmt *rows = sql_query(&state->sql, fault,
                                   "SELECT seq, valid, known, row_count, export_digest, "
                                   "mapping_digest FROM run WHERE population = ? AND night IS NOT "
                                   "NULL ORDER BY seq DESC LIMIT ?",
                                   SQL_INTEGER(people), SQL_INTEGER(BAND_RUNS));
    while ((got = sql_step(&state->sql, rows, fault)) == 1)
        if (baseline_add(state, rows, out, fault) < 0) {
            sql_done(rows);
            return -1;
        }
    return got;
}

int state_last_mapping(struct state *state, population people, struct text *out,
                       struct fault *fault)
{
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault, "SELECT bundle FROM mapping WHERE population = ?", SQL_INTEGER(people));
    int got = sql_step(&state->sql, rows, fault);
    text_reset(out);
    if (got == 1)
        text_add_bytes(out, sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0));
    sql_done(rows);
    return got < 0 ? -1 : 0;
}

int64_t state_last_success_ms(struct state *state, population people, bool strict)
{
    return sql_number(
        &state->sql,
        "SELECT max(ended_ms) FROM run WHERE population = ? AND night IS NOT NULL AND "
        "(NOT ? OR exit = 0)",
        SQL_INTEGER(people), SQL_INTEGER(strict));
}

/* ---------------------------------------------------------------- what a target asked for */

int64_t state_not_before(struct state *state, const char *target)
{
    return sql_number(&state->sql, "SELECT wall_ms FROM not_before WHERE target = ?",
                      SQL_TEXT(target));
}

int state_set_not_before(struct state *state, const char *target, int64_t wall_ms,
                         struct fault *fault)
{
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    int result = wall_ms
                     ? sql_run(&state->sql, fault, "INSERT OR REPLACE INTO not_before VALUES(?, ?)",
                               SQL_TEXT(target), SQL_INTEGER(wall_ms))
                     : sql_run(&state->sql, fault, "DELETE FROM not_before WHERE target = ?",
                               SQL_TEXT(target));
    return sql_leave(&state->sql, entered, result, fault);
}
