#include "sample.h"

#include "json/document.h"

static struct json_document *parse(const struct report *report)
{
    struct text out = {0};
    const char *why = NULL;
    run_document_write(report, &out);
    ck_assert(!has_control(text_string(&out), out.length, ""));
    struct json_document *document = json_strict(text_string(&out), out.length, 16, &why);
    ck_assert_msg(document != NULL, "%s: %s", why, text_string(&out));
    text_clear(&out);
    return document;
}

/* The member at a path such as "counts.rows"; fails the test when there is none. */
static const struct json_value *at(const struct json_document *document, const char *path)
{
    const struct json_value *value = json_root(document);
    char copy[128], *rest = copy, *key;
    snprintf(copy, sizeof copy, "%s", path);
    while ((key = strsep(&rest, ".")) != NULL) {
        value = json_member(value, key);
        ck_assert_msg(value != NULL, "no %s in %s", key, path);
    }
    return value;
}

START_TEST(V10_the_run_document_has_the_members_of_the_interface_in_their_order)
{
    static const char *const members[] = {
        "schema", "version", "command", "run",    "exit",           "verdict", "started", "ended",
        "input",  "mapping", "target",  "counts", "fields_changed", "reasons", "guards",  "http"};
    static const char *const counts[] = {
        "rows", "new",      "changed", "unchanged", "left_out",    "rejected", "repeated",
        "held", "accepted", "refused", "unknown",   "not_reached", "gone",     "known"};
    struct report report;
    sample_report(&report);
    struct json_document *document = parse(&report);
    const struct json_value *member = json_first(json_root(document));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++, member = json_next(member))
        ck_assert_str_eq(json_key(member), members[i]);
    member = json_first(at(document, "counts"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++, member = json_next(member))
        ck_assert_str_eq(json_key(member), counts[i]);
    ck_assert_ptr_null(member);
    json_free(document);
    report_clear(&report);
}
END_TEST

START_TEST(V10_the_run_document_says_what_the_report_says)
{
    static const struct {
        const char *path, *string, *number;
    } expected[] = {
        {"schema", "opspush-run-1", NULL},
        {"command", "push", NULL},
        {"run", "20261122T012000Z-ab12", NULL},
        {"exit", NULL, "3"},
        {"verdict", "partial", NULL},
        {"started", "2026-11-22T01:20:00Z", NULL},
        {"input.path", "students-day2.csv", NULL},
        {"input.bytes", NULL, "41234"},
        {"input.rows", NULL, "213"},
        {"input.modified", "2026-11-22T00:20:00Z", NULL},
        {"mapping.name", "Banner students", NULL},
        {"target.url", "https://ops.example.com/api/OC_TOMA/v1", NULL},
        {"counts.accepted", NULL, "11"},
        {"counts.known", NULL, "201"},
        {"fields_changed.email", NULL, "5"},
        {"fields_changed.city", NULL, "2"},
        {"http.requests", NULL, "14"},
        {"http.retries", NULL, "2"},
        {"http.by_status.200", NULL, "11"},
        {"http.by_status.429", NULL, "2"},
        {"http.seconds.max", NULL, "1.500"},
    };
    struct report report;
    sample_report(&report);
    struct json_document *document = parse(&report);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct json_value *value = at(document, expected[i].path);
        if (expected[i].string)
            ck_assert_str_eq(json_string(value), expected[i].string);
        else
            ck_assert_double_eq(json_number(value), strtod(expected[i].number, NULL));
    }
    ck_assert_uint_eq(json_count(at(document, "fields_changed")), 2);
    ck_assert_uint_eq(json_count(at(document, "http.by_status")), 3);
    json_free(document);
    report_clear(&report);
}
END_TEST

START_TEST(V10_reasons_stand_by_count_with_action_or_outcome)
{
    static const struct {
        const char *key, *name, *code, *field;
        double count;
        size_t lines;
    } expected[] = {{"action", "left_out", "keep", NULL, 15, REASON_LINES},
                    {"action", "rejected", "required", "email", 4, 4},
                    {"outcome", "refused", "9019", NULL, 1, 1}};
    struct report report;
    sample_report(&report);
    struct json_document *document = parse(&report);
    const struct json_value *reason = json_first(at(document, "reasons"));
    for (size_t i = 0; i < 3; i++, reason = json_next(reason)) {
        ck_assert_str_eq(json_string(json_member(reason, expected[i].key)), expected[i].name);
        ck_assert_str_eq(json_string(json_member(reason, "code")), expected[i].code);
        const struct json_value *field = json_member(reason, "field");
        if (expected[i].field)
            ck_assert_str_eq(json_string(field), expected[i].field);
        else
            ck_assert_int_eq(json_kind(field), JSON_NULL);
        ck_assert_double_eq(json_number(json_member(reason, "count")), expected[i].count);
        ck_assert_uint_eq(json_count(json_member(reason, "lines")), expected[i].lines);
    }
    ck_assert_ptr_null(reason);
    json_free(document);
    report_clear(&report);
}
END_TEST

START_TEST(I28_guards_stand_with_value_limit_and_verdict)
{
    struct report report;
    sample_report(&report);
    struct json_document *document = parse(&report);
    size_t seen = 0;
    for (const struct json_value *guard = json_first(at(document, "guards")); guard;
         guard = json_next(guard), seen++) {
        const char *name = json_string(json_member(guard, "name"));
        ck_assert_int_eq(guard_find(name), (int)seen);
        bool is_changed = strcmp(name, "changed") == 0;
        ck_assert_int_eq(json_bool(json_member(guard, "passed")), !is_changed);
        ck_assert_int_eq(json_bool(json_member(guard, "ignored")), is_changed);
        if (is_changed) {
            ck_assert_double_eq(json_number(json_member(guard, "value")), 27.5);
            ck_assert_double_eq(json_number(json_member(guard, "limit")), 25);
        }
    }
    ck_assert_uint_eq(seen, GUARD_COUNT);
    json_free(document);
    report_clear(&report);
}
END_TEST

START_TEST(O2_a_plan_has_no_outcomes_and_no_requests)
{
    struct report report = {.version = "0.1.0",
                            .command = "plan",
                            .run = "",
                            .verdict = "ok",
                            .started_ms = 1000,
                            .ended_ms = 2000,
                            .counts = {.rows = 1, .action = {1}}};
    struct json_document *document = parse(&report);
    const struct json_value *counts = at(document, "counts");
    ck_assert_uint_eq(json_count(counts), 10);
    ck_assert_ptr_null(json_member(counts, "accepted"));
    ck_assert_double_eq(json_number(at(document, "http.requests")), 0);
    ck_assert_double_eq(json_number(at(document, "http.seconds.p95")), 0);
    ck_assert_uint_eq(json_count(at(document, "guards")), 0);
    ck_assert_uint_eq(json_count(at(document, "reasons")), 0);
    ck_assert_int_eq(json_kind(at(document, "input.modified")), JSON_NULL);
    json_free(document);
}
END_TEST

START_TEST(I16_control_characters_are_escaped_in_the_run_document)
{
    struct report report;
    sample_report(&report);
    report.input.path = "a\x1b[1m\tb\"c\\";
    struct json_document *document = parse(&report);
    ck_assert_str_eq(json_string(at(document, "input.path")), "a\x1b[1m\tb\"c\\");
    json_free(document);
    report_clear(&report);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, V10_the_run_document_has_the_members_of_the_interface_in_their_order);
    tcase_add_test(tests, V10_the_run_document_says_what_the_report_says);
    tcase_add_test(tests, V10_reasons_stand_by_count_with_action_or_outcome);
    tcase_add_test(tests, I28_guards_stand_with_value_limit_and_verdict);
    tcase_add_test(tests, O2_a_plan_has_no_outcomes_and_no_requests);
    tcase_add_test(tests, I16_control_characters_are_escaped_in_the_run_document);
}

int main(void)
{
    return unit_run("report/document", all);
}
