#include "mapped.h"
#include "mapping/survey.h"

/* The heading lines that the page on exports found, and one in the shape of its tenth; cells between bars. */
static const struct heading {
    const char *cells;
    char delimiter;
    enum export_encoding encoding;
    const char *expected[12]; /* pieces of the draft */
} headings[] = {
    {"patron|per_pidm|id_number|last_name|first_name|middle_name|street_line1|street_line2|"
     "street_line3|city_1|state_1|zip_1|phone|alt_phone|email|stu_major|stu_major_desc|"
     "orgn_code_home|orgn_desc|coadmit|honor_prog|stu_username|udc_id|pref_first_name|"
     "termination_dt",
     ',',
     ENCODING_ISO_8859_1,
     {"\"unique_id\":        { \"from\": \"id_number\"", "\"same_person\": \"per_pidm\"",
      "\"first_name\":       { \"from\": [\"pref_first_name\", \"first_name\"]",
      "\"join\": [\"street_line1\", \"street_line2\", \"street_line3\"], \"with\": \", \"",
      "\"city\":             { \"from\": \"city_1\"",
      "\"province\":         { \"from\": \"state_1\"",
      "\"postal_code\":      { \"from\": \"zip_1\"", "\"phone_cell\":       { \"from\": \"phone\"",
      "\"student_phone\":    { \"from\": \"alt_phone\"",
      "\"user_name\":        { \"from\": \"stu_username\"", "{ \"column\": \"termination_dt\"",
      "20  coadmit"}},
    {"UUUID|First_Name|Last_Name|Middle_Name|Email|DOB|Gender|Confidentiality_Indicator",
     '\t',
     ENCODING_UTF_8,
     {"\"delimiter\": \"tab\"", "\"unique_id\":        { \"from\": \"UUUID\"",
      "// \"date_of_birth\":    { \"from\": \"DOB\", \"type\": \"date\", \"written\": [",
      "{ \"column\": \"Confidentiality_Indicator\", \"is\": \"Y\"", "7  Gender"}},
    {"UUUID|First_Name|Last_Name|Cell_Number|Preferred_Name|Campus_Address_Line_1|"
     "Campus_Address_Line_2|Campus_Address_Line_3|Campus_City|Campus_State|Campus_Zip|"
     "Campus_Country|Perm_Address_Line_1|Perm_Address_Line_2|Perm_Address_Line_3|Perm_City|"
     "Perm_State|Perm_Zip|Perm_Country",
     '\t',
     ENCODING_UTF_8,
     {"\"join\": [\"Campus_Address_Line_1\", \"Campus_Address_Line_2\", "
      "\"Campus_Address_Line_3\"]",
      "\"city\":             { \"from\": \"Campus_City\"",
      "\"street2\":          { \"join\": [\"Perm_Address_Line_1\"",
      "\"city2\":            { \"from\": \"Perm_City\"",
      "\"phone_cell\":       { \"from\": \"Cell_Number\"",
      "\"first_name\":       { \"from\": [\"Preferred_Name\", \"First_Name\"]"}},
    {"Banner_ID|Last_Name|First_Name|MI|Exp_Grad_Date|Email_Address|Street_1|Street_2|City|State|"
     "Zip_Code|Area_Code|Phone_Number|Street_1|Street_2|City|State|Zip_Code|Alt_Area_Code|"
     "Alt_Phone_Number",
     ',',
     ENCODING_WINDOWS_1252,
     {"\"join\": [\"Street_1#1\", \"Street_2#1\"]", "\"city\":             { \"from\": \"City#1\"",
      "\"street2\":          { \"join\": [\"Street_1#2\", \"Street_2#2\"]",
      "\"city2\":            { \"from\": \"City#2\"",
      "\"province2\":        { \"from\": \"State#2\"",
      "\"postal_code2\":     { \"from\": \"Zip_Code#2\"",
      "\"phone_cell\":       { \"join\": [\"Area_Code\", \"Phone_Number\"], \"with\": \"\"",
      "\"student_phone\":    { \"join\": [\"Alt_Area_Code\", \"Alt_Phone_Number\"]"}},
    {"SPRIDEN_NTYP_CODE|Line Cnt|SPRIDEN_ID|...|SPRIDEN_CHANGE_IND|SPRIDEN_FIRST_NAME|SPRIDEN_MI|"
     "SPRIDEN_LAST_NAME|SPRIDEN_SURNAME_PREFIX|BIRTH_DATE|SPBPERS_CONFID_IND|SPBPERS_DEAD_IND|"
     "SPRIDEN_ENTITY_IND|SPRIDEN_ACTIVITY_DATE|...|SPRTELE_PHONE_AREA|SPRTELE_PHONE_NUMBER|...",
     ',',
     ENCODING_UTF_8,
     {"\"unique_id\":        { \"from\": \"SPRIDEN_ID\"",
      "\"last_name\":        { \"join\": [\"SPRIDEN_SURNAME_PREFIX\", \"SPRIDEN_LAST_NAME\"], "
      "\"with\": \" \"",
      "\"join\": [\"SPRTELE_PHONE_AREA\", \"SPRTELE_PHONE_NUMBER\"]",
      "{ \"column\": \"SPRIDEN_CHANGE_IND\", \"empty\": true",
      "{ \"column\": \"SPRIDEN_ENTITY_IND\", \"is\": \"P\"",
      "{ \"column\": \"SPBPERS_DEAD_IND\", \"is\": \"Y\"", "2  Line Cnt"}},
    {"Banner ID|Last Name|First Name|Student Status|Semester Hours|Term GPA|Overall GPA",
     ',',
     ENCODING_UTF_16LE,
     {"\"encoding\": \"utf-16le\"", "\"unique_id\":        { \"from\": \"Banner ID\"",
      "\"last_name\":        { \"from\": \"Last Name\"", "{ \"column\": \"Student Status\", \"in\"",
      "5  Semester Hours"}},
    {"SPRIDEN_PIDM|SPRIDEN_ID|SPRIDEN_FIRST_NAME|SPRIDEN_MI|SPRIDEN_LAST_NAME|USER_NAME|"
     "USER_TITLE|GENDER|USER_GROUP|CAMPUS_CODE|PREFERRED_LANGUAGE|USER_BIRTH_DATE|EXPIRY_DATE|"
     "PURGE_DATE|BARCODE|STATUS",
     ',',
     ENCODING_UTF_8,
     {"\"unique_id\":        { \"from\": \"SPRIDEN_ID\"", "\"same_person\": \"SPRIDEN_PIDM\"",
      "\"user_name\":        { \"from\": \"USER_NAME\"",
      "// \"user_type_id\":     { \"from\": \"USER_GROUP\"",
      "// \"date_of_birth\":    { \"from\": \"USER_BIRTH_DATE\"",
      "{ \"column\": \"EXPIRY_DATE\", \"before\": \"today\"", "14  PURGE_DATE"}},
    {"bannerid|firstName|lastName|dateofbirth|email|phone|city|address|emergencyContact",
     ',',
     ENCODING_UTF_8,
     {"\"unique_id\":        { \"from\": \"bannerid\"",
      "\"first_name\":       { \"from\": \"firstName\"",
      "\"street\":           { \"from\": \"address\"", "9  emergencyContact"}},
    {"SPRIDEN_PIDM|SPRIDEN_ID|GOBTPAC_EXTERNAL_USER|SPBPERS_NAME_PREFIX|SPRIDEN_FIRST_NAME|"
     "SPRIDEN_MI|SPRIDEN_LAST_NAME|SPBPERS_NAME_SUFFIX|VW_PREF_FIRST_NAME|GOREMAL_EMAIL_ADDRESS",
     ',',
     ENCODING_UTF_8,
     {"\"user_name\":        { \"from\": \"GOBTPAC_EXTERNAL_USER\"",
      "\"first_name\":       { \"from\": [\"VW_PREF_FIRST_NAME\", \"SPRIDEN_FIRST_NAME\"]",
      "\"email\":            { \"from\": \"GOREMAL_EMAIL_ADDRESS\"", "4  SPBPERS_NAME_PREFIX"}},
    {"ID|PREF_F|PREF_L|ROLE_CODE|EMAIL",
     '|',
     ENCODING_UTF_8,
     {"\"delimiter\": \"|\"", "\"first_name\":       { \"from\": \"PREF_F\"",
      "\"last_name\":        { \"from\": \"PREF_L\"", "{ \"from\": \"ROLE_CODE\", \"list\""}},
};

static char *draft_of(const char *cells, char delimiter, enum export_encoding encoding)
{
    struct record_of record;
    struct text out = {0};
    struct export_guess guess = {.encoding = encoding, .delimiter = delimiter, .certain = true};
    mapping_suggest(&guess, cells_of(&record, cells), "/exports/patrondata-20260110.csv", &out);
    return text_take(&out);
}

/* Loads and binds without an error, and without a warning. */
static void assert_usable(const char *draft, const char *cells, char delimiter)
{
    struct problems problems = {0};
    struct record_of record;
    struct text shown = {0};
    struct mapping *mapping = load_text(draft, &problems);
    int bound = mapping ? mapping_bind(mapping, cells_of(&record, cells), &problems) : -1;
    problems_print(&problems, &shown);
    ck_assert_msg(bound == 0 && problems.count == 0, "%s\n%s", text_string(&shown), draft);
    ck_assert_int_eq(mapping_dialect(mapping)->delimiter, delimiter);
    text_clear(&shown);
    problems_clear(&problems);
    mapping_free(mapping);
}

/* What somebody gets who takes all the slashes away in front of what is proposed. */
static char *uncommented(const char *draft)
{
    static const char *const marks[] = {"// \"", "//   { \"", "// ],"};
    struct text out = {0};
    while (*draft) {
        size_t line = strcspn(draft, "\n"), blanks = strspn(draft, " ");
        bool is_proposal = false;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            is_proposal = is_proposal || strncmp(draft + blanks, marks[i], strlen(marks[i])) == 0;
        size_t from = is_proposal ? blanks + 2 : 0;
        text_add_bytes(&out, draft + from, line - from);
        text_add_byte(&out, '\n');
        draft += line + (draft[line] == '\n');
    }
    return text_take(&out);
}

START_TEST(I19_every_real_heading_gives_a_draft_that_loads_and_binds)
{
    const struct heading *heading = &headings[_i];
    char *draft = draft_of(heading->cells, heading->delimiter, heading->encoding);
    assert_usable(draft, heading->cells, heading->delimiter);
    for (size_t i = 0; i < sizeof heading->expected / sizeof *heading->expected; i++)
        if (heading->expected[i])
            ck_assert_msg(strstr(draft, heading->expected[i]) != NULL, "no %s in\n%s",
                          heading->expected[i], draft);
    ck_assert_ptr_nonnull(strstr(draft, "\"login_source\":     { \"value\": \"SAML\" }"));
    ck_assert_ptr_nonnull(strstr(draft, "\"name\": \"patrondata\""));
    free(draft);
}
END_TEST

START_TEST(what_a_draft_proposes_is_right_as_soon_as_its_slashes_are_gone)
{
    const struct heading *heading = &headings[_i];
    char *draft = draft_of(heading->cells, heading->delimiter, heading->encoding);
    char *whole = uncommented(draft);
    assert_usable(whole, heading->cells, heading->delimiter);
    free(whole);
    free(draft);
}
END_TEST

/* Each heading of a row means the same to a draft: whatever its case, blanks, underscores and table names. */
START_TEST(headings_are_recognised_in_every_spelling)
{
    static const struct {
        const char *cells, *expected;
    } cases[] = {
        {"spriden id", "\"unique_id\":        { \"from\": \"spriden id\""},
        {"SPRIDEN.SPRIDEN_ID", "\"unique_id\":        { \"from\": \"SPRIDEN.SPRIDEN_ID\""},
        {"person.id", "\"unique_id\":        { \"from\": \"person.id\""},
        {" Id \xC2\xA0", "\"unique_id\":        { \"from\": \"Id\""},
        {"ID|Street Line 1|STREET_LINE2", "\"join\": [\"Street Line 1\", \"STREET_LINE2\"]"},
        {"ID|SPRADDR_STREET_LINE2|SPRADDR_STREET_LINE1",
         "\"join\": [\"SPRADDR_STREET_LINE1\", \"SPRADDR_STREET_LINE2\"]"},
        {"ID|SPRADDR_STAT_CODE", "\"province\":         { \"from\": \"SPRADDR_STAT_CODE\""},
        {"ID|SGBSTDN_STST_CODE", "{ \"column\": \"SGBSTDN_STST_CODE\", \"in\": [\"AS\"]"},
        {"ID|SGBSTDN_LEVL_CODE|FT_PT",
         "{ \"join\": [\"SGBSTDN_LEVL_CODE\", \"FT_PT\"], \"with\": \",\""},
        {"ID|City|City2", "\"city2\":            { \"from\": \"City2\""},
        {"ID|Perm_City", "\"city\":             { \"from\": \"Perm_City\""},
        {"ID|Pr\xC3\xA9nom|Nom|Courriel", "\"first_name\":       { \"from\": \"Pr\xC3\xA9nom\""},
        {"ID|Rue|MUNICIPALIT\xC3\x89", "\"street\":           { \"from\": \"Rue\""},
        {"ID|Rue 1|rue 2", "\"join\": [\"Rue 1\", \"rue 2\"]"},
        {"ID|Municipalit\xC3\xA9", "\"city\":             { \"from\": \"Municipalit\xC3\xA9\""},
        {"ID|MUNICIPALITE", "\"city\":             { \"from\": \"MUNICIPALITE\""},
        {"ID|Nom d'utilisateur", "\"user_name\":        { \"from\": \"Nom d'utilisateur\""},
        {"ID|NOM D\xE2\x80\x99UTILISATEUR",
         "\"user_name\":        { \"from\": \"NOM D\xE2\x80\x99UTILISATEUR\""},
        {"ID|Adresse courriel", "\"email\":            { \"from\": \"Adresse courriel\""},
        {"ID|ADRESSE_COURRIEL", "\"email\":            { \"from\": \"ADRESSE_COURRIEL\""},
        {"ID|No. de t\xC3\xA9l\xC3\xA9phone",
         "\"phone_cell\":       { \"from\": \"No. de t\xC3\xA9l\xC3\xA9phone\""},
        {"ID|NO DE TELEPHONE", "\"phone_cell\":       { \"from\": \"NO DE TELEPHONE\""},
        {"ID|N\xC2\xB0 de t\xC3\xA9l\xC3\xA9phone", "\"phone_cell\":       { \"from\""},
        {"ID|Pr\xC3\xA9nom usuel|Pr\xC3\xA9nom",
         "\"first_name\":       { \"from\": [\"Pr\xC3\xA9nom usuel\", \"Pr\xC3\xA9nom\"]"},
        {"ID|PRENOM_USUEL", "\"first_name\":       { \"from\": \"PRENOM_USUEL\""},
        {"Matricule|Num\xC3\xA9ro \xC3\xA9tudiant",
         "\"student_no\":       { \"from\": \"Num\xC3\xA9ro \xC3\xA9tudiant\""},
        {"NUMERO ETUDIANT", "\"unique_id\":        { \"from\": \"NUMERO ETUDIANT\""},
        {"ID|Driver_Lic", "// \"driver_licence_num\": { \"from\": \"Driver_Lic\""},
        {"ID|Emp|Employee_ID", "\"employ_no\":        { \"from\": \"Employee_ID\""},
        {"ID|Name", "// \"last_name\":        { \"from\": \"Name\", \"do\": [\"before ,\""},
        {"ID|LOGIN_SOURCE", "\"login_source\":     { \"from\": \"LOGIN_SOURCE\""},
        {"PIDM|Email", "CHECK: is this the id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *draft = draft_of(cases[i].cells, ',', ENCODING_UTF_8);
        ck_assert_msg(strstr(draft, cases[i].expected) != NULL, "no %s in\n%s", cases[i].expected,
                      draft);
        assert_usable(draft, cases[i].cells, ',');
        free(draft);
    }
}
END_TEST

START_TEST(C3_without_an_id_the_draft_loads_and_nobody_can_be_sent)
{
    static const char cells[] = "first_name|last_name|email";
    char *draft = draft_of(cells, ',', ENCODING_UTF_8);
    ck_assert_ptr_nonnull(strstr(draft, "FILL IN: no heading looks like an id"));
    assert_usable(draft, cells, ',');
    struct problems problems = {0};
    struct mapping *mapping = load_text(draft, &problems);
    bind_to(mapping, cells);
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_code(apply_to(mapper, "Ada|Roy|ada@example.edu"), ROW_REJECTED, "never");
    mapper_free(mapper);
    mapping_free(mapping);
    problems_clear(&problems);
    free(draft);
}
END_TEST

START_TEST(I31_a_social_security_number_is_named_and_never_mapped)
{
    static const char cells[] = "ID|SSN|SPBPERS_SSN|Social Security Number|last_name";
    char *draft = draft_of(cells, ',', ENCODING_UTF_8);
    const char *warned = strstr(draft, "never mapped");
    ck_assert_ptr_nonnull(warned);
    ck_assert_ptr_nonnull(strstr(warned, "2  SSN\n"));
    ck_assert_ptr_nonnull(strstr(warned, "3  SPBPERS_SSN\n"));
    ck_assert_ptr_nonnull(strstr(warned, "4  Social Security Number\n"));
    ck_assert_ptr_null(strstr(draft, "\"SSN\""));
    assert_usable(draft, cells, ',');
    free(draft);
}
END_TEST

START_TEST(I16_hostile_headings_stay_within_their_comment_and_string)
{
    static const char *const cells[] = {
        "ID|City\nvalue|\x1B[31mred|\xE2\x80\xAE",
        "ID|first\"name|last\\name|a // b|*/",
        "ID||_line|_reason|",
        "ID|id|Id",
        "City#2|City|City|ID",
        "col(3)|Phone #1|Phone#0|ID",
        "ID|Email#2|email|Email",
        "ID|City_4000000000|City_9|Zip 3",
        "",
        "\xEF\xBB\xBFID|last_name",
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char *draft = draft_of(cells[i], ',', ENCODING_UTF_8);
        for (const char *at = draft; *at; at++)
            ck_assert((unsigned char)*at >= 0x20 || *at == '\n');
        assert_usable(draft, cells[i], ',');
        free(draft);
    }
}
END_TEST

START_TEST(an_encoding_that_was_guessed_is_marked)
{
    struct record_of record;
    struct text out = {0};
    struct export_guess guess = {.encoding = ENCODING_WINDOWS_1252, .delimiter = ';'};
    mapping_suggest(&guess, cells_of(&record, "ID"), "-", &out);
    ck_assert_ptr_nonnull(strstr(text_string(&out), "\"windows-1252\",   // CHECK"));
    ck_assert_ptr_nonnull(strstr(text_string(&out), "\"delimiter\": \";\""));
    ck_assert_ptr_nonnull(strstr(text_string(&out), "\"name\": \"Students\""));
    text_clear(&out);
}
END_TEST

/* The draft for a file with such a content; it loads and binds to what the guess takes for the heading. */
static char *draft_of_file(const char *content)
{
    char path[] = "/tmp/opspush-export-XXXXXX";
    struct fault fault = {0};
    struct export_guess guess;
    struct text out = {0}, shown = {0};
    struct problems problems = {0};
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    file_of(path, content);
    digest_start();
    ck_assert_msg(export_guess(path, &guess, &fault) == 0, "%s", fault.text);
    struct export_dialect dialect = {guess.encoding, guess.delimiter, guess.not_rows,
                                     guess.not_rows_count};
    struct export *export = export_open(path, NULL, &dialect, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    mapping_suggest(&guess, export_heading(export), path, &out);
    struct mapping *mapping = load_text(text_string(&out), &problems);
    int bound = mapping ? mapping_bind(mapping, export_heading(export), &problems) : -1;
    problems_print(&problems, &shown);
    ck_assert_msg(bound == 0 && problems.count == 0, "%s\n%s", text_string(&shown), out.bytes);
    const struct export_dialect *loaded = mapping_dialect(mapping);
    ck_assert_uint_eq(loaded->not_rows_count, guess.not_rows_count);
    for (size_t i = 0; i < guess.not_rows_count; i++)
        ck_assert_str_eq(loaded->not_rows[i], guess.not_rows[i]);
    mapping_free(mapping);
    problems_clear(&problems);
    text_clear(&shown);
    export_close(export);
    export_guess_clear(&guess);
    unlink(path);
    return text_take(&out);
}

START_TEST(F1_the_not_rows_of_a_draft_are_those_that_found_its_heading)
{
    char *draft = draft_of_file("SQL> select * from people;\n\nID |LAST_NAME |FIRST_NAME\n"
                                "---|---|---\n1|Roy|Ann\n");
    ck_assert_ptr_nonnull(strstr(draft, "\"last_name\":        { \"from\": \"LAST_NAME\""));
    ck_assert_ptr_nonnull(strstr(draft, "\"not_rows\": [\"^ *[0-9,]+ rows? selected\""));
    ck_assert_ptr_nonnull(strstr(draft, "\"^[- |]*--[- |]*$\", \"^SQL>\""));
    ck_assert_ptr_nonnull(strstr(draft, "\"^[Aa]ucune ligne s"));
    ck_assert_ptr_null(strstr(draft, "CHECK: lines above"));
    free(draft);
    draft = draft_of_file("ID\tA\n1\tx\n");
    ck_assert_ptr_nonnull(strstr(draft, "\"^[- \\t]*--[- \\t]*$\""));
    free(draft);
}
END_TEST

START_TEST(titles_and_footers_stand_in_a_draft_as_patterns_to_be_checked)
{
    char *draft = draft_of_file("Active \"best\" Students\\2 (all)\nRun date: 2025-11-22\n\n"
                                "ID,LAST_NAME,FIRST_NAME\n1,Roy,Ann\nEnd of report\n");
    ck_assert_ptr_nonnull(strstr(draft, "    // CHECK: lines above the heading or below the rows"));
    ck_assert_ptr_nonnull(strstr(
        draft,
        ",\n                 \"^Active \\\"best\\\" Students\\\\\\\\[0-9]+ \\\\(all\\\\)$\""));
    ck_assert_ptr_nonnull(strstr(draft,
                                 ",\n                 \"^Run date: +[0-9]+-[0-9]+-[0-9]+$\",\n"
                                 "                 \"^End of report$\"],\n"));
    ck_assert_ptr_nonnull(strstr(draft, "\"last_name\":        { \"from\": \"LAST_NAME\""));
    free(draft);
}
END_TEST

static void all(TCase *c)
{
    enum { HEADINGS = sizeof headings / sizeof *headings };
    tcase_add_loop_test(c, I19_every_real_heading_gives_a_draft_that_loads_and_binds, 0, HEADINGS);
    tcase_add_loop_test(c, what_a_draft_proposes_is_right_as_soon_as_its_slashes_are_gone, 0,
                        HEADINGS);
    tcase_add_test(c, headings_are_recognised_in_every_spelling);
    tcase_add_test(c, C3_without_an_id_the_draft_loads_and_nobody_can_be_sent);
    tcase_add_test(c, I31_a_social_security_number_is_named_and_never_mapped);
    tcase_add_test(c, I16_hostile_headings_stay_within_their_comment_and_string);
    tcase_add_test(c, an_encoding_that_was_guessed_is_marked);
    tcase_add_test(c, F1_the_not_rows_of_a_draft_are_those_that_found_its_heading);
    tcase_add_test(c, titles_and_footers_stand_in_a_draft_as_patterns_to_be_checked);
}

int main(void)
{
    return unit_run("mapping/suggest", all);
}
