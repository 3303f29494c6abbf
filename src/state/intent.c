#include "inside.h"

#include <assert.h>

/*
 * Intents and what becomes of them. An intent that follows another one without a clear answer, of the same payload or not, keeps that one
 * as its 'earlier': a refusal or a withdrawal of the later says nothing about the earlier, which then is open again; only an acceptance
 * settles both.
 */

/* ---------------------------------------------------------------- groups */

int state_group_begin(struct state *state, struct fault *fault)
{
    assert(state->mode != STATE_READ && sqlite3_get_autocommit(state->sql.db));
    return sql_enter(&state->sql, fault) < 0 ? -1 : 0;
}

/* The state is durable first, then its mirror: a state ahead of its mirror is no restored one. */
static int mirror_follow(struct state *state, struct fault *fault)
{
    if (!state->mirror_is_due)
        return 0;
    state->mirror_is_due = false;
    return mirror_write(state->path, state->identity, counters_sum(state), fault);
}

int state_group_commit(struct state *state, struct fault *fault)
{
    if (sql_leave(&state->sql, 1, 0, fault) < 0)
        return -1;
    return mirror_follow(state, fault);
}

/* What is remembered of a transaction that was rolled back. */
static void group_forget(struct state *state)
{
    state->last_sequence = 0;
    if (state->mirror_is_due)
        state->has_counted = state->mirror_is_due = false;
}

void state_group_abandon(struct state *state)
{
    sql_roll_back(&state->sql);
    group_forget(state);
}

/* One change of a person alone is a group of its own. */
static int change_begin(struct state *state, struct fault *fault)
{
    assert(state->run != 0);
    return sql_enter(&state->sql, fault);
}

static int change_end(struct state *state, int entered, int result, struct fault *fault)
{
    if (sql_leave(&state->sql, entered, result, fault) < 0) {
        if (entered == 1)
            group_forget(state);
        return -1;
    }
    return entered == 1 ? mirror_follow(state, fault) : 0;
}

static int person_must_load(struct state *state, person_handle handle, struct person *out,
                            struct fault *fault)
{
    int got = person_load(state, PERSON_ID(state->people, handle), out, fault);
    return got == 0 ? sql_damaged(&state->sql, "a person vanished from it", fault)
                    : (got < 0 ? -1 : 0);
}

/* ---------------------------------------------------------------- intents */

/* What stands again when an intent is withdrawn. */
struct replaced {
    bool in_doubt; /* an earlier intent */
    struct digest earlier;
    bool lifted; /* a refusal of the very payload that went */
};

static int intent_note(struct state *state, const struct person *person,
                       const struct digest *earlier, struct fault *fault)
{
    return sql_run(
        &state->sql, fault,
        "INSERT INTO intent(person, run, earlier) VALUES(?1, ?2, ?3) ON CONFLICT(person) DO "
        "UPDATE SET earlier_run = CASE WHEN ?3 IS NULL THEN NULL ELSE run END, run = ?2, "
        "earlier = ?3",
        SQL_INTEGER(person->id), SQL_INTEGER(state->run), SQL_DIGEST(earlier));
}

static int intent_of_new(struct state *state, struct intent *intent, struct fault *fault)
{
    struct person person = {.intent = intent->digest, .has_intent = true};
    if (person_add(state, &person, intent, fault) < 0 ||
        intent_note(state, &person, NULL, fault) < 0)
        return -1;
    intent->handle = person_handle_of(person.id);
    return 0;
}

static int refusal_forget(struct state *state, const struct person *person, struct fault *fault)
{
    return sql_run(&state->sql, fault, "DELETE FROM refusal WHERE person = ?",
                   SQL_INTEGER(person->id));
}

/*
 * An intent lifts a refusal of the very payload that goes now: how this try ends is open. The refusal's row stays, by which a
 * withdrawal brings it back, until the person goes again without it.
 */
static int intent_of_known(struct state *state, const struct intent *intent, struct fault *fault)
{
    struct person person;
    if (person_must_load(state, intent->handle, &person, fault) < 0)
        return -1;
    struct digest before = person.intent;
    bool in_doubt = person.has_intent;
    bool lifts = person.has_refused && digest_equal(&person.refused, &intent->digest);
    if (in_doubt && !person.has_refused && refusal_forget(state, &person, fault) < 0)
        return -1;
    person.tag = intent->tag;
    person.intent = intent->digest;
    person.has_intent = true;
    person.has_refused = person.has_refused && !lifts;
    if (person_store(state, &person, fault) < 0)
        return -1;
    return intent_note(state, &person, in_doubt ? &before : NULL, fault);
}

int state_intend(struct state *state, struct intent *intent, struct fault *fault)
{
    int entered = change_begin(state, fault);
    if (entered < 0)
        return -1;
    int result = counter_move(state, fault);
    if (result == 0)
        result = intent->handle ? intent_of_known(state, intent, fault)
                                : intent_of_new(state, intent, fault);
    return change_end(state, entered, result, fault);
}

static int replaced_load(struct state *state, const struct person *person, struct replaced *out,
                         struct fault *fault)
{
    sqlite3_stmt *rows = sql_query(&state->sql, fault,
                                   "SELECT i.earlier, f.person FROM intent i LEFT JOIN refusal f "
                                   "ON f.person = i.person WHERE i.person = ?",
                                   SQL_INTEGER(person->id));
    int got = sql_step(&state->sql, rows, fault);
    *out = (struct replaced){0};
    if (got == 1) {
        out->in_doubt = sql_column_digest(rows, 0, &out->earlier);
        out->lifted = !person->has_refused && !sql_column_is_null(rows, 1);
    }
    sql_done(rows);
    return got < 0 ? -1 : 0;
}

/* Takes the intent away; an earlier one that it followed is open again. */
static int intent_drop(struct state *state, struct person *person, const struct replaced *replaced,
                       struct fault *fault)
{
    person->has_intent = replaced->in_doubt;
    person->intent = replaced->earlier;
    return person->has_intent
               ? sql_run(&state->sql, fault,
                         "UPDATE intent SET run = coalesce(earlier_run, run), earlier = NULL, "
                         "earlier_run = NULL WHERE person = ?",
                         SQL_INTEGER(person->id))
               : sql_run(&state->sql, fault, "DELETE FROM intent WHERE person = ?",
                         SQL_INTEGER(person->id));
}

static int intent_withdraw(struct state *state, person_handle handle, struct fault *fault)
{
    struct person person;
    struct replaced replaced;
    if (person_must_load(state, handle, &person, fault) < 0 ||
        replaced_load(state, &person, &replaced, fault) < 0)
        return -1;
    if (replaced.lifted) {
        person.refused = person.intent;
        person.has_refused = true;
    }
    if (intent_drop(state, &person, &replaced, fault) < 0)
        return -1;
    return person_store(state, &person, fault);
}

int state_withdraw(struct state *state, person_handle handle, struct fault *fault)
{
    int entered = change_begin(state, fault);
    if (entered < 0)
        return -1;
    return change_end(state, entered, intent_withdraw(state, handle, fault), fault);
}

/* ---------------------------------------------------------------- settlements */

static int marks_clear(struct state *state, struct person *person, struct fault *fault)
{
    person->has_intent = person->has_refused = false;
    if (sql_run(&state->sql, fault, "DELETE FROM intent WHERE person = ?",
                SQL_INTEGER(person->id)) < 0)
        return -1;
    return refusal_forget(state, person, fault);
}

static int settle_accepted(struct state *state, struct person *person,
                           const struct settlement *settlement, struct fault *fault)
{
    struct delivery delivery = {.prints = settlement->prints,
                                .aliases = settlement->aliases,
                                .alias_count = settlement->alias_count,
                                .reference_id = settlement->row.reference_id};
    person->delivered = settlement->digest;
    person->is_delivered = true;
    person->delivered_ms = settlement->wall_ms;
    if (marks_clear(state, person, fault) < 0 || person_store(state, person, fault) < 0)
        return -1;
    return delivery_store(state, person->id, &delivery, fault);
}

/* A refusal of the same payload as before keeps its beginning. */
static int settle_refused(struct state *state, struct person *person,
                          const struct settlement *settlement, struct fault *fault)
{
    struct replaced replaced;
    struct text message = {0};
    if (replaced_load(state, person, &replaced, fault) < 0 ||
        (!settlement->was_doubtful && intent_drop(state, person, &replaced, fault) < 0))
        return -1;
    person->refused = settlement->digest;
    person->has_refused = true;
    seal_words(state, SEAL_REFUSAL, person->id, settlement->row.message, &message);
    int result = person_store(state, person, fault);
    if (result == 0)
        result = sql_run(
            &state->sql, fault,
            "INSERT INTO refusal VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(person) DO UPDATE "
            "SET since_night = CASE WHEN ?6 THEN since_night ELSE ?2 END, since_ms = CASE "
            "WHEN ?6 THEN since_ms ELSE ?3 END, code = ?4, message = ?5",
            SQL_INTEGER(person->id), SQL_INTEGER(state->night), SQL_INTEGER(settlement->wall_ms),
            SQL_TEXT(settlement->row.code ? settlement->row.code : ""), sql_sealed(&message),
            SQL_INTEGER(replaced.lifted));
    text_clear(&message);
    return result;
}

static int settle_person(struct state *state, const struct settlement *settlement,
                         struct fault *fault)
{
    struct person person;
    if (person_must_load(state, settlement->handle, &person, fault) < 0)
        return -1;
    switch ((enum outcome)settlement->row.outcome) {
    case OUTCOME_ACCEPTED:
        return settle_accepted(state, &person, settlement, fault);
    case OUTCOME_REFUSED:
        return settle_refused(state, &person, settlement, fault);
    case OUTCOME_NOT_REACHED:
        return intent_withdraw(state, settlement->handle, fault);
    case OUTCOME_UNKNOWN:
        return 0; /* the intent stays open */
    case OUTCOME_COUNT:
        break;
    }
    return fault_set(fault, FAULT_FAILED,
                     "a settlement without an outcome: this is a bug in opspush");
}

int state_settle(struct state *state, const struct settlement *settlement, struct fault *fault)
{
    int entered = change_begin(state, fault);
    if (entered < 0)
        return -1;
    struct run_row row = settlement->row;
    row.handle = settlement->handle;
    int result = settle_person(state, settlement, fault);
    if (result == 0)
        result = run_row_store(state, &row, fault);
    return change_end(state, entered, result, fault);
}

/* ---------------------------------------------------------------- adopt */

static int adopt_known(struct state *state, struct person *person, const struct intent *from,
                       struct fault *fault)
{
    person->tag = from->tag;
    person->delivered = from->digest;
    person->is_delivered = true;
    person->delivered_ms = 0;
    return marks_clear(state, person, fault) < 0 ? -1 : person_store(state, person, fault);
}

static bool is_adopted_already(const struct person *person, const struct intent *from)
{
    return person->is_delivered && !person->is_damaged && !person->has_intent &&
           !person->has_refused && digest_equal(&person->delivered, &from->digest);
}

static int adopt_person(struct state *state, const struct intent *from,
                        const struct delivery *delivery, struct fault *fault)
{
    struct person person = {.delivered = from->digest, .is_delivered = true};
    if (!from->handle) {
        if (person_add(state, &person, from, fault) < 0)
            return -1;
    } else if (person_must_load(state, from->handle, &person, fault) < 0) {
        return -1;
    } else if (is_adopted_already(&person, from)) {
        return 0;
    } else if (adopt_known(state, &person, from, fault) < 0) {
        return -1;
    }
    return delivery_store(state, person.id, delivery, fault);
}

int state_adopt_begin(struct state *state, struct fault *fault)
{
    int entered = change_begin(state, fault);
    if (entered < 0)
        return -1;
    return change_end(state, entered, counter_move(state, fault), fault);
}

int state_adopt(struct state *state, const struct intent *person, const struct fingerprints *prints,
                const uint64_t *aliases, size_t alias_count, int64_t wall_ms, struct fault *fault)
{
    (void)wall_ms; /* an adopted person was never accepted; when it was done, their run tells */
    struct delivery delivery = {.prints = prints, .aliases = aliases, .alias_count = alias_count};
    int entered = change_begin(state, fault);
    if (entered < 0)
        return -1;
    return change_end(state, entered, adopt_person(state, person, &delivery, fault), fault);
}
