#include "inside.h"

#include <string.h>

#include "base/memory.h"

/* Is the state whole? Its pages, and the tag of every person's row. */

int check_pages(struct sql *sql, bool whole, struct fault *fault)
{
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(
        sql->db, whole ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", -1, &rows, NULL);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    int got = sql_step(sql, rows, fault);
    if (got == 1) {
        const char *said = (const char *)sqlite3_column_text(rows, 0);
        got =
            text_is(said, "ok") ? 0 : sql_damaged(sql, said ? said : "it cannot be checked", fault);
    }
    sqlite3_finalize(rows);
    return got;
}

static void person_count(void *self, const struct plan_known *known)
{
    uint64_t *people = self;
    (void)known;
    ++*people;
}

static int check_population(struct state *state, const struct population_name *name,
                            uint64_t *damaged, struct text *report, struct fault *fault)
{
    uint64_t people = 0;
    if (state_each_person(state, name->id, person_count, &people, fault) < 0)
        return -1;
    *damaged += state->damaged;
    text_addf(report, "feed %s to %s: %llu people, %llu open intents, %llu damaged rows\n",
              name->feed, name->target, (unsigned long long)people,
              (unsigned long long)state_open_intents(state, name->id),
              (unsigned long long)state->damaged);
    return 0;
}

static int check_people(struct state *state, uint64_t *damaged, struct text *report,
                        struct fault *fault)
{
    struct population_name *names = NULL;
    size_t count = 0;
    int result = state_populations(state, &names, &count, fault);
    for (size_t i = 0; i < count && result == 0; i++)
        result = check_population(state, &names[i], damaged, report, fault);
    population_names_free(names, count);
    return result;
}

int state_check(struct state *state, struct text *report, struct fault *fault)
{
    uint64_t damaged = 0;
    text_addf(report, "state %s: identity %s, version %d, SQLite %s\n", state->path,
              state->identity, SCHEMA_VERSION, sqlite3_libversion());
    if (check_pages(&state->sql, true, fault) < 0)
        return -1;
    text_add(report, "every page is whole\n");
    if (check_people(state, &damaged, report, fault) < 0)
        return -1;
    if (damaged)
        return fault_set(
            fault, FAULT_STATE,
            "damaged rows of people in the state %s: %llu (changed by hand, or by the disk?); they "
            "are not believed, and the next push sends these people again",
            state->path, (unsigned long long)damaged);
    return 0;
}

void state_versions(struct text *out)
{
    text_addf(out, "SQLite %s", sqlite3_libversion());
}
