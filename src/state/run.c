#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The record of a run: opened durably before anything is sent, closed with its counts. */

/* A run without a verdict was killed: its outcomes are counted from its rows, as far as it came. */
static int runs_close_open(struct state *state, struct fault *fault)
{
    if (!state->ended_unclean)
        return 0;
    static const char closing[] =
        "UPDATE run SET verdict = 'incomplete'"
        ", accepted = " ROWS_OF_RUN("?1") ", refused = " ROWS_OF_RUN(
            "?2") ", unknown = " ROWS_OF_RUN("?3") " WHERE verdict IS NULL";
    return sql_run(&state->sql, fault, closing, SQL_INTEGER(OUTCOME_ACCEPTED),
                   SQL_INTEGER(OUTCOME_REFUSED), SQL_INTEGER(OUTCOME_UNKNOWN));
}

/* What was found at the opening and is worth keeping. */
static int findings_note(struct state *state, struct fault *fault)
{
    if (!state->note_host && !state->note_check)
        return 0;
    return sql_run(&state->sql, fault,
                   "UPDATE meta SET host = ?, checked_ms = CASE WHEN ? THEN ? ELSE checked_ms END",
                   SQL_INTEGER(state->host), SQL_INTEGER(state->note_check),
                   SQL_INTEGER(state->wall_ms));
}

static int run_open(struct state *state, const struct run_start *start, struct fault *fault)
{
    if (runs_close_open(state, fault) < 0 || findings_note(state, fault) < 0)
        return -1;
    return sql_run(&state->sql, fault,
                   "INSERT INTO run(id, population, command, started_ms, mapping_digest) "
                   "VALUES(?, ?, ?, ?, ?)",
                   SQL_TEXT(start->id), SQL_INTEGER(state->people), SQL_TEXT(start->command),
                   SQL_INTEGER(start->started_ms), SQL_TEXT(start->mapping_digest));
}

int state_run_begin(struct state *state, population people, const struct run_start *start,
                    struct fault *fault)
{
    assert(state->mode != STATE_READ && state->run == 0);
    state->people = people;
    state->last_sequence = 0;
    state->has_counted = false;
    state->night = last_night(state, people) + 1;
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    int result = run_open(state, start, fault);
    int64_t run = sqlite3_last_insert_rowid(state->sql.db);
    if (sql_leave(&state->sql, entered, result, fault) < 0)
        return -1;
    state->run = run;
    state->run_started_ms = start->started_ms;
    state->note_host = state->note_check = false;
    return 0;
}

/* ---------------------------------------------------------------- the end */

enum { COUNT_VALUES = 3 + ACTION_COUNT + OUTCOME_COUNT };

static size_t counts_values(const struct counts *counts, struct sql_value out[COUNT_VALUES])
{
    size_t n = 0;
    out[n++] = SQL_INTEGER(counts->rows);
    for (int i = 0; i < ACTION_COUNT; i++)
        out[n++] = SQL_INTEGER(counts->action[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        out[n++] = SQL_INTEGER(counts->outcome[i]);
    out[n++] = SQL_INTEGER(counts->gone);
    out[n++] = SQL_INTEGER(counts->known);
    return n;
}

static int record_close(struct state *state, const struct run_finish *finish, struct fault *fault)
{
    struct sql_value values[COUNT_VALUES + 10];
    size_t n = counts_values(&finish->counts, values);
    values[n++] = SQL_INTEGER(finish->ended_ms);
    values[n++] = SQL_INTEGER(finish->exit);
    values[n++] = SQL_TEXT(finish->verdict ? finish->verdict : "");
    values[n++] = finish->finished ? SQL_INTEGER(state->night) : SQL_NULL;
    values[n++] = SQL_INTEGER(finish->valid);
    values[n++] = SQL_TEXT(finish->export_digest);
    values[n++] = SQL_INTEGER(finish->export_bytes);
    values[n++] = SQL_INTEGER(finish->export_modified_ms);
    values[n++] = SQL_TEXT(finish->mapping_digest);
    values[n++] = SQL_INTEGER(state->run);
    return sql_run_values(
        &state->sql, fault,
        "UPDATE run SET row_count = ?, new = ?, changed = ?, unchanged = ?, left_out = ?, "
        "rejected = ?, repeated = ?, held = ?, accepted = ?, refused = ?, unknown = ?, "
        "not_reached = ?, gone = ?, known = ?, ended_ms = ?, exit = ?, verdict = ?, night = ?, "
        "valid = ?, export_digest = ?, export_bytes = ?, export_modified_ms = ?, "
        "mapping_digest = coalesce(?, mapping_digest) WHERE seq = ?",
        values, n);
}

static int document_store(struct state *state, const char *document, struct fault *fault)
{
    struct text sealed = {0};
    if (!document)
        return 0;
    seal_words(state, SEAL_DOCUMENT, state->run, document, &sealed);
    int result = sql_run(&state->sql, fault, "INSERT OR REPLACE INTO run_document VALUES(?, ?)",
                         SQL_INTEGER(state->run), sql_sealed(&sealed));
    text_clear(&sealed);
    return result;
}

static int fields_store(struct state *state, const struct run_finish *finish, struct fault *fault)
{
    for (int f = 0; f < FIELD_COUNT; f++)
        if ((finish->filled[f] || finish->field_changed[f]) &&
            sql_run(&state->sql, fault, "INSERT INTO run_field VALUES(?, ?, ?, ?)",
                    SQL_INTEGER(state->run), SQL_TEXT(field_info((enum field)f)->name),
                    SQL_INTEGER(finish->filled[f]), SQL_INTEGER(finish->field_changed[f])) < 0)
            return -1;
    return 0;
}

/* Written only when it is another one. */
static int mapping_store(struct state *state, const char *bundle, struct fault *fault)
{
    if (!bundle || !bundle[0])
        return 0;
    return sql_run(&state->sql, fault,
                   "INSERT INTO mapping VALUES(?1, ?2) ON CONFLICT(population) DO UPDATE SET "
                   "bundle = ?2 WHERE bundle <> ?2",
                   SQL_INTEGER(state->people), SQL_TEXT(bundle));
}

/* The mapping by which people were delivered last: a finished push, or an adopt that ended well. */
static bool delivers_by_mapping(struct state *state, const struct run_finish *finish)
{
    return finish->finished ||
           ((finish->exit == 0 || finish->exit == 3) &&
            sql_number(&state->sql, "SELECT command = 'adopt' FROM run WHERE seq = ?",
                       SQL_INTEGER(state->run)));
}

static int run_close(struct state *state, const struct run_finish *finish,
                     const struct run_presence *presence, struct fault *fault)
{
    if (record_close(state, finish, fault) < 0)
        return -1;
    if (delivers_by_mapping(state, finish) &&
        mapping_store(state, finish->mapping_bundle, fault) < 0)
        return -1;
    if (finish->finished && (fields_store(state, finish, fault) < 0 ||
                             document_store(state, finish->document, fault) < 0))
        return -1;
    return presence ? presence_store(state, presence, finish->ended_ms, fault) : 0;
}

int state_run_end(struct state *state, const struct run_finish *finish,
                  const struct run_presence *presence, struct fault *fault)
{
    assert(state->run != 0 && sqlite3_get_autocommit(state->sql.db));
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    int result = run_close(state, finish, presence, fault);
    if (sql_leave(&state->sql, entered, result, fault) < 0)
        return -1;
    state->run = 0;
    return 0;
}
