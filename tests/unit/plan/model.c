#include "stage.h"

/*
 * Random small worlds, planned twice: by the room, and by a model that keeps every row and looks at
 * each person at the end. The model knows nothing of digests, arrays or marks: it is the sentences
 * of interface.md, read literally.
 */

enum { WORLDS = 2000, ROWS_MAX = 24, PEOPLE = 7, PAYLOADS = 4, NO_PAYLOAD = -1, NOBODY = -1 };

static const struct sample samples[PAYLOADS] = {
    {"a@example.edu", "Ogden"}, {"b@example.edu", "Ogden"}, {"a@example.edu", NULL}, {"", "Provo"}};

struct model_person {
    bool in_state, is_delivered, is_gone, intent_open, is_refused, is_damaged, refresh, hold;
    int delivered, intent, refused;
};

struct model_row {
    int who; /* NOBODY: the id cannot be read */
    enum action given;
    int payload, by_old_mapping; /* NO_PAYLOAD: none */
    char rank;
    enum action action;
    const char *code;
    unsigned flags;
    field_set fields;
};

struct world {
    struct plan_settings settings;
    struct model_person people[PEOPLE];
    struct model_row rows[ROWS_MAX];
    int row_count;
    struct plan_figures figures;
};

static uint64_t seed;

static int chance(int sides)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (int)((seed >> 33) % (unsigned)sides);
}

/* ---------------------------------------------------------------- a world */

static void person_make(struct model_person *person)
{
    *person = (struct model_person){.in_state = chance(4) > 0};
    if (person->in_state) {
        person->is_delivered = chance(4) > 0;
        person->is_gone = person->is_delivered && chance(5) == 0;
        person->intent_open = chance(5) == 0;
        person->is_refused = chance(4) == 0;
        person->is_damaged = chance(12) == 0;
    }
    person->delivered = chance(PAYLOADS);
    person->intent = chance(PAYLOADS);
    person->refused = chance(PAYLOADS);
    person->refresh = chance(4) == 0;
    person->hold = chance(6) == 0;
}

static void row_make(struct model_row *row)
{
    static const enum action given[] = {ACTION_NEW, ACTION_NEW,      ACTION_NEW,  ACTION_NEW,
                                        ACTION_NEW, ACTION_REJECTED, ACTION_HELD, ACTION_LEFT_OUT};
    *row = (struct model_row){.who = chance(PEOPLE), .given = given[chance(8)]};
    row->payload = row->given == ACTION_NEW ? chance(chance(2) ? 2 : PAYLOADS) : NO_PAYLOAD;
    row->by_old_mapping = chance(3) ? NO_PAYLOAD : chance(PAYLOADS);
    row->rank = (char)('1' + chance(3));
    if (row->given == ACTION_REJECTED && chance(6) == 0)
        row->who = NOBODY;
}

static void world_make(struct world *world)
{
    memset(world, 0, sizeof *world);
    world->settings = (struct plan_settings){.repeated_id = chance(3),
                                             .has_prefer = chance(2),
                                             .full = chance(6) == 0,
                                             .retry_refused = chance(4) == 0,
                                             .partial = chance(6) == 0};
    for (int i = 0; i < PEOPLE; i++)
        person_make(&world->people[i]);
    world->row_count = chance(ROWS_MAX + 1);
    for (int i = 0; i < world->row_count; i++)
        row_make(&world->rows[i]);
}

/* ---------------------------------------------------------------- the model */

static bool competes(const struct model_row *row, int who)
{
    return row->who == who && (row->given == ACTION_NEW || row->given == ACTION_REJECTED);
}

static bool rows_same(const struct model_row *a, const struct model_row *b)
{
    return a->payload != NO_PAYLOAD && a->payload == b->payload;
}

/* The rows of a person that none is preferred to; returns how many. */
static int rows_best(struct world *world, int who, struct model_row *best[ROWS_MAX])
{
    char rank = 0;
    int count = 0;
    for (int i = 0; i < world->row_count; i++)
        if (competes(&world->rows[i], who) && world->settings.has_prefer &&
            world->rows[i].rank > rank)
            rank = world->rows[i].rank;
    for (int i = 0; i < world->row_count; i++)
        if (competes(&world->rows[i], who) &&
            (!world->settings.has_prefer || world->rows[i].rank == rank))
            best[count++] = &world->rows[i];
    return count;
}

/* The row that counts, or NULL when they contradict each other. */
static struct model_row *row_winning(const struct world *world, struct model_row *best[], int count)
{
    struct model_row *winner = best[0];
    for (int i = 1; i < count; i++) {
        if (rows_same(best[i], winner) || world->settings.repeated_id == REPEATED_FIRST)
            continue;
        if (world->settings.repeated_id == REPEATED_REJECT)
            return NULL;
        winner = best[i];
    }
    return winner;
}

static void decide(struct model_row *row, enum action action, const char *code)
{
    row->action = action;
    row->code = code;
}

static void losers_decide(struct world *world, int who, const struct model_row *winner)
{
    for (int i = 0; i < world->row_count; i++) {
        struct model_row *row = &world->rows[i];
        if (!competes(row, who) || row == winner)
            continue;
        if (!winner)
            decide(row, ACTION_REJECTED, row->payload == NO_PAYLOAD ? "found" : "repeated_id");
        else if (rows_same(row, winner))
            decide(row, ACTION_REPEATED, "repeated");
        else
            decide(row, ACTION_LEFT_OUT, "other_row");
    }
}

static bool cells_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static field_set samples_differ(struct sample a, struct sample b)
{
    return (cells_same(a.email, b.email) ? 0 : FIELD_BIT(FIELD_EMAIL)) |
           (cells_same(a.city, b.city) ? 0 : FIELD_BIT(FIELD_CITY));
}

static void changes_count(struct world *world, const struct model_person *person,
                          struct model_row *row)
{
    struct sample before = samples[person->delivered], now = samples[row->payload];
    bool differs = row->payload != person->delivered && !person->is_damaged;
    bool by_mapping = row->by_old_mapping != NO_PAYLOAD &&
                      (row->by_old_mapping == person->delivered ||
                       (person->intent_open && row->by_old_mapping == person->intent));
    row->fields = differs ? samples_differ(before, now) : 0;
    if (differs && by_mapping && !(row->flags & PLAN_UNSETTLED))
        row->flags |= PLAN_MAPPING_ONLY;
    world->figures.fields_sent[FIELD_EMAIL] += !!(row->fields & FIELD_BIT(FIELD_EMAIL));
    world->figures.fields_sent[FIELD_CITY] += !!(row->fields & FIELD_BIT(FIELD_CITY));
    if (!differs || person->is_gone || (person->intent_open && person->intent == row->payload))
        return;
    world->figures.changed++;
    world->figures.changed_by_mapping += by_mapping;
    if (by_mapping)
        return;
    world->figures.field_changed[FIELD_EMAIL] += !!(row->fields & FIELD_BIT(FIELD_EMAIL));
    world->figures.field_changed[FIELD_CITY] += !!(row->fields & FIELD_BIT(FIELD_CITY));
    world->figures.field_emptied[FIELD_EMAIL] += *before.email && !*now.email;
    world->figures.field_emptied[FIELD_CITY] += before.city && !now.city;
}

static void new_decide(struct world *world, const struct model_person *person,
                       struct model_row *row, bool unsettled)
{
    if (person->hold && !unsettled) {
        decide(row, ACTION_HELD, "same_person");
        return;
    }
    decide(row, ACTION_NEW, NULL);
    row->flags |= unsettled ? PLAN_UNSETTLED : 0;
    world->figures.fresh += !(unsettled && (person->is_damaged || person->intent == row->payload));
}

static void winner_decide(struct world *world, const struct model_person *person,
                          struct model_row *row)
{
    bool unsettled = person->intent_open || person->is_damaged;
    bool as_refused = person->is_refused && person->refused == row->payload &&
                      !person->is_damaged && !world->settings.retry_refused &&
                      (!person->intent_open || person->intent == person->refused);
    bool as_delivered = person->is_delivered && person->delivered == row->payload && !unsettled;
    row->flags = person->is_delivered ? PLAN_DELIVERED_BEFORE : 0;
    if (row->payload == NO_PAYLOAD) {
        decide(row, ACTION_REJECTED, "found");
    } else if (as_delivered && !world->settings.full && !(person->refresh && person->in_state)) {
        decide(row, ACTION_UNCHANGED, NULL);
    } else if (as_delivered) {
        decide(row, ACTION_CHANGED, NULL);
        row->flags |= world->settings.full ? PLAN_FULL : PLAN_REFRESH;
    } else if (as_refused) {
        decide(row, ACTION_HELD, "refused_before");
    } else if (!person->is_delivered) {
        new_decide(world, person, row, unsettled);
    } else {
        decide(row, ACTION_CHANGED, NULL);
        row->flags |= unsettled ? PLAN_UNSETTLED : 0;
        changes_count(world, person, row);
    }
}

static void presence_decide(struct world *world, int who, bool *is_present)
{
    const struct model_person *person = &world->people[who];
    bool can_be_told = !world->settings.partial;
    for (int i = 0; i < world->row_count; i++) {
        *is_present |= world->rows[i].who == who;
        can_be_told &= world->rows[i].who != NOBODY;
    }
    bool known = person->is_delivered && !person->is_gone;
    world->figures.known += known;
    world->figures.gone += known && !*is_present && can_be_told;
    world->figures.returned += person->is_gone && *is_present && !world->settings.partial;
}

static void world_decide(struct world *world)
{
    for (int i = 0; i < world->row_count; i++) {
        struct model_row *row = &world->rows[i];
        decide(row, row->given, "found");
        row->flags =
            row->who != NOBODY && world->people[row->who].is_delivered ? PLAN_DELIVERED_BEFORE : 0;
        world->figures.id_unreadable |= row->who == NOBODY;
    }
    for (int who = 0; who < PEOPLE; who++) {
        struct model_row *best[ROWS_MAX];
        bool is_present = false;
        int count = rows_best(world, who, best);
        struct model_row *winner = count ? row_winning(world, best, count) : NULL;
        losers_decide(world, who, winner);
        if (winner)
            winner_decide(world, &world->people[who], winner);
        for (int i = 0; i < world->row_count && count && world->people[who].in_state; i++)
            if (world->rows[i].who == who && world->rows[i].action == ACTION_LEFT_OUT)
                world->rows[i].flags |= PLAN_LOST;
        presence_decide(world, who, &is_present);
    }
}

/* ---------------------------------------------------------------- the room */

static void world_know(const struct world *world, struct stage *stage)
{
    for (int who = 0; who < PEOPLE; who++) {
        const struct model_person *person_in = &world->people[who];
        struct plan_known known = {.tag = person((uint64_t)who),
                                   .delivered = payload((uint64_t)person_in->delivered),
                                   .handle = (person_handle)(who + 1),
                                   .is_delivered = person_in->is_delivered,
                                   .is_gone = person_in->is_gone,
                                   .intent_open = person_in->intent_open,
                                   .intent = payload((uint64_t)person_in->intent),
                                   .is_refused = person_in->is_refused,
                                   .refused = payload((uint64_t)person_in->refused),
                                   .is_damaged = person_in->is_damaged};
        stage->delivered[who + 1] = samples[person_in->delivered];
        if (person_in->in_state)
            plan_know(stage->plan, &known);
    }
}

static void row_add(const struct world *world, struct stage *stage, int index)
{
    const struct model_row *from = &world->rows[index];
    struct plan_input row = row_of(stage, (uint64_t)from->who);
    struct profile profile;
    struct text rank = {0};
    struct digest old = payload((uint64_t)from->by_old_mapping);
    text_add_byte(&rank, from->rank);
    stage->ranks[row.line][0] = from->rank;
    row.rank = &rank;
    row.action = from->given;
    row.has_tag = from->who != NOBODY;
    if (from->payload == NO_PAYLOAD) {
        row.reason = plan_reason(stage->plan, from->given, "found", -1, "found", NULL);
    } else {
        profile_fill(&profile, samples[from->payload]);
        row.profile = &profile;
        row.digest = payload((uint64_t)from->payload);
        row.digest_by_old_mapping = from->by_old_mapping == NO_PAYLOAD ? NULL : &old;
    }
    plan_add(stage->plan, &row);
    text_clear(&rank);
}

static void world_wish(const struct world *world, struct stage *stage)
{
    person_handle handles[PEOPLE];
    size_t count = 0;
    uint32_t reason = plan_reason(stage->plan, ACTION_HELD, "same_person", -1, "same", NULL);
    for (int who = PEOPLE; who-- > 0;) {
        struct digest tag = person((uint64_t)who);
        if (world->people[who].refresh)
            handles[count++] = (person_handle)(who + 1);
        if (world->people[who].hold)
            plan_hold(stage->plan, &tag, reason);
    }
    plan_refresh(stage->plan, handles, count, count);
}

/* ---------------------------------------------------------------- both held against each other */

static void row_compare(const struct model_row *expected, const struct plan *plan,
                        struct plan_row row, const struct world *world)
{
    const char *code = row.reason == UINT32_MAX ? NULL : plan_reason_at(plan, row.reason)->code;
    bool in_state = expected->who != NOBODY && world->people[expected->who].in_state;
    ck_assert_msg(row.action == expected->action, "%s instead of %s", action_name(row.action),
                  action_name(expected->action));
    ck_assert_msg(cells_same(code, expected->code), "%s instead of %s", code ? code : "nothing",
                  expected->code ? expected->code : "nothing");
    ck_assert_uint_eq(row.flags, expected->flags);
    ck_assert_uint_eq(row.fields, row.action == ACTION_CHANGED ? expected->fields : 0);
    /* a person without a row that competes is the plan's only when the state has them */
    ck_assert_uint_eq(row.handle, in_state ? (unsigned)expected->who + 1 : 0);
}

static void world_compare(const struct world *world, const struct plan *plan)
{
    struct plan_figures figures = *plan_figures(plan);
    struct counts counts = {.rows = (uint64_t)world->row_count,
                            .gone = world->figures.gone,
                            .known = world->figures.known};
    size_t at = 0;
    for (int i = 0; i < world->row_count; i++) {
        counts.action[world->rows[i].action]++;
        if (world->rows[i].action == ACTION_UNCHANGED)
            continue;
        struct plan_row row = plan_row_at(plan, at++);
        ck_assert_uint_eq(row.line, (unsigned)i + 2);
        row_compare(&world->rows[i], plan, row, world);
    }
    ck_assert_uint_eq(at, plan_row_count(plan));
    ck_assert_mem_eq(&counts, plan_counts(plan), sizeof counts);
    ck_assert_uint_eq(figures.fresh, world->figures.fresh);
    ck_assert_uint_eq(figures.changed, world->figures.changed);
    ck_assert_uint_eq(figures.changed_by_mapping, world->figures.changed_by_mapping);
    ck_assert_uint_eq(figures.returned, world->figures.returned);
    ck_assert(figures.id_unreadable == world->figures.id_unreadable);
    ck_assert_mem_eq(figures.field_changed, world->figures.field_changed,
                     sizeof figures.field_changed);
    ck_assert_mem_eq(figures.field_emptied, world->figures.field_emptied,
                     sizeof figures.field_emptied);
    ck_assert_mem_eq(figures.fields_sent, world->figures.fields_sent, sizeof figures.fields_sent);
}

START_TEST(a_random_world_is_planned_as_the_model_plans_it)
{
    for (int number = 0; number < WORLDS / 20; number++) {
        static struct world world;
        seed = (uint64_t)(_i * WORLDS + number) * 0x9e3779b97f4a7c15U + 1;
        world_make(&world);
        world_decide(&world);
        struct stage *stage = stage_new(world.settings);
        world_know(&world, stage);
        for (int i = 0; i < world.row_count; i++)
            row_add(&world, stage, i);
        world_wish(&world, stage);
        plan_close(stage->plan);
        world_compare(&world, stage->plan);
        stage_free(stage);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_loop_test(c, a_random_world_is_planned_as_the_model_plans_it, 0, 20);
}

int main(void)
{
    return unit_run("plan/model", all);
}
