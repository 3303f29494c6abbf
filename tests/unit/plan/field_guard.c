#include "crowd.h"

/*
 * So many finished runs of 1000 rows and 1000 known, whose fill and change of a field range between
 * two shares in percent.
 */
static void history(struct bench *bench, size_t runs, enum field field, unsigned filled_least,
                    unsigned filled_most, unsigned changed_most)
{
    bench->baseline.runs = runs;
    for (size_t i = 0; i < runs; i++) {
        bench->baseline.run[i].valid = 1000;
        bench->baseline.run[i].known = 1000;
        bench->baseline.run[i].filled[field] = 10 * (i % 2 ? filled_least : filled_most);
        bench->baseline.run[i].changed[field] = 10 * (i % 2 ? changed_most : 0);
    }
}

START_TEST(I29_a_column_that_becomes_empty_trips_the_field_guard)
{
    static const struct {
        struct crowd crowd;
        double changed_limit, emptied_limit;
        bool trips;
    } cases[] = {
        {{.emptied = 100}, 20, 10, true},
        {{.emptied = 100}, 100, 10, true},
        {{.emptied = 100}, 20, 100, true},
        {{.emptied = 100}, 100, 100, false},
        {{.unchanged = 85, .emptied = 15}, 20, 15, false},
        {{.unchanged = 84, .emptied = 16}, 20, 15, true},
        {{.by_mapping = 100}, 20, 10, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        bench.limits.field_changed_percent[FIELD_CITY] = cases[i].changed_limit;
        bench.limits.field_emptied_percent[FIELD_CITY] = cases[i].emptied_limit;
        bench_judge(&bench, cases[i].crowd);
        ck_assert_msg(!!(bench.judgement.tripped & BIT(GUARD_FIELD)) == cases[i].trips, "case %zu",
                      i);
    }
}
END_TEST

START_TEST(I29_a_fill_rate_outside_the_range_of_the_last_runs_trips)
{
    static const struct {
        size_t runs;
        unsigned least, most, today; /* filled, percent */
        double emptied_limit;
        bool partial, other_mapping, trips;
    } cases[] = {
        {14, 99, 100, 7, 10, false, false, true},   {14, 99, 100, 90, 10, false, false, false},
        {14, 99, 100, 89, 10, false, false, false}, {14, 99, 100, 88, 10, false, false, true},
        {14, 40, 60, 70, 10, false, false, false},  {14, 40, 60, 71, 10, false, false, true},
        {3, 99, 100, 7, 10, false, false, true},    {2, 99, 100, 7, 10, false, false, false},
        {14, 99, 100, 7, 100, false, false, false}, {14, 99, 100, 7, 10, true, false, false},
        {14, 99, 100, 7, 10, false, true, false},   {14, 0, 0, 0, 10, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        history(&bench, cases[i].runs, FIELD_PHONE_CELL, cases[i].least, cases[i].most, 0);
        strcpy(bench.baseline.mapping_digest, "ab");
        strcpy(bench.facts.mapping_digest, cases[i].other_mapping ? "cd" : "ab");
        bench.facts.valid = 200;
        bench.facts.filled[FIELD_PHONE_CELL] = cases[i].today * UINT64_C(2);
        bench.facts.partial = cases[i].partial;
        bench.limits.field_emptied_percent[FIELD_PHONE_CELL] = cases[i].emptied_limit;
        bench_judge(&bench, (struct crowd){.unchanged = 100, .partial = cases[i].partial});
        ck_assert_msg(!!(bench.judgement.tripped & BIT(GUARD_FIELD)) == cases[i].trips,
                      "case %zu: %s", i, bench.judgement.of[GUARD_FIELD].text);
    }
}
END_TEST

START_TEST(I29_the_range_is_told_in_a_sentence)
{
    struct bench bench;
    bench_init(&bench);
    history(&bench, 14, FIELD_PHONE_CELL, 99, 100, 0);
    bench.facts.valid = 2000;
    bench.facts.filled[FIELD_PHONE_CELL] = 141;
    bench_judge(&bench, (struct crowd){.unchanged = 100});
    const char *expected =
        "phone_cell is empty in 93 % of rows where it was 0 to 1 % in the last 14 runs. Look at it";
    const struct guard_verdict *verdict = &bench.judgement.of[GUARD_FIELD];
    ck_assert_int_eq(strncmp(verdict->text, expected, strlen(expected)), 0);
    ck_assert_double_eq_tol(verdict->value, 92.95, 1e-9);
    ck_assert_double_eq_tol(verdict->limit, 11, 1e-9);
}
END_TEST

START_TEST(I29_the_range_is_told_beside_a_limit_that_is_further_overstepped)
{
    struct bench bench;
    bench_init(&bench);
    history(&bench, 14, FIELD_CITY, 99, 100, 0);
    bench.facts.valid = 100;
    bench.facts.filled[FIELD_CITY] = 78;
    bench_judge(&bench, (struct crowd){.unchanged = 78, .emptied = 22});
    const char *expected =
        "city becomes empty for 22 people (22 % of the 100 known); the limit is 10 %; city is "
        "empty in 22 % of rows where it was 0 to 1 % in the last 14 runs. Look at it";
    const char *text = bench.judgement.of[GUARD_FIELD].text;
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s", text);
}
END_TEST

START_TEST(I29_runs_and_exports_of_a_few_rows_have_no_fill_rate)
{
    static const uint64_t sizes[][2] = {{24, 1000}, {1000, 24}};
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        bench_init(&bench);
        history(&bench, 14, FIELD_PHONE_CELL, 100, 100, 0);
        for (size_t run = 0; run < 14; run++)
            bench.baseline.run[run].valid = sizes[i][1];
        bench.facts.valid = sizes[i][0];
        bench_judge(&bench, (struct crowd){.unchanged = 100});
        assert_tripped(&bench.judgement, 0, i);
    }
}
END_TEST

START_TEST(I28_a_field_that_changes_far_more_than_in_the_last_runs_trips)
{
    static const struct {
        unsigned changed, usual_most;
        double limit;
        bool trips;
    } cases[] = {
        {10, 0, 20, false}, {11, 0, 20, true},   {15, 5, 20, false},
        {16, 5, 20, true},  {11, 0, 100, false}, {25, 30, 30, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        history(&bench, 14, FIELD_EMAIL, 100, 100, cases[i].usual_most);
        bench.facts.valid = 100;
        bench.facts.filled[FIELD_EMAIL] = 100;
        bench.limits.field_changed_percent[FIELD_EMAIL] = cases[i].limit;
        bench_judge(&bench, (struct crowd){.unchanged = 100 - cases[i].changed,
                                           .changed = cases[i].changed});
        ck_assert_msg(!!(bench.judgement.tripped & BIT(GUARD_FIELD)) == cases[i].trips,
                      "case %zu: %s", i, bench.judgement.of[GUARD_FIELD].text);
    }
}
END_TEST

START_TEST(I28_a_change_beyond_the_usual_is_told_in_a_sentence)
{
    struct bench bench;
    bench_init(&bench);
    history(&bench, 5, FIELD_EMAIL, 100, 100, 2);
    bench.facts.valid = 100;
    bench.facts.filled[FIELD_EMAIL] = 100;
    bench_judge(&bench, (struct crowd){.unchanged = 82, .changed = 18});
    const char *expected =
        "email changes for 18 % of known people where it was 0 to 2 % in the last 5 "
        "runs. Look at it";
    const char *text = bench.judgement.of[GUARD_FIELD].text;
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s", text);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, I29_a_column_that_becomes_empty_trips_the_field_guard);
    tcase_add_test(c, I29_a_fill_rate_outside_the_range_of_the_last_runs_trips);
    tcase_add_test(c, I29_the_range_is_told_in_a_sentence);
    tcase_add_test(c, I29_the_range_is_told_beside_a_limit_that_is_further_overstepped);
    tcase_add_test(c, I29_runs_and_exports_of_a_few_rows_have_no_fill_rate);
    tcase_add_test(c, I28_a_field_that_changes_far_more_than_in_the_last_runs_trips);
    tcase_add_test(c, I28_a_change_beyond_the_usual_is_told_in_a_sentence);
}

int main(void)
{
    return unit_run("plan/field_guard", all);
}
