#include "inside.h"

#include <string.h>

/* The narrow row of a person and its tag. */

enum { IS_DELIVERED = 1, HAS_INTENT = 2, HAS_REFUSED = 4 };

static int64_t row_tag(const struct state *state, const struct person *person)
{
    uint8_t bytes[8 + 1 + 4 * DIGEST_BYTES], *at = bytes;
    const struct {
        bool is_there;
        const struct digest *digest;
    } parts[] = {{true, &person->tag},
                 {person->is_delivered, &person->delivered},
                 {person->has_intent, &person->intent},
                 {person->has_refused, &person->refused}};
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)((uint64_t)person->id >> (8 * i));
    *at++ =
        (uint8_t)((person->is_delivered ? IS_DELIVERED : 0) |
                  (person->has_intent ? HAS_INTENT : 0) | (person->has_refused ? HAS_REFUSED : 0));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].is_there) {
            memcpy(at, parts[i].digest->bytes, DIGEST_BYTES);
            at += DIGEST_BYTES;
        }
    return (int64_t)fingerprint_of(&state->keys, KEY_ROW_TAG, bytes, (size_t)(at - bytes));
}

/* NULL is no digest; anything else that is not one makes the row damaged. */
static bool read_digest(sqlite3_stmt *row, int column, struct digest *out, bool *is_damaged)
{
    if (sql_column_is_null(row, column))
        return false;
    if (!sql_column_digest(row, column, out))
        *is_damaged = true;
    return true;
}

void person_read(const struct state *state, sqlite3_stmt *row, struct person *out)
{
    *out = (struct person){.id = sqlite3_column_int64(row, 0)};
    out->has_tag = sql_column_digest(row, 1, &out->tag);
    out->is_delivered = read_digest(row, 2, &out->delivered, &out->is_damaged);
    out->has_intent = read_digest(row, 3, &out->intent, &out->is_damaged);
    out->has_refused = read_digest(row, 4, &out->refused, &out->is_damaged);
    out->is_damaged =
        out->is_damaged || !out->has_tag || sqlite3_column_int64(row, 5) != row_tag(state, out);
}

bool person_is_held(const struct person *person)
{
    return !person->is_damaged && person->has_intent && person->has_refused &&
           digest_equal(&person->intent, &person->refused);
}

static void person_disbelieve(struct person *person)
{
    person->delivered = person->intent = (struct digest){{0}};
    person->has_intent = true;
    person->has_refused = false;
}

int person_load(struct state *state, int64_t id, struct person *out, struct fault *fault)
{
    sqlite3_stmt *rows = sql_query(&state->sql, fault,
                                   "SELECT id, tag, delivered, intent, refused, row_tag, "
                                   "delivered_ms FROM person WHERE id = ?",
                                   SQL_INTEGER(id));
    int got = sql_step(&state->sql, rows, fault);
    if (got == 1) {
        person_read(state, rows, out);
        out->delivered_ms = sqlite3_column_int64(rows, 6);
        if (out->is_damaged)
            person_disbelieve(out);
        sql_done(rows);
    }
    return got;
}

int person_store(struct state *state, const struct person *person, struct fault *fault)
{
    return sql_run(
        &state->sql, fault,
        "UPDATE person SET tag = ?, delivered = ?, intent = ?, refused = ?, row_tag = ?, "
        "delivered_ms = ? WHERE id = ?",
        SQL_DIGEST(&person->tag), SQL_DIGEST(person->is_delivered ? &person->delivered : NULL),
        SQL_DIGEST(person->has_intent ? &person->intent : NULL),
        SQL_DIGEST(person->has_refused ? &person->refused : NULL),
        SQL_INTEGER(row_tag(state, person)), SQL_INTEGER(person->delivered_ms),
        SQL_INTEGER(person->id));
}

static int next_sequence(struct state *state, struct fault *fault)
{
    if (!state->last_sequence) {
        sqlite3_stmt *rows = sql_query(
            &state->sql, fault, "SELECT max(id) FROM person WHERE id BETWEEN ? AND ?",
            SQL_INTEGER(PEOPLE_FIRST(state->people)), SQL_INTEGER(PEOPLE_LAST(state->people)));
        if (sql_step(&state->sql, rows, fault) < 0)
            return -1;
        int64_t last = sqlite3_column_int64(rows, 0);
        sql_done(rows);
        if (last && last - PEOPLE_FIRST(state->people) >= UINT32_MAX)
            return sql_damaged(&state->sql, "a person's number is out of range", fault);
        state->last_sequence = last ? person_handle_of(last) : 0;
    }
    state->last_sequence++;
    return 0;
}

int person_add(struct state *state, struct person *person, const struct intent *from,
               struct fault *fault)
{
    struct text sealed = {0};
    if (next_sequence(state, fault) < 0)
        return -1;
    person->id = PERSON_ID(state->people, state->last_sequence);
    person->tag = from->tag;
    person->has_tag = true;
    seal_add(&state->keys, from->tag.bytes, DIGEST_BYTES, from->unique_id, from->unique_id_length,
             &sealed);
    int result = sql_run(&state->sql, fault, "INSERT INTO person VALUES(?, ?, ?, ?, ?, ?, ?)",
                         SQL_INTEGER(person->id), SQL_DIGEST(&person->tag),
                         SQL_DIGEST(person->is_delivered ? &person->delivered : NULL),
                         SQL_DIGEST(person->has_intent ? &person->intent : NULL), SQL_NULL,
                         SQL_INTEGER(row_tag(state, person)), SQL_INTEGER(person->delivered_ms));
    if (result == 0)
        result =
            sql_run(&state->sql, fault,
                    "INSERT OR REPLACE INTO person_detail VALUES(?, ?, NULL, 0, NULL, NULL, ?)",
                    SQL_INTEGER(person->id), sql_sealed(&sealed), SQL_INTEGER(state->run));
    text_clear(&sealed);
    return result;
}

int person_open_id(const struct state *state, const struct digest *tag, const void *sealed,
                   size_t length, struct text *out)
{
    if (!sealed || !length)
        return -1;
    return seal_open(&state->keys, tag->bytes, DIGEST_BYTES, sealed, length, out);
}
