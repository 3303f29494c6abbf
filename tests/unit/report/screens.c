#include "screens.h"

/* What a summary takes of a screen: its lines and its width. */

START_TEST(a_crowded_summary_keeps_to_the_screen_and_the_width)
{
    static const size_t widths[] = {80, 100, 132, 200};
    struct report report;
    sample_report(&report);
    crowd(&report);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        char *text = summary(&report, false, widths[i]);
        ck_assert_msg(lines_of(text) <= 36, "%zu lines at %zu:\n%s", lines_of(text), widths[i],
                      text);
        assert_width(text, widths[i]);
        free(text);
    }
    char *narrow = summary(&report, false, 50);
    assert_width(narrow, 50);
    free(narrow);
    report_clear(&report);
}
END_TEST

START_TEST(a_command_of_a_next_step_stands_whole_on_a_line_of_its_own)
{
    static const char command[] =
        "opspush push '/srv/banner exports of the university/people of today.csv' --config "
        "/etc/opspush/the-configuration-of-the-night.jsonc --first-load --limit 3";
    char step[400], line[400];
    const char *steps[] = {step, "run the same push again", step};
    snprintf(step, sizeof step, "mend them, in rejects.csv, and push that: %s", command);
    snprintf(line, sizeof line, "push that:\n           %s\n", command);
    for (size_t width = 40; width <= 200; width += 40) {
        struct report report;
        sample_report(&report);
        report.next_steps = steps;
        report.next_step_count = 3;
        char *text = summary(&report, false, width);
        ck_assert_msg(strstr(text, line) != NULL, "broken at %zu:\n%s", width, text);
        ck_assert_uint_le(rows_of(text, width), 36);
        assert_width(text, width);
        free(text);
        crowd(&report);
        report.next_steps = steps;
        report.next_step_count = 3;
        text = summary(&report, false, width);
        ck_assert_msg(strstr(text, command) != NULL, "cut at %zu:\n%s", width, text);
        ck_assert_msg(width < 80 || rows_of(text, width) <= 36, "%zu lines at %zu:\n%s",
                      rows_of(text, width), width, text);
        free(text);
        report_clear(&report);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, a_crowded_summary_keeps_to_the_screen_and_the_width);
    tcase_add_test(tests, a_command_of_a_next_step_stands_whole_on_a_line_of_its_own);
}

int main(void)
{
    return unit_run("report/screens", all);
}
