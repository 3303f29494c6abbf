#include "plan/counts.h"
#include "unit.h"

START_TEST(actions_and_outcomes_are_found_by_their_names)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        ck_assert_int_eq(action_find(action_name((enum action)i)), i);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        ck_assert_int_eq(outcome_find(outcome_name((enum outcome)i)), i);
    ck_assert_str_eq(action_name(ACTION_LEFT_OUT), "left_out");
    ck_assert_str_eq(outcome_name(OUTCOME_NOT_REACHED), "not_reached");
    ck_assert_int_eq(action_find("NEW"), -1);
    ck_assert_int_eq(outcome_find(""), -1);
    ck_assert_int_eq(outcome_find(NULL), -1);
}
END_TEST

START_TEST(V10_every_row_has_one_action_and_every_row_sent_one_outcome)
{
    static const struct {
        uint64_t rows, fresh, changed, held, accepted, unknown;
        bool plan_adds_up, push_adds_up;
    } cases[] = {
        {0, 0, 0, 0, 0, 0, true, true},   {6, 1, 2, 3, 2, 1, true, true},
        {6, 1, 2, 3, 0, 0, true, false},  {7, 1, 2, 3, 2, 1, false, false},
        {5, 1, 2, 3, 2, 1, false, false}, {6, 1, 2, 3, 2, 2, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct counts counts = {.rows = cases[i].rows};
        counts.action[ACTION_NEW] = cases[i].fresh;
        counts.action[ACTION_CHANGED] = cases[i].changed;
        counts.action[ACTION_HELD] = cases[i].held;
        counts.outcome[OUTCOME_ACCEPTED] = cases[i].accepted;
        counts.outcome[OUTCOME_UNKNOWN] = cases[i].unknown;
        ck_assert_msg(counts_add_up(&counts, false) == cases[i].plan_adds_up, "case %zu", i);
        ck_assert_msg(counts_add_up(&counts, true) == cases[i].push_adds_up, "case %zu", i);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, actions_and_outcomes_are_found_by_their_names);
    tcase_add_test(c, V10_every_row_has_one_action_and_every_row_sent_one_outcome);
}

int main(void)
{
    return unit_run("plan/counts", all);
}
