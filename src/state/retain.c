#include "inside.h"

#include <stdlib.h>

#include "base/memory.h"

/* What is kept for how long: rows and documents of runs for 'days', people for 400 days after they went, counts of runs for good. */

enum { DAYS_GONE = 400 };
static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

/* People to be forgotten: long gone, or never delivered, without anything open and untouched for as long. */
#define FORGOTTEN "(SELECT id FROM forgotten)"

static int forgotten_find(struct state *state, int64_t before, struct fault *fault)
{
    if (sql_script(&state->sql,
                   "CREATE TEMP TABLE IF NOT EXISTS forgotten(id INTEGER PRIMARY KEY); "
                   "DELETE FROM forgotten",
                   fault) < 0)
        return -1;
    return sql_run(&state->sql, fault,
                   "INSERT INTO forgotten SELECT person FROM missing WHERE returned_ms IS NULL AND "
                   "since_ms < ?1 UNION SELECT p.id FROM person p JOIN person_detail d ON "
                   "d.person = p.id JOIN run r ON r.seq = d.run LEFT JOIN refusal f ON "
                   "f.person = p.id WHERE p.delivered IS NULL AND p.intent IS NULL AND "
                   "max(r.started_ms, coalesce(f.since_ms, 0)) < ?1",
                   SQL_INTEGER(before));
}

static int people_forget(struct state *state, int64_t before, struct fault *fault)
{
    static const char *const scripts[] = {
        "DELETE FROM alias WHERE person IN " FORGOTTEN,
        "DELETE FROM run_row WHERE person IN " FORGOTTEN,
        "DELETE FROM intent WHERE person IN " FORGOTTEN,
        "DELETE FROM refusal WHERE person IN " FORGOTTEN,
        "DELETE FROM missing WHERE person IN " FORGOTTEN,
        "DELETE FROM left_out WHERE person IN " FORGOTTEN,
        "DELETE FROM person_detail WHERE person IN " FORGOTTEN,
        "DELETE FROM person WHERE id IN " FORGOTTEN,
    };
    if (forgotten_find(state, before, fault) < 0)
        return -1;
    if (!sql_number(&state->sql, "SELECT count(*) FROM forgotten WHERE id > ?", SQL_INTEGER(0)))
        return 0;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (sql_script(&state->sql, scripts[i], fault) < 0)
            return -1;
    return 0;
}

/* Runs are numbered as they began: all rows under the first one that is kept go. */
static int history_forget(struct state *state, int64_t before, struct fault *fault)
{
    int64_t kept =
        sql_number(&state->sql, "SELECT coalesce(min(seq), -1) FROM run WHERE started_ms >= ?",
                   SQL_INTEGER(before));
    if (kept < 0)
        kept =
            1 + sql_number(&state->sql, "SELECT max(seq) FROM run WHERE seq > ?", SQL_INTEGER(0));
    if (state->run && kept > state->run)
        kept = state->run;
    if (sql_run(&state->sql, fault, "DELETE FROM run_row WHERE place < ? << 32",
                SQL_INTEGER(kept)) < 0 ||
        sql_run(&state->sql, fault, "DELETE FROM run_document WHERE run < ?", SQL_INTEGER(kept)) <
            0)
        return -1;
    if (sql_run(&state->sql, fault,
                "DELETE FROM run_field WHERE run < ?1 AND run NOT IN (SELECT seq FROM (SELECT seq, "
                "row_number() OVER (PARTITION BY population ORDER BY seq DESC) AS place FROM run "
                "WHERE night IS NOT NULL) WHERE place <= ?2)",
                SQL_INTEGER(kept), SQL_INTEGER(BAND_RUNS)) < 0)
        return -1;
    return sql_run(&state->sql, fault, "DELETE FROM missing WHERE returned_ms < ?",
                   SQL_INTEGER(before));
}

static int folders_list(struct state *state, int64_t before, char ***run_ids, size_t *count,
                        struct fault *fault)
{
    char **ids = NULL;
    size_t found = 0;
    int got;
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault, "SELECT id FROM run WHERE started_ms < ? AND seq <> ? ORDER BY seq",
        SQL_INTEGER(before), SQL_INTEGER(state->run));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        ids = mem_resize(ids, found + 1, sizeof *ids);
        ids[found++] = sql_column_string(rows, 0);
    }
    *run_ids = ids;
    *count = found;
    return got;
}

int state_retain(struct state *state, int days, int64_t wall_ms, char ***run_ids, size_t *count,
                 struct fault *fault)
{
    int64_t before = wall_ms - (int64_t)days * DAY_MS;
    int64_t people_before = wall_ms - DAYS_GONE * DAY_MS;
    int64_t first_ms =
        sql_number(&state->sql, "SELECT started_ms FROM run WHERE seq > ? ORDER BY seq LIMIT 1",
                   SQL_INTEGER(0));
    *run_ids = NULL;
    *count = 0;
    if (first_ms >= before && first_ms >= people_before)
        return 0; /* nothing here is old enough: an ordinary night looks at nobody */
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    int result = first_ms < people_before ? people_forget(state, people_before, fault) : 0;
    if (result == 0)
        result = history_forget(state, before, fault);
    if (sql_leave(&state->sql, entered, result, fault) < 0)
        return -1;
    return folders_list(state, before, run_ids, count, fault);
}
