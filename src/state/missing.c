#include "inside.h"

/*
 * Who is missing, back, or left out, as of a finished run. A night is a finished run; only the first is noted, and the count follows from
 * the number of the last one, so that a night on which nothing changes writes nothing.
 */

struct presence {
    struct state *state;
    int64_t wall_ms;
    struct fault *fault;
    int result;
};

static void gone_note(void *self, person_handle handle, bool newly)
{
    struct presence *presence = self;
    struct state *state = presence->state;
    if (!newly || !handle || presence->result < 0)
        return;
    presence->result = sql_run(&state->sql, presence->fault,
                               "INSERT OR REPLACE INTO missing VALUES(?, ?, ?, NULL, NULL)",
                               SQL_INTEGER(PERSON_ID(state->people, handle)),
                               SQL_INTEGER(state->night), SQL_INTEGER(presence->wall_ms));
}

static void returned_note(void *self, person_handle handle)
{
    struct presence *presence = self;
    struct state *state = presence->state;
    if (presence->result < 0)
        return;
    presence->result =
        sql_run(&state->sql, presence->fault,
                "UPDATE missing SET returned_night = ?, returned_ms = ? WHERE person = ? AND "
                "returned_ms IS NULL",
                SQL_INTEGER(state->night), SQL_INTEGER(presence->wall_ms),
                SQL_INTEGER(PERSON_ID(state->people, handle)));
}

/* ---------------------------------------------------------------- left out */

static int left_out_note(struct state *state, const struct run_left_out *item, int64_t wall_ms,
                         struct fault *fault)
{
    return sql_run(&state->sql, fault,
                   "INSERT INTO left_out VALUES(?1, ?2, ?3, ?4) ON CONFLICT(person) DO UPDATE SET "
                   "because = ?2 WHERE because <> ?2",
                   SQL_INTEGER(PERSON_ID(state->people, item->handle)),
                   SQL_TEXT(item->because ? item->because : ""), SQL_INTEGER(state->night),
                   SQL_INTEGER(wall_ms));
}

static bool left_out_has(const struct run_presence *presence, size_t *at, person_handle handle)
{
    while (*at < presence->left_out_count && presence->left_out[*at].handle < handle)
        ++*at;
    return *at < presence->left_out_count && presence->left_out[*at].handle == handle;
}

/* Forgets those who stand in the file and are left out no longer. */
static int left_out_forget(struct state *state, const struct run_presence *presence,
                           struct fault *fault)
{
    size_t at = 0;
    int64_t last = PEOPLE_FIRST(state->people);
    for (;;) {
        last = sql_number(&state->sql,
                          "SELECT min(person) FROM left_out WHERE person > ? AND person <= ?",
                          SQL_INTEGER(last), SQL_INTEGER(PEOPLE_LAST(state->people)));
        if (last == 0)
            return 0;
        if (!left_out_has(presence, &at, person_handle_of(last)) &&
            sql_run(&state->sql, fault, "DELETE FROM left_out WHERE person = ?",
                    SQL_INTEGER(last)) < 0)
            return -1;
    }
}

int presence_store(struct state *state, const struct run_presence *presence, int64_t wall_ms,
                   struct fault *fault)
{
    struct presence self = {.state = state, .wall_ms = wall_ms, .fault = fault};
    if (presence->plan) {
        plan_each_gone(presence->plan, gone_note, &self);
        plan_each_returned(presence->plan, returned_note, &self);
    }
    if (self.result < 0 || left_out_forget(state, presence, fault) < 0)
        return -1;
    for (size_t i = 0; i < presence->left_out_count; i++)
        if (presence->left_out[i].handle &&
            left_out_note(state, &presence->left_out[i], wall_ms, fault) < 0)
            return -1;
    return 0;
}
