#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What is kept of a person beside the narrow row: the sealed id, fingerprints, and what is told of them. */

/* ---------------------------------------------------------------- fingerprints */

/* Over the person's number too: another's fingerprints are not theirs. */
static int64_t prints_tag(const struct state *state, int64_t person, const void *prints,
                          size_t length)
{
    struct text text = {0};
    text_addf(&text, "%lld ", (long long)person);
    text_add_bytes(&text, prints, length);
    int64_t tag = (int64_t)fingerprint_of(&state->keys, KEY_ROW_TAG, text.bytes, text.length);
    text_clear(&text);
    return tag;
}

bool state_fingerprints(struct state *state, population people, person_handle handle,
                        struct fingerprints *out)
{
    struct fault ignored;
    int64_t person = PERSON_ID(people, handle);
    bool found = false;
    sqlite3_stmt *rows = sql_query(&state->sql, &ignored,
                                   "SELECT prints, prints_tag FROM person_detail WHERE person = ?",
                                   SQL_INTEGER(person));
    if (sql_step(&state->sql, rows, &ignored) == 1) {
        const void *prints = sqlite3_column_blob(rows, 0);
        size_t length = (size_t)sqlite3_column_bytes(rows, 0);
        found = prints &&
                sqlite3_column_int64(rows, 1) == prints_tag(state, person, prints, length) &&
                fingerprints_decode(prints, length, out) == 0;
    }
    sql_done(rows);
    return found;
}

/* ---------------------------------------------------------------- a delivery */

int delivery_store(struct state *state, int64_t person, const struct delivery *delivery,
                   struct fault *fault)
{
    struct text prints = {0};
    if (delivery->prints)
        fingerprints_encode(delivery->prints, &prints);
    const char *reference = delivery->reference_id;
    int result = aliases_store(state, person, delivery, fault);
    if (result == 0)
        result = sql_run(&state->sql, fault,
                         "UPDATE person_detail SET prints = ?, prints_tag = ?, aliases = ?, "
                         "reference_id = coalesce(?, reference_id), run = ? WHERE person = ?",
                         prints.length ? SQL_BLOB(prints.bytes, prints.length) : SQL_NULL,
                         SQL_INTEGER(prints_tag(state, person, prints.bytes, prints.length)),
                         delivery->alias_count
                             ? SQL_BLOB(delivery->aliases, delivery->alias_count * sizeof(uint64_t))
                             : SQL_NULL,
                         SQL_TEXT(reference && reference[0] ? reference : NULL),
                         SQL_INTEGER(state->run), SQL_INTEGER(person));
    text_clear(&prints);
    return result;
}

/* ---------------------------------------------------------------- a person, told */

int64_t last_night(struct state *state, population people)
{
    return sql_number(&state->sql, "SELECT max(night) FROM run WHERE population = ?",
                      SQL_INTEGER(people));
}

static uint32_t nights(int64_t since, int64_t until)
{
    return until > since ? (uint32_t)(until - since) : 0;
}

/* Columns of SELECT_PERSON. */
enum {
    AT_ID,
    AT_SEALED = 6,
    AT_REFERENCE,
    AT_DELIVERED_MS,
    AT_RUN,
    AT_INTENT_MS,
    AT_REFUSED_NIGHT,
    AT_REFUSED_MS,
    AT_REFUSED_CODE,
    AT_REFUSED_MESSAGE,
    AT_MISSING_NIGHT,
    AT_MISSING_MS,
    AT_RETURNED_NIGHT,
    AT_RETURNED_MS,
    AT_LEFT_OUT,
    AT_LEFT_OUT_NIGHT,
    AT_LEFT_OUT_MS
};
static const char SELECT_PERSON[] =
    "SELECT p.id, p.tag, p.delivered, p.intent, p.refused, p.row_tag, d.sealed_id, d.reference_id, "
    "p.delivered_ms, r.id, o.started_ms, f.since_night, f.since_ms, f.code, f.message, "
    "m.since_night, m.since_ms, m.returned_night, m.returned_ms, l.because, l.since_night, "
    "l.since_ms "
    "FROM person p LEFT JOIN person_detail d ON d.person = p.id LEFT JOIN run r ON r.seq = d.run "
    "LEFT JOIN intent i ON i.person = p.id LEFT JOIN run o ON o.seq = i.run "
    "LEFT JOIN refusal f ON f.person = p.id LEFT JOIN missing m ON m.person = p.id "
    "LEFT JOIN left_out l ON l.person = p.id WHERE p.id = ?";

static void detail_presence(sqlite3_stmt *row, int64_t night, struct person_detail *out)
{
    if (!sql_column_is_null(row, AT_MISSING_MS)) {
        out->returned_ms = sqlite3_column_int64(row, AT_RETURNED_MS);
        out->is_missing = sql_column_is_null(row, AT_RETURNED_MS);
        out->missing_since_ms = sqlite3_column_int64(row, AT_MISSING_MS);
        out->missing_nights =
            nights(sqlite3_column_int64(row, AT_MISSING_NIGHT),
                   out->is_missing ? night + 1 : sqlite3_column_int64(row, AT_RETURNED_NIGHT));
    }
    out->left_out_because = sql_column_string(row, AT_LEFT_OUT);
    if (out->left_out_because) {
        out->left_out_since_ms = sqlite3_column_int64(row, AT_LEFT_OUT_MS);
        out->left_out_nights = nights(sqlite3_column_int64(row, AT_LEFT_OUT_NIGHT), night + 1);
    }
}

static void detail_refusal(struct state *state, sqlite3_stmt *row, int64_t night,
                           struct person_detail *out)
{
    uint32_t count = nights(sqlite3_column_int64(row, AT_REFUSED_NIGHT), night + 1);
    out->refused_ms = sqlite3_column_int64(row, AT_REFUSED_MS);
    out->refused_runs = count ? count : 1;
    out->refused_code = sql_column_string(row, AT_REFUSED_CODE);
    out->refused_message =
        seal_column(state, SEAL_REFUSAL, sqlite3_column_int64(row, AT_ID), row, AT_REFUSED_MESSAGE);
}

static void detail_read(struct state *state, sqlite3_stmt *row, int64_t night,
                        struct person_detail *out)
{
    struct person person;
    struct text id = {0};
    person_read(state, row, &person);
    *out = (struct person_detail){.handle = person_handle_of(person.id),
                                  .is_delivered = person.is_delivered,
                                  .delivered_ms = sqlite3_column_int64(row, AT_DELIVERED_MS),
                                  .intent_open = person.has_intent,
                                  .intent_held = person_is_held(&person),
                                  .is_refused = person.has_refused,
                                  .reference_id = sql_column_string(row, AT_REFERENCE)};
    if (person_open_id(state, &person.tag, sqlite3_column_blob(row, AT_SEALED),
                       (size_t)sqlite3_column_bytes(row, AT_SEALED), &id) == 0)
        out->unique_id = text_take(&id);
    text_clear(&id);
    out->is_adopted = out->is_delivered && out->delivered_ms == 0;
    if (out->is_delivered)
        out->delivered_run = sql_column_string(row, AT_RUN);
    if (out->intent_open)
        out->intent_ms = sqlite3_column_int64(row, AT_INTENT_MS);
    if (out->is_refused)
        detail_refusal(state, row, night, out);
    detail_presence(row, night, out);
}

char *state_reference(struct state *state, population people, person_handle handle)
{
    struct fault ignored;
    sqlite3_stmt *rows =
        sql_query(&state->sql, &ignored, "SELECT reference_id FROM person_detail WHERE person = ?",
                  SQL_INTEGER(PERSON_ID(people, handle)));
    char *reference =
        sql_step(&state->sql, rows, &ignored) == 1 ? sql_column_string(rows, 0) : NULL;
    sql_done(rows);
    return reference;
}

int state_person(struct state *state, population people, person_handle handle,
                 struct person_detail *out, struct fault *fault)
{
    int64_t night = last_night(state, people);
    *out = (struct person_detail){0};
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault, SELECT_PERSON, SQL_INTEGER(PERSON_ID(people, handle)));
    int got = sql_step(&state->sql, rows, fault);
    if (got == 1)
        detail_read(state, rows, night, out);
    sql_done(rows);
    return got == 0 ? fault_set(fault, FAULT_STATE, "the state %s knows no person of number %lu",
                                state->path, (unsigned long)handle)
                    : (got < 0 ? -1 : 0);
}

void person_detail_clear(struct person_detail *detail)
{
    free(detail->unique_id);
    free(detail->delivered_run);
    free(detail->reference_id);
    free(detail->refused_code);
    free(detail->refused_message);
    free(detail->left_out_because);
    *detail = (struct person_detail){0};
}

int state_each_missing(struct state *state, population people,
                       void (*each)(void *self, const struct person_detail *detail), void *self,
                       struct fault *fault)
{
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT person FROM missing WHERE person BETWEEN ?1 AND ?2 UNION "
                  "SELECT person FROM left_out WHERE person BETWEEN ?1 AND ?2 "
                  "ORDER BY 1",
                  SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        struct person_detail detail;
        got = state_person(state, people, person_handle_of(sqlite3_column_int64(rows, 0)), &detail,
                           fault);
        if (got == 0)
            each(self, &detail);
        person_detail_clear(&detail);
        if (got < 0) {
            sql_done(rows);
            break;
        }
    }
    return got;
}
