#include "mapped.h"

/* What the trace says about a field, as "what=value; ..."; free(). */
static char *steps_of(const struct trace *trace, enum field field)
{
    struct text text = {0};
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->fields[i].field != field)
            continue;
        for (size_t s = 0; s < trace->fields[i].count; s++)
            text_addf(&text, "%s%s=%s", text.length ? "; " : "", trace->fields[i].steps[s].what,
                      trace->fields[i].steps[s].value);
    }
    return text_take(&text);
}

static void check_trace(const char *more, const char *rule, const char *cells, enum field field,
                        const char *wanted)
{
    struct mapping *mapping = load_around(more, rule);
    bind_to(mapping, "ID|X|Y");
    struct mapper *mapper = mapper_new(mapping, test_day);
    struct record_of record;
    struct trace trace = {0};
    struct text before = {0}, after = {0};
    const struct mapped_row *row = mapper_apply(mapper, cells_of(&record, cells));
    enum row_verdict verdict = row->verdict;
    text_add_bytes(&before, row->profile.values[field].bytes, row->profile.values[field].length);
    row = mapper_trace(mapper, &record.record, &trace);
    text_add_bytes(&after, row->profile.values[field].bytes, row->profile.values[field].length);
    char *steps = steps_of(&trace, field);
    ck_assert_str_eq(steps, wanted);
    ck_assert_int_eq(row->verdict, verdict);
    ck_assert_str_eq(text_string(&before), text_string(&after));
    free(steps);
    text_clear(&before);
    text_clear(&after);
    trace_clear(&trace);
    mapper_free(mapper);
    mapping_free(mapping);
}

START_TEST(a_trace_tells_each_step_from_the_cell_to_the_value)
{
    check_trace("", "\"city\": { \"from\": [\"X\", \"Y\"], \"do\": [\"trim\", \"upper\"] }",
                "1|| Perth", FIELD_CITY, "X is empty=; from Y= Perth; trim=Perth; upper=PERTH");
    check_trace("", "\"city\": { \"join\": [\"X\", \"Y\"], \"with\": \"-\" }", "1|a|b", FIELD_CITY,
                "from X=a; from Y=b; join with \"-\"=a-b");
    check_trace("", "\"city\": { \"value\": \"Perth\" }", "1|a|b", FIELD_CITY, "value=Perth");
    check_trace("\"lists\": { \"l\": { \"a\": \"z\" } },",
                "\"city\": { \"from\": \"X\", \"list\": \"l\" }", "1|a|b", FIELD_CITY,
                "from X=a; list l=z");
    check_trace("",
                "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": "
                "[\"DD-MON-YYYY\"] }",
                "1|05-JAN-1999|", FIELD_DATE_OF_BIRTH, "from X=05-JAN-1999; date=1999-01-05");
}
END_TEST

START_TEST(a_trace_tells_the_policy_that_fired)
{
    check_trace("", "\"city\": { \"from\": \"X\", \"if_empty\": \"clear\" }", "1||", FIELD_CITY,
                "if_empty: clear (city is empty)=");
    check_trace("", "\"street2\": { \"from\": \"X\", \"if_long\": \"cut to fit\" }",
                "1|123456789012345678901|", FIELD_STREET2,
                "from X=123456789012345678901; if_long: cut to fit (street2 is over 20 "
                "characters)=12345678901234567890");
    check_trace("", "\"email\": { \"from\": \"X\", \"type\": \"email\", \"if_wrong\": \"clear\" }",
                "1|none|", FIELD_EMAIL,
                "from X=none; if_wrong: clear (email is not an e-mail address)=");
    check_trace("", "\"city\": { \"from\": \"X\", \"when\": { \"column\": \"Y\", \"is\": \"1\" } }",
                "1|a|2", FIELD_CITY, "from X=a; when: not for this row=");
}
END_TEST

START_TEST(a_trace_tells_the_rule_that_left_a_row_out_and_the_line_of_each_field)
{
    struct mapping *mapping = load_around("\"people\": { \"keep\": [ { \"column\": \"X\", \"is\": "
                                          "\"AS\", \"because\": \"active\" } ] },",
                                          "\"city\": { \"from\": \"X\" }");
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    struct record_of record;
    struct trace trace = {0};
    const struct mapped_row *row = mapper_trace(mapper, cells_of(&record, "1|IS"), &trace);
    assert_code(row, ROW_LEFT_OUT, "keep");
    ck_assert_str_eq(trace.row_rule, "keep: active (column X, mapping line 1)");
    mapper_trace(mapper, cells_of(&record, "1|AS"), &trace);
    ck_assert_ptr_null(trace.row_rule);
    ck_assert_uint_eq(trace.count, 3);
    ck_assert_int_eq(trace.fields[0].field, FIELD_UNIQUE_ID);
    ck_assert_uint_eq(trace.fields[0].line, 2);
    ck_assert_uint_eq(trace.fields[2].line, 4);
    trace_clear(&trace);
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, a_trace_tells_each_step_from_the_cell_to_the_value);
    tcase_add_test(tests, a_trace_tells_the_policy_that_fired);
    tcase_add_test(tests, a_trace_tells_the_rule_that_left_a_row_out_and_the_line_of_each_field);
}

int main(void)
{
    return unit_run("mapping/trace", all);
}
