#include "sample.h"

#include "base/memory.h"

static void add(struct report *report, uint32_t line, enum action action, int outcome,
                unsigned flags, const char *code, const char *message)
{
    struct report_row row = {.line = line,
                             .action = action,
                             .outcome = outcome,
                             .flags = flags,
                             .code = code,
                             .field = -1,
                             .message = message,
                             .fix = ""};
    report_add_row(report, &row);
}

START_TEST(V10_reasons_are_by_outcome_where_a_request_was_due_else_by_action)
{
    static const struct {
        enum action action;
        int outcome;
        unsigned flags;
        int by_action, by_outcome; /* both -1: no reason */
        const char *code;
    } cases[] = {
        {ACTION_NEW, -1, 0, -1, -1, ""},
        {ACTION_CHANGED, -1, 0, -1, -1, ""},
        {ACTION_NEW, OUTCOME_ACCEPTED, 0, -1, -1, ""},
        {ACTION_UNCHANGED, -1, 0, -1, -1, ""},
        {ACTION_NEW, OUTCOME_REFUSED, 0, -1, OUTCOME_REFUSED, "c"},
        {ACTION_CHANGED, OUTCOME_UNKNOWN, PLAN_UNSETTLED, -1, OUTCOME_UNKNOWN, "c"},
        {ACTION_CHANGED, OUTCOME_NOT_REACHED, 0, -1, OUTCOME_NOT_REACHED, "c"},
        {ACTION_LEFT_OUT, -1, 0, ACTION_LEFT_OUT, -1, "c"},
        {ACTION_REJECTED, -1, 0, ACTION_REJECTED, -1, "c"},
        {ACTION_REPEATED, -1, 0, ACTION_REPEATED, -1, "c"},
        {ACTION_HELD, -1, 0, ACTION_HELD, -1, "c"},
        {ACTION_CHANGED, -1, PLAN_UNSETTLED, ACTION_CHANGED, -1, "unsettled"},
        {ACTION_NEW, OUTCOME_ACCEPTED, PLAN_UNSETTLED, ACTION_NEW, -1, "unsettled"},
        {ACTION_CHANGED, OUTCOME_ACCEPTED, PLAN_REFRESH, ACTION_CHANGED, -1, "refresh"},
        {ACTION_CHANGED, -1, PLAN_FULL, ACTION_CHANGED, -1, "full"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report report = {0};
        bool expected = cases[i].by_action >= 0 || cases[i].by_outcome >= 0;
        add(&report, 7, cases[i].action, cases[i].outcome, cases[i].flags, "c", "m");
        ck_assert_uint_eq(report.reason_count, expected ? 1 : 0);
        if (expected) {
            ck_assert_int_eq(report.reasons[0].action, cases[i].by_action);
            ck_assert_int_eq(report.reasons[0].outcome, cases[i].by_outcome);
            ck_assert_str_eq(report.reasons[0].code, cases[i].code);
        }
        report_clear(&report);
    }
}
END_TEST

START_TEST(equal_reasons_are_counted_with_their_first_lines)
{
    struct report report = {0};
    for (uint32_t line = 1; line <= 1000; line++)
        add(&report, line, ACTION_REJECTED, -1, 0, line % 2 ? "odd" : "even", "m");
    ck_assert_uint_eq(report.reason_count, 2);
    ck_assert_uint_eq(report.reasons[0].count, 500);
    ck_assert_uint_eq(report.reasons[0].line_count, REASON_LINES);
    ck_assert_uint_eq(report.reasons[0].lines[9], 19);
    report_clear(&report);
    ck_assert_uint_eq(report.reason_count, 0);
}
END_TEST

START_TEST(I30_a_hundred_thousand_different_reasons_stay_bounded_and_add_up)
{
    struct report report = {0};
    for (uint32_t line = 1; line <= 100000; line++) {
        char message[32];
        snprintf(message, sizeof message, "answer %" PRIu32, line);
        add(&report, line, ACTION_NEW, line % 2 ? OUTCOME_REFUSED : OUTCOME_UNKNOWN, 0, "other",
            message);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < report.reason_count; i++)
        sum += report.reasons[i].count;
    ck_assert_uint_eq(sum, 100000);
    ck_assert_uint_le(report.reason_count, 4002);
    report_clear(&report);
}
END_TEST

START_TEST(notes_are_counted_by_policy_field_and_words)
{
    struct report report = {0};
    for (int i = 0; i < 3; i++)
        report_add_note(&report, "type", "leave out field", FIELD_EMAIL, "email is wrong", 1);
    report_add_note(&report, "type", "cut to fit", FIELD_EMAIL, "email is wrong", 1);
    report_add_note(&report, "type", "leave out field", FIELD_CITY, "email is wrong", 1);
    ck_assert_uint_eq(report.note_count, 3);
    ck_assert_uint_eq(report.notes[0].count, 3);
    report_clear(&report);
}
END_TEST

START_TEST(V10_sums_that_do_not_add_up_are_told)
{
    struct report report = {.is_push = true, .counts = {.rows = 3, .action = {1, 1, 1}}};
    ck_assert(!report_adds_up(&report));
    report.counts.outcome[OUTCOME_ACCEPTED] = 1;
    report.counts.outcome[OUTCOME_NOT_REACHED] = 1;
    ck_assert(report_adds_up(&report));
    report.counts.rows = 4;
    ck_assert(!report_adds_up(&report));
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, V10_reasons_are_by_outcome_where_a_request_was_due_else_by_action);
    tcase_add_test(tests, equal_reasons_are_counted_with_their_first_lines);
    tcase_add_test(tests, I30_a_hundred_thousand_different_reasons_stay_bounded_and_add_up);
    tcase_add_test(tests, notes_are_counted_by_policy_field_and_words);
    tcase_add_test(tests, V10_sums_that_do_not_add_up_are_told);
}

int main(void)
{
    return unit_run("report/tally", all);
}
