#include "sample.h"

#include "base/memory.h"

/* What results_write_row gives for one row, without the line end. */
static char *row_text(const struct report_row *row, bool with_values)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    results_write_row(stream, row, with_values);
    fclose(stream);
    ck_assert_uint_ge(length, 2);
    ck_assert_str_eq(bytes + length - 2, "\r\n");
    bytes[length - 2] = '\0';
    return bytes;
}

START_TEST(I17_formula_like_cells_get_an_apostrophe_and_quotes)
{
    static const struct {
        const char *cell, *written;
    } cases[] = {
        {"=1+1", "\"'=1+1\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@00123456", "\"'@00123456\""},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""},
        {"\xef\xbc\x8b", "\"'\xef\xbc\x8b\""},
        {"\xef\xbc\x8d", "\"'\xef\xbc\x8d\""},
        {"\xef\xbc\xa0", "\"'\xef\xbc\xa0\""},
        {"=\"001\"", "\"'=\"\"001\"\"\""},
        {"plain", "plain"},
        {"a=b", "a=b"},
        {"'quoted", "'quoted"},
        {"\xef\xbc\x81", "\xef\xbc\x81"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"two\nlines", "\"two\nlines\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        csv_add_cell(&out, cases[i].cell, strlen(cases[i].cell), true);
        ck_assert_str_eq(text_string(&out), cases[i].written);
        text_clear(&out);
    }
}
END_TEST

START_TEST(I17_cells_for_another_program_are_not_changed)
{
    static const struct {
        const char *cell, *written;
    } cases[] = {{"@00123456", "@00123456"}, {"=1,2", "\"=1,2\""}, {"a\tb", "a\tb"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        csv_add_cell(&out, cases[i].cell, strlen(cases[i].cell), false);
        ck_assert_str_eq(text_string(&out), cases[i].written);
        text_clear(&out);
    }
}
END_TEST

START_TEST(I16_control_characters_never_reach_results)
{
    struct report_row row = {
        .line = 3,
        .unique_id = "A\x1b[31m\x01",
        .action = ACTION_REJECTED,
        .outcome = -1,
        .field = -1,
        .message = "bell \a, delete \x7f, C1 \xc2\x85, broken \xff, RLO \xe2\x80\xae"};
    char *written = row_text(&row, false);
    ck_assert(!has_control(written, strlen(written), ""));
    ck_assert_ptr_null(strstr(written, "\xff"));
    ck_assert_ptr_null(strstr(written, "\xe2\x80\xae"));
    free(written);
}
END_TEST

START_TEST(O10_the_heading_has_a_bom_and_the_columns_of_the_interface)
{
    static const char plain[] = "\xef\xbb\xbfline,unique_id,action,fields,outcome,attempts,"
                                "http_status,opscom_code,reference_id,message\r\n";
    for (int with_values = 0; with_values < 2; with_values++) {
        char *bytes = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&bytes, &length);
        results_write_heading(stream, with_values);
        fclose(stream);
        ck_assert_int_eq(strncmp(bytes, plain, sizeof plain - 3), 0);
        ck_assert_str_eq(bytes + sizeof plain - 3, with_values ? ",values\r\n" : "\r\n");
        free(bytes);
    }
}
END_TEST

START_TEST(V10_each_row_tells_what_became_of_it)
{
    static const struct {
        struct report_row row;
        const char *written;
    } cases[] = {
        {{.line = 2,
          .unique_id = "A1",
          .action = ACTION_NEW,
          .outcome = OUTCOME_ACCEPTED,
          .attempts = 1,
          .http_status = 200,
          .reference_id = "44",
          .field = -1},
         "2,A1,new,,accepted,1,200,,44,"},
        {{.line = 3,
          .unique_id = "A2",
          .action = ACTION_CHANGED,
          .outcome = OUTCOME_REFUSED,
          .attempts = 2,
          .http_status = 400,
          .opscom_code = 9019,
          .field = -1,
          .fields = FIELD_BIT(FIELD_EMAIL) | FIELD_BIT(FIELD_CITY),
          .message = "taken, sorry"},
         "3,A2,changed,email city,refused,2,400,9019,,\"taken, sorry\""},
        {{.line = 4,
          .unique_id = "A3",
          .action = ACTION_CHANGED,
          .outcome = OUTCOME_NOT_REACHED,
          .field = -1,
          .flags = PLAN_UNSETTLED},
         "4,A3,changed,unsettled,not_reached,0,,,,"},
        {{.line = 5,
          .unique_id = "A4",
          .action = ACTION_CHANGED,
          .outcome = -1,
          .flags = PLAN_REFRESH,
          .field = -1},
         "5,A4,changed,refresh,,,,,,"},
        {{.line = 6,
          .unique_id = "",
          .action = ACTION_LEFT_OUT,
          .outcome = -1,
          .field = -1,
          .message = "other row"},
         "6,,left_out,,,,,,,other row"},
        {{.line = 7, .action = ACTION_REPEATED, .outcome = -1, .field = -1}, "7,,repeated,,,,,,,"},
        {{.line = 8,
          .action = ACTION_HELD,
          .outcome = -1,
          .field = -1,
          .message = "refused before"},
         "8,,held,,,,,,,refused before"},
        {{.line = 9,
          .unique_id = "A5",
          .action = ACTION_CHANGED,
          .outcome = OUTCOME_UNKNOWN,
          .attempts = 5,
          .fields = FIELD_BIT(FIELD_EMAIL),
          .flags = PLAN_UNSETTLED,
          .field = -1,
          .message = "timeout"},
         "9,A5,changed,email unsettled,unknown,5,,,,timeout"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *written = row_text(&cases[i].row, false);
        ck_assert_str_eq(written, cases[i].written);
        free(written);
    }
}
END_TEST

START_TEST(O11_values_stand_in_their_own_column_only_when_asked_for)
{
    struct report_row row = {.line = 2,
                             .unique_id = "A1",
                             .action = ACTION_NEW,
                             .outcome = -1,
                             .field = -1,
                             .values = "email: a@example.edu"};
    char *without = row_text(&row, false), *with = row_text(&row, true);
    ck_assert_ptr_null(strstr(without, "example.edu"));
    ck_assert_str_eq(with, "2,A1,new,,,,,,,,email: a@example.edu");
    free(without);
    free(with);
}
END_TEST

START_TEST(A10_a_server_message_cannot_smuggle_a_formula_or_an_escape)
{
    struct report_row row = {.line = 2,
                             .action = ACTION_NEW,
                             .outcome = OUTCOME_REFUSED,
                             .attempts = 1,
                             .http_status = 400,
                             .field = -1,
                             .reference_id = "+44",
                             .message = "=HYPERLINK(\"http://x\")\x1b]0;x"};
    char *written = row_text(&row, false);
    ck_assert(!has_control(written, strlen(written), ""));
    ck_assert_ptr_nonnull(strstr(written, ",\"'+44\",\"'=HYPERLINK(\"\"http://x\"\")"));
    free(written);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, I17_formula_like_cells_get_an_apostrophe_and_quotes);
    tcase_add_test(tests, I17_cells_for_another_program_are_not_changed);
    tcase_add_test(tests, I16_control_characters_never_reach_results);
    tcase_add_test(tests, O10_the_heading_has_a_bom_and_the_columns_of_the_interface);
    tcase_add_test(tests, V10_each_row_tells_what_became_of_it);
    tcase_add_test(tests, O11_values_stand_in_their_own_column_only_when_asked_for);
    tcase_add_test(tests, A10_a_server_message_cannot_smuggle_a_formula_or_an_escape);
}

int main(void)
{
    return unit_run("report/results", all);
}
