#include <regex.h>

#include "../../../src/export/line_pattern.h"
#include "sample.h"
#include "unit.h"

/* What stands above a heading and below the rows: the guess skips it, and proposes not_rows for what is this file's own. */

/* "|ID|A (2 rows)": delimiter and heading of the file as the guess has it read, then the patterns of its own. */
static char *guessed(const char *text, size_t length)
{
    struct fault fault = {0};
    struct export_guess guess;
    struct export_record record;
    struct text out = {0};
    char *path = sample_file(text, length);
    ck_assert_msg(export_guess(path, &guess, &fault) == 0, "%s", fault.text);
    struct export_dialect dialect = {guess.encoding, guess.delimiter, guess.not_rows,
                                     guess.not_rows_count};
    struct export *export = export_open(path, NULL, &dialect, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    sample_add_row(&out, export_heading(export));
    int step, rows = 0;
    while ((step = export_next(export, &record, &fault)) == 1) {
        export_split(export, &record);
        rows++;
        if (record.damage != RECORD_SOUND)
            sample_add_row(&out, &record);
    }
    text_addf(&out, "by %s %d", guess.delimiter == '\t' ? "tab" : (char[]){guess.delimiter, 0},
              rows);
    if (step < 0)
        text_addf(&out, " fault%s", fault.text + strlen(path));
    for (size_t i = guess.not_rows_count - guess.own_count; i < guess.not_rows_count; i++)
        text_addf(&out, "\n%s", guess.not_rows[i]);
    export_close(export);
    export_guess_clear(&guess);
    unlink(path);
    free(path);
    return text_take(&out);
}

static void expect_guess(const char *text, const char *expected)
{
    char *got = guessed(text, strlen(text));
    ck_assert_msg(strcmp(got, expected) == 0, "%s\ngives:\n%s\nnot:\n%s", text, got, expected);
    free(got);
}

START_TEST(F1_what_tools_print_is_never_taken_for_the_heading)
{
    expect_guess(
        "SQL> select * from people;\n\nID |LAST_NAME |FIRST_NAME\n---|---|---\n1|Roy|Ann\n",
        "3[ID|LAST_NAME|FIRST_NAME] by | 1");
    expect_guess(
        "SQL> select a, b, c, d from people;\nID;A\n--;--\n1;x\n\n1 row selected.\n\nSQL> exit\n",
        "2[ID|A] by ; 1");
    expect_guess("\fPage 1\nID\tA\n1\tx\n2\ty\n\n2 lignes s\xC3\xA9lectionn\xC3\xA9"
                 "es.\n",
                 "2[ID|A] by tab 2");
    expect_guess(
        "0,1,2 rows selected\nID|A\n1|x\n",
        "2[ID|A] by | 1 fault: the file says that it has 12 rows; 1 were read: is it truncated?");
}
END_TEST

START_TEST(F1_french_feedback_is_no_row_and_its_count_is_checked)
{
    static const struct {
        const char *line, *rows;
    } cases[] = {
        {"2 lignes s\xE9lectionn\xE9"
         "es.",
         "2"},
        {" 2 ligne(s) s\xE9lectionn\xE9"
         "e(s).",
         "2"},
        {"2 lignes s?lectionn?es", "2"},
        {"60 lignes s\xE9lectionn\xE9"
         "es.",
         "2 fault: the file says that it has 60 rows; 2 were read: is it truncated?"},
        {"12\xA0"
         "845 lignes s\xE9lectionn\xE9"
         "es.",
         "2 fault: the file says that it has 12845 rows; 2 were read: is it truncated?"},
        {"12 845 lignes s\xE9lectionn\xE9"
         "es.",
         "2 fault: the file says that it has 12845 rows; 2 were read: is it truncated?"},
        {"aucune ligne s\xE9lectionn\xE9"
         "e",
         "2 fault: the file says that it has 0 rows; 2 were read"},
        {"no rows selected", "2 fault: the file says that it has 0 rows; 2 were read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = mem_format("ID,A\n1,x\n2,y\n\n%s\n", cases[i].line);
        char *expected = mem_format("1[ID|A] by , %s", cases[i].rows);
        expect_guess(text, expected);
        free(text);
        free(expected);
    }
}
END_TEST

START_TEST(titles_above_the_heading_and_footers_below_the_rows_become_patterns)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"Active Students Report\nRun date: "
         "2025-11-22\n\nID,LAST,FIRST\n1,Roy,Ann\n2,Cote,Zoe\nEnd "
         "of report\n",
         "4[ID|LAST|FIRST] by , 2\n^Active Students Report$\n^Run date: "
         "+[0-9]+-[0-9]+-[0-9]+$\n^End "
         "of report$"},
        /* SQL*Plus: the titles come with each page */
        {"\nSat Nov 22            page    1\n     Active Students\n\nID "
         "|LAST|FIRST\n---|----|-----\n"
         "A1 |Roy |Ann\nA2 |Roy |Zoe\n\f\nSat Nov 22           page   12\n     Active "
         "Students\n\nID |LAST|FIRST\n---|----|-----\nA3 |Roy |Bob\n\n3 rows selected.\n",
         "5[ID|LAST|FIRST] by | 3\n^[A-Za-z\xC3\xA9\xC3\xBB\xC3\x89\xC3\x9B.]+ "
         "[A-Za-z\xC3\xA9\xC3\xBB\xC3\x89\xC3\x9B.]+ +[0-9,]+ +page +[0-9,]+$\n^ *Active "
         "Students$"},
        /* from a spreadsheet: every line has as many commas */
        {"Students (active),,,\n,,,\nID,LAST,FIRST,EMAIL\n1,Roy,Ann,a@x.ca\n2,Roy,,\nTotal: 2 "
         "students,,,\n",
         "3[ID|LAST|FIRST|EMAIL] by , 2\n^Students \\(active\\),,,$\n^,,,$\n^Total: +[0-9]+ "
         "students,,,$"},
        {"\"Report run on "
         "22-NOV-2025\"\r\n\"ID\",\"LAST\",\"FIRST\"\r\n\"1\",\"Roy\",\"Ann\"\r\n\"End "
         "of report\"\r\n",
         "2[ID|LAST|FIRST] by , 1\n^\"Report run on "
         "+[0-9]+-[A-Za-z\xC3\xA9\xC3\xBB\xC3\x89\xC3\x9B.]+-[0-9]+\"$\n^\"End of report\"$"},
        {"Title\n\nID;A;B\n1;x;y\n", "3[ID|A|B] by ; 1\n^Title$"},
        {"Students, active\nID\tA\tB\tC\tD\tE\n1\ta\tb\tc\td\te\n",
         "2[ID|A|B|C|D|E] by tab 1\n^Students, active$"},
        {"SQL> select\nStudents\nID|A|B\n1|x|y\n", "3[ID|A|B] by | 1\n^Students$"},
        {"ID,A,B\n1,x,y\nPrinted by registrar\nEnd of report\n\n",
         "1[ID|A|B] by , 1\n^Printed by registrar$\n^End of report$"},
        {"\xEF\xBB\xBFListe des \xC3\xA9tudiants\nID;NOM;PR\xC3\x89NOM\n1;Roy;Ann\n",
         "2[ID|NOM|PR\xC3\x89NOM] by ; 1\n^Liste des \xC3\xA9tudiants$"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_guess(cases[i].text, cases[i].expected);
}
END_TEST

START_TEST(an_ordinary_file_has_no_titles_and_no_footers)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"ID,A,B\n1,x,y\n2,y,z\n", "1[ID|A|B] by , 2"},
        {"ID\n1\n2\n", "1[ID] by , 2"},
        {"ID,A\n1,x\n", "1[ID|A] by , 1"},
        /* the heading has another delimiter in its cells, the rows too */
        {"ID,NOTE\n1,a;b;c\n2,d;e;f\n", "1[ID|NOTE] by , 2"},
        {"ID,NOTE,X\n1,a;b;c;d,y\n2,d;e;f;g,z\n", "1[ID|NOTE|X] by , 2"},
        /* a line break in the heading, or in the last cell */
        {"\"Student\nID\",LAST,FIRST\n1,Roy,Ann\n", "1[Student\nID|LAST|FIRST] by , 1"},
        {"ID,LAST,STREET\n1,Roy,\"12 Main\nApt 4 rear\"\n", "1[ID|LAST|STREET] by , 1"},
        /* cells without a heading, headings without cells */
        {"ID,A,,,,\n1,x,,,,\n", "1[ID|A||||] by , 1"},
        {"ID,A,B\n1,,\n2,,\n", "1[ID|A|B] by , 2"},
        /* rows that are damaged stay rows: one word, a cut off line, a first one that is short */
        {"ID,A,B\n1,x,y\nA0002\n", "1[ID|A|B] 3[A0002]!ragged by , 2"},
        {"ID,A,B\nA1\n2,x,y\n3,x,y\n", "1[ID|A|B] 2[A1]!ragged by , 3"},
        /* sparse rows at the end: few cells are filled, as many as the heading has are there */
        {"ID,LAST,FIRST,A,B,C\n1,Roy,Ann,a,b,c\nA00000004,de la Cruz,,,,\nA00000005,Mary Ann,,,,\n",
         "1[ID|LAST|FIRST|A|B|C] by , 3"},
        /* the line below a single heading reads like a row */
        {"ID\n1,x,y\n2,x,y\n", NULL},
        {"NAME\na@x.ca,Roy,Ann\nb@x.ca,Roy,Zoe\n", NULL},
        {"NAME\nRoy,Ann,\nRoy,,Zoe\n", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = guessed(cases[i].text, strlen(cases[i].text));
        ck_assert_msg(!strchr(got, '^'), "%s\ngives:\n%s", cases[i].text, got);
        if (cases[i].expected)
            ck_assert_str_eq(got, cases[i].expected);
        free(got);
    }
}
END_TEST

START_TEST(footers_are_known_whatever_the_size_of_the_file_is)
{
    for (size_t size = 4090; size < 4106; size++) {
        struct text file = {0};
        text_add(&file, "ID,LAST,FIRST\n");
        while (file.length < size)
            text_addf(&file, "%zu,Roy,Ann\n", file.length);
        text_addf(&file, "End of report%.*s\n", (int)(size % 2), "s");
        char *got = guessed(file.bytes, file.length);
        ck_assert_msg(strstr(got, "^End of report"), "%zu: %s", file.length, got);
        free(got);
        text_clear(&file);
    }
}
END_TEST

START_TEST(I14_titles_and_footers_are_known_in_every_encoding_and_far_behind_each_other)
{
    struct text file = {0}, encoded = {0};
    text_add(&file, "Liste des \xC3\xA9tudiants\n\nID|NOM|PR\xC3\x89NOM\n");
    for (int i = 0; i < 4000; i++)
        text_addf(&file, "%d|Roy|Zo\xC3\xA9%s", i, i % 3 ? "\n" : "s Ann\n");
    text_add(&file, "\nFin de la liste\n");
    for (int e = ENCODING_UTF_8; e <= ENCODING_UTF_16BE; e++) {
        if (e == ENCODING_ISO_8859_1)
            continue; /* is guessed as windows-1252 */
        text_reset(&encoded);
        bool wide = e == ENCODING_UTF_16LE || e == ENCODING_UTF_16BE;
        if (wide)
            export_encode((enum export_encoding)e, "\xEF\xBB\xBF", 3, &encoded);
        export_encode((enum export_encoding)e, file.bytes, file.length, &encoded);
        char *got = guessed(encoded.bytes, encoded.length);
        ck_assert_str_eq(got,
                         "3[ID|NOM|PR\xC3\x89NOM] by | 4000\n^Liste des \xC3\xA9tudiants$\n^Fin de "
                         "la liste$");
        free(got);
    }
    text_clear(&file);
    text_clear(&encoded);
}
END_TEST

START_TEST(I16_a_line_with_what_cannot_be_shown_becomes_no_pattern)
{
    static const char *const lines[] = {"a\x01z", "a\xE2\x80\xAEz", "a\x7Fz", "a\nz", "a\xC2\x85z"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert(!line_has_pattern(lines[i], strlen(lines[i])));
    ck_assert(line_has_pattern("Liste\t\xC3\xA9 $", 9));
    ck_assert(!line_has_pattern("a\0z", 3));
    char *long_line = mem_array(300, 1);
    memset(long_line, 'x', 299);
    ck_assert(!line_has_pattern(long_line, 299));
    free(long_line);
}
END_TEST

/* A pattern takes its own line, the same of another day, and none with other words. */
START_TEST(a_pattern_takes_its_line_on_another_day_and_nothing_else)
{
    static const struct {
        const char *line, *like, *unlike;
    } cases[] = {
        {"Sat Nov 22   page    1", "Sun Jan  3  page   12", "Sat Nov 22   sheet   1"},
        {"As of 5 f\xC3\xA9vr. 2025", "As of 12 ao\xC3\xBBt 2026", "At the 5 f 2025"},
        {"Printed 9:05 AM", "Printed 11:59 pm", "Printed 9:05 AM x"},
        {"Total: 12,845 students", "Total: 9 students", "Total: 9 staff"},
        {"  50 % (a|b) [c] {d} a+b* ^$.\\ ", " 7 % (a|b) [c] {d} a+b* ^$.\\",
         "50 % (a|b) [c] {d} aab* ^$.\\"},
        {"a.b", "a.b", "acb"},
        {"x\t\t 7", "x 8", "x|8"},
        {"\"Fall (2025)\"", "\"Fall (2026)\"", "Fall (2026)"},
        {"end", "end", "the end"},
        {"end", "end", "end,x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        regex_t compiled;
        struct text pattern = {0};
        line_pattern(cases[i].line, strlen(cases[i].line), '|', &pattern);
        ck_assert_int_eq(regcomp(&compiled, text_string(&pattern), REG_EXTENDED | REG_NOSUB), 0);
        ck_assert_msg(regexec(&compiled, cases[i].line, 0, NULL, 0) == 0, "%s", pattern.bytes);
        ck_assert_msg(regexec(&compiled, cases[i].like, 0, NULL, 0) == 0, "%s", pattern.bytes);
        ck_assert_msg(regexec(&compiled, cases[i].unlike, 0, NULL, 0) != 0, "%s", pattern.bytes);
        regfree(&compiled);
        text_clear(&pattern);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, F1_what_tools_print_is_never_taken_for_the_heading);
    tcase_add_test(tests, F1_french_feedback_is_no_row_and_its_count_is_checked);
    tcase_add_test(tests, titles_above_the_heading_and_footers_below_the_rows_become_patterns);
    tcase_add_test(tests, an_ordinary_file_has_no_titles_and_no_footers);
    tcase_add_test(tests, footers_are_known_whatever_the_size_of_the_file_is);
    tcase_add_test(tests,
                   I14_titles_and_footers_are_known_in_every_encoding_and_far_behind_each_other);
    tcase_add_test(tests, I16_a_line_with_what_cannot_be_shown_becomes_no_pattern);
    tcase_add_test(tests, a_pattern_takes_its_line_on_another_day_and_nothing_else);
}

int main(void)
{
    digest_start();
    return unit_run("export/guess", all);
}
