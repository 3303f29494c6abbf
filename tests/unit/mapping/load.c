#include <locale.h>

#include "mapped.h"
#include "mapping/survey.h"

/* What is wrong, and what must be said about it. */
struct mistake {
    const char *more, *fields;
    const char *words[3];
};

static const struct mistake mistakes[] = {
    /* unknown names */
    {"",
     "\"city\": { \"from\": \"X\", \"do\": [\"trimm\"] }",
     {"there is no step called \"trimm\"", "did you mean \"trim\"?", ":4:31: error"}},
    {"",
     "\"emial\": { \"from\": \"X\" }",
     {"there is no field called \"emial\"", "did you mean \"email\"?"}},
    {"", "\"city\": { \"form\": \"X\" }", {"no key called \"form\"", "did you mean \"from\"?"}},
    {"\"peoples\": {},", "", {"no key called \"peoples\"", "did you mean \"people\"?"}},
    {"\"file\": { \"delimeter\": \",\" },",
     "",
     {"no key called \"delimeter\"", "did you mean \"delimiter\"?"}},
    {"\"file\": { \"encoding\": \"utf8\" },",
     "",
     {"no encoding called \"utf8\"", "did you mean \"utf-8\"?"}},
    {"\"file\": { \"delimiter\": \":\" },", "", {"separated by"}},
    {"\"file\": { \"other_columns\": \"drop\" },", "", {"\"ignore\""}},
    {"\"file\": { \"same_file\": \"yes\" },", "", {"\"refuse\""}},
    {"",
     "\"city\": { \"from\": \"X\", \"if_empty\": \"leave out\" }",
     {"no policy called \"leave out\"", "did you mean \"leave out field\"?"}},
    {"",
     "\"city\": { \"from\": \"X\", \"if_long\": \"cut\" }",
     {"no policy called \"cut\"", "did you mean \"cut to fit\"?"}},
    {"",
     "\"city\": { \"from\": \"X\", \"if_empty\": \"cut to fits\" }",
     {"no policy called \"cut to fits\"",
      "one of \"reject person\", \"leave out field\", \"send empty\", \"clear\", \"stop run\"\n"}},
    {"", "\"city\": { \"from\": \"X\", \"type\": \"mail\" }", {"no type called \"mail\""}},
    {"", "\"city\": { \"from\": \"X\", \"list\": \"towns\" }", {"no list called \"towns\""}},
    {"\"lists\": { \"town\": { \"a\": \"b\" } },",
     "\"city\": { \"from\": \"X\", \"list\": \"towns\" }",
     {"no list called \"towns\"", "did you mean \"town\"?"}},
    {"", "\"city\": { \"from\": \"X\", \"send\": \"sometimes\" }", {"\"new people only\""}},
    {"\"stop_if\": { \"change_over_percent\": 5 },",
     "",
     {"no key called", "did you mean \"changed_over_percent\"?"}},
    {"\"stop_if\": { \"field_changed_over_percent\": { \"mail\": 5 } },", "", {"no field called"}},
    {"\"stop_if\": { \"field_changed_over_percent\": { \"zip\": 5, \"postal_code\": 6 } },",
     "",
     {"two of its names"}},
    {"\"people\": { \"repeated_id\": \"all\" },", "", {"\"reject\""}},
    /* kinds and ranges */
    {"", "\"city\": \"CITY\"", {"this must be an object, not a string"}},
    {"", "\"city\": { \"value\": 3 }", {"must be a string, not a number", "quotation marks"}},
    {"", "\"city\": { \"from\": [] }", {"this list is empty"}},
    {"", "\"city\": { \"from\": \"  \" }", {"this is empty"}},
    {"", "\"city\": { \"from\": \"X\", \"required\": \"yes\" }", {"must be", "not a string"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": \"trim\" }", {"must be an array"}},
    {"\"file\": { \"rows_between\": [10, 5] },",
     "",
     {"the most rows (5) are fewer than the fewest (10)"}},
    {"\"file\": { \"rows_between\": [1.5, 5] },", "", {"the fewest and the most rows"}},
    {"\"file\": { \"max_age_hours\": 0 },", "", {"whole number of hours"}},
    {"\"stop_if\": { \"new_over_percent\": 101 },", "", {"between 0 and 100"}},
    {"\"stop_if\": { \"new_over_percent\": -1 },", "", {"between 0 and 100"}},
    {"\"stop_if\": { \"new_over_percent\": \"10\" },", "", {"must be a number"}},
    /* how a field is filled */
    {"", "\"city\": { \"do\": [\"trim\"] }", {"exactly one of"}},
    {"", "\"city\": { \"from\": \"X\", \"value\": \"Y\" }", {"exactly one of"}},
    {"", "\"city\": { \"from\": \"X\", \"with\": \",\" }", {"\"with\" belongs to \"join\""}},
    {"",
     "\"city\": { \"from\": \"X\", \"required\": true, \"if_empty\": \"clear\" }",
     {"something else"}},
    {"", "\"city\": { \"from\": \"X\", \"if_empty\": \"cut to fit\" }", {"makes no sense"}},
    {"",
     "\"city\": { \"from\": \"X\", \"if_empty\": \"send anyway and warn\" }",
     {"makes no sense"}},
    {"", "\"city\": { \"from\": \"X\", \"if_wrong\": \"cut to fit\" }", {"makes no sense"}},
    {"\"otherwise\": { \"if_empty\": \"cut to fit\" },", "", {"makes no sense"}},
    {"",
     "\"city\": { \"value\": \"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijX\" }",
     {"city is over 50 characters (51)"}},
    {"", "\"province\": { \"value\": \"ONT\" }", {"province is over 2 characters"}},
    /* steps */
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"pad 9\"] }", {"pad N X"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"pad 999 0\"] }", {"pad N X"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"pad 9 00\"] }", {"pad N X"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"pad 9 e\xCC\x81\"] }", {"pad N X"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"replace A with B\"] }", {"replace A by B"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"replace  by B\"] }", {"replace A by B"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"remove\"] }", {"remove TEXT"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"trim left\"] }", {"is written \"trim\""}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"add x behind\"] }", {"add TEXT after"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"add before\"] }", {"add TEXT before"}},
    {"", "\"city\": { \"from\": \"X\", \"do\": [\"phone 999\"] }", {"a # for each digit"}},
    {"",
     "\"city\": { \"from\": \"X\", \"do\": [\"Upper\"] }",
     {"no step called \"Upper\"", "did you mean \"upper\"?"}},
    /* expressions */
    {"", "\"city\": { \"from\": \"X\", \"pattern\": \"[a-\" }", {"cannot be used"}},
    {"", "\"city\": { \"from\": \"X\", \"pattern\": \"(a)\\\\1\" }", {"back-references"}},
    {"\"file\": { \"not_rows\": [\"(\"] },", "", {"cannot be used"}},
    {"\"file\": { \"not_rows\": [\"[\xC3\x80-\xC3\xBF]\"] },",
     "",
     {"no range between letters beyond ASCII"}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"matches\": \"*\", \"because\": \"b\" } ] },",
     "",
     {"cannot be used"}},
    /* dates */
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": [\"DD-XX-YYYY\"] }",
     {"has something that is neither"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": [\"DD-MM\"] }",
     {"one day, one month and one year"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": [\"dd-mm-yyyy\"] }",
     {"has something that is neither"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"written\": [\"DD-MM-YY\"], "
     "\"youngest\": 200 }",
     {"from 0 to 120"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"youngest\": 14 }",
     {"for masks with YY alone"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"between\": [\"today\"] }",
     {"the first and the last day"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"between\": [\"2000-02-30\", "
     "\"today\"] }",
     {"no such day"}},
    {"",
     "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", \"between\": [\"2000-01-02\", "
     "\"2000-01-01\"] }",
     {"before the first"}},
    {"", "\"city\": { \"from\": \"X\", \"written\": [\"YYYY-MM-DD\"] }", {"\"type\": \"date\""}},
    /* rules on rows */
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"is\": \"Y\" } ] },", "", {"\"because\""}},
    {"\"people\": { \"keep\": [ { \"is\": \"Y\", \"because\": \"b\" } ] },", "", {"\"column\""}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"because\": \"b\" } ] },",
     "",
     {"exactly one thing"}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"is\": \"Y\", \"in\": [\"Z\"], \"because\": "
     "\"b\" } ] },",
     "",
     {"exactly one thing"}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"isnt\": \"Y\", \"because\": \"b\" } ] },",
     "",
     {"no key called \"isnt\""}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"in\": [\"a\", \"a\"], \"because\": \"b\" } "
     "] },",
     "",
     {"stands here twice"}},
    {"\"people\": { \"keep\": [ { \"column\": \"X\", \"before\": \"soon\", \"because\": \"b\" } ] "
     "},",
     "",
     {"no such day"}},
    {"\"people\": { \"prefer\": [ { \"column\": \"X\" } ] },", "", {"\"order\" or \"take\""}},
    {"\"people\": { \"prefer\": [ { \"take\": \"highest\" } ] },", "", {"\"column\" is missing"}},
    {"\"people\": { \"same_person\": { \"then\": \"hold\" } },", "", {"\"columns\" is missing"}},
    /* lists */
    {"\"lists\": { \"p\": {} },", "", {"this list is empty"}},
    {"\"lists\": { \"p\": { \"a\": 1 } },", "", {"must be a string"}},
    {"\"lists\": { \"p\": { \"file\": \"x.csv\", \"find\": \"A\" } },",
     "",
     {"\"give\" is missing"}},
    {"\"lists\": { \"p\": { \"file\": \"x.csv\" } },",
     "",
     {"\"find\" is missing", "\"give\" is missing", "belong together"}},
    {"\"lists\": { \"p\": { \"find\": \"A\", \"give\": \"B\" } },", "", {"\"file\" is missing"}},
    {"\"lists\": { \"p\": { \"file\": \"no-such.csv\", \"find\": \"A\", \"give\": \"B\" } },",
     "",
     {"no-such.csv", "relative to the mapping"}},
    {"\"lists\": { \"p\": { \"\xC3\xA9\": \"1\", \"e\xCC\x81\": \"2\" } },", "", {"twice"}},
    {"", "\"city\": { \"from\": \"City#0\" }", {"the first heading of a name is #1"}},
};

START_TEST(C1_every_mistake_is_refused_with_its_place_and_a_suggestion)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        char *errors = errors_around(mistakes[i].more, mistakes[i].fields);
        for (size_t w = 0; w < 3 && mistakes[i].words[w]; w++)
            ck_assert_msg(strstr(errors, mistakes[i].words[w]) != NULL, "\"%s\" is not in: %s",
                          mistakes[i].words[w], errors);
        free(errors);
    }
}
END_TEST

START_TEST(C1_all_mistakes_are_told_at_once)
{
    char *errors =
        errors_around("\"file\": { \"encoding\": \"utf8\", \"delimeter\": 1 },",
                      "\"emial\": { }, \"city\": { \"from\": \"X\", \"do\": [\"trimm\"], "
                      "\"list\": \"x\" }");
    static const char *const words[] = {"utf8", "delimeter", "emial", "trimm", "no list called"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_msg(strstr(errors, words[i]) != NULL, "%s is not in: %s", words[i], errors);
    free(errors);
}
END_TEST

static char *load_errors(const char *text)
{
    struct problems problems = {0};
    struct text shown = {0};
    struct mapping *mapping = load_text(text, &problems);
    ck_assert_msg(mapping == NULL, "loads, but should not: %s", text);
    problems_print(&problems, &shown);
    problems_clear(&problems);
    return text_take(&shown);
}

static void check_load_error(const char *text, const char *words)
{
    char *errors = load_errors(text);
    ck_assert_msg(strstr(errors, words) != NULL, "\"%s\" is not in: %s", words, errors);
    free(errors);
}

START_TEST(a_mask_that_cannot_be_used_is_one_mistake_whatever_belongs_to_it)
{
    char *errors = errors_around("", "\"date_of_birth\": { \"from\": \"X\", \"written\": "
                                     "[\"DD-MON-RR\"], \"youngest\": 14 }");
    ck_assert_msg(strstr(errors, "\"DD-MON-RR\"") && strstr(errors, "\n1 error\n"), "%s", errors);
    free(errors);
}
END_TEST

START_TEST(a_range_of_days_that_holds_none_on_this_day_is_told)
{
    static const struct {
        const char *between, *words;
    } cases[] = {
        {"[\"today\", \"1900-01-01\"]", "no day lies between today (2026-01-10) and 1900-01-01"},
        {"[\"2026-01-11\", \"today\"]", "no day lies between 2026-01-11 and today (2026-01-10)"},
        {"[\"1900-01-01\", \"today\"]", NULL},
        {"[\"today\", \"2026-01-10\"]", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rule =
            mem_format("\"date_of_birth\": { \"from\": \"X\", \"between\": %s }", cases[i].between);
        struct mapping *mapping = load_around("", rule);
        struct problems problems = {0};
        struct text shown = {0};
        mapping_check_day(mapping, test_day, &problems);
        problems_print(&problems, &shown);
        ck_assert_uint_eq(problems.errors, cases[i].words != NULL);
        ck_assert_msg(strstr(text_string(&shown), cases[i].words ? cases[i].words : "") != NULL,
                      "%s", text_string(&shown));
        text_clear(&shown);
        problems_clear(&problems);
        mapping_free(mapping);
        free(rule);
    }
}
END_TEST

START_TEST(C1_places_are_right_in_a_file_whose_lines_end_in_CR_alone)
{
    char *text =
        mapping_around("", "// a note\n\"city\": { \"from\": \"X\", \"do\": [\"trimm\"] }");
    struct problems problems = {0};
    struct text shown = {0};
    for (char *at = text; (at = strchr(at, '\n')); at++)
        *at = '\r';
    ck_assert_ptr_null(load_text(text, &problems));
    problems_print(&problems, &shown);
    ck_assert_msg(strstr(text_string(&shown), ":5:31: error") != NULL, "%s", text_string(&shown));
    ck_assert_msg(strstr(text_string(&shown), "\n  5 | \"city\"") != NULL, "%s",
                  text_string(&shown));
    text_clear(&shown);
    problems_clear(&problems);
    free(text);
}
END_TEST

START_TEST(C1_a_mapping_that_is_missing_or_no_json_is_refused)
{
    struct problems problems = {0};
    ck_assert_ptr_null(mapping_load("/nonexistent/m.jsonc", &problems));
    ck_assert_uint_eq(problems.errors, 1);
    problems_clear(&problems);
    check_load_error("", "error");
    check_load_error("[]", "must be an object");
    check_load_error("{ \"version\": 1, }", "\"fields\" is missing");
    check_load_error("{ \"version\": 1, \"fields\": {} }", "\"name\" is missing");
    check_load_error("{ \"name\": \"x\", \"fields\": {} }", "\"version\" is missing");
    check_load_error("{ \"version\": 1, \"version\": 1, \"name\": \"x\", \"fields\": {} }",
                     "error");
}
END_TEST

START_TEST(C2_two_names_of_one_field_are_refused)
{
    static const char *const pairs[][2] = {
        {"province", "state"},
        {"postal_code", "zip"},
        {"driver_licence_num", "driver_license_num"},
        {"driver_licence_prov", "driver_license_state"},
        {"province2", "state2"},
        {"postal_code2", "zip2"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *fields = mem_format("\"%s\": { \"from\": \"X\" }, \"%s\": { \"from\": \"Y\" }",
                                  pairs[i][0], pairs[i][1]);
        char *errors = errors_around("", fields);
        ck_assert_msg(strstr(errors, "is filled already") != NULL, "%s", errors);
        free(errors);
        free(fields);
    }
}
END_TEST

START_TEST(C2_the_second_name_of_a_field_is_told_with_the_name_that_stands_above)
{
    static const char *const pairs[][2] = {
        {"postal_code", "zip"},
        {"zip", "postal_code"},
        {"driver_license_num", "driver_licence_num"},
        {"driver_license_state", "driver_licence_prov"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *fields = mem_format("\"%s\": { \"from\": \"X\" },\n\"%s\": { \"from\": \"Y\" }",
                                  pairs[i][0], pairs[i][1]);
        char *words = mem_format("\"%s\" is another name of \"%s\", which is filled already",
                                 pairs[i][1], pairs[i][0]);
        char *errors = errors_around("", fields);
        ck_assert_msg(strstr(errors, words) != NULL, "%s", errors);
        free(errors);
        free(words);
        free(fields);
    }
}
END_TEST

START_TEST(C2_an_alias_alone_fills_the_field)
{
    struct mapping *mapping = load_around("", "\"zip\": { \"from\": \"X\" }");
    ck_assert(mapping_fields(mapping) & FIELD_BIT(FIELD_POSTAL_CODE));
    mapping_free(mapping);
}
END_TEST

START_TEST(C3_unique_id_and_login_source_must_be_filled)
{
    check_load_error("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { \"from\": "
                     "\"X\" } } }",
                     "the field login_source is missing");
    check_load_error("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"login_source\": { "
                     "\"value\": \"X\" } } }",
                     "the field unique_id is missing");
}
END_TEST

START_TEST(C3_what_everybody_needs_cannot_be_left_out)
{
    static const char *const rules[] = {
        "\"if_empty\": \"leave out field\"",
        "\"if_wrong\": \"send anyway and warn\"",
        "\"if_long\": \"cut to fit\"",
        "\"send\": \"new people only\"",
        "\"when\": { \"column\": \"X\", \"is\": \"1\" }",
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char *text = mem_format("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { "
                                "\"from\": \"X\", %s }, \"login_source\": { \"value\": \"S\" } } }",
                                rules[i]);
        free(load_errors(text));
        free(text);
    }
    check_load_error("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { \"from\": "
                     "\"X\" }, \"login_source\": { \"value\": \"twenty-one characters\" } } }",
                     "login_source is over 20 characters");
}
END_TEST

START_TEST(C10_a_newer_version_is_refused)
{
    check_load_error("{ \"version\": 2, \"name\": \"x\", \"fields\": {} }", "version 2");
    check_load_error("{ \"version\": \"1\", \"name\": \"x\", \"fields\": {} }", "whole number");
    check_load_error("{ \"version\": 0, \"name\": \"x\", \"fields\": {} }", "whole number");
}
END_TEST

START_TEST(I31_columns_that_look_like_a_social_insurance_number_cannot_be_mapped)
{
    static const char *const secret[] = {"SSN",
                                         "sin",
                                         "SPBPERS_SSN",
                                         "SSN#2",
                                         "Student SIN",
                                         "SOCIAL_SECURITY",
                                         "Social Insurance No",
                                         "NAS",
                                         "SocSec",
                                         "personSsn",
                                         "PersonSSN",
                                         "SSN_LAST4",
                                         "SSN4",
                                         "SIN-NUMBER",
                                         "Num\xC3\xA9ro d'assurance sociale",
                                         "SPRIDEN.SSN",
                                         "SOCIALSECURITYNUMBER"};
    static const char *const harmless[] = {"BUSINESS", "SINGLE",       "USING",
                                           "NASSAU",   "ASSIGN",       "CLASSNAME",
                                           "SINCE",    "SOCIAL_MEDIA", "ID"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        char *from = mem_format("\"city\": { \"from\": [\"X\", \"%s\"] }", secret[i]);
        char *join = mem_format("\"city\": { \"join\": [\"%s\", \"X\"] }", secret[i]);
        char *errors = errors_around("", from);
        ck_assert_msg(strstr(errors, "never sent") != NULL, "%s: %s", secret[i], errors);
        free(errors);
        errors = errors_around("", join);
        ck_assert_msg(strstr(errors, "never sent") != NULL, "%s: %s", secret[i], errors);
        free(errors);
        free(from);
        free(join);
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        char *from = mem_format("\"city\": { \"from\": \"%s\" }", harmless[i]);
        mapping_free(load_around("", from));
        free(from);
    }
}
END_TEST

START_TEST(what_is_not_given_has_the_documented_value)
{
    struct mapping *mapping = load_around("", "\"city\": { \"from\": \"X\" }");
    const struct limits *limits = mapping_limits(mapping);
    ck_assert_int_eq(limits->rows_min, -1);
    ck_assert_int_eq(limits->rows_max, -1);
    ck_assert_int_eq(limits->max_age_hours, -1);
    ck_assert(!limits->same_file_refused);
    ck_assert(limits->rows_fewer_percent == 10 && limits->new_percent == 10);
    ck_assert(limits->changed_percent == 25 && limits->gone_percent == 10);
    ck_assert(limits->rejected_percent == 5 && limits->mapping_percent == 10);
    for (int field = 0; field < FIELD_COUNT; field++) {
        ck_assert(limits->field_changed_percent[field] == 20);
        ck_assert(limits->field_emptied_percent[field] == 10);
    }
    ck_assert_int_eq(mapping_dialect(mapping)->encoding, ENCODING_UTF_8);
    ck_assert_int_eq(mapping_dialect(mapping)->delimiter, ',');
    ck_assert_int_eq(mapping_repeated_id(mapping), REPEATED_REJECT);
    ck_assert_int_eq(mapping_same_person(mapping), SAME_PERSON_NONE);
    ck_assert(!mapping_has_prefer(mapping));
    ck_assert_uint_eq(mapping_private(mapping), FIELD_BIT(FIELD_DATE_OF_BIRTH) |
                                                    FIELD_BIT(FIELD_DRIVER_LICENCE_NUM) |
                                                    FIELD_BIT(FIELD_DRIVER_LICENCE_PROV));
    mapping_free(mapping);
}
END_TEST

START_TEST(what_is_given_is_taken)
{
    struct mapping *mapping = load_around(
        "\"$schema\": \"s\", \"owner\": \"o\", \"file\": { \"encoding\": \"utf-16be\", "
        "\"delimiter\": \"tab\", \"rows_between\": [5, 60], \"max_age_hours\": 26, \"same_file\": "
        "\"refuse\", \"not_rows\": [\"^x\", \"^[- ]+$\"] }, \"people\": { \"same_person\": { "
        "\"columns\": [\"PIDM\"], \"then\": \"report\" }, \"repeated_id\": \"last\" }, "
        "\"stop_if\": { "
        "\"rows_fewer_over_percent\": 1, \"new_over_percent\": 2, \"changed_over_percent\": 3, "
        "\"gone_over_percent\": 4, \"rejected_over_percent\": 5.5, \"mapping_over_percent\": 6, "
        "\"field_changed_over_percent\": { \"zip\": 7 }, \"field_emptied_over_percent\": 8 },",
        "\"city\": { \"from\": \"X\", \"private\": true }, \"date_of_birth\": { \"from\": \"Y\", "
        "\"private\": false }");
    const struct limits *limits = mapping_limits(mapping);
    ck_assert(limits->rows_min == 5 && limits->rows_max == 60 && limits->max_age_hours == 26);
    ck_assert(limits->same_file_refused);
    ck_assert(limits->rows_fewer_percent == 1 && limits->new_percent == 2);
    ck_assert(limits->changed_percent == 3 && limits->gone_percent == 4);
    ck_assert(limits->rejected_percent == 5.5 && limits->mapping_percent == 6);
    ck_assert(limits->field_changed_percent[FIELD_POSTAL_CODE] == 7);
    ck_assert(limits->field_changed_percent[FIELD_CITY] == 20);
    ck_assert(limits->field_emptied_percent[FIELD_CITY] == 8);
    const struct export_dialect *dialect = mapping_dialect(mapping);
    ck_assert_int_eq(dialect->encoding, ENCODING_UTF_16BE);
    ck_assert_int_eq(dialect->delimiter, '\t');
    ck_assert_uint_eq(dialect->not_rows_count, 2);
    ck_assert_str_eq(dialect->not_rows[1], "^[- ]+$");
    ck_assert_str_eq(mapping_name(mapping), "Test");
    ck_assert_int_eq(mapping_same_person(mapping), SAME_PERSON_REPORT);
    ck_assert_int_eq(mapping_repeated_id(mapping), REPEATED_LAST);
    ck_assert(mapping_private(mapping) & FIELD_BIT(FIELD_CITY));
    ck_assert(!(mapping_private(mapping) & FIELD_BIT(FIELD_DATE_OF_BIRTH)));
    mapping_free(mapping);
}
END_TEST

START_TEST(sections_may_stand_in_any_order)
{
    struct problems problems = {0};
    struct mapping *mapping = load_text(
        "{ \"fields\": { \"city\": { \"from\": \"X\", \"list\": \"c\" }, \"login_source\": { "
        "\"value\": \"S\" }, \"unique_id\": { \"from\": \"ID\" } }, \"otherwise\": { \"if_wrong\": "
        "\"leave out field\" }, \"lists\": { \"c\": { \"a\": \"b\" } }, \"name\": \"x\", "
        "\"version\": "
        "1 }",
        &problems);
    ck_assert_ptr_nonnull(mapping);
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, "1|a"), FIELD_CITY, "b");
    assert_value(apply_to(mapper, "1|z"), FIELD_CITY, NULL);
    mapper_free(mapper);
    mapping_free(mapping);
    problems_clear(&problems);
}
END_TEST

START_TEST(a_list_that_nothing_uses_is_a_warning)
{
    struct problems problems = {0};
    char *text =
        mapping_around("\"lists\": { \"c\": { \"a\": \"b\" } },", "\"city\": { \"from\": \"X\" }");
    struct mapping *mapping = load_text(text, &problems);
    ck_assert_ptr_nonnull(mapping);
    ck_assert_uint_eq(problems.errors, 0);
    ck_assert_uint_eq(problems.count, 1);
    mapping_free(mapping);
    problems_clear(&problems);
    free(text);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, C1_every_mistake_is_refused_with_its_place_and_a_suggestion);
    tcase_add_test(tests, C1_all_mistakes_are_told_at_once);
    tcase_add_test(tests, a_mask_that_cannot_be_used_is_one_mistake_whatever_belongs_to_it);
    tcase_add_test(tests, a_range_of_days_that_holds_none_on_this_day_is_told);
    tcase_add_test(tests, C1_places_are_right_in_a_file_whose_lines_end_in_CR_alone);
    tcase_add_test(tests, C1_a_mapping_that_is_missing_or_no_json_is_refused);
    tcase_add_test(tests, C2_two_names_of_one_field_are_refused);
    tcase_add_test(tests, C2_the_second_name_of_a_field_is_told_with_the_name_that_stands_above);
    tcase_add_test(tests, C2_an_alias_alone_fills_the_field);
    tcase_add_test(tests, C3_unique_id_and_login_source_must_be_filled);
    tcase_add_test(tests, C3_what_everybody_needs_cannot_be_left_out);
    tcase_add_test(tests, C10_a_newer_version_is_refused);
    tcase_add_test(tests, I31_columns_that_look_like_a_social_insurance_number_cannot_be_mapped);
    tcase_add_test(tests, what_is_not_given_has_the_documented_value);
    tcase_add_test(tests, what_is_given_is_taken);
    tcase_add_test(tests, sections_may_stand_in_any_order);
    tcase_add_test(tests, a_list_that_nothing_uses_is_a_warning);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    return unit_run("mapping/load", all);
}
