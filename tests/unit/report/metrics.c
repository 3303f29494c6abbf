#include "sample.h"

static void metrics(const struct report *report, struct text *out)
{
    text_reset(out);
    metrics_write(report, INT64_C(1795224000500), out);
}

START_TEST(O9_metrics_say_when_the_last_run_and_the_last_success_were)
{
#define LABELS "feed=\"Banner students\",target=\"https://ops.example.com/api/OC_TOMA/v1\""
    static const char *const expected[] = {
        "opspush_last_run_timestamp_seconds{" LABELS "} 1795310404.200\n",
        "opspush_last_success_timestamp_seconds{" LABELS "} 1795224000.500\n",
        "opspush_last_run_exit_code{" LABELS "} 3\n",
        "opspush_last_run_duration_seconds{" LABELS "} 4.200\n",
        "opspush_input_age_seconds{" LABELS "} 3600\n",
        "opspush_known_people{" LABELS "} 201\n",
        "opspush_gone_people{" LABELS "} 3\n",
        "opspush_people{" LABELS ",action=\"new\"} 5\n",
        "opspush_people{" LABELS ",action=\"held\"} 0\n",
        "opspush_outcomes{" LABELS ",outcome=\"accepted\"} 11\n",
        "opspush_requests{" LABELS ",status=\"200\"} 11\n",
        "opspush_requests{" LABELS ",status=\"429\"} 2\n",
        "opspush_retries{" LABELS "} 2\n",
        "opspush_build_info{" LABELS ",version=\"0.1.0\"} 1\n",
    };
    struct report report;
    struct text out = {0};
    sample_report(&report);
    metrics(&report, &out);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(strstr(text_string(&out), expected[i]) != NULL, "no %s in\n%s", expected[i],
                      text_string(&out));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

/* promtool's rules that bear on gauges: help and type before the samples, each family once and in one piece. */
START_TEST(every_family_has_its_help_and_type_once_and_in_front)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    metrics(&report, &out);
    char family[64] = "", *rest = out.bytes, *line;
    const char *whole = text_string(&out);
    char *copy = strdup(whole);
    rest = copy;
    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        char name[64] = "";
        if (sscanf(line, "# HELP %63s", name) == 1) {
            strcpy(family, name);
            char again[80];
            snprintf(again, sizeof again, "# HELP %s ", family);
            ck_assert_ptr_eq(strstr(strstr(whole, again) + 1, again), NULL);
            ck_assert_str_ne(name + strlen(name) - 6, "_total");
        } else if (sscanf(line, "# TYPE %63s gauge", name) == 1) {
            ck_assert_str_eq(name, family);
        } else {
            ck_assert_int_eq(sscanf(line, "%63[a-z_]{", name), 1);
            ck_assert_str_eq(name, family);
        }
    }
    ck_assert_str_eq(whole + out.length - 1, "\n");
    free(copy);
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(I16_label_values_are_escaped_and_clean)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    report.mapping.name = "a \"feed\" of C:\\x\n\x1b";
    metrics(&report, &out);
    ck_assert_ptr_nonnull(strstr(text_string(&out), "feed=\"a \\\"feed\\\" of C:\\\\x"));
    ck_assert(!has_control(text_string(&out), out.length, ""));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(an_export_without_a_time_has_no_age_and_a_run_without_requests_has_zeros)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    report.input.modified_ms = 0;
    report.push = NULL;
    metrics(&report, &out);
    ck_assert_ptr_null(strstr(text_string(&out), "input_age"));
    ck_assert_ptr_nonnull(strstr(text_string(&out), "status=\"200\"} 0\n"));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, O9_metrics_say_when_the_last_run_and_the_last_success_were);
    tcase_add_test(tests, every_family_has_its_help_and_type_once_and_in_front);
    tcase_add_test(tests, I16_label_values_are_escaped_and_clean);
    tcase_add_test(tests, an_export_without_a_time_has_no_age_and_a_run_without_requests_has_zeros);
}

int main(void)
{
    return unit_run("report/metrics", all);
}
