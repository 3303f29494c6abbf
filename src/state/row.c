#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The rows of a run. A row's place is run << 32 | line. */

enum { LINE_BITS = 32 };

static int64_t row_place(int64_t run, uint32_t line)
{
    return run << LINE_BITS | (int64_t)line;
}

int run_row_store(struct state *state, const struct run_row *row, struct fault *fault)
{
    int64_t place = row_place(state->run, row->line);
    struct text id = {0}, message = {0};
    if (!row->handle)
        seal_words(state, SEAL_ROW_ID, place, row->unique_id, &id);
    seal_words(state, SEAL_ROW_MESSAGE, place, row->message, &message);
    int result = sql_run(
        &state->sql, fault,
        "INSERT OR REPLACE INTO run_row VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        SQL_INTEGER(place),
        row->handle ? SQL_INTEGER(PERSON_ID(state->people, row->handle)) : SQL_NULL,
        sql_sealed(&id), SQL_INTEGER(row->action), SQL_INTEGER(row->outcome),
        SQL_INTEGER(row->fields), SQL_INTEGER(row->flags), SQL_INTEGER(row->attempts),
        SQL_INTEGER(row->http_status), SQL_INTEGER(row->opscom_code), SQL_TEXT(row->reference_id),
        SQL_TEXT(row->code), SQL_INTEGER(row->field), sql_sealed(&message));
    text_clear(&id);
    text_clear(&message);
    return result;
}

int state_add_row(struct state *state, const struct run_row *row, struct fault *fault)
{
    assert(state->run != 0);
    return run_row_store(state, row, fault);
}

/* ---------------------------------------------------------------- reading them */

/* Columns of SELECT_ROWS. */
enum {
    AT_PLACE,
    AT_PERSON,
    AT_SEALED,
    AT_ACTION,
    AT_OUTCOME,
    AT_FIELDS,
    AT_FLAGS,
    AT_ATTEMPTS,
    AT_HTTP_STATUS,
    AT_OPSCOM_CODE,
    AT_REFERENCE,
    AT_CODE,
    AT_FIELD,
    AT_MESSAGE,
    AT_TAG,
    AT_PERSON_SEALED
};
static const char SELECT_ROWS[] =
    "SELECT r.place, r.person, r.sealed_id, r.action, r.outcome, r.fields, r.flags, r.attempts, "
    "r.http_status, r.opscom_code, r.reference_id, r.code, r.field, r.message, p.tag, d.sealed_id "
    "FROM run_row r LEFT JOIN person p ON p.id = r.person "
    "LEFT JOIN person_detail d ON d.person = r.person WHERE r.place BETWEEN ? AND ? ORDER BY "
    "r.place";

static char *row_id(struct state *state, sqlite3_stmt *rows, int64_t place)
{
    struct digest tag;
    struct text id = {0};
    if (sql_column_is_null(rows, AT_PERSON))
        return seal_column(state, SEAL_ROW_ID, place, rows, AT_SEALED);
    if (sql_column_digest(rows, AT_TAG, &tag) &&
        person_open_id(state, &tag, sqlite3_column_blob(rows, AT_PERSON_SEALED),
                       (size_t)sqlite3_column_bytes(rows, AT_PERSON_SEALED), &id) == 0)
        return text_take(&id);
    text_clear(&id);
    return NULL;
}

static const char *column_words(sqlite3_stmt *rows, int column)
{
    const char *words = (const char *)sqlite3_column_text(rows, column);
    return words ? words : "";
}

static bool row_is_sound(sqlite3_stmt *rows)
{
    int64_t action = sqlite3_column_int64(rows, AT_ACTION);
    int64_t outcome = sqlite3_column_int64(rows, AT_OUTCOME);
    int64_t field = sqlite3_column_int64(rows, AT_FIELD);
    return action >= 0 && action < ACTION_COUNT && outcome >= -1 && outcome < OUTCOME_COUNT &&
           field >= -1 && field < FIELD_COUNT;
}

/* What 'id' and 'message' hold is lent by the caller, the rest by the statement. */
static struct run_row row_read(sqlite3_stmt *rows, const char *id, const char *message)
{
    bool has_person = !sql_column_is_null(rows, AT_PERSON);
    return (struct run_row){
        .line = (uint32_t)sqlite3_column_int64(rows, AT_PLACE),
        .handle = has_person ? person_handle_of(sqlite3_column_int64(rows, AT_PERSON)) : 0,
        .unique_id = id,
        .action = (enum action)sqlite3_column_int(rows, AT_ACTION),
        .outcome = sqlite3_column_int(rows, AT_OUTCOME),
        .fields = (field_set)sqlite3_column_int64(rows, AT_FIELDS),
        .flags = (unsigned)sqlite3_column_int64(rows, AT_FLAGS),
        .attempts = sqlite3_column_int(rows, AT_ATTEMPTS),
        .http_status = sqlite3_column_int(rows, AT_HTTP_STATUS),
        .opscom_code = (long)sqlite3_column_int64(rows, AT_OPSCOM_CODE),
        .reference_id = column_words(rows, AT_REFERENCE),
        .code = column_words(rows, AT_CODE),
        .field = sqlite3_column_int(rows, AT_FIELD),
        .message = message ? message : ""};
}

static int64_t run_find(struct state *state, const char *run)
{
    return sql_number(&state->sql, "SELECT max(seq) FROM run WHERE id = ?", SQL_TEXT(run));
}

int state_each_row(struct state *state, const char *run,
                   int (*each)(void *self, const struct run_row *row), void *self,
                   struct fault *fault)
{
    int64_t seq = run_find(state, run);
    int got, said = 0;
    sqlite3_stmt *rows = sql_query(&state->sql, fault, SELECT_ROWS, SQL_INTEGER(row_place(seq, 0)),
                                   SQL_INTEGER(row_place(seq, UINT32_MAX)));
    while (said == 0 && (got = sql_step(&state->sql, rows, fault)) != 0) {
        if (got < 0)
            return -1;
        if (!row_is_sound(rows)) {
            said = sql_damaged(&state->sql, "a row of a run makes no sense", fault);
            break;
        }
        int64_t place = sqlite3_column_int64(rows, AT_PLACE);
        char *id = row_id(state, rows, place);
        char *message = seal_column(state, SEAL_ROW_MESSAGE, place, rows, AT_MESSAGE);
        struct run_row row = row_read(rows, id, message);
        said = each(self, &row);
        free(id);
        free(message);
    }
    sql_done(rows);
    return said < 0 ? -1 : 0;
}
