#include "stage.h"

/*
 * Several rows of one person. A row is written "PAYLOADrank": "a2" is payload a of rank 2, "!1" a
 * rejected row, "-" one that is left out; rows of one case are all of one person, on lines 2 and
 * on.
 */
static void rows_play(struct stage *stage, const char *rows)
{
    for (; *rows; rows += *rows == ' ') {
        struct text rank = {0};
        struct plan_input row = row_of(stage, 1);
        char what = *rows++;
        if (*rows && *rows != ' ') {
            stage->ranks[row.line][0] = *rows;
            text_add_byte(&rank, *rows++);
        }
        row.rank = &rank;
        row.action = what == '!' ? ACTION_REJECTED : what == '-' ? ACTION_LEFT_OUT : ACTION_NEW;
        row.digest = payload((uint64_t)what);
        if (row.action != ACTION_NEW)
            row.reason = plan_reason(stage->plan, row.action, "rule", -1, "rule", NULL);
        plan_add(stage->plan, &row);
        text_clear(&rank);
    }
}

struct repetition {
    int repeated_id;
    bool has_prefer;
    const char *rows, *expected;
};

static void repetitions_check(const struct repetition *cases, size_t count, bool is_known)
{
    for (size_t i = 0; i < count; i++) {
        struct text text = {0};
        struct stage *stage = stage_new((struct plan_settings){.repeated_id = cases[i].repeated_id,
                                                               .has_prefer = cases[i].has_prefer});
        if (is_known)
            know_delivered(stage, 1, 'a');
        rows_play(stage, cases[i].rows);
        plan_close(stage->plan);
        rows_text(stage->plan, &text);
        ck_assert_msg(strcmp(text_string(&text), cases[i].expected) == 0, "case %zu, %s: %s", i,
                      cases[i].rows, text_string(&text));
        text_clear(&text);
        stage_free(stage);
    }
}
#define CHECK(cases, is_known) repetitions_check(cases, sizeof(cases) / sizeof *(cases), is_known)

#define OTHER  "left_out:other_row"
#define AGAIN  "repeated:repeated"
#define DIFFER "rejected:repeated_id"

START_TEST(I20_the_same_person_with_the_same_payload_is_collapsed_whatever_the_policy)
{
    static const struct repetition cases[] = {
        {REPEATED_REJECT, false, "b b", "2 new; 3 " AGAIN},
        {REPEATED_FIRST, false, "b b b", "2 new; 3 " AGAIN "; 4 " AGAIN},
        {REPEATED_LAST, false, "b b", "2 new; 3 " AGAIN},
        {REPEATED_REJECT, true, "b1 b1", "2 new; 3 " AGAIN},
        {REPEATED_REJECT, true, "b1 b2", "2 " AGAIN "; 3 new"},
        {REPEATED_LAST, false, "b c b", "2 " AGAIN "; 3 " OTHER "; 4 new"},
        {REPEATED_FIRST, false, "b c b", "2 new; 3 " OTHER "; 4 " AGAIN},
    };
    CHECK(cases, false);
}
END_TEST

START_TEST(I21_rows_of_one_person_that_differ_reject_them_all)
{
    static const struct repetition cases[] = {
        {REPEATED_REJECT, false, "b c", "2 " DIFFER "; 3 " DIFFER},
        {REPEATED_REJECT, false, "b b c", "2 " DIFFER "; 3 " DIFFER "; 4 " DIFFER},
        {REPEATED_REJECT, false, "b c b c", "2 " DIFFER "; 3 " DIFFER "; 4 " DIFFER "; 5 " DIFFER},
        {REPEATED_REJECT, true, "b1 c1", "2 " DIFFER "; 3 " DIFFER},
        {REPEATED_REJECT, true, "d0 b1 c1 d0",
         "2 " DIFFER "; 3 " DIFFER "; 4 " DIFFER "; 5 " DIFFER},
        {REPEATED_REJECT, false, "b !", "2 " DIFFER "; 3 rejected:rule"},
        {REPEATED_REJECT, false, "! b", "2 rejected:rule; 3 " DIFFER},
        {REPEATED_REJECT, false, "! !", "2 rejected:rule; 3 rejected:rule"},
    };
    CHECK(cases, false);
}
END_TEST

START_TEST(I21_known_people_are_treated_alike)
{
    static const struct repetition cases[] = {
        {REPEATED_REJECT, false, "a a", "3 " AGAIN},
        {REPEATED_REJECT, false, "a b", "2 " DIFFER "; 3 " DIFFER},
        {REPEATED_LAST, false, "b a", "2 " OTHER},
        {REPEATED_FIRST, false, "b a", "2 changed; 3 " OTHER},
        {REPEATED_LAST, false, "a b a", "2 " AGAIN "; 3 " OTHER},
        {REPEATED_REJECT, true, "b1 a2", "2 " OTHER},
        {REPEATED_FIRST, false, "- a", "2 left_out:rule"},
    };
    CHECK(cases, true);
}
END_TEST

START_TEST(first_and_last_choose_among_rows_that_differ)
{
    static const struct repetition cases[] = {
        {REPEATED_FIRST, false, "b c", "2 new; 3 " OTHER},
        {REPEATED_LAST, false, "b c", "2 " OTHER "; 3 new"},
        {REPEATED_FIRST, false, "b !", "2 new; 3 " OTHER},
        {REPEATED_LAST, false, "b !", "2 " OTHER "; 3 rejected:rule"},
        {REPEATED_FIRST, false, "! b", "2 rejected:rule; 3 " OTHER},
        {REPEATED_LAST, false, "! b", "2 " OTHER "; 3 new"},
        {REPEATED_LAST, false, "! !", "2 " OTHER "; 3 rejected:rule"},
        {REPEATED_FIRST, true, "b1 c2 d2", "2 " OTHER "; 3 new; 4 " OTHER},
        {REPEATED_LAST, true, "b1 c2 d2 e0", "2 " OTHER "; 3 " OTHER "; 4 new; 5 " OTHER},
    };
    CHECK(cases, false);
}
END_TEST

START_TEST(the_preferred_row_wins_before_it_is_asked_whether_it_is_valid)
{
    static const struct repetition cases[] = {
        {REPEATED_REJECT, true, "b1 c2", "2 " OTHER "; 3 new"},
        {REPEATED_REJECT, true, "b2 c1", "2 new; 3 " OTHER},
        {REPEATED_REJECT, true, "b1 !2", "2 " OTHER "; 3 rejected:rule"},
        {REPEATED_REJECT, true, "!1 b2", "2 " OTHER "; 3 new"},
        {REPEATED_REJECT, true, "b1 c1 d2", "2 " OTHER "; 3 " OTHER "; 4 new"},
        {REPEATED_REJECT, true, "b1 c1 c2 b0", "2 " OTHER "; 3 " AGAIN "; 4 new; 5 " OTHER},
        {REPEATED_REJECT, true, "b c1", "2 " OTHER "; 3 new"},
        {REPEATED_REJECT, true, "b1 -2", "2 new; 3 left_out:rule"},
        {REPEATED_REJECT, true, "-2 b1", "2 left_out:rule; 3 new"},
    };
    CHECK(cases, false);
}
END_TEST

START_TEST(rows_that_stand_together_are_ranked_without_reading_again)
{
    struct stage *stage = stage_new((struct plan_settings){.has_prefer = true});
    rows_play(stage, "b1 c3 d2");
    ck_assert_int_eq(stage->rank_calls, 0);
    add_valid(stage, 2, 1);
    rows_play(stage, "e4");
    ck_assert_int_eq(stage->rank_calls, 1);
    close_and_assert(stage, "2 " OTHER "; 3 " OTHER "; 4 " OTHER "; 5 new; 6 new");
    stage_free(stage);
}
END_TEST

START_TEST(a_winner_by_another_row_leaves_no_trace_of_the_loser_in_the_figures)
{
    struct stage *stage = stage_new((struct plan_settings){.repeated_id = REPEATED_LAST});
    struct sample full = {"a@example.edu", "Ogden"}, blank = {NULL, "Ogden"};
    struct profile profile;
    know_delivered(stage, 1, 1);
    stage->delivered[2] = full;
    for (int i = 0; i < 2; i++) {
        struct plan_input row = row_of(stage, 1);
        profile_fill(&profile, i == 0 ? blank : full);
        row.digest = payload(i == 0 ? 2 : 1);
        row.profile = &profile;
        plan_add(stage->plan, &row);
    }
    close_and_assert(stage, "2 " OTHER);
    const struct plan_figures *figures = plan_figures(stage->plan);
    ck_assert_uint_eq(figures->field_emptied[FIELD_EMAIL], 0);
    ck_assert_uint_eq(figures->field_changed[FIELD_EMAIL], 0);
    ck_assert_uint_eq(figures->changed, 0);
    stage_free(stage);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, I20_the_same_person_with_the_same_payload_is_collapsed_whatever_the_policy);
    tcase_add_test(c, I21_rows_of_one_person_that_differ_reject_them_all);
    tcase_add_test(c, I21_known_people_are_treated_alike);
    tcase_add_test(c, first_and_last_choose_among_rows_that_differ);
    tcase_add_test(c, the_preferred_row_wins_before_it_is_asked_whether_it_is_valid);
    tcase_add_test(c, rows_that_stand_together_are_ranked_without_reading_again);
    tcase_add_test(c, a_winner_by_another_row_leaves_no_trace_of_the_loser_in_the_figures);
}

int main(void)
{
    return unit_run("plan/repeated", all);
}
