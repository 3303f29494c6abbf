#include "mapped.h"
#include "mapping/survey.h"

static char *table_of(const char *more, const char *fields)
{
    struct mapping *mapping = load_around(more, fields);
    struct text out = {0};
    mapping_table(mapping, &out);
    mapping_free(mapping);
    return text_take(&out);
}

START_TEST(C1_a_mapping_is_shown_as_a_table_for_people)
{
    char *table = table_of(
        "\"file\": { \"encoding\": \"windows-1252\", \"delimiter\": \"tab\" },"
        "\"lists\": { \"type\": { \"UG\": \"1\" } },"
        "\"people\": { \"keep\": [ { \"column\": \"STST\", \"in\": [\"AS\", \"RE\"], \"because\": "
        "\"active\" } ], \"same_person\": \"PIDM\", \"repeated_id\": \"last\", \"prefer\": [ { "
        "\"column\": \"SEQ\", \"take\": \"highest\" } ] },",
        "\"email\": { \"from\": [\"E1\", \"E2\"], \"do\": [\"trim\", \"lower\"], \"type\": "
        "\"email\", "
        "\"never\": [\"none@none.com\"], \"required\": true },"
        "\"street\": { \"join\": [\"S1\", \"S2\"], \"with\": \", \" },"
        "\"user_type_id\": { \"from\": \"LEVL\", \"list\": \"type\", \"send\": \"new people "
        "only\", "
        "\"when\": { \"column\": \"LEVL\", \"empty\": false } },"
        "\"city\": { \"from\": \"CITY\", \"if_long\": \"cut to fit\" },"
        "\"date_of_birth\": { \"from\": \"DOB\", \"written\": [\"DD-MON-YYYY\"], \"between\": "
        "[\"1900-01-01\", \"today\"] }");
    static const char *const pieces[] = {
        "windows-1252, cells separated by tab",
        "STST is one of AS, RE",
        "same PIDM, another unique_id",
        "held, and reported",
        "the highest SEQ",
        "the last row counts",
        "E1, or E2",
        "trim, lower",
        "S1 + S2 with \", \"",
        "always \"SAML\"",
        "when LEVL is",
        "list type",
        "never none@none.com",
        "else cut",
        "DD-MON-YYYY",
        "new people",
        "private",
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        ck_assert_msg(strstr(table, pieces[i]) != NULL, "no %s in\n%s", pieces[i], table);
    free(table);
}
END_TEST

START_TEST(lines_of_a_table_are_aligned_short_and_without_blanks_behind)
{
    char *table = table_of("", "\"first_name\": { \"from\": [\"ONE_COLUMN\", \"ANOTHER_COLUMN\", "
                               "\"A_THIRD_ONE\"], \"do\": [\"trim\", \"one space\", \"straight "
                               "quotes\", \"replace a by b\"] }");
    size_t from = 0;
    for (char *line = strtok(table, "\n"); line; line = strtok(NULL, "\n")) {
        size_t length = strlen(line);
        ck_assert_msg(length <= 130, "%s", line);
        ck_assert_msg(line[length - 1] != ' ', "%s", line);
        if (strncmp(line, "  field", 7) == 0)
            from = (size_t)(strstr(line, "from") - line);
        if (strncmp(line, "  first_name", 12) == 0)
            ck_assert_int_eq(strncmp(line + from, "ONE_COLUMN, or", 14), 0);
    }
    ck_assert_uint_gt(from, 0);
    free(table);
}
END_TEST

START_TEST(I16_what_a_mapping_holds_is_shown_clean)
{
    char *table = table_of("", "\"city\": { \"from\": \"C\xC2\x9BX\" }");
    ck_assert_ptr_null(strstr(table, "\xC2\x9B"));
    free(table);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, C1_a_mapping_is_shown_as_a_table_for_people);
    tcase_add_test(c, lines_of_a_table_are_aligned_short_and_without_blanks_behind);
    tcase_add_test(c, I16_what_a_mapping_holds_is_shown_clean);
}

int main(void)
{
    return unit_run("mapping/table", all);
}
