#include <limits.h>
#include <regex.h>

#include "../../../src/export/pattern_head.h"
#include "sample.h"
#include "unit.h"

/* What is no row: not_rows, repeated headings, page breaks; and the counts that feedback lines state. */

static const char *const usual[] = {"^[0-9,]+ rows? selected\\.$", "^[- ,]+$", "^SQL>",
                                    "^Page [0-9]+$"};
static const struct export_dialect noisy = {
    .encoding = ENCODING_UTF_8, .delimiter = ',', .not_rows = usual, .not_rows_count = 4};

static const struct {
    const char *text, *rows;
} cases[] = {
    /* before the heading, between, behind */
    {"SQL> select\n\nID,A\n---,---\n1,x\nSQL> exit\n", "3[ID|A] 5[1|x] "},
    /* a repeated heading after a page break; the page break alone; before the first heading */
    {"\fID,A\n1,x\n\fID,A\n\f\n2,y\n", "1[ID|A] 2[1|x] 5[2|y] "},
    {"ID,A\n1,x\n\f2,y\n", "1[ID|A] 2[1|x] 3[2|y] "},
    {"ID,A\n1,x\nPage 2\n2,y\n\x1A", "1[ID|A] 2[1|x] 4[2|y] "},
    {"ID,A\n1,x\n\n2 rows selected.\n",
     "fault: the file says that it has 2 rows; 1 were read: is it truncated?"},
    {"ID,A\n1,x\n2,y\n\n2 rows selected.\n", "1[ID|A] 2[1|x] 3[2|y] "},
    {"ID,A\n1,x\n\n1 row selected.", "1[ID|A] 2[1|x] "},
    {"ID,A\n1,x\n2,y\n\n1 row selected.", "fault: the file says that it has 1 rows; 2 were read"},
    /* what is stated several times is added up, as far as numbers go (found by fuzzing) */
    {"ID,A\n1,x\n8999999999999999999 rows selected.\n8999999999999999999 rows selected.\n",
     "fault: the file says that it has 9223372036854775807 rows; 1 were read: is it truncated?"},
    /* a damaged row is a row that was read */
    {"ID,A\n1,x\n2\n2 rows selected.\n", "1[ID|A] 2[1|x] 3[2]!ragged "},
    /* cut within the feedback */
    {"ID,A\n1,x\n2,y\n2 rows sel", "fault:4: the file is truncated"},
    /* a NUL does not hide a row */
};

START_TEST(F1_noise_is_passed_over_and_stated_counts_are_checked)
{
    char *rows = sample_rows(cases[_i].text, strlen(cases[_i].text), &noisy, EXPORT_CHUNK);
    const char *fault = strstr(rows, "fault");
    const char *said = strstr(cases[_i].rows, "fault") && fault ? fault : rows;
    ck_assert_int_eq(strncmp(said, cases[_i].rows, strlen(cases[_i].rows)), 0);
    if (!strstr(cases[_i].rows, "fault"))
        ck_assert_str_eq(rows, cases[_i].rows);
    free(rows);
}
END_TEST

START_TEST(F11_a_row_equal_to_the_heading_is_noise)
{
    static const struct {
        const char *text, *rows;
    } files[] = {
        {"ID,A\n1,x\nID,A\nid,a\n", "1[ID|A] 2[1|x] "},
        {"\xEF\xBB\xBFID,A\r\n1,x\r\nID,A\n2,y\r\n", "1[ID|A] 2[1|x] 4[2|y] "},
        {"ID,V\nA1,x\n\"ID\",\"V\"\nA2,y\n", "1[ID|V] 2[A1|x] 4[A2|y] "},
        {"\"ID\",\"V\"\nA1,x\n ID\t, v \nA2,y\n", "1[ID|V] 2[A1|x] 4[A2|y] "},
        {"ID,V\nA1,x\n\" id \",V\nA2,y\nID ,V", "1[ID|V] 2[A1|x] 4[A2|y] "},
        /* two files put together */
        {"\xEF\xBB\xBFID,V\nA1,x\n\xEF\xBB\xBFID,V\nA2,y\n", "1[ID|V] 2[A1|x] 4[A2|y] "},
        {"\"ID\",\"V\"\nA1,x\n\xEF\xBB\xBF\"ID\",\"V\"\nA2,y\n", "1[ID|V] 2[A1|x] 4[A2|y] "},
        {"\xC3\x89T\xC3\x89,V\nA1,x\ne\xCC\x81t\xC3\xA9\xC2\xA0,v\nA2,y\n",
         "1[\xC3\x89T\xC3\x89|V] 2[A1|x] 4[A2|y] "},
        {",V\nA1,x\n\" \",v\nA2,y\n", "1[|V] 2[A1|x] 4[A2|y] "},
        {"\"A\"\"B\",V\n1,x\n\"a\"\"b\",v\n2,y\n", "1[A\"B|V] 2[1|x] 4[2|y] "},
        {"ID,\"A\nB\"\n1,x\nid,\"a\nb\"\n2,y\n", "1[ID|A\nB] 3[1|x] 6[2|y] "},
        /* these are rows */
        {"ID,V\nID,x\nIDV,V\nI,V\nI D,V\nID2,V\n",
         "1[ID|V] 2[ID|x] 3[IDV|V] 4[I|V] 5[I D|V] 6[ID2|V] "},
        {"ID,V\nID\nID,V,W\n\"ID\"x,V\nID,V,\n",
         "1[ID|V] 2[ID]!ragged 3[ID|V|W]!ragged 4[]!quote 5[ID|V] "},
        {"ID,V,V\nID,V\n1,2,3\n", "1[ID|V|V] 2[ID|V]!ragged 3[1|2|3] "},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        sample_expect_text(files[i].text, files[i].rows);
    sample_expect("ID,V\nA1,x\nID,V\0\n", 16, &sample_commas, "1[ID|V] 2[A1|x] 3[ID|V~]!nul ");
}
END_TEST

START_TEST(F11_a_repeated_heading_is_known_in_every_encoding)
{
    static const char text[] = "ID\tPR\xC3\x89NOM\n1\tx\n\"id\"\tpr\xC3\xA9nom \n2\ty\n";
    for (int e = ENCODING_UTF_8; e <= ENCODING_UTF_16BE; e++) {
        struct export_dialect dialect = {.encoding = (enum export_encoding)e, .delimiter = '\t'};
        struct text file = {0};
        export_encode(dialect.encoding, text, sizeof text - 1, &file);
        sample_expect(file.bytes, file.length, &dialect, "1[ID|PR\xC3\x89NOM] 2[1|x] 4[2|y] ");
        text_clear(&file);
    }
    struct export_dialect wide = {.encoding = ENCODING_UTF_16LE, .delimiter = ','};
    sample_expect("\xFF\xFEI\0D\0\n\0A\0\n\0\xFF\xFEi\0D\0\n\0", 18, &wide, "1[ID] 2[A] ");
}
END_TEST

START_TEST(feedback_counts_only_what_not_rows_took)
{
    sample_expect_text("ID,A\n1,x\n\"5 rows selected.\",x\n",
                       "1[ID|A] 2[1|x] 3[5 rows selected.|x] ");
}
END_TEST

START_TEST(feedback_lines_of_several_tools_and_languages)
{
    static const struct {
        const char *line;
        long count;
    } lines[] = {
        {"12,845 rows selected.", 12845},
        {"12845 rows selected.", 12845},
        {"1 row selected.", 1},
        {"no rows selected", 0},
        {"No rows selected", 0},
        {"12845 lignes s\xC3\xA9lectionn\xC3\xA9"
         "es.",
         12845},
        {"12 845 lignes s\xC3\xA9lectionn\xC3\xA9"
         "es.",
         12845},
        {"12\xC2\xA0"
         "845 lignes s\xC3\xA9lectionn\xC3\xA9"
         "es.",
         12845},
        {"12\xE2\x80\xAF"
         "845 ligne(s) s\xC3\xA9lectionn\xC3\xA9"
         "e(s).",
         12845},
        {"1 ligne s?lectionn?e.", 1},
        {"aucune ligne s\xC3\xA9lectionn\xC3\xA9"
         "e",
         0},
        {"  3 rows selected", 3},
        {"(3 rows)", 3},
        {"---- ----", -1},
        {"3 rows", -1},
        {"rows selected", -1},
        {"Page 3", -1},
        {"", -1},
        {"99999999999999999999999999 rows selected.", LONG_MAX / 10},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert_msg(
            noise_feedback(lines[i].line) == lines[i].count ||
                (lines[i].count == LONG_MAX / 10 && noise_feedback(lines[i].line) > 1000000),
            "%s: %ld", lines[i].line, noise_feedback(lines[i].line));
}
END_TEST

START_TEST(a_nul_does_not_make_a_row_noise)
{
    sample_expect_words("ID,A\n--\0,x\n1,y\n", 15, &noisy, "2[--");
}
END_TEST

START_TEST(a_pattern_that_is_none_is_named)
{
    static const char *const wrong[] = {"^ok$", "^([0-9]+ rows$"};
    struct export_dialect dialect = {.delimiter = ',', .not_rows = wrong, .not_rows_count = 2};
    struct fault fault = {0};
    char *path = sample_file("ID\n1\n", 5);
    ck_assert_ptr_null(export_open(path, NULL, &dialect, &fault));
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_ptr_nonnull(strstr(fault.text, wrong[1]));
    unlink(path);
    free(path);
}
END_TEST

START_TEST(not_rows_see_the_record_decoded)
{
    static const char *const patterns[] = {"^Liste des \xC3\xA9tudiants$"};
    struct export_dialect dialect = {.encoding = ENCODING_WINDOWS_1252,
                                     .delimiter = ',',
                                     .not_rows = patterns,
                                     .not_rows_count = 1};
    sample_expect_string("Liste des \xE9tudiants\nID,A\n1,x\n", &dialect, "2[ID|A] 3[1|x] ");
    struct text wide = {0};
    static const char text[] = "Liste des \xC3\xA9tudiants\nID,A\n1,x\n";
    dialect.encoding = ENCODING_UTF_16BE;
    export_encode(dialect.encoding, text, sizeof text - 1, &wide);
    sample_expect(wide.bytes, wide.length, &dialect, "2[ID|A] 3[1|x] ");
    text_clear(&wide);
}
END_TEST

/* ---------------------------------------------------------------- the quick no */

static const char *const patterns[] = {
    "^[0-9,]+ rows selected\\.$",
    "^[- ]+$",
    "^$",
    "^a",
    "^a*b",
    "^a+b$",
    "^a+a",
    "^[^ab]+,",
    "^.b",
    "^.+b$",
    "b",
    "ab\\.",
    "a|b",
    "^a|b$",
    "^(a|b)+,",
    "[|]",
    "^\\|",
    "^[]a]b",
    "^[^]a]b",
    "^[[:digit:]]+ ",
    "^[[:alpha:][:digit:]]b",
    "^[a-c]{2}",
    "^ab?,",
    "^\\.\\.",
    "ab+",
    "^ +$",
    "^[0-9,]+ (rows|lignes) b",
    "^\xC3\xA9",
    "^[\303\251a]b",
    "a\xC3\xA9",
    "^a$b",
    "^[a-]+b",
    "^(a)b",
    "()",
    "^a.b",
    "^ *[1-9]+ b",
    "^ *[1-9,]+,a",
    "^[- ,]*--[- ,]*$",
    "^[ab]*a$",
    "^a*a*b",
    "^a*(b)",
    "^a*$",
    "^[^a]*a",
    "^ *.b",
    "^\xC3*b",
    "^ *[ab]?1",
};

START_TEST(the_quick_no_is_never_wrong)
{
    static const char bytes[] = "aab, 1-.|]\xC3\xA9";
    uint64_t seed = 3;
    for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++) {
        regex_t compiled;
        struct pattern_head head;
        ck_assert_int_eq(regcomp(&compiled, patterns[p], REG_EXTENDED | REG_NOSUB), 0);
        pattern_head_read(&head, patterns[p]);
        for (int n = 0; n < 20000; n++) {
            char text[16];
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            uint64_t roll = seed >> 16;
            size_t length = roll % 9;
            for (size_t i = 0; i < length; i++) {
                roll = roll / 9 + (seed >> (i * 5));
                text[i] = bytes[roll % (sizeof bytes - 1)];
            }
            text[length] = '\0';
            if (regexec(&compiled, text, 0, NULL, 0) == 0)
                ck_assert_msg(pattern_head_fits(&head, text, length), "\"%s\" on \"%s\"",
                              patterns[p], text);
        }
        regfree(&compiled);
    }
}
END_TEST

START_TEST(the_quick_no_is_quick_for_the_usual_patterns)
{
    static const struct {
        const char *pattern, *row;
    } pairs[] = {
        {"^[0-9,]+ rows selected\\.$", "123456,@00123456,Roy"},
        {"^[0-9,]+ rows selected\\.$", "Roy,12"},
        {"^[- ]+$", "-,x"},
        {"^[- ]+$", "1,x"},
        {"^Page [0-9]+", "Paget,x"},
        {"rows selected", "123,Roy"},
        {"^SQL>", "SQLX,1"},
        {"^ *[0-9,]+ rows? selected", "123456,@00123456,Roy"},
        {"^ *[0-9][^a-z]+ligne[s()]* s.*lectionn", "123456,@00123456,Roy,12"},
        {"^ *Active Students$", "123456,Roy"},
        {"^[- ,]*--[- ,]*$", "123456,Roy"},
        {"^[0-9,]+ (rows|lignes) sel", "12,34,Roy"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct pattern_head head;
        pattern_head_read(&head, pairs[i].pattern);
        ck_assert_msg(!pattern_head_fits(&head, pairs[i].row, strlen(pairs[i].row)), "%s on %s",
                      pairs[i].pattern, pairs[i].row);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_loop_test(tests, F1_noise_is_passed_over_and_stated_counts_are_checked, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, F11_a_row_equal_to_the_heading_is_noise);
    tcase_add_test(tests, F11_a_repeated_heading_is_known_in_every_encoding);
    tcase_add_test(tests, feedback_counts_only_what_not_rows_took);
    tcase_add_test(tests, feedback_lines_of_several_tools_and_languages);
    tcase_add_test(tests, a_nul_does_not_make_a_row_noise);
    tcase_add_test(tests, a_pattern_that_is_none_is_named);
    tcase_add_test(tests, not_rows_see_the_record_decoded);
    tcase_add_test(tests, the_quick_no_is_never_wrong);
    tcase_add_test(tests, the_quick_no_is_quick_for_the_usual_patterns);
}

int main(void)
{
    digest_start();
    return unit_run("export/noise", all);
}
