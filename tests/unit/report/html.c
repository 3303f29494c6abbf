#include "sample.h"

#include <ctype.h>

#include "base/utf8.h"

enum { NIGHT_MS = 24 * 3600 * 1000 };

static void nights_fill(struct report_night nights[], size_t count)
{
    int64_t ended_ms = INT64_C(1795310404200);
    for (size_t i = 0; i < count; i++) {
        nights[i] =
            (struct report_night){ended_ms, 60000 + (int64_t)i * 500, i % 7, i % 11, i % 3, i % 2};
        ended_ms -= i % 20 == 10 ? 3 * (int64_t)NIGHT_MS : NIGHT_MS;
    }
}

static void page(const struct report *report, size_t night_count, size_t type_count,
                 struct text *out)
{
    static struct report_night nights[80];
    static struct report_type types[60];
    static char names[60][16];
    nights_fill(nights, 80);
    for (size_t i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "type %zu", i);
        types[i] = (struct report_type){names[i], 100 + i, 90 + i * 2};
    }
    html_write(report, nights, night_count, types, type_count, out);
}

/* Tags are closed in their order and attributes quoted; '&' begins one of five entities or a number. Returns the fault or NULL. */
static const char *not_well_formed(const char *bytes)
{
    char open[64][32];
    size_t depth = 0;
    bool in_style = false;
    for (const char *at = bytes; *at; at++) {
        if (*at == '&' && !in_style) {
            size_t name = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz#0123456789");
            if (at[1 + name] != ';')
                return at;
        }
        if (*at != '<')
            continue;
        if (at[1] == '!') {
            at = strchr(at, '>');
            continue;
        }
        const char *tag = at;
        bool closing = *++at == '/';
        char name[32];
        size_t length = 0;
        for (at += closing; isalnum((unsigned char)*at); at++)
            if (length + 1 < sizeof name)
                name[length++] = *at;
        name[length] = '\0';
        while (*at && *at != '>') {
            if (*at == '<')
                return tag;
            if (*at == '"' && (at = strchr(at + 1, '"')) == NULL)
                return tag;
            at++;
        }
        in_style = !closing && strcmp(name, "style") == 0;
        if (length == 0 || *at == '\0')
            return tag;
        if (closing) {
            if (depth == 0 || strcmp(open[--depth], name) != 0)
                return tag;
        } else if (at[-1] != '/') {
            if (depth == 64)
                return tag;
            strcpy(open[depth++], name);
        }
    }
    return depth ? "left open" : NULL;
}

static size_t count_of(const char *bytes, const char *wanted)
{
    size_t count = 0;
    for (; (bytes = strstr(bytes, wanted)) != NULL; bytes += strlen(wanted))
        count++;
    return count;
}

static void assert_sound(const struct text *out)
{
    const char *bytes = text_string(out), *fault = not_well_formed(bytes);
    ck_assert_msg(fault == NULL, "%.200s", fault);
    ck_assert_uint_lt(out->length, 500 * 1000);
    ck_assert_uint_eq(utf8_valid_prefix(bytes, out->length), out->length);
    ck_assert(!has_control(bytes, out->length, ""));
}

START_TEST(V10_the_page_has_every_section_and_is_well_formed)
{
    static const char *const sections[] = {"next",   "warnings", "guards", "actions",
                                           "fields", "reasons",  "notes",  "nights",
                                           "types",  "minutes",  "answers"};
    struct report report;
    struct text out = {0};
    sample_report(&report);
    page(&report, 60, 5, &out);
    assert_sound(&out);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char heading[64];
        snprintf(heading, sizeof heading, "<h2 id=\"%s\">", sections[i]);
        ck_assert_msg(strstr(out.bytes, heading) != NULL, "%s", sections[i]);
    }
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(every_chart_has_a_title_a_description_and_a_table_beside_it)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    page(&report, 60, 5, &out);
    size_t charts = count_of(out.bytes, "<svg role=\"img\"");
    ck_assert_uint_eq(charts, 11);
    ck_assert_uint_eq(count_of(out.bytes, "<svg"), charts);
    ck_assert_uint_eq(count_of(out.bytes, "<title id="), charts);
    ck_assert_uint_eq(count_of(out.bytes, "<desc id="), charts);
    ck_assert_uint_eq(count_of(out.bytes, "<table>"), count_of(out.bytes, "<caption>"));
    ck_assert_uint_eq(count_of(out.bytes, "<th "), count_of(out.bytes, "<th scope="));
    ck_assert_uint_ge(count_of(out.bytes, "<table>"), 9);
    ck_assert_ptr_nonnull(strstr(out.bytes, "<html lang=\"en\">"));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(O10_the_page_needs_and_runs_nothing_from_outside)
{
    static const char *const never[] = {"<script", "<img",    "<link",      "<iframe",
                                        "url(",    "@import", " on",        "src=\"",
                                        "href=",   "<form",   "javascript:"};
    struct report report;
    struct text out = {0};
    sample_report(&report);
    page(&report, 60, 5, &out);
    const char *body = strstr(out.bytes, "<body>");
    ck_assert_ptr_nonnull(strstr(out.bytes, "default-src 'none'; style-src 'unsafe-inline'"));
    ck_assert_ptr_nonnull(strstr(out.bytes, "@media print"));
    ck_assert_ptr_nonnull(strstr(out.bytes, "prefers-color-scheme:dark"));
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcmp(never[i], " on") != 0)
            ck_assert_msg(strstr(out.bytes, never[i]) == NULL, "%s", never[i]);
    ck_assert_ptr_null(strstr(body, " style="));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(O11_neither_ids_nor_the_servers_own_words_are_in_the_page)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    page(&report, 3, 2, &out);
    ck_assert_ptr_null(strstr(out.bytes, "canary.person"));
    ck_assert_ptr_null(strstr(out.bytes, "@0000"));
    text_reset(&out);
    report.mapping.private_fields = FIELD_BIT(FIELD_USER_TYPE_ID);
    page(&report, 3, 2, &out);
    ck_assert_ptr_null(strstr(out.bytes, "type 0"));
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(A10_everything_is_escaped)
{
    static const char nasty[] =
        "<script>alert(1)</script>\"'&amp; \x1b[1m \xef\xbf\xbf \xff \xe2\x80\xae";
    static const char *const sentences[] = {nasty};
    struct report report;
    struct text out = {0};
    sample_report(&report);
    report.input.path = report.mapping.name = report.mapping.path = report.headline = nasty;
    report.target = report.run = report.version = report.verdict = nasty;
    report.warnings = report.next_steps = sentences;
    strcpy(report.guards.of[GUARD_NEW].text, nasty);
    struct report_row row = {.line = 1,
                             .action = ACTION_REJECTED,
                             .outcome = -1,
                             .code = nasty,
                             .field = -1,
                             .message = nasty,
                             .fix = nasty};
    report_add_row(&report, &row);
    row.outcome = OUTCOME_REFUSED;
    report_add_row(&report, &row);
    report_add_note(&report, "type", nasty, -1, nasty, 1);
    struct report_type type = {(char *)(uintptr_t)nasty, 1, 2};
    html_write(&report, NULL, 0, &type, 1, &out);
    assert_sound(&out);
    ck_assert_ptr_null(strstr(out.bytes, "<script"));
    ck_assert_ptr_null(strstr(out.bytes, "\xef\xbf\xbf"));
    ck_assert_uint_ge(
        count_of(out.bytes, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;amp;"), 12);
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(the_page_stays_under_its_size_with_ten_thousand_reasons)
{
    static struct push_figures busy;
    static const char *sentences[200];
    static char words[2000];
    memset(words, '<', sizeof words - 1);
    for (size_t i = 0; i < 200; i++)
        sentences[i] = words;
    struct report report;
    struct text out = {0};
    sample_report(&report);
    for (uint32_t i = 0; i < 10000; i++) {
        char message[1000];
        snprintf(message, sizeof message, "%" PRIu32 " %s", i, words + 1100);
        struct report_row row = {.line = i,
                                 .action = ACTION_REJECTED,
                                 .outcome = -1,
                                 .code = "type",
                                 .field = FIELD_EMAIL,
                                 .message = message,
                                 .fix = words};
        report_add_row(&report, &row);
        report_add_note(&report, "type", "clear", FIELD_EMAIL, message, 1);
    }
    for (size_t i = 0; i < MINUTE_SLOTS; i++)
        busy.minute[i].requests = busy.minute[i].throttled = 300;
    busy.requests = 300 * MINUTE_SLOTS;
    report.push = &busy;
    report.warnings = report.next_steps = sentences;
    report.warning_count = report.next_step_count = 200;
    page(&report, 80, 60, &out);
    assert_sound(&out);
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(a_missing_night_breaks_the_line)
{
    struct report report;
    struct text out = {0};
    sample_report(&report);
    page(&report, 60, 0, &out);
    const char *path = strstr(out.bytes, "<path class=\"trend\" d=\"") + 23;
    size_t breaks = 0;
    for (; *path != '"'; path++)
        breaks += *path == 'M';
    ck_assert_uint_eq(breaks, 4); /* the beginning and the pauses after runs 10, 30 and 50 */
    text_clear(&out);
    report_clear(&report);
}
END_TEST

START_TEST(a_run_that_read_nothing_still_has_a_page)
{
    struct report report = {.version = "0.1.0",
                            .command = "push",
                            .run = "r",
                            .exit = 6,
                            .verdict = "input",
                            .headline = "students.csv: no such file",
                            .is_push = true};
    struct text out = {0};
    html_write(&report, NULL, 0, NULL, 0, &out);
    assert_sound(&out);
    ck_assert_ptr_nonnull(strstr(out.bytes, "students.csv: no such file"));
    text_clear(&out);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, V10_the_page_has_every_section_and_is_well_formed);
    tcase_add_test(tests, every_chart_has_a_title_a_description_and_a_table_beside_it);
    tcase_add_test(tests, O10_the_page_needs_and_runs_nothing_from_outside);
    tcase_add_test(tests, O11_neither_ids_nor_the_servers_own_words_are_in_the_page);
    tcase_add_test(tests, A10_everything_is_escaped);
    tcase_add_test(tests, the_page_stays_under_its_size_with_ten_thousand_reasons);
    tcase_add_test(tests, a_missing_night_breaks_the_line);
    tcase_add_test(tests, a_run_that_read_nothing_still_has_a_page);
}

int main(void)
{
    return unit_run("report/html", all);
}
