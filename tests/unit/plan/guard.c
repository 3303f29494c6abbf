#include "crowd.h"

START_TEST(guards_are_found_by_their_names)
{
    for (int guard = 0; guard < GUARD_COUNT; guard++)
        ck_assert_int_eq(guard_find(guard_name((enum guard)guard)), guard);
    ck_assert_str_eq(guard_name(GUARD_FIRST_LOAD), "first-load");
    ck_assert_int_eq(guard_find("first_load"), -1);
    ck_assert_int_eq(guard_find("Rows"), -1);
}
END_TEST

START_TEST(I28_shares_of_the_known_trip_above_their_limits_and_not_at_them)
{
    static const struct {
        struct crowd crowd;
        guard_set tripped;
    } cases[] = {
        {{.unchanged = 100}, 0},
        {{.unchanged = 100, .fresh = 10}, 0},
        {{.unchanged = 100, .fresh = 11}, BIT(GUARD_NEW)},
        {{.unchanged = 90, .gone = 10}, 0},
        {{.unchanged = 89, .gone = 11}, BIT(GUARD_GONE)},
        {{.unchanged = 90, .by_mapping = 10}, 0},
        {{.unchanged = 89, .by_mapping = 11}, BIT(GUARD_MAPPING)},
        {{.unchanged = 80, .changed = 20}, 0},
        {{.unchanged = 79, .changed = 21}, BIT(GUARD_FIELD)},
        {{.unchanged = 75, .changed = 16, .emptied = 9}, 0},
        {{.unchanged = 74, .changed = 17, .emptied = 9}, BIT(GUARD_CHANGED)},
        {{.unchanged = 90, .emptied = 10}, 0},
        {{.unchanged = 89, .emptied = 11}, BIT(GUARD_FIELD)},
        {{.unchanged = 95, .rejected = 5}, 0},
        {{.unchanged = 94, .rejected = 6}, BIT(GUARD_REJECTED)},
        {{.unchanged = 24, .fresh = 24}, 0}, /* fewer than 25 known */
        {{.unchanged = 24, .fresh = 24, .gone = 1}, BIT(GUARD_NEW)},
        {{.gone = 24}, 0},
        {{.gone = 25}, BIT(GUARD_GONE)},
        {{.changed = 24}, 0},
        {{.by_mapping = 24}, 0},
        {{.rejected = 24}, 0}, /* fewer than 25 rows */
        {{.rejected = 25}, BIT(GUARD_REJECTED)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        assert_tripped(bench_judge(&bench, cases[i].crowd), cases[i].tripped, i);
    }
}
END_TEST

START_TEST(I28_a_shrunken_export_trips_before_anything_is_sent)
{
    static const struct {
        unsigned rows;
        uint64_t before;
        long least, most;
        double percent, limit;
        bool first_load, trips;
    } cases[] = {
        {90, 100, -1, -1, 10, 90, false, false}, {89, 100, -1, -1, 10, 90, false, true},
        {0, 100, -1, -1, 100, 0, false, false},  {89, 0, -1, -1, 10, 0, false, false},
        {1, 100, -1, -1, 10, 0, true, false},    {500, 100, -1, -1, 10, 90, false, false},
        {50, 50, 50, 60, 10, 50, false, false},  {49, 50, 50, 60, 10, 50, false, true},
        {60, 50, 50, 60, 10, 50, false, false},  {61, 50, 50, 60, 10, 60, false, true},
        {49, 50, 50, 60, 10, 50, true, true},    {0, 0, 0, 0, 10, 0, false, false},
        {4, 5, -1, -1, 10, 4.5, false, true},    {93, 100, -1, -1, 7, 93, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        bench.baseline.rows = cases[i].before;
        bench.baseline.first_load = cases[i].first_load;
        bench.facts.first_load_allowed = true;
        bench.limits.rows_min = cases[i].least;
        bench.limits.rows_max = cases[i].most;
        bench.limits.rows_fewer_percent = cases[i].percent;
        bench_judge(&bench, (struct crowd){.fresh = cases[i].rows});
        assert_tripped(&bench.judgement, cases[i].trips ? BIT(GUARD_ROWS) : 0, i);
        ck_assert(bench.judgement.of[GUARD_ROWS].value == cases[i].rows);
        ck_assert_msg(bench.judgement.of[GUARD_ROWS].limit == cases[i].limit, "case %zu: %g", i,
                      bench.judgement.of[GUARD_ROWS].limit);
    }
}
END_TEST

START_TEST(I27_a_file_that_is_too_old_trips)
{
    static const struct {
        long limit;
        int64_t age_ms;
        bool trips;
    } cases[] = {{26, 26 * 3600000LL, false},
                 {26, 26 * 3600000LL + 1, true},
                 {-1, 900 * 3600000LL, false},
                 {26, -1, false},
                 {0, 1, true},
                 {0, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        bench.limits.max_age_hours = cases[i].limit;
        bench.facts.age_ms = cases[i].age_ms;
        bench_judge(&bench, (struct crowd){.unchanged = 1});
        assert_tripped(&bench.judgement, cases[i].trips ? BIT(GUARD_AGE) : 0, i);
    }
}
END_TEST

START_TEST(I27_the_same_file_is_a_notice_or_a_stop)
{
    static const struct {
        const char *before, *now;
        bool refused, partial, trips, notice;
    } cases[] = {
        {"ab", "ab", false, false, false, true}, {"ab", "ab", true, false, true, true},
        {"ab", "cd", true, false, false, false}, {"", "", true, false, false, false},
        {"ab", "ab", true, true, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        strcpy(bench.baseline.digest, cases[i].before);
        strcpy(bench.facts.digest, cases[i].now);
        bench.limits.same_file_refused = cases[i].refused;
        bench.facts.partial = cases[i].partial;
        bench_judge(&bench, (struct crowd){.unchanged = 1, .partial = cases[i].partial});
        assert_tripped(&bench.judgement, cases[i].trips ? BIT(GUARD_SAME) : 0, i);
        ck_assert((bench.judgement.of[GUARD_SAME].text[0] != '\0') == cases[i].notice);
    }
}
END_TEST

START_TEST(D11_a_first_load_must_be_meant)
{
    static const struct {
        bool first_load, allowed, partial, trips;
    } cases[] = {{true, false, false, true},
                 {true, true, false, false},
                 {false, false, false, false},
                 {false, true, false, false},
                 {true, false, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        bench_init(&bench);
        bench.baseline.first_load = cases[i].first_load;
        bench.facts.first_load_allowed = cases[i].allowed;
        bench.facts.partial = cases[i].partial;
        bench_judge(&bench, (struct crowd){.fresh = 40, .partial = cases[i].partial});
        assert_tripped(&bench.judgement, cases[i].trips ? BIT(GUARD_FIRST_LOAD) : 0, i);
    }
}
END_TEST

static const struct crowd disaster = {.unchanged = 10,
                                      .changed = 30,
                                      .emptied = 30,
                                      .by_mapping = 20,
                                      .gone = 20,
                                      .fresh = 40,
                                      .rejected = 20};

/* Everything at once, under the circumstances that let guards pass. */
START_TEST(V15_exemptions_are_those_of_the_table_and_no_others)
{
    const guard_set all = BIT(GUARD_ROWS) | BIT(GUARD_AGE) | BIT(GUARD_SAME) | BIT(GUARD_NEW) |
                          BIT(GUARD_CHANGED) | BIT(GUARD_GONE) | BIT(GUARD_REJECTED) |
                          BIT(GUARD_FIELD) | BIT(GUARD_MAPPING);
    const struct {
        bool partial, adopting, first_load, off;
        guard_set ignored, approved, tripped, passed_over;
    } cases[] = {
        {.tripped = all},
        {.partial = true,
         .tripped = BIT(GUARD_NEW) | BIT(GUARD_CHANGED) | BIT(GUARD_FIELD) | BIT(GUARD_MAPPING)},
        {.adopting = true, .tripped = BIT(GUARD_ROWS) | BIT(GUARD_AGE) | BIT(GUARD_REJECTED)},
        {.adopting = true, .first_load = true, .tripped = BIT(GUARD_AGE) | BIT(GUARD_REJECTED)},
        {.first_load = true,
         .tripped = BIT(GUARD_AGE) | BIT(GUARD_SAME) | BIT(GUARD_FIRST_LOAD) | BIT(GUARD_REJECTED)},
        {.off = true, .tripped = BIT(GUARD_AGE) | BIT(GUARD_SAME)},
        {.ignored = BIT(GUARD_GONE) | BIT(GUARD_FIRST_LOAD),
         .tripped = all & ~BIT(GUARD_GONE),
         .passed_over = BIT(GUARD_GONE)},
        {.ignored = BIT(GUARD_ROWS),
         .approved = all & ~BIT(GUARD_ROWS),
         .tripped = 0,
         .passed_over = all},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        struct crowd crowd = disaster;
        bench_init(&bench);
        crowd.partial = cases[i].partial;
        bench.baseline.rows = 1000;
        bench.baseline.first_load = cases[i].first_load;
        strcpy(bench.baseline.digest, "ab");
        strcpy(bench.facts.digest, "ab");
        bench.limits.same_file_refused = true;
        bench.limits.max_age_hours = 1;
        bench.facts.age_ms = 3600001;
        bench.facts.partial = cases[i].partial;
        bench.facts.adopting = cases[i].adopting;
        bench.facts.ignored = cases[i].ignored;
        bench.facts.approved = cases[i].approved;
        if (cases[i].off) {
            bench.limits.rows_fewer_percent = bench.limits.new_percent =
                bench.limits.changed_percent = bench.limits.gone_percent =
                    bench.limits.rejected_percent = bench.limits.mapping_percent = 100;
            for (int field = 0; field < FIELD_COUNT; field++)
                bench.limits.field_changed_percent[field] =
                    bench.limits.field_emptied_percent[field] = 100;
        }
        assert_tripped(bench_judge(&bench, crowd), cases[i].tripped, i);
        for (int guard = 0; guard < GUARD_COUNT; guard++) {
            const struct guard_verdict *verdict = &bench.judgement.of[guard];
            bool is_over = (cases[i].tripped | cases[i].passed_over) & BIT(guard);
            ck_assert(verdict->ignored == !!(cases[i].passed_over & BIT(guard)));
            ck_assert(verdict->passed == !is_over);
            ck_assert_uint_lt(strlen(verdict->text), sizeof verdict->text - 1);
        }
    }
}
END_TEST

START_TEST(a_tripped_guard_names_its_figures_its_limit_and_how_to_go_on)
{
    static const struct {
        enum guard guard;
        double value, limit;
        const char *text;
    } cases[] = {
        {GUARD_ROWS, 150, 900,
         "rows of data: 150, 85 % fewer than the 1000 of the last finished run; the limit is 10 %"},
        {GUARD_AGE, 49.25, 26, "the export is 49.25 hours old; \"max_age_hours\" is 26"},
        {GUARD_SAME, 1, 0,
         "the export is byte for byte that of the last finished run, which the mapping refuses "
         "(\"same_file\")"},
        {GUARD_NEW, 100.0 * 40 / 110, 10,
         "new people: 40 (36.36 % of the 110 known); the limit is 10 %"},
        {GUARD_CHANGED, 100.0 * 60 / 110, 25,
         "people who changed in the data: 60 (54.55 % of the 110 known); the limit is 25 %; 20 "
         "more "
         "would change only because the mapping did"},
        {GUARD_GONE, 100.0 * 20 / 110, 10,
         "people newly missing from the export: 20 (18.18 % of the 110 known); the limit is 10 %"},
        {GUARD_REJECTED, 100.0 * 20 / 150, 2.5,
         "rejected rows: 20 (13.33 % of the 150 rows); the limit is 2.5 %"},
        {GUARD_FIELD, 100.0 * 30 / 110, 10,
         "city becomes empty for 30 people (27.27 % of the 110 known); the limit is 10 %; 1 more "
         "field is over a limit"},
        {GUARD_MAPPING, 100.0 * 20 / 110, 10,
         "people who would change only because the mapping did: 20 (18.18 % of the 110 known); the "
         "limit is 10 %"},
    };
    struct bench bench;
    bench_init(&bench);
    bench.baseline.rows = 1000;
    strcpy(bench.baseline.digest, "ab");
    strcpy(bench.facts.digest, "ab");
    bench.limits.same_file_refused = true;
    bench.limits.max_age_hours = 26;
    bench.limits.rejected_percent = 2.5;
    bench.facts.age_ms = 49 * 3600000LL + 900000;
    bench_judge(&bench, disaster);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct guard_verdict *verdict = &bench.judgement.of[cases[i].guard];
        char expected[400];
        snprintf(expected, sizeof expected,
                 "%s. Look at it with `opspush plan EXPORT --out FILE`, then push just that with "
                 "`opspush push --plan FILE`; or pass this guard once with `--ignore %s`",
                 cases[i].text, guard_name(cases[i].guard));
        ck_assert_str_eq(verdict->text, expected);
        ck_assert_double_eq_tol(verdict->value, cases[i].value, 1e-9);
        ck_assert_double_eq_tol(verdict->limit, cases[i].limit, 1e-9);
    }
    bench_init(&bench);
    bench.baseline.first_load = true;
    bench_judge(&bench, (struct crowd){.fresh = 40});
    ck_assert_str_eq(
        bench.judgement.of[GUARD_FIRST_LOAD].text,
        "no run of this feed to this target has finished yet, and 40 people of this "
        "export would be new; if this first load is meant, say so with `--first-load`");
}
END_TEST

START_TEST(the_same_figures_give_the_same_judgement)
{
    struct bench bench;
    bench_init(&bench);
    bench_judge(&bench, disaster);
    struct guard_judgement before = bench.judgement;
    memset(&bench.judgement, 0xff, sizeof bench.judgement);
    bench_judge(&bench, disaster);
    ck_assert_uint_eq(before.tripped, bench.judgement.tripped);
    for (int guard = 0; guard < GUARD_COUNT; guard++)
        ck_assert_str_eq(before.of[guard].text, bench.judgement.of[guard].text);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, guards_are_found_by_their_names);
    tcase_add_test(c, I28_shares_of_the_known_trip_above_their_limits_and_not_at_them);
    tcase_add_test(c, I28_a_shrunken_export_trips_before_anything_is_sent);
    tcase_add_test(c, I27_a_file_that_is_too_old_trips);
    tcase_add_test(c, I27_the_same_file_is_a_notice_or_a_stop);
    tcase_add_test(c, D11_a_first_load_must_be_meant);
    tcase_add_test(c, V15_exemptions_are_those_of_the_table_and_no_others);
    tcase_add_test(c, a_tripped_guard_names_its_figures_its_limit_and_how_to_go_on);
    tcase_add_test(c, the_same_figures_give_the_same_judgement);
}

int main(void)
{
    return unit_run("plan/guard", all);
}
