#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What earlier runs were: records, the baselines of guards, and what is kept for a target. */

/* The columns of struct counts, in its order. */
#define COUNTS                                                                                     \
    "row_count, new, changed, unchanged, left_out, rejected, repeated, held, accepted, refused, "  \
    "unknown, not_reached, gone, known"

/* Of a run that is open, its rows are counted as far as it came: its record is written when it ends. */
#define TOLD(column, outcome)                                                                      \
    "CASE WHEN verdict IS NULL THEN " ROWS_OF_RUN(outcome) " ELSE " column " END"
#define TOLD_OUTCOMES TOLD("accepted", "?3") ", " TOLD("refused", "?4") ", " TOLD("unknown", "?5")

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
    "r.night, r.export_digest, r.mapping_digest, row_count, new, changed, unchanged, left_out, "
    "rejected, repeated, held, " TOLD_OUTCOMES ", not_reached, gone, known "
    "FROM run r LEFT JOIN population p ON p.id = r.population "
    "WHERE ?1 = 0 OR r.population = ?1 "
    "ORDER BY r.seq DESC LIMIT ?2";

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

static struct counts counts_read(sqlite3_stmt *rows, int column)
{
    struct counts counts;
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
                                .counts = counts_read(rows, AT_COUNTS),
                                .export_digest = sql_column_string(rows, AT_EXPORT_DIGEST),
                                .mapping_digest = sql_column_string(rows, AT_MAPPING_DIGEST)};
    record.is_open = !record.verdict;
    if (record.is_open)
        record.verdict = mem_string("incomplete");
    return record;
}

int state_runs(struct state *state, population people, size_t most, struct run_record **out,
               size_t *count, struct fault *fault)
{
    struct run_record *records = NULL;
    size_t found = 0, capacity = 0;
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault, SELECT_RUNS, SQL_INTEGER(people),
                  SQL_INTEGER(most > INT64_MAX ? INT64_MAX : most), SQL_INTEGER(OUTCOME_ACCEPTED),
                  SQL_INTEGER(OUTCOME_REFUSED), SQL_INTEGER(OUTCOME_UNKNOWN));
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

static struct run_night night_read(sqlite3_stmt *rows)
{
    struct run_night night = {.number = sqlite3_column_int64(rows, 0),
                              .started_ms = sqlite3_column_int64(rows, 1),
                              .ended_ms = sqlite3_column_int64(rows, 2),
                              .valid = (uint64_t)sqlite3_column_int64(rows, 3),
                              .counts = counts_read(rows, 6)};
    column_copy(rows, 4, night.export_digest, sizeof night.export_digest);
    column_copy(rows, 5, night.mapping_digest, sizeof night.mapping_digest);
    return night;
}

int state_nights(struct state *state, population people, size_t most, struct run_night **out,
                 size_t *count, struct fault *fault)
{
    struct run_night *nights = mem_array(most, sizeof *nights);
    size_t found = 0;
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT seq, started_ms, ended_ms, valid, export_digest, mapping_digest, " COUNTS
                  " FROM run WHERE population = ? AND night IS NOT NULL ORDER BY seq DESC LIMIT ?",
                  SQL_INTEGER(people), SQL_INTEGER(most));
    while ((got = sql_step(&state->sql, rows, fault)) == 1)
        nights[found++] = night_read(rows);
    if (got < 0) {
        free(nights);
        return -1;
    }
    *out = nights;
    *count = found;
    return 0;
}

int state_document(struct state *state, int64_t run, struct text *out, struct fault *fault)
{
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault, "SELECT sealed FROM run_document WHERE run = ?", SQL_INTEGER(run));
    int got = sql_step(&state->sql, rows, fault);
    char *document = got == 1 ? seal_column(state, SEAL_DOCUMENT, run, rows, 0) : NULL;
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

static void baseline_add(struct baseline *out, const struct run_night *nights, sqlite3_stmt *rows)
{
    const char *name = (const char *)sqlite3_column_text(rows, 1);
    int field = name ? field_find(name) : -1;
    size_t i = 0;
    while (i < out->runs && nights[i].number != sqlite3_column_int64(rows, 0))
        i++;
    if (field < 0 || i == out->runs)
        return;
    out->run[i].filled[field] = (uint64_t)sqlite3_column_int64(rows, 2);
    out->run[i].changed[field] = (uint64_t)sqlite3_column_int64(rows, 3);
}

static int baseline_fields(struct state *state, const struct run_night *nights,
                           struct baseline *out, struct fault *fault)
{
    int got;
    if (out->runs == 0)
        return 0;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT run, field, filled, changed FROM run_field WHERE run BETWEEN ? AND ?",
                  SQL_INTEGER(nights[out->runs - 1].number), SQL_INTEGER(nights[0].number));
    while ((got = sql_step(&state->sql, rows, fault)) == 1)
        baseline_add(out, nights, rows);
    return got;
}

static bool was_adopted(struct state *state, population people)
{
    return sql_number(&state->sql,
                      "SELECT count(*) FROM run WHERE population = ? AND command = 'adopt' AND "
                      "exit IN (0, 3)",
                      SQL_INTEGER(people)) > 0;
}

int state_baseline(struct state *state, population people, const struct run_night *nights,
                   size_t count, struct baseline *out, struct fault *fault)
{
    *out = (struct baseline){.first_load = !count && !was_adopted(state, people),
                             .runs = count < BAND_RUNS ? count : BAND_RUNS};
    if (count) {
        out->rows = nights[0].counts.rows;
        memcpy(out->digest, nights[0].export_digest, sizeof out->digest);
        memcpy(out->mapping_digest, nights[0].mapping_digest, sizeof out->mapping_digest);
    }
    for (size_t i = 0; i < out->runs; i++) {
        out->run[i].valid = nights[i].valid;
        out->run[i].known = nights[i].counts.known;
    }
    return baseline_fields(state, nights, out, fault);
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
