#include "mapped.h"
#include "mapping/survey.h"

static const char rules[] =
    "\"file\": { \"empty_means\": [\"(null)\"], \"must_hold\": [ { \"column\": \"TERM\", \"is\": "
    "\"202610\", \"because\": \"current term\" } ], \"other_columns\": \"refuse\" },"
    "\"people\": { \"keep\": [ { \"column\": \"STST\", \"in\": [\"AS\"], \"because\": \"active\" } "
    "] "
    "}, \"lists\": { \"type\": { \"UG\": \"1\" } },";
static const char fields[] =
    "\"first_name\": { \"from\": \"FIRST\", \"do\": [\"trim\"], \"required\": true },"
    "\"city\": { \"from\": \"City#2\", \"if_empty\": \"clear\" },"
    "\"zip\": { \"from\": \"col(14)\" },"
    "\"province\": { \"from\": \"STAT\", \"if_wrong\": \"leave out field\" },"
    "\"user_type_id\": { \"from\": \"LEVL\", \"list\": \"type\", \"if_wrong\": \"stop run\" },"
    "\"date_of_birth\": { \"from\": \"BIRTH\", \"between\": [\"1900-01-01\", \"today\"] }";

/* Runs cases beside such a mapping; what is complained about is free()d by the caller. */
static char *run_text(const char *text, size_t *count)
{
    char folder[] = "/tmp/opspush-cases-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = mem_format("%s/students.jsonc", folder);
    char *beside = mem_format("%s/students.cases.jsonc", folder);
    char *mapping_text = mapping_around(rules, fields);
    struct problems problems = {0};
    struct text shown = {0};
    digest_start();
    file_of(path, mapping_text);
    if (text)
        file_of(beside, text);
    struct mapping *mapping = mapping_load(path, &problems);
    ck_assert_ptr_nonnull(mapping);
    *count = mapping_run_cases(mapping, path, test_day, &problems);
    if (problems.count)
        problems_print(&problems, &shown);
    problems_clear(&problems);
    mapping_free(mapping);
    unlink(path);
    unlink(beside);
    rmdir(folder);
    free(path);
    free(beside);
    free(mapping_text);
    return text_take(&shown);
}

static char *run_cases(const char *cases, size_t *count)
{
    char *text = mem_format("{ \"version\": 1, \"today\": \"2026-01-10\",\n"
                            "\"usual\": { \"ID\": \"7\", \"FIRST\": \"Ada\", \"STST\": \"AS\", "
                            "\"TERM\": \"202610\" },\n\"cases\": [\n%s\n] }\n",
                            cases);
    char *shown = run_text(text, count);
    free(text);
    return shown;
}

START_TEST(cases_that_come_out_as_they_say_pass)
{
    size_t count;
    char *shown = run_cases(
        "{ \"row\": {}, \"gives\": { \"unique_id\": \"7\", \"login_source\": \"SAML\", "
        "\"first_name\": "
        "\"Ada\", \"city\": \"\", \"email\": null }, \"warns\": [] },\n"
        "{ \"name\": \"columns by number\", \"row\": { \"City#2\": \"Ottawa\", \"col(14)\": \"K1A "
        "0B1\" }, \"gives\": { \"city\": \"Ottawa\", \"postal_code\": \"K1A 0B1\" } },\n"
        "{ \"row\": { \"first\": \"(null)\" }, \"refused\": \"required\", \"field\": "
        "\"first_name\" },\n"
        "{ \"row\": { \"ID\": \"\" }, \"refused\": \"required\" },\n"
        "{ \"row\": { \"FIRST\": \"A\\u001bda\" }, \"refused\": \"control\" },\n"
        "{ \"row\": { \"FIRST\": \"A\\u202eda\" }, \"refused\": \"control\" },\n"
        "{ \"row\": { \"FIRST\": \"Ada\\nMae\" }, \"gives\": { \"first_name\": \"Ada\\nMae\" } },\n"
        "{ \"row\": { \"STAT\": \"O1\" }, \"gives\": { \"state\": null }, \"warns\": [\"state\"] "
        "},\n"
        "{ \"row\": { \"STST\": \"IS\" }, \"left_out\": \"active\" },\n"
        "{ \"row\": { \"TERM\": \"202510\" }, \"stops\": \"current term\" },\n"
        "{ \"row\": { \"LEVL\": \"XX\" }, \"stops\": \"user_type_id\" },\n"
        "{ \"row\": { \"BIRTH\": \"2026-01-10\" }, \"gives\": { \"date_of_birth\": \"2026-01-10\" "
        "} },\n"
        "{ \"row\": { \"BIRTH\": \"2026-01-11\" }, \"refused\": \"between\" },\n",
        &count);
    ck_assert_str_eq(shown, "");
    ck_assert_uint_eq(count, 13);
    free(shown);
}
END_TEST

START_TEST(C1_a_case_that_comes_out_otherwise_is_told_with_its_place)
{
    static const struct {
        const char *cases, *place, *words;
    } failing[] = {
        {"{ \"row\": {}, \"gives\": { \"first_name\": \"Eve\" } }", ":4:39: error",
         "first_name comes out as \"Ada\""},
        {"{ \"row\": {}, \"gives\": { \"city\": null } }", ":4:33", "city comes out as \"\""},
        {"{ \"row\": {}, \"gives\": { \"email\": \"a@b.ca\" } }", ":4:34", "email is not sent"},
        {"{ \"row\": { \"BIRTH\": \"2001-02-03\" }, \"gives\": { \"date_of_birth\": \"2001-03-02\" "
         "} }",
         ":4:", "date_of_birth comes out otherwise"},
        {"{ \"name\": \"so\", \"row\": { \"FIRST\": \"\" }, \"gives\": {} }",
         ":4:", "case \"so\": the row is rejected: first_name is missing (required)"},
        {"{ \"row\": { \"FIRST\": \"\" }, \"refused\": \"type\" }",
         ":4:", "the row is rejected: first_name is missing (required)"},
        {"{ \"row\": { \"FIRST\": \"\" }, \"refused\": \"required\", \"field\": \"email\" }",
         ":4:59", "the row is rejected: first_name is missing (required)"},
        {"{ \"row\": {}, \"left_out\": \"active\" }", ":4:26", "the row is sent"},
        {"{ \"row\": { \"STST\": \"IS\" }, \"left_out\": \"so\" }",
         ":4:", "the row is left out: active (keep)"},
        {"{ \"row\": { \"TERM\": \"1\" }, \"gives\": {} }",
         ":4:", "the row stops the run: \"must_hold\" does not hold: current term (column TERM)"},
        {"{ \"row\": { \"STAT\": \"O1\" }, \"gives\": {}, \"warns\": [] }",
         ":4:", "the row warns of province"},
        {"{ \"row\": {}, \"gives\": {}, \"warns\": [\"city\"] }",
         ":4:", "the row warns of nothing"},
    };
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        size_t count;
        char *shown = run_cases(failing[i].cases, &count);
        ck_assert_msg(strstr(shown, "students.cases.jsonc") && strstr(shown, failing[i].place) &&
                          strstr(shown, failing[i].words) && strstr(shown, "1 error"),
                      "%s gives\n%s", failing[i].cases, shown);
        ck_assert_uint_eq(count, 1);
        free(shown);
    }
}
END_TEST

START_TEST(C1_what_is_wrong_with_the_cases_themselves_is_told)
{
    static const struct {
        const char *cases, *words;
    } wrong[] = {
        {"{ \"row\": { \"FRIST\": \"\" }, \"gives\": {} }",
         "the mapping names no column \"FRIST\""},
        {"{ \"row\": { \"FRIST\": \"\" }, \"gives\": {} }", "did you mean \"FIRST\"?"},
        {"{ \"row\": { \"City\": \"\" }, \"gives\": {} }", "the mapping names no column \"City\""},
        {"{ \"row\": { \"ID\": 7 }, \"gives\": {} }", "this must be a string, not a number"},
        {"{ \"row\": {}, \"gives\": { \"frist_name\": \"\" } }",
         "there is no field called \"frist_name\""},
        {"{ \"row\": {}, \"give\": {} }", "there is no key called \"give\" here"},
        {"{ \"row\": {} }", "exactly one of \"gives\""},
        {"{ \"row\": {}, \"gives\": {}, \"refused\": \"type\" }", "exactly one of \"gives\""},
        {"{ \"gives\": {} }", "this case has no \"row\""},
        {"{ \"row\": {}, \"gives\": {}, \"field\": \"email\" }",
         "\"field\" belongs to \"refused\""},
        {"{ \"row\": {}, \"stops\": \"x\", \"warns\": [] }", "\"warns\" belongs to \"gives\""},
        {"{ \"row\": {}, \"gives\": {}, \"warns\": [\"emial\"] }",
         "there is no field called \"emial\""},
        {"{ \"row\": [], \"gives\": {} }", "this must be an object"},
        {"{ \"row\": {}, \"gives\": [] }", "this must be an object"},
        {"{ \"row\": {}, \"refused\": 1 }", "this must be a string"},
        {"{ \"row\": {}, \"gives\": { \"city\": 1 } }", "this must be a string"},
        {"7", "this must be an object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t count;
        char *shown = run_cases(wrong[i].cases, &count);
        ck_assert_msg(strstr(shown, wrong[i].words) != NULL, "%s gives\n%s", wrong[i].cases, shown);
        free(shown);
    }
}
END_TEST

START_TEST(C1_a_file_of_cases_that_cannot_be_read_is_an_error)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"{ \"version\": 1, \"cases\": [ }", "error"},
        {"{ \"cases\": [] }", "\"version\" is missing"},
        {"{ \"version\": 1 }", "\"cases\" is missing"},
        {"{ \"version\": 2, \"cases\": [] }", "knows version 1"},
        {"{ \"version\": 1, \"today\": \"10/01/2026\", \"cases\": [] }", "this must be a day"},
        {"{ \"version\": 1, \"usual\": { \"X\": \"\" }, \"cases\": [] }", "names no column \"X\""},
        {"{ \"version\": 1, \"cases\": {} }", "this must be an array"},
        {"[]", "this must be an object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t count;
        char *shown = run_text(wrong[i].text, &count);
        ck_assert_msg(strstr(shown, wrong[i].words) != NULL, "%s gives\n%s", wrong[i].text, shown);
        ck_assert_uint_eq(count, 0);
        free(shown);
    }
}
END_TEST

START_TEST(a_mapping_without_cases_has_none)
{
    size_t count = 7;
    char *shown = run_text(NULL, &count);
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(shown, "");
    free(shown);
}
END_TEST

START_TEST(the_mapping_stays_bound_to_its_export)
{
    struct problems problems = {0};
    struct mapping *mapping = load_around(rules, fields);
    struct mapper *mapper = mapper_new(mapping, test_day);
    const char *heading = "TERM|STST|ID|FIRST|City|City|STAT|LEVL|BIRTH|x|x|x|x|zip";
    struct record_of record;
    ck_assert_int_eq(mapping_bind(mapping, cells_of(&record, heading), &problems), -1);
    problems_clear(&problems);
    mapper_free(mapper);
    mapping_free(mapping);

    mapping = load_around("", "\"city\": { \"from\": \"City#2\" }");
    bind_to(mapping, "City|City|ID");
    ck_assert_uint_eq(
        mapping_run_cases(mapping, "/tmp/no-such-folder/x.jsonc", test_day, &problems), 0);
    mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, "A|B|7"), FIELD_CITY, "B");
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

/* From the root of the sources, where 'make' runs the tests. */
START_TEST(the_cases_of_the_shipped_mappings_pass)
{
    static const char *const names[] = {"argos", "banner-staff", "banner-students", "cognos",
                                        "sqlplus"};
    digest_start();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = mem_format("mappings/%s.jsonc", names[i]);
        struct problems problems = {0};
        struct text shown = {0};
        struct mapping *mapping = mapping_load(path, &problems);
        size_t count = mapping ? mapping_run_cases(mapping, path, test_day, &problems) : 0;
        problems_print(&problems, &shown);
        ck_assert_msg(problems.count == 0, "%s", text_string(&shown));
        ck_assert_msg(count > 0, "%s has no cases", path);
        text_clear(&shown);
        problems_clear(&problems);
        mapping_free(mapping);
        free(path);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, cases_that_come_out_as_they_say_pass);
    tcase_add_test(c, C1_a_case_that_comes_out_otherwise_is_told_with_its_place);
    tcase_add_test(c, C1_what_is_wrong_with_the_cases_themselves_is_told);
    tcase_add_test(c, C1_a_file_of_cases_that_cannot_be_read_is_an_error);
    tcase_add_test(c, a_mapping_without_cases_has_none);
    tcase_add_test(c, the_cases_of_the_shipped_mappings_pass);
    tcase_add_test(c, the_mapping_stays_bound_to_its_export);
}

int main(void)
{
    return unit_run("mapping/cases", all);
}
