#include "inside.h"

#include <string.h>

/* Aliases: keyed digests by which a known person is recognised under a new id. */

static int alias_change(struct state *state, bool add, uint64_t alias, int64_t person,
                        struct fault *fault)
{
    struct sql_value values[] = {SQL_INTEGER(person >> SEQUENCE_BITS), SQL_INTEGER(alias),
                                 SQL_INTEGER(person)};
    return add ? sql_run_values(&state->sql, fault, "INSERT OR IGNORE INTO alias VALUES(?, ?, ?)",
                                values, 3)
               : sql_run_values(
                     &state->sql, fault,
                     "DELETE FROM alias WHERE population = ? AND alias = ? AND person = ?", values,
                     3);
}

static int aliases_change(struct state *state, bool add, const void *aliases, size_t bytes,
                          int64_t person, struct fault *fault)
{
    for (size_t at = 0; at + sizeof(uint64_t) <= bytes; at += sizeof(uint64_t)) {
        uint64_t alias;
        memcpy(&alias, (const char *)aliases + at, sizeof alias);
        if (alias_change(state, add, alias, person, fault) < 0)
            return -1;
    }
    return 0;
}

/* A person's aliases stand in their row too, so that an unchanged set costs nothing and an old one is found. */
int aliases_store(struct state *state, int64_t person, const struct delivery *delivery,
                  struct fault *fault)
{
    size_t bytes = delivery->alias_count * sizeof(uint64_t);
    struct text before = {0};
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault, "SELECT aliases FROM person_detail WHERE person = ?",
                  SQL_INTEGER(person));
    int got = sql_step(&state->sql, rows, fault);
    if (got == 1)
        text_add_bytes(&before, sqlite3_column_blob(rows, 0),
                       (size_t)sqlite3_column_bytes(rows, 0));
    sql_done(rows);
    bool same =
        before.length == bytes && (!bytes || memcmp(before.bytes, delivery->aliases, bytes) == 0);
    int result = got < 0 ? -1 : 0;
    if (result == 0 && !same)
        result = aliases_change(state, false, before.bytes, before.length, person, fault);
    if (result == 0 && !same)
        result = aliases_change(state, true, delivery->aliases, bytes, person, fault);
    text_clear(&before);
    return result;
}

/* Delivered, under another tag; a damaged row owns nothing. */
static bool is_owner(struct state *state, int64_t person, const struct digest *not_tag)
{
    struct fault ignored;
    struct person owner;
    return person_load(state, person, &owner, &ignored) == 1 && !owner.is_damaged &&
           owner.is_delivered && !digest_equal(&owner.tag, not_tag);
}

person_handle state_alias_owner(struct state *state, population people, uint64_t alias,
                                const struct digest *not_tag)
{
    struct fault ignored;
    person_handle found = 0;
    sqlite3_stmt *rows =
        sql_query(&state->sql, &ignored,
                  "SELECT person FROM alias WHERE population = ? AND alias = ? ORDER BY person",
                  SQL_INTEGER(people), SQL_INTEGER(alias));
    while (!found && sql_step(&state->sql, rows, &ignored) == 1) {
        int64_t person = sqlite3_column_int64(rows, 0);
        if (is_owner(state, person, not_tag))
            found = person_handle_of(person);
    }
    sql_done(rows);
    return found;
}
