#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Populations (a feed at a target) and their run counters. */

enum { POPULATION_MOST = 1 << 22 };

static int64_t population_tag(const struct state *state, population id, const char *feed,
                              const char *target)
{
    struct text text = {0};
    text_addf(&text, "%lu %zu %s %s", (unsigned long)id, strlen(feed), feed, target);
    int64_t tag = (int64_t)fingerprint_of(&state->keys, KEY_ROW_TAG, text.bytes, text.length);
    text_clear(&text);
    return tag;
}

/* Of a row of columns id, feed, target, row_tag. */
static int population_read(struct state *state, sqlite3_stmt *rows, struct population_name *out,
                           struct fault *fault)
{
    int64_t id = sqlite3_column_int64(rows, 0);
    *out = (struct population_name){.id = (population)id,
                                    .feed = sql_column_string(rows, 1),
                                    .target = sql_column_string(rows, 2)};
    bool good =
        id > 0 && id < POPULATION_MOST && out->feed && out->target &&
        sqlite3_column_int64(rows, 3) == population_tag(state, out->id, out->feed, out->target);
    return good ? 0 : sql_damaged(&state->sql, "the name of a feed was changed in it", fault);
}

int state_populations(struct state *state, struct population_name **out, size_t *count,
                      struct fault *fault)
{
    struct population_name *names = NULL;
    size_t found = 0;
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT id, feed, target, row_tag FROM population WHERE id > ? ORDER BY id",
                  SQL_INTEGER(INT64_MIN));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        names = mem_resize(names, found + 1, sizeof *names);
        if (population_read(state, rows, &names[found++], fault) < 0) {
            got = -1;
            sql_done(rows);
            break;
        }
    }
    if (got < 0) {
        population_names_free(names, found);
        return -1;
    }
    *out = names;
    *count = found;
    return 0;
}

void population_names_free(struct population_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(names[i].feed);
        free(names[i].target);
    }
    free(names);
}

static int population_add(struct state *state, const char *feed, const char *target,
                          population *out, struct fault *fault)
{
    assert(state->mode != STATE_READ);
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    *out =
        (population)sql_number(&state->sql, "SELECT max(id) + ? FROM population", SQL_INTEGER(1));
    if (*out == 0)
        *out = 1;
    int result = sql_run(&state->sql, fault, "INSERT INTO population VALUES(?, ?, ?, 0, ?)",
                         SQL_INTEGER(*out), SQL_TEXT(feed), SQL_TEXT(target),
                         SQL_INTEGER(population_tag(state, *out, feed, target)));
    return sql_leave(&state->sql, entered, result, fault);
}

int state_population(struct state *state, const char *feed, const char *target, bool create,
                     population *out, struct fault *fault)
{
    struct population_name *names = NULL;
    size_t count = 0;
    *out = 0;
    if (state_populations(state, &names, &count, fault) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (text_is(names[i].feed, feed) && text_is(names[i].target, target))
            *out = names[i].id;
    population_names_free(names, count);
    return *out || !create ? 0 : population_add(state, feed, target, out, fault);
}

/* ---------------------------------------------------------------- run counters */

uint64_t state_run_counter(struct state *state, population people)
{
    return (uint64_t)sql_number(&state->sql, "SELECT counter FROM population WHERE id = ?",
                                SQL_INTEGER(people));
}

uint64_t counters_sum(struct state *state)
{
    return (uint64_t)sql_number(&state->sql, "SELECT sum(counter) FROM population WHERE id > ?",
                                SQL_INTEGER(0));
}

int counter_move(struct state *state, struct fault *fault)
{
    if (state->has_counted)
        return 0;
    if (sql_run(&state->sql, fault, "UPDATE population SET counter = counter + 1 WHERE id = ?",
                SQL_INTEGER(state->people)) < 0)
        return -1;
    state->has_counted = state->mirror_is_due = true;
    return 0;
}
