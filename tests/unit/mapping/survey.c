#include "mapping/survey.h"
#include "mapped.h"

/* What is found out about rows under a heading, all cells between bars. The heading is line 1. */
struct findings {
    char *shown;
    bool has_damaged_ids;
};

static struct findings survey_rows(const char *more, const char *fields, const char *heading,
                                   const char *const *rows, size_t count)
{
    struct mapping *mapping = load_around(more, fields);
    struct record_of head, record;
    struct text out = {0};
    bind_to(mapping, heading);
    struct mapper *mapper = mapper_new(mapping, test_day);
    struct survey *survey = survey_new(mapping, cells_of(&head, heading));
    for (size_t i = 0; i < count; i++) {
        cells_of(&record, rows[i]);
        record.record.line = (uint32_t)i + 2;
        if (record.record.cell_count != head.record.cell_count)
            record.record.damage = RECORD_RAGGED;
        survey_add(survey, &record.record, mapper_apply(mapper, &record.record));
    }
    survey_print(survey, &out);
    struct findings findings = {.has_damaged_ids = survey_has_damaged_ids(survey)};
    survey_free(survey);
    mapper_free(mapper);
    mapping_free(mapping);
    findings.shown = text_take(&out);
    return findings;
}

#define SURVEY(more, fields, heading, rows)                                                        \
    survey_rows(more, fields, heading, rows, sizeof(rows) / sizeof *(rows))

/* The line that begins with the words (blanks and a number apart); fails when there is none. free(). */
static char *line_with(const char *shown, const char *words)
{
    const char *at = strstr(shown, words);
    ck_assert_msg(at != NULL, "no \"%s\" in\n%s", words, shown);
    while (at > shown && at[-1] != '\n')
        at--;
    return mem_bytes(at, strcspn(at, "\n"));
}

/* Whether the first line with 'words' also has all the pieces, in that order. */
static void assert_line(const char *shown, const char *words, const char *const *pieces)
{
    char *line = line_with(shown, words);
    const char *at = line;
    for (; *pieces; pieces++) {
        at = strstr(at, *pieces);
        ck_assert_msg(at != NULL, "no \"%s\" (or not there) in \"%s\" of\n%s", *pieces, line,
                      shown);
        at += strlen(*pieces);
    }
    free(line);
}

#define LINE(shown, words, ...) assert_line(shown, words, (const char *const[]){__VA_ARGS__, NULL})

static const char *const people[] = {
    "001|Roy|AS|UG|ada@example.edu|x",
    "002|Dyk|IS|UG|bob@example.edu|",
    "003||AS|GR|eve@example.edu|",
    "004|Roy|AS|UH|broken|",
    "005|(null)|AS|UH| |",
    "001|Roy|AS|UG|ada@example.edu|",
    "007|short",
};
static const char people_heading[] = "ID|LAST|STST|LEVL|EMAIL|OTHER";
static const char people_more[] = "\"file\": { \"empty_means\": [\"(null)\"] },"
                                  "\"people\": { \"keep\": [ { \"column\": \"STST\", \"is\": "
                                  "\"AS\", \"because\": \"active\" } ] },"
                                  "\"lists\": { \"type\": { \"UG\": \"1\", \"GR\": \"2\" } },";
static const char people_fields[] =
    "\"last_name\": { \"from\": \"LAST\", \"if_empty\": \"leave out field\" },"
    "\"email\": { \"from\": \"EMAIL\", \"type\": \"email\" },"
    "\"user_type_id\": { \"from\": \"LEVL\", \"list\": \"type\", \"if_wrong\": \"leave out field\" "
    "}";

START_TEST(I12_rows_columns_fields_and_reasons_are_counted_with_first_lines)
{
    struct findings found = SURVEY(people_more, people_fields, people_heading, people);
    const char *shown = found.shown;
    LINE(shown, "  read", "7");
    LINE(shown, "  can be sent", "4");
    LINE(shown, "  left out by a rule", "1");
    LINE(shown, "  rejected  ", "2");
    LINE(shown, "repeat an earlier unique_id", ": 1 (line 7)");
    LINE(strstr(shown, "left out, because"), "active", "1", "active", "line 3");
    LINE(strstr(shown, "rejected, because"), "e-mail", "1", "email is not an e-mail address",
         "line 5");
    LINE(shown, "another number of cells", "1", "line 8");

    const char *fields = strstr(shown, "\nfields");
    LINE(fields, "unique_id", "4", "100 %");
    LINE(fields, "last_name", "2", "50 %", "2", "leave out field: is empty", "lines 4, 6");
    LINE(fields, "  email", "3", "75 %", "1", "reject person: is not an e-mail", "line 5");
    LINE(fields, "user_type_id", "3", "75 %");

    const char *columns = strstr(shown, "columns\n");
    LINE(columns, "ID", "1", "ID", "6", "100 %", "5", "unique_id");
    LINE(columns, "LAST", "2", "LAST", "4", "66 %", "2", "last_name");
    LINE(columns, "STST", "3", "STST", "6", "100 %", "2", "rules on rows");
    LINE(columns, "EMAIL", "5", "83 %", "4", "email");
    LINE(columns, "OTHER", "1", "16 %", "1", "-");
    free(found.shown);
}
END_TEST

START_TEST(codes_that_a_list_lacks_are_shown_with_counts_and_the_nearest)
{
    static const char *const rows[] = {"1|UH|FT", "2|UG|FT", "3|UH|FT", "4|XYZ|PT", "5|UG,|FT"};
    struct findings found = SURVEY(
        "\"lists\": { \"type\": { \"UG,FT\": \"1\", \"GR,FT\": \"2\", \"EX,*\": \"3\" } },",
        "\"user_type_id\": { \"join\": [\"LEVL\", \"FTPT\"], \"with\": \",\", \"do\": [\"trim\", "
        "\"upper\"], \"list\": \"type\", \"if_wrong\": \"reject person\" }",
        "ID|LEVL|FTPT", rows);
    LINE(found.shown, "\"UH,FT\"", "2", "\"UH,FT\"", "is not in \"type\" (user_type_id)",
         "lines 2, 4", "did you mean \"UG,FT\"?");
    LINE(found.shown, "\"XYZ,PT\"", "1", "line 5");
    LINE(strstr(found.shown, "codes in columns"), "  LEVL", "UH 2, UG 1, XYZ 1, UG, 1");
    LINE(strstr(found.shown, "codes in columns"), "  FTPT", "FT 4, PT 1");
    free(found.shown);
}
END_TEST

START_TEST(I16_codes_are_shown_clean_and_long_ones_not_at_all)
{
    static const char *const rows[] = {"1|A\xC2\x9BX",
                                       "2|This is much too long to be a code of anything at all",
                                       "3|\xC3\x89T\xC3\x89"};
    struct findings found =
        SURVEY("\"lists\": { \"type\": { \"UG\": \"1\" } },",
               "\"user_type_id\": { \"from\": \"LEVL\", \"list\": \"type\" }", "ID|LEVL", rows);
    LINE(found.shown, "\"\xC3\x89T\xC3\x89\"", "is not in");
    ck_assert_ptr_null(strstr(found.shown, "\xC2\x9B"));
    ck_assert_ptr_null(strstr(found.shown, "too long to be"));
    LINE(found.shown, "(not shown)", "1", "is not in \"type\"", "line 3");
    free(found.shown);
}
END_TEST

START_TEST(I26_damaged_ids_are_named_for_what_they_are)
{
    static const struct {
        const char *id, *words;
    } cases[] = {
        {"12345678", "has lost its leading zeros"},
        {"1.23E+09", "is a number that a spreadsheet shortened (such as"},
        {"9.00123E+08", "is a number that a spreadsheet shortened"},
        {"=\"000000001\"", "is guarded for a spreadsheet (such as =\"001\")"},
        {"'000000001", "is guarded for a spreadsheet"},
        {"Jos\xC3\x83\xC2\xA9", "was encoded twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *rows[] = {"900000001|x", NULL};
        char *row = mem_format("%s|y", cases[i].id);
        rows[1] = row;
        struct findings found = SURVEY("",
                                       "\"student_no\": { \"from\": \"ID\", \"pattern\": "
                                       "\"[0-9]{9}\", \"if_wrong\": \"leave out field\" }",
                                       "ID|X", rows);
        const char *damage = strstr(found.shown, "damage: what exports");
        ck_assert_msg(damage != NULL, "%s: nothing in\n%s", cases[i].id, found.shown);
        LINE(damage, cases[i].words, "1", cases[i].words, "line 3");
        ck_assert(found.has_damaged_ids);
        ck_assert_ptr_null(strstr(found.shown, cases[i].id));
        free(found.shown);
        free(row);
    }
}
END_TEST

START_TEST(I26_without_a_pattern_short_ids_are_told_by_the_others)
{
    const char *rows[40];
    for (size_t i = 0; i < 40; i++)
        rows[i] = mem_format(i % 20 == 7 ? "%08zu|x" : "%09zu|x", i);
    struct findings found = SURVEY("", "\"city\": { \"from\": \"X\" }", "ID|X", rows);
    LINE(found.shown, "2 of the ids are shorter", "the usual 9 digits", "with 8", "lines 9, 29");
    ck_assert(!found.has_damaged_ids);
    free(found.shown);
    found = SURVEY("", "\"student_no\": { \"from\": \"ID\" }", "ID|X", rows);
    ck_assert_ptr_nonnull(strstr(found.shown, "shorter"));
    free(found.shown);
    for (size_t i = 0; i < 40; i++)
        free((void *)(uintptr_t)rows[i]);
}
END_TEST

START_TEST(V12_no_personal_value_is_shown)
{
    static const char *const rows[] = {
        "A77|Nguyen|613-555-0142|2001-13-45|QQ|SECRETLIC|999-99-9999",
        "B88|L\xC3\xA9vesque|613-555-0143|2003-01-05|ON|OTHERLIC|888-88-8888"};
    struct findings found = SURVEY(
        "\"lists\": { \"province\": { \"ON\": \"ON\" } },",
        "\"last_name\": { \"from\": \"LAST\" }, \"phone_cell\": { \"from\": \"PHONE\", \"do\": "
        "[\"phone ####\"], \"if_wrong\": \"leave out field\" }, \"date_of_birth\": { \"from\": "
        "\"BORN\", \"if_wrong\": \"leave out field\" }, \"driver_licence_num\": { \"from\": "
        "\"LIC\" "
        "}, \"driver_licence_prov\": { \"from\": \"STAT\", \"list\": \"province\", \"if_wrong\": "
        "\"leave out field\" }",
        "ID|LAST|PHONE|BORN|STAT|LIC|SSN", rows);
    static const char *const secrets[] = {"A77",      "B88",  "Nguyen", "vesque",   "0142",
                                          "2001",     "2003", "QQ",     "LICENCE1", "SECRETLIC",
                                          "OTHERLIC", "999",  "888"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        ck_assert_msg(strstr(found.shown, secrets[i]) == NULL, "%s in\n%s", secrets[i],
                      found.shown);
    LINE(found.shown, "(not shown)", "1", "is not in \"province\" (driver_licence_prov)", "line 2");
    LINE(found.shown, "  SSN", "never: it looks like a social security or");
    free(found.shown);
}
END_TEST

START_TEST(a_column_that_also_fills_a_name_shows_no_codes)
{
    static const char *const rows[] = {"1|Nguyen", "2|Roy"};
    struct findings found =
        SURVEY("\"lists\": { \"type\": { \"UG\": \"1\" } },",
               "\"last_name\": { \"from\": \"X\" }, \"user_type_id\": { \"from\": \"X\", \"list\": "
               "\"type\", \"if_wrong\": \"leave out field\" }",
               "ID|X", rows);
    ck_assert_ptr_null(strstr(found.shown, "Nguyen"));
    LINE(found.shown, "(not shown)", "2", "lines 2, 3");
    free(found.shown);
}
END_TEST

START_TEST(I30_what_is_remembered_has_a_ceiling)
{
    enum { ROWS = 1100 };
    const char *rows[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = mem_format("%zu|C%zu|%zu", i + 1000, i, i % 1000);
    struct findings found =
        SURVEY("\"lists\": { \"type\": { \"UG\": \"1\" } },",
               "\"user_type_id\": { \"from\": \"X\", \"list\": \"type\", \"if_wrong\": \"leave out "
               "field\" }",
               "ID|X|Y", rows);
    const char *columns = strstr(found.shown, "columns\n");
    LINE(columns, "  ID", "1,100", "100 %", "over 1,000", "unique_id");
    LINE(columns, "  Y", "1,100", "100 %", "1,000", "-");
    LINE(found.shown, "more of the kind", "and over 480");
    ck_assert_ptr_null(strstr(found.shown, "codes in columns"));
    free(found.shown);
    for (size_t i = 0; i < ROWS; i++)
        free((void *)(uintptr_t)rows[i]);
}
END_TEST

START_TEST(a_row_that_stops_the_run_is_counted_as_one)
{
    static const char *const rows[] = {"1|202610", "2|202510", "3|202510"};
    struct findings found = SURVEY("\"file\": { \"must_hold\": [ { \"column\": \"TERM\", \"is\": "
                                   "\"202610\", \"because\": \"current term\" } ] },",
                                   "\"city\": { \"value\": \"Ottawa\" }", "ID|TERM", rows);
    LINE(found.shown, "  would stop the run", "2");
    LINE(found.shown, "\"must_hold\" does not hold: current term (column TERM)", "2", "lines 3, 4");
    free(found.shown);
}
END_TEST

START_TEST(an_export_without_problems_has_none)
{
    static const char *const rows[] = {"1|x", "2|y"};
    struct findings found = SURVEY("", "\"city\": { \"from\": \"X\" }", "ID|X", rows);
    ck_assert(!found.has_damaged_ids);
    ck_assert_ptr_null(strstr(found.shown, "because\n"));
    for (char *line = strtok(found.shown, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_msg(line[strlen(line) - 1] != ' ', "\"%s\"", line);
    free(found.shown);
}
END_TEST

START_TEST(what_the_reader_passed_over_is_told)
{
    struct mapping *mapping = load_around("", "\"city\": { \"from\": \"X\" }");
    struct record_of head;
    struct text out = {0};
    bind_to(mapping, "ID|X");
    struct survey *survey = survey_new(mapping, cells_of(&head, "ID|X"));
    struct export_facts facts = {.noise = 1234, .feedback_rows = 12};
    survey_note_file(survey, &facts);
    survey_print(survey, &out);
    LINE(text_string(&out), "passed over", "1,234");
    text_clear(&out);
    survey_free(survey);
    mapping_free(mapping);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, I12_rows_columns_fields_and_reasons_are_counted_with_first_lines);
    tcase_add_test(c, codes_that_a_list_lacks_are_shown_with_counts_and_the_nearest);
    tcase_add_test(c, I16_codes_are_shown_clean_and_long_ones_not_at_all);
    tcase_add_test(c, I26_damaged_ids_are_named_for_what_they_are);
    tcase_add_test(c, I26_without_a_pattern_short_ids_are_told_by_the_others);
    tcase_add_test(c, V12_no_personal_value_is_shown);
    tcase_add_test(c, a_column_that_also_fills_a_name_shows_no_codes);
    tcase_add_test(c, I30_what_is_remembered_has_a_ceiling);
    tcase_add_test(c, a_row_that_stops_the_run_is_counted_as_one);
    tcase_add_test(c, an_export_without_problems_has_none);
    tcase_add_test(c, what_the_reader_passed_over_is_told);
}

int main(void)
{
    return unit_run("mapping/survey", all);
}
