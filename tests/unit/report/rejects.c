#include "sample.h"

#include "base/memory.h"

/* Bytes in, bytes out: the records are cut here by a reader of the test's own. */

static const char *const line_ends[] = {"\n", "\r\n", "\r"};

struct form {
    struct export_dialect dialect;
    const char *line_end;
    bool bom;
};

static void encoded(const struct form *form, const char *words, struct text *out)
{
    export_encode(form->dialect.encoding, words, strlen(words), out);
}

static size_t unit_width(const struct form *form)
{
    enum export_encoding encoding = form->dialect.encoding;
    return encoding == ENCODING_UTF_16LE || encoding == ENCODING_UTF_16BE ? 2 : 1;
}

static bool unit_at(const struct form *form, const struct text *file, size_t at, char wanted)
{
    struct text unit = {0};
    char ascii[2] = {wanted, 0};
    encoded(form, ascii, &unit);
    bool same =
        at + unit.length <= file->length && memcmp(file->bytes + at, unit.bytes, unit.length) == 0;
    text_clear(&unit);
    return same;
}

/* The bytes of the record at 'at' with its line end; a quoted line end is no end. */
static size_t record_bytes(const struct form *form, const struct text *file, size_t at)
{
    size_t start = at, width = unit_width(form);
    bool quoted = false;
    for (; at < file->length; at += width) {
        if (unit_at(form, file, at, '"'))
            quoted = !quoted;
        if (quoted)
            continue;
        if (unit_at(form, file, at, '\n'))
            return at + width - start;
        if (unit_at(form, file, at, '\r'))
            return at + width * (unit_at(form, file, at + width, '\n') ? 2 : 1) - start;
    }
    return at - start;
}

/* Feeds a whole file and rejects each of its records; 'rejects' gets the rejects file. */
static void reject_all(const struct form *form, const struct text *file, bool refed,
                       struct text *rejects)
{
    char *bytes = NULL;
    size_t length = 0, at = record_bytes(form, file, 0);
    uint32_t line = 2;
    FILE *stream = open_memstream(&bytes, &length);
    struct text heading = {0};
    struct export_facts facts = {.bom = form->bom};
    strcpy(facts.line_end, form->line_end);
    text_add_bytes(&heading, file->bytes, at);
    struct rejects *open = rejects_open(stream, &form->dialect, &heading, &facts, refed);
    while (at < file->length) {
        struct export_record record = {.raw = file->bytes + at, .line = line};
        record.bytes = (uint32_t)record_bytes(form, file, at);
        char number[16];
        snprintf(number, sizeof number, "%" PRIu32, line++);
        rejects_add(open, &record, refed ? NULL : number, "email", "required",
                    "r\xc3\xa9sum\xc3\xa9; \"email\", is | \t missing", "=fill it \xe6\xbc\xa2");
        at += record.bytes;
    }
    rejects_close(open);
    fclose(stream);
    text_add_bytes(rejects, bytes, length);
    text_clear(&heading);
    free(bytes);
}

static void sample_file(const struct form *form, bool ended, struct text *out)
{
    static const char *const records[] = {"ID%cNAME", "A1%c\"two\nlines \"\"x\"\"\"",
                                          "A2%c\xc3\xa9t\xc3\xa9", "%c", "A3%c\"\""};
    if (form->bom)
        encoded(form, "\xef\xbb\xbf", out);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        char *record = mem_string(records[i]);
        *strchr(record, '%') = form->dialect.delimiter;
        memmove(strchr(record, form->dialect.delimiter) + 1,
                strchr(record, form->dialect.delimiter) + 2,
                strlen(strchr(record, form->dialect.delimiter) + 2) + 1);
        encoded(form, record, out);
        if (ended || i + 1 < sizeof records / sizeof *records)
            encoded(form, form->line_end, out);
        free(record);
    }
}

START_TEST(V11_rejects_fed_again_as_they_are_give_the_same_bytes_in_every_form)
{
    static const char delimiters[] = ",;|\t";
    for (int encoding = ENCODING_UTF_8; encoding <= ENCODING_UTF_16BE; encoding++)
        for (size_t end = 0; end < 3; end++)
            for (size_t d = 0; d < 4; d++)
                for (int variant = 0; variant < 4; variant++) {
                    bool single =
                        encoding == ENCODING_WINDOWS_1252 || encoding == ENCODING_ISO_8859_1;
                    struct form form = {{(enum export_encoding)encoding, delimiters[d], NULL, 0},
                                        line_ends[end],
                                        (variant & 1) && !single};
                    struct text file = {0}, first = {0}, second = {0}, third = {0};
                    sample_file(&form, variant & 2, &file);
                    reject_all(&form, &file, false, &first);
                    reject_all(&form, &first, true, &second);
                    reject_all(&form, &second, true, &third);
                    ck_assert_uint_gt(first.length, file.length);
                    ck_assert_uint_eq(first.length, second.length);
                    ck_assert_mem_eq(first.bytes, second.bytes, first.length);
                    ck_assert_uint_eq(first.length, third.length);
                    ck_assert_mem_eq(first.bytes, third.bytes, first.length);
                    text_clear(&file);
                    text_clear(&first);
                    text_clear(&second);
                    text_clear(&third);
                }
}
END_TEST

/* One record of a UTF-8 file with commas. */
static char *reject_one(const char *heading, const struct export_record *record, bool refed,
                        const char *line, const char *reason)
{
    char *bytes = NULL;
    size_t length = 0;
    struct export_dialect dialect = {ENCODING_UTF_8, ',', NULL, 0};
    struct export_facts facts = {.line_end = "\n"};
    struct text raw = {0};
    FILE *stream = open_memstream(&bytes, &length);
    text_add(&raw, heading);
    struct rejects *open = rejects_open(stream, &dialect, &raw, &facts, refed);
    rejects_add(open, record, line, "", "code", reason, "");
    rejects_close(open);
    fclose(stream);
    text_clear(&raw);
    return bytes;
}

#define OWN_HEADING "a,b,_line,_field,_code,_reason,_fix\n"

START_TEST(I6_a_damaged_record_keeps_its_bytes)
{
    static const struct {
        const char *raw;
        enum record_damage damage;
        bool refed;
        const char *written;
    } cases[] = {
        {"x\"y,z\n", RECORD_QUOTE, false, "x\"y,z,9,,code,why,\n"},
        {"\"x\"y,z\r\n", RECORD_QUOTE, false, "\"x\"y,z,9,,code,why,\r\n"},
        {"x\xff,z\n", RECORD_UNDECODABLE, false, "x\xff,z,9,,code,why,\n"},
        {"x,y,z,\n", RECORD_RAGGED, false, "x,y,z,,9,,code,why,\n"},
        {"x\n", RECORD_RAGGED, false, "x,9,,code,why,\n"},
        /* fed again: the tail is found from the end, whatever stands before it */
        {"x\"y,z,12,,quote,old,\n", RECORD_QUOTE, true, "x\"y,z,12,,code,why,\n"},
        {"\"x\"y\",z,12,,quote,\"o,\"\"l\"\"d\",\n", RECORD_QUOTE, true,
         "\"x\"y\",z,12,,code,why,\n"},
        {"x,12,,ragged,old,\n", RECORD_RAGGED, true, "x,12,,code,why,\n"},
        {"x,y,z,\"12\",,ragged,old,\n", RECORD_RAGGED, true, "x,y,z,12,,code,why,\n"},
        /* a row that somebody wrote by hand, without the five cells: nothing is taken from it */
        {"x,y,z,a,b,c,d\n", RECORD_RAGGED, true, "x,y,z,a,b,c,d,9,,code,why,\n"},
        {"x,y\n", RECORD_RAGGED, true, "x,y,9,,code,why,\n"},
        /* emptied cells are still the five cells */
        {"x,y,,,,,\n", RECORD_SOUND, true, "x,y,9,,code,why,\n"},
        {"x,\"\",\"\",\"\",\"\",\"\",\"\"\"\"\n", RECORD_SOUND, true, "x,\"\",9,,code,why,\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct export_record record = {.raw = cases[i].raw, .damage = cases[i].damage};
        record.bytes = (uint32_t)strlen(cases[i].raw);
        char *written =
            reject_one(cases[i].refed ? OWN_HEADING : "a,b\n", &record, cases[i].refed, "9", "why");
        ck_assert_int_eq(strncmp(written, OWN_HEADING, strlen(OWN_HEADING)), 0);
        ck_assert_str_eq(written + strlen(OWN_HEADING), cases[i].written);
        free(written);
    }
}
END_TEST

START_TEST(I7_a_nul_byte_stays_in_its_record)
{
    struct export_record record = {.raw = "x\0y,z\n", .bytes = 6, .damage = RECORD_NUL};
    char *bytes = NULL;
    size_t length = 0;
    struct export_dialect dialect = {ENCODING_UTF_8, ',', NULL, 0};
    struct export_facts facts = {.line_end = "\n"};
    struct text raw = {0};
    FILE *stream = open_memstream(&bytes, &length);
    text_add(&raw, "a,b\n");
    struct rejects *open = rejects_open(stream, &dialect, &raw, &facts, false);
    rejects_add(open, &record, "2", "", "nul", "NUL byte", "");
    rejects_close(open);
    fclose(stream);
    static const char expected[] = OWN_HEADING "x\0y,z,2,,nul,NUL byte,\n";
    ck_assert_uint_eq(length, sizeof expected - 1);
    ck_assert_mem_eq(bytes, expected, length);
    text_clear(&raw);
    free(bytes);
}
END_TEST

START_TEST(I18_a_last_record_without_line_end_gets_that_of_the_heading)
{
    struct export_record record = {.raw = "x,y", .bytes = 3};
    for (size_t i = 0; i < 3; i++) {
        char heading[16], expected[96];
        snprintf(heading, sizeof heading, "a,b%s", line_ends[i]);
        snprintf(expected, sizeof expected,
                 "a,b,_line,_field,_code,_reason,_fix%sx,y,2,,code,why,%s", line_ends[i],
                 line_ends[i]);
        char *written = reject_one(heading, &record, false, "2", "why");
        ck_assert_str_eq(written, expected);
        free(written);
    }
}
END_TEST

START_TEST(I17_the_five_cells_are_ascii_quoted_and_no_formulas)
{
    static const struct {
        const char *reason, *written;
    } cases[] = {
        {"plain words", "plain words"},
        {"a, b", "\"a, b\""},
        {"not \"x\"", "\"not \"\"x\"\"\""},
        {"d\xc3\xa9"
         "c\xc3\xa8s \xe2\x80\x99 \xc5\x93uf",
         "deces ' oeuf"},
        {"\xe6\xbc\xa2 \xff", "? ?"},
        {"two\nlines\x1b", "two lines "},
        {"=\"001\" is no id", "\"'=\"\"001\"\" is no id\""},
        {"@x", "\"'@x\""},
        {"-", "\"'-\""},
    };
    struct export_record record = {.raw = "x,y\n", .bytes = 4};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *written = reject_one("a,b\n", &record, false, "2", cases[i].reason);
        char *expected = mem_format(OWN_HEADING "x,y,2,,code,%s,\n", cases[i].written);
        ck_assert_str_eq(written, expected);
        free(expected);
        free(written);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, V11_rejects_fed_again_as_they_are_give_the_same_bytes_in_every_form);
    tcase_add_test(tests, I6_a_damaged_record_keeps_its_bytes);
    tcase_add_test(tests, I7_a_nul_byte_stays_in_its_record);
    tcase_add_test(tests, I18_a_last_record_without_line_end_gets_that_of_the_heading);
    tcase_add_test(tests, I17_the_five_cells_are_ascii_quoted_and_no_formulas);
}

int main(void)
{
    return unit_run("report/rejects", all);
}
