#include "screens.h"

START_TEST(V10_the_summary_tells_the_run_on_one_screen)
{
    static const char *const expected[] = {
        "opspush push: partial (exit 3), 11 of 12 accepted, 1 refused, 4 rejected\n",
        "export     students-day2.csv, 213 rows, written 2026-11-22T00:20:00Z\n",
        "mapping    Banner students (banner-students.jsonc)\n",
        "target     https://ops.example.com/api/OC_TOMA/v1\n",
        "took 4.2 s, requests 14, retries 2\n",
        "                 213 rows =     usual (14 runs)         12 to send =\n",
        "                   5 new        2-9                     11 accepted\n",
        "                   7 changed    10-31 !                  1 refused\n",
        "                 180 unchanged  0-0 !                    0 unknown\n",
        "                   2 repeated   0-0 !                    3 gone of 201 known\n",
        "                   0 held       0-0                        usual 0-0 !\n",
        "fields     email 5, city 2\n",
        "rejected   4  email is missing: lines 5, 18, 44, 61\n",
        "fix: fill EMAIL_UNIV in Banner\n",
        "refused    1  ",
        "left out   active or returning 15\n",
        "guard      changed (passed this once): 27.5 % of 201 known people changed",
        "note       2  phone_cell has too few digits: leave out field\n",
        "warning    2 ids differ only in case\n",
        "next       mend rejects.csv and push it again\n",
        "reports    /var/lib/opspush/runs/20261122T012000Z-ab12\n",
    };
    struct report report;
    sample_report(&report);
    char *text = summary(&report, false, 80);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(strstr(text, expected[i]) != NULL, "no \"%s\" in\n%s", expected[i], text);
    ck_assert_uint_le(lines_of(text), 36);
    assert_width(text, 80);
    free(text);
    report_clear(&report);
}
END_TEST

START_TEST(O11_neither_ids_nor_the_servers_own_words_are_in_the_summary)
{
    struct report report;
    sample_report(&report);
    char *text = summary(&report, false, 80);
    ck_assert_ptr_null(strstr(text, "canary.person"));
    ck_assert_ptr_null(strstr(text, "@0000"));
    ck_assert_ptr_nonnull(strstr(text, "9019"));
    free(text);
    report_clear(&report);
}
END_TEST

START_TEST(a_verdict_says_what_was_sent)
{
    static const struct {
        const char *command, *verdict;
        int exit;
        uint64_t fresh, changed, rejected, held, outcome[OUTCOME_COUNT];
        guard_set tripped;
        const char *line;
    } cases[] = {
        {"push", "ok", 0, 5, 7, 0, 0, {12}, 0, "opspush push: ok, 12 sent and accepted\n"},
        {"push", "ok", 0, 0, 0, 0, 0, {0}, 0, "opspush push: ok, nothing to send\n"},
        {"push",
         "guard",
         8,
         5,
         7,
         0,
         0,
         {0, 0, 0, 12},
         2,
         "opspush push: guard (exit 8), nothing sent, 12 not reached\n"},
        {"push",
         "unavailable",
         7,
         2000,
         1,
         0,
         3,
         {0, 0, 2, 1999},
         0,
         "opspush push: unavailable (exit 7), 0 of 2,001 accepted, 2 unknown, 1,999 not"},
        {"plan", "ok", 0, 5, 7, 0, 0, {0}, 0, "opspush plan: ok, would push 12 people\n"},
        {"plan",
         "ok",
         0,
         1,
         0,
         4,
         2,
         {0},
         2,
         "opspush plan: ok, would push 1 person, 4 rejected, 2 held; a guard would stop it\n"},
        {"plan", "ok", 0, 0, 0, 0, 0, {0}, 0, "opspush plan: ok, nothing to push\n"},
        {"adopt", "ok", 0, 5, 0, 0, 0, {0}, 0, "opspush adopt: ok\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report report = {.command = cases[i].command,
                                .verdict = cases[i].verdict,
                                .exit = cases[i].exit,
                                .is_push = strcmp(cases[i].command, "push") == 0,
                                .has_guards = true};
        report.guards.tripped = cases[i].tripped;
        report.counts.action[ACTION_NEW] = cases[i].fresh;
        report.counts.action[ACTION_CHANGED] = cases[i].changed;
        report.counts.action[ACTION_REJECTED] = cases[i].rejected;
        report.counts.action[ACTION_HELD] = cases[i].held;
        memcpy(report.counts.outcome, cases[i].outcome, sizeof report.counts.outcome);
        char *text = summary(&report, false, 80);
        ck_assert_msg(strncmp(text, cases[i].line, strlen(cases[i].line)) == 0, "%s", text);
        free(text);
    }
}
END_TEST

START_TEST(I16_nothing_in_the_summary_controls_a_terminal)
{
    struct report report;
    sample_report(&report);
    static const char *const nasty[] = {
        "bell \a esc \x1b[2J C1 \xc2\x9b bidi \xe2\x80\xae broken \xff"};
    report.warnings = report.next_steps = nasty;
    report.input.path = report.mapping.name = report.headline = nasty[0];
    report.folder = nasty[0];
    char *text = summary(&report, false, 80);
    ck_assert(!has_control(text, strlen(text), ""));
    ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
    ck_assert_uint_eq(utf8_valid_prefix(text, strlen(text)), strlen(text));
    free(text);
    report_clear(&report);
}
END_TEST

START_TEST(colour_changes_nothing_but_colour)
{
    struct report report;
    sample_report(&report);
    char *plain = summary(&report, false, 80), *coloured = summary(&report, true, 80);
    struct text stripped = {0};
    for (const char *at = coloured; *at; at++) {
        if (*at == '\x1b')
            at += strcspn(at, "m");
        else
            text_add_byte(&stripped, *at);
    }
    ck_assert_str_eq(text_string(&stripped), plain);
    ck_assert_str_ne(coloured, plain);
    text_clear(&stripped);
    free(plain);
    free(coloured);
    report_clear(&report);
}
END_TEST

START_TEST(a_run_that_did_not_read_to_the_end_counts_what_was_read_or_nothing)
{
    struct report report = {
        .command = "push", .verdict = "input", .exit = 6, .is_push = true, .input = {.rows = 1}};
    report.input.path = "mh.csv";
    char *text = summary(&report, false, 80);
    ck_assert_msg(strstr(text, "opspush push: input (exit 6), nothing was sent\n") != NULL &&
                      strstr(text, "export     mh.csv, 1 row read\n") != NULL,
                  "%s", text);
    free(text);
    report.input.rows = 0;
    report.command = "plan";
    text = summary(&report, false, 80);
    ck_assert_msg(strstr(text, "opspush plan: input (exit 6), there is no plan\n") != NULL &&
                      strstr(text, "export     mh.csv\n") != NULL,
                  "%s", text);
    free(text);
}
END_TEST

START_TEST(C4_changes_by_the_mapping_are_counted_apart)
{
    struct report report;
    sample_report(&report);
    report.figures.changed = 2200;
    report.figures.changed_by_mapping = 2117;
    char *text = summary(&report, false, 120);
    ck_assert_ptr_nonnull(strstr(text,
                                 "mapping    83 people changed in the data; 2,117 would change "
                                 "only because the mapping changed\n"));
    free(text);
    report_clear(&report);
}
END_TEST

START_TEST(labels_and_numbers_stand_apart_whatever_their_width)
{
    struct report report;
    sample_report(&report);
    struct report_row row = {.line = 9,
                             .action = ACTION_NEW,
                             .outcome = OUTCOME_NOT_REACHED,
                             .code = "guard",
                             .field = -1,
                             .message = "guard"};
    for (int i = 0; i < 327; i++)
        report_add_row(&report, &row);
    report.counts.outcome[OUTCOME_UNKNOWN] = 123456789;
    report.usual.low[ACTION_UNCHANGED] = report.usual.high[ACTION_UNCHANGED] = 12345678;
    report.counts.action[ACTION_UNCHANGED] = 12345678901;
    char *text = summary(&report, false, 80);
    ck_assert_msg(strstr(text, "\nnot reached 327  guard") != NULL, "%s", text);
    ck_assert_msg(strstr(text, " 12,345,678,901 unchanged 12,345,678-12,345,678 ! 123,456,789 "
                               "unknown\n") != NULL,
                  "%s", text);
    free(text);
    report.counts.action[ACTION_REJECTED] = UINT64_C(12345678901234);
    report.usual.low[ACTION_UNCHANGED] = report.usual.high[ACTION_UNCHANGED] = 123456789012;
    text = summary(&report, false, 80);
    ck_assert_msg(strstr(text, "rows       213 = 5 new + ") != NULL, "no table\n%s", text);
    ck_assert_ptr_nonnull(strstr(text, "+ 123,456,789 unknown + 0 not reached\n"));
    free(text);
    report_clear(&report);
}
END_TEST

static size_t times(const char *words, const char *in)
{
    size_t count = 0;
    while ((in = strstr(in, words)) != NULL) {
        in += strlen(words);
        count++;
    }
    return count;
}

START_TEST(what_is_not_shown_is_to_be_seen_in_a_report_or_by_asking_for_one)
{
    static const char asking[] = "opspush plan EXPORT --report DIR)";
    struct report report, full;
    sample_report(&report);
    for (int field = FIELD_STREET; field < FIELD_STREET + 5; field++)
        report_add_note(&report, "too_long", "leave out field", field,
                        field_info((enum field)field)->name, 1);
    char *text = summary(&report, false, 80);
    ck_assert_msg(times("(and 3 more: report.html)\n", text) == 1, "%s", text);
    free(text);
    report.folder = NULL;
    text = summary(&report, false, 100);
    ck_assert_msg(times(asking, text) == 1 && !times("report.html", text), "%s", text);
    free(text);
    report_clear(&report);
    sample_report(&full);
    crowd(&full);
    text = summary(&full, false, 132);
    ck_assert_msg(times("causes (results.csv)\n", text) == 1, "%s", text);
    ck_assert_msg(times("and more guards (run.json)\n", text) == 1, "%s", text);
    free(text);
    full.folder = NULL;
    text = summary(&full, false, 132);
    ck_assert_msg(times(asking, text) == 2 && !times("(run.json", text), "%s", text);
    free(text);
    report_clear(&full);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, labels_and_numbers_stand_apart_whatever_their_width);
    tcase_add_test(tests, what_is_not_shown_is_to_be_seen_in_a_report_or_by_asking_for_one);
    tcase_add_test(tests, V10_the_summary_tells_the_run_on_one_screen);
    tcase_add_test(tests, O11_neither_ids_nor_the_servers_own_words_are_in_the_summary);
    tcase_add_test(tests, a_verdict_says_what_was_sent);
    tcase_add_test(tests, I16_nothing_in_the_summary_controls_a_terminal);
    tcase_add_test(tests, colour_changes_nothing_but_colour);
    tcase_add_test(tests, a_run_that_did_not_read_to_the_end_counts_what_was_read_or_nothing);
    tcase_add_test(tests, C4_changes_by_the_mapping_are_counted_apart);
}

int main(void)
{
    return unit_run("report/summary", all);
}
