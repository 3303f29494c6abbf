#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* All people of a population: reading, counting and choosing among them. */

/* People missing today, by number: the gone. */
struct missing_ids {
    int64_t *ids;
    size_t count, at;
};

static int missing_load(struct state *state, population people, struct missing_ids *out,
                        struct fault *fault)
{
    size_t capacity = 0;
    int got;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT person FROM missing WHERE person BETWEEN ? AND ? AND "
                  "returned_ms IS NULL ORDER BY person",
                  SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)));
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        if (out->count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            out->ids = mem_resize(out->ids, capacity, sizeof *out->ids);
        }
        out->ids[out->count++] = sqlite3_column_int64(rows, 0);
    }
    return got;
}

/* The numbers are asked for in rising order. */
static bool missing_has(struct missing_ids *missing, int64_t id)
{
    while (missing->at < missing->count && missing->ids[missing->at] < id)
        missing->at++;
    return missing->at < missing->count && missing->ids[missing->at] == id;
}

/* Does the sealed id vouch for the tag of a damaged row? Without that the row is nobody's. */
static bool tag_is_vouched(struct state *state, const struct person *person)
{
    struct text id = {0};
    struct fault ignored;
    bool vouched = false;
    sqlite3_stmt *rows =
        sql_query(&state->sql, &ignored, "SELECT sealed_id FROM person_detail WHERE person = ?",
                  SQL_INTEGER(person->id));
    if (person->has_tag && sql_step(&state->sql, rows, &ignored) == 1)
        vouched = person_open_id(state, &person->tag, sqlite3_column_blob(rows, 0),
                                 (size_t)sqlite3_column_bytes(rows, 0), &id) == 0;
    sql_done(rows);
    if (id.bytes)
        mem_wipe(id.bytes, id.length);
    text_clear(&id);
    return vouched;
}

static struct plan_known known_of(const struct person *person, bool is_gone)
{
    return (struct plan_known){.tag = person->tag,
                               .handle = person_handle_of(person->id),
                               .delivered = person->delivered,
                               .is_delivered = person->is_delivered,
                               .is_gone = is_gone,
                               .intent_open = person->has_intent && !person->is_damaged,
                               .intent = person->intent,
                               .is_refused = person->has_refused && !person->is_damaged,
                               .refused = person->refused,
                               .is_damaged = person->is_damaged};
}

typedef void each_known(void *self, const struct plan_known *known);

static int people_scan(struct state *state, population people, each_known *each, void *self,
                       uint64_t *damaged, struct fault *fault)
{
    struct missing_ids missing = {0};
    int64_t last = PEOPLE_FIRST(people);
    int got = missing_load(state, people, &missing, fault);
    sqlite3_stmt *rows = NULL;
    if (got == 0)
        rows = sql_query(&state->sql, fault,
                         "SELECT id, tag, delivered, intent, refused, row_tag FROM person "
                         "WHERE id BETWEEN ? AND ? ORDER BY id",
                         SQL_INTEGER(last), SQL_INTEGER(PEOPLE_LAST(people)));
    *damaged = 0;
    while ((got = sql_step(&state->sql, rows, fault)) == 1) {
        struct person person;
        person_read(state, rows, &person);
        if (person.id <= last || person.id - PEOPLE_FIRST(people) > UINT32_MAX) {
            got = sql_damaged(&state->sql, "its people are out of order", fault);
            break;
        }
        last = person.id;
        *damaged += person.is_damaged;
        if (person.is_damaged && !tag_is_vouched(state, &person))
            continue;
        struct plan_known known = known_of(&person, missing_has(&missing, person.id));
        each(self, &known);
    }
    sql_done(rows);
    free(missing.ids);
    return got;
}

int state_each_person(struct state *state, population people, each_known *each, void *self,
                      struct fault *fault)
{
    int result = people_scan(state, people, each, self, &state->damaged, fault);
    warning_compose(state);
    return result;
}

/* ---------------------------------------------------------------- looking for one, counting */

int state_find_person(struct state *state, population people, const struct digest *tag,
                      person_handle *out, struct fault *fault)
{
    *out = 0;
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault, "SELECT id FROM person WHERE id BETWEEN ? AND ? AND tag = ?",
        SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)), SQL_DIGEST(tag));
    int got = sql_step(&state->sql, rows, fault);
    if (got == 1)
        *out = person_handle_of(sqlite3_column_int64(rows, 0));
    sql_done(rows);
    return got < 0 ? -1 : 0;
}

uint64_t state_known(struct state *state, population people)
{
    return (uint64_t)sql_number(
        &state->sql,
        "SELECT count(*) FROM person WHERE id BETWEEN ? AND ? AND delivered "
        "IS NOT NULL AND id NOT IN (SELECT person FROM missing WHERE "
        "returned_ms IS NULL)",
        SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)));
}

uint64_t state_open_intents(struct state *state, population people)
{
    return (uint64_t)sql_number(
        &state->sql, "SELECT count(*) FROM person WHERE id BETWEEN ? AND ? AND intent IS NOT NULL",
        SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)));
}

uint64_t state_held_intents(struct state *state, population people)
{
    return (uint64_t)sql_number(
        &state->sql, "SELECT count(*) FROM person WHERE id BETWEEN ? AND ? AND " IS_HELD,
        SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)));
}

size_t state_longest_unrefreshed(struct state *state, population people, person_handle *out,
                                 size_t count)
{
    struct fault ignored;
    size_t found = 0;
    sqlite3_stmt *rows = sql_query(
        &state->sql, &ignored,
        "SELECT id FROM person WHERE id BETWEEN ? AND ? AND delivered IS NOT NULL AND intent IS "
        "NULL "
        "AND refused IS NULL AND id NOT IN (SELECT person FROM missing WHERE returned_ms IS NULL) "
        "AND id NOT IN (SELECT person FROM left_out) ORDER BY delivered_ms, id LIMIT ?",
        SQL_INTEGER(PEOPLE_FIRST(people)), SQL_INTEGER(PEOPLE_LAST(people)),
        SQL_INTEGER(count > INT64_MAX ? INT64_MAX : count));
    while (found < count && sql_step(&state->sql, rows, &ignored) == 1)
        out[found++] = person_handle_of(sqlite3_column_int64(rows, 0));
    sql_done(rows);
    return found;
}

/* ---------------------------------------------------------------- people in two feeds */

struct tag_starts {
    uint64_t *items;
    size_t count, capacity;
};

static void tag_start_add(void *self, const struct plan_known *known)
{
    struct tag_starts *starts = self;
    if (!known->is_delivered || known->is_gone)
        return;
    if (starts->count == starts->capacity) {
        starts->capacity = starts->capacity ? 2 * starts->capacity : 1024;
        starts->items = mem_resize(starts->items, starts->capacity, sizeof *starts->items);
    }
    memcpy(&starts->items[starts->count++], known->tag.bytes, sizeof *starts->items);
}

static int number_compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static uint64_t starts_shared(const struct tag_starts *a, const struct tag_starts *b)
{
    uint64_t shared = 0;
    for (size_t i = 0; i < b->count; i++)
        shared += a->count && bsearch(&b->items[i], a->items, a->count, sizeof *a->items,
                                      number_compare) != NULL;
    return shared;
}

static const char *target_of(const struct population_name *names, size_t count, population people)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].id == people)
            return names[i].target;
    return NULL;
}

uint64_t state_shared_people(struct state *state, population people)
{
    struct fault ignored;
    struct population_name *names = NULL;
    size_t count = 0;
    uint64_t shared = 0, damaged;
    struct tag_starts ours = {0}, theirs = {0};
    if (state_populations(state, &names, &count, &ignored) < 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (names[i].id != people && text_is(names[i].target, target_of(names, count, people)) &&
            people_scan(state, names[i].id, tag_start_add, &theirs, &damaged, &ignored) < 0)
            break;
    if (theirs.count && people_scan(state, people, tag_start_add, &ours, &damaged, &ignored) == 0) {
        qsort(theirs.items, theirs.count, sizeof *theirs.items, number_compare);
        shared = starts_shared(&theirs, &ours);
    }
    free(ours.items);
    free(theirs.items);
    population_names_free(names, count);
    return shared;
}
