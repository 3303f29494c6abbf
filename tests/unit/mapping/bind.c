#include "mapped.h"

static struct mapping *city_from(const char *column)
{
    char *fields = mem_format("\"city\": { \"from\": \"%s\" }", column);
    struct mapping *mapping = load_around("", fields);
    free(fields);
    return mapping;
}

/* What the city becomes when it comes from a column of an export. */
static void check_column(const char *column, const char *heading, const char *row,
                         const char *wanted)
{
    struct mapping *mapping = city_from(column);
    bind_to(mapping, heading);
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, row), FIELD_CITY, wanted);
    mapper_free(mapper);
    mapping_free(mapping);
}

static void check_bind_error(const char *column, const char *heading, const char *words)
{
    struct mapping *mapping = city_from(column);
    char *errors = bind_errors(mapping, heading);
    ck_assert_msg(strstr(errors, words) != NULL, "\"%s\" is not in: %s", words, errors);
    free(errors);
    mapping_free(mapping);
}

START_TEST(I12_columns_are_found_by_heading_whatever_their_order)
{
    check_column("CITY", "ID|CITY", "1|Perth", "Perth");
    check_column("CITY", "CITY|ID", "Perth|1", "Perth");
    check_column("CITY", "ID| City ", "1|Perth", "Perth");
    check_column(" city ", "ID|CITY", "1|Perth", "Perth");
    check_column("Pr\xC3\xA9nom", "ID|PR\xC3\x89NOM", "1|Perth", "Perth");
    check_column("CITY",
                 "\xEF\xBB\xBF"
                 "CITY|ID",
                 "Perth|1", "Perth");
    check_column("col(2)", "ID|CITY", "1|Perth", "Perth");
}
END_TEST

START_TEST(I12_a_missing_column_is_an_error_that_offers_the_nearest)
{
    check_bind_error("LAST_NAME", "ID|FIRST_NAME|LASTNAME", "did you mean \"LASTNAME\"?");
    check_bind_error("LAST_NAME", "ID|Last Name", "did you mean \"Last Name\"?");
    check_bind_error("LAST_NAME", "ID|X", "no column called \"LAST_NAME\"");
    check_bind_error("col(3)", "ID|X", "has 2 columns");
}
END_TEST

START_TEST(I11_a_repeated_heading_must_be_named_with_its_number)
{
    check_bind_error("City", "ID|City|CITY", "2 columns called \"City\"");
    check_column("City#1", "ID|City|CITY", "1|a|b", "a");
    check_column("City#2", "ID|City|CITY", "1|a|b", "b");
    check_bind_error("City#3", "ID|City|CITY", "no column \"City#3\"");
    check_bind_error("City#2", "ID|City", "1 column is called");
    check_column("City#2", "ID|City#2|City", "1|a|b", "a");
    check_column("X", "ID|City|City|X", "1|a|b|c", "c");
}
END_TEST

START_TEST(I12_columns_needed_and_other_columns_are_checked)
{
    struct mapping *mapping = load_around(
        "\"file\": { \"columns_needed\": [\"ID\", \"TERM\"], \"other_columns\": \"refuse\" },",
        "\"city\": { \"from\": \"X\" }");
    bind_to(mapping, "ID|X|TERM");
    char *errors = bind_errors(mapping, "ID|X");
    ck_assert_ptr_nonnull(strstr(errors, "no column called \"TERM\""));
    free(errors);
    errors = bind_errors(mapping, "ID|X|TERM|Y|_line");
    ck_assert_ptr_nonnull(strstr(errors, "a column \"Y\""));
    ck_assert_ptr_null(strstr(errors, "_line"));
    free(errors);
    mapping_free(mapping);
}
END_TEST

START_TEST(other_columns_may_be_a_warning)
{
    struct mapping *mapping =
        load_around("\"file\": { \"other_columns\": \"warn\" },", "\"city\": { \"from\": \"X\" }");
    struct problems problems = {0};
    struct record_of record;
    ck_assert_int_eq(mapping_bind(mapping, cells_of(&record, "ID|X|Y"), &problems), 0);
    ck_assert_uint_eq(problems.errors, 0);
    ck_assert_uint_eq(problems.count, 1);
    problems_clear(&problems);
    mapping_free(mapping);
}
END_TEST

START_TEST(I31_a_social_insurance_number_is_not_mapped_by_its_place_either)
{
    check_bind_error("col(2)", "ID|SSN", "never sent");
}
END_TEST

START_TEST(a_rejects_file_that_is_fed_again_is_recognised)
{
    struct mapping *mapping = city_from("X");
    bind_to(mapping, "ID|X");
    ck_assert(!mapping_is_refed(mapping));
    ck_assert_int_eq(mapping_line_column(mapping), -1);
    bind_to(mapping, "ID|X|_line|_field|_code|_reason|_fix");
    ck_assert(mapping_is_refed(mapping));
    ck_assert_int_eq(mapping_line_column(mapping), 2);
    bind_to(mapping, "ID|X|_line");
    ck_assert(!mapping_is_refed(mapping));
    mapping_free(mapping);
}
END_TEST

START_TEST(columns_that_begin_with_a_line_are_ignored)
{
    check_bind_error("_note", "ID|_note", "columns whose names start with \"_\" are ignored");
    check_bind_error("_note", "ID|note", "columns whose names start with \"_\" are ignored");
    check_column("X", "ID|X|_x", "1|a|b", "a");
    struct mapping *mapping = city_from("note");
    char *errors = bind_errors(mapping, "ID|_note");
    ck_assert_msg(strstr(errors, "did you mean") == NULL, "%s", errors);
    free(errors);
    mapping_free(mapping);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, I12_columns_are_found_by_heading_whatever_their_order);
    tcase_add_test(tests, I12_a_missing_column_is_an_error_that_offers_the_nearest);
    tcase_add_test(tests, I11_a_repeated_heading_must_be_named_with_its_number);
    tcase_add_test(tests, I12_columns_needed_and_other_columns_are_checked);
    tcase_add_test(tests, other_columns_may_be_a_warning);
    tcase_add_test(tests, I31_a_social_insurance_number_is_not_mapped_by_its_place_either);
    tcase_add_test(tests, a_rejects_file_that_is_fed_again_is_recognised);
    tcase_add_test(tests, columns_that_begin_with_a_line_are_ignored);
}

int main(void)
{
    return unit_run("mapping/bind", all);
}
