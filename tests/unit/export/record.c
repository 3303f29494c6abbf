#include <csv.h>

#include "base/utf8.h"
#include "sample.h"
#include "unit.h"

/* Records and cells: ends of lines, quotes, what one bad record costs, ceilings. */

static const struct {
    const char *text, *rows;
} plain_cases[] = {
    {"ID,NAME\n1,Ann\n2,Bob\n", "1[ID|NAME] 2[1|Ann] 3[2|Bob] "},
    {"ID,NAME\n1,\n,\n", "1[ID|NAME] 2[1|] 3[|] "},
    {"ID,NAME\n1, Ann \n", "1[ID|NAME] 2[1| Ann ] "},
    {" ID ,\t\"NAME\"\n1,Ann\n", "fault:1: the heading cannot be read: control character U+0009 in "
                                 "column 2, line 1, byte 6"},
    {" ID ,\" NAME \"\n1,Ann\n", "1[ID|NAME] 2[1|Ann] "},
    {"ID,NAME\n1,\"Ann\"\n", "1[ID|NAME] 2[1|Ann] "},
    {"ID,NAME\n1,\"A\"\"n\"\"n\"\n", "1[ID|NAME] 2[1|A\"n\"n] "},
    {"ID,NAME\n1,\"\"\n", "1[ID|NAME] 2[1|] "},
    {"ID,NAME\n1,\"\"\"\"\n", "1[ID|NAME] 2[1|\"] "},
    {"ID,NAME\n1,\"a\"\",b\"\n", "1[ID|NAME] 2[1|a\",b] "},
    {"ID,NAME\n\"1\",\"a,b\"\n", "1[ID|NAME] 2[1|a,b] "},
    {"ID,NAME\n1,\"a\nb\"\n2,c\n", "1[ID|NAME] 2[1|a\nb] 4[2|c] "},
    {"ID,NAME\n1,\"a\r\nb\rc\n\"\n2,c\n", "1[ID|NAME] 2[1|a\r\nb\rc\n] 6[2|c] "},
    {"ID,\"NA\nME\"\n1,Ann\n", "1[ID|NA\nME] 3[1|Ann] "},
    {"ID\n1\n\n2\n", "1[ID] 2[1] 4[2] "},
};

START_TEST(records_are_read_as_they_stand)
{
    sample_expect_text(plain_cases[_i].text, plain_cases[_i].rows);
}
END_TEST

/* ---------------------------------------------------------------- line ends */

/* Puts 'end' in the place of each LF outside of quotes. */
static void with_line_ends(const char *text, const char *const ends[], size_t count,
                           struct text *out)
{
    bool quoted = false;
    size_t line = 0;
    for (const char *at = text; *at; at++) {
        quoted ^= *at == '"';
        if (*at == '\n' && !quoted)
            text_add(out, ends[line++ % count]);
        else
            text_add_byte(out, *at);
    }
}

START_TEST(I18_every_line_end_gives_the_same_cells_and_lines)
{
    static const char *const fixtures[] = {
        "ID,NAME\n1,Ann\n2,\"B,b\"\n3,\"C\"\"c\"\n",
        "ID,NAME\n1,Ann\n\n\n2,Bob\n",
        "ID,NAME,\n1,Ann,\n2,Bob,\n",
        "\n\nID,NAME\n\n1,Ann\n",
    };
    /* in the mixed ones no LF stands behind a lone CR: that would be one line end */
    static const char *const endings[][3] = {{"\n", "\n", "\n"},   {"\r\n", "\r\n", "\r\n"},
                                             {"\r", "\r", "\r"},   {"\n", "\r", "\r\n"},
                                             {"\r\n", "\n", "\r"}, {"\r", "\r\n", "\n"}};
    for (size_t f = 0; f < sizeof fixtures / sizeof fixtures[0]; f++) {
        char *expected =
            sample_rows(fixtures[f], strlen(fixtures[f]), &sample_commas, EXPORT_CHUNK);
        ck_assert_ptr_null(strstr(expected, "fault"));
        for (size_t e = 0; e < sizeof endings / sizeof endings[0]; e++) {
            struct text text = {0};
            with_line_ends(fixtures[f], endings[e], 3, &text);
            sample_expect(text.bytes, text.length, &sample_commas, expected);
            while (text.length && strchr("\r\n", text.bytes[text.length - 1]))
                text.length--;
            sample_expect(text.bytes, text.length, &sample_commas, expected);
            text_clear(&text);
        }
        free(expected);
    }
}
END_TEST

START_TEST(I18_blank_lines_and_a_delimiter_at_the_end_are_no_matter)
{
    sample_expect_text("ID,NAME\n1,Ann\n \t \n2,Bob,\n3,Cid\n\n",
                       "1[ID|NAME] 2[1|Ann] 4[2|Bob] 5[3|Cid] ");
    sample_expect_text("ID,NAME,\n1,Ann,\n2,Bob\n3,Cid,,\n",
                       "1[ID|NAME|] 2[1|Ann|] 3[2|Bob|] 4[3|Cid|] ");
    sample_expect_text("ID,NAME\n1,Ann,x\n2,Bob,,\n",
                       "1[ID|NAME] 2[1|Ann|x]!ragged 3[2|Bob||]!ragged ");
}
END_TEST

START_TEST(I18_the_line_end_of_the_heading_is_known)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (size_t i = 0; i < 3; i++) {
        struct text text = {0};
        struct fault fault = {0};
        text_addf(&text, "ID,NAME%s1,Ann\n", ends[i]);
        char *path = sample_file(text.bytes, text.length);
        struct export *export = export_open(path, NULL, &sample_commas, &fault);
        ck_assert_ptr_nonnull(export);
        ck_assert_str_eq(export_facts(export)->line_end, ends[i]);
        export_close(export);
        unlink(path);
        free(path);
        text_clear(&text);
    }
}
END_TEST

/* ---------------------------------------------------------------- quotes */

static const struct {
    const char *text, *rows;
} quote_cases[] = {
    /* inside an unquoted cell: nothing opens */
    {"ID,A,B\n1,6\" pipe,x\n2,y,z\n", "1[ID|A|B] 2[1]!quote 3[2|y|z] "},
    {"ID,A,B\n1,x\",y\n2,y,z\n", "1[ID|A|B] 2[1]!quote 3[2|y|z] "},
    {"ID,A,B\n1, \"x\",y\n2,y,z\n", "1[ID|A|B] 2[1]!quote 3[2|y|z] "},
    /* behind a closing quote */
    {"ID,A,B\n1,\"x\"y,z\n2,y,z\n", "1[ID|A|B] 2[1]!quote 3[2|y|z] "},
    {"ID,A,B\n1,\"Rob \"Bob\" Roy\",z\n2,y,z\n", "1[ID|A|B] 2[1]!quote 3[2|y|z] "},
    {"ID,A,B\n\"1\" ,x,z\n2,y,z\n", "1[ID|A|B] 2[]!quote 3[2|y|z] "},
    /* a stray opening quote is closed by the next quoted cell: its own line alone is lost */
    {"ID,A,B\n1,\"x,z\n2,y,z\n3,\"u\",v\n4,s,t\n",
     "1[ID|A|B] 2[1]!quote 3[2|y|z] 4[3|u|v] 5[4|s|t] "},
    {"ID,A,B\n1,\"x,z\n2,y,z\n3,u\"\n4,s,t\n",
     "1[ID|A|B] 2[1]!quote 3[2|y|z] 4[3]!quote 5[4|s|t] "},
    {"\"ID\",\"A\"\n\"1\",\"x\n\"2\",\"y\"\n\"3\",\"z\"\n", "1[ID|A] 2[1]!quote 3[2|y] 4[3|z] "},
    /* a real line break in a damaged cell: one record, one person */
    {"ID,A,B\n1,\"x\nhe \"said\" so\",z\n2,y,z\n", "1[ID|A|B] 2[1]!quote 4[2|y|z] "},
    /* a real line break in a record with too few cells */
    {"ID,A,B\n1,\"x\ny\"\n2,y,z\n", "1[ID|A|B] 2[1|x\ny]!ragged 4[2|y|z] "},
};

START_TEST(I6_one_wrong_quote_costs_one_row)
{
    sample_expect_text(quote_cases[_i].text, quote_cases[_i].rows);
}
END_TEST

START_TEST(I6_the_words_name_column_line_and_byte)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"ID,NAME\n1,6\" pipe\n",
         "quote inside an unquoted cell in column 2 (NAME), line 2, byte 4"},
        {"ID,NAME\n1,\"x\"y\n", "text behind a closing quote in column 2 (NAME), line 2, byte 6"},
        {"ID,NAME\n\"1\n2\",\"x\"y\n",
         "text behind a closing quote in column 2 (NAME), line 3, byte 7"},
        {"ID,NAME\n1,\"x\n2,\"y\"\n",
         "quote that opens a cell and is not closed in column 2 (NAME), line 2, byte 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *words = sample_damage_words(cases[i].text, strlen(cases[i].text), &sample_commas);
        ck_assert_str_eq(words, cases[i].words);
        free(words);
    }
}
END_TEST

START_TEST(I5_an_unterminated_quote_refuses_the_file_and_names_its_line)
{
    sample_expect_words("ID,A\n1,x\n2,\"y\n3,z\n", 18, &sample_commas,
                        "fault:3: the quote that opens a cell in this line is never closed");
    sample_expect_words("ID,A\n1,x\n\"2\n\n\",\"y\n3,z\n", 23, &sample_commas,
                        "fault:5: the quote");
    sample_expect_words("ID,\"A\n1,x\n", 10, &sample_commas, "fault:1: the quote");
    sample_expect_words("ID,A\n1,\"", 8, &sample_commas, "fault:2: the quote");
}
END_TEST

START_TEST(spreadsheet_guards_are_taken_as_they_stand)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"ID,A\n=\"001\",x\n", "1[ID|A] 2[=\"001\"|x] "},
        {"ID,A\nx,=\"001\"\n", "1[ID|A] 2[x|=\"001\"] "},
        {"ID,A\n=\"\",=\"1 2\"\n", "1[ID|A] 2[=\"\"|=\"1 2\"] "},
        {"ID,A\n=\"\xC3\xA9\",\"a\"\"b\"\n", "1[ID|A] 2[=\"\xC3\xA9\"|a\"b] "},
        {"ID,A\n\"=\"\"001\"\"\",x\n", "1[ID|A] 2[=\"001\"|x] "},
        {"ID,A\n\"a,=\"\"\",=\"7\"\n", "1[ID|A] 2[a,=\"|=\"7\"] "},
        {"ID,A\n=\"0\"1\",x\n", "1[ID|A] 2[]!quote "},
        {"ID,A\n=\"001,x\n", "1[ID|A] 2[]!quote "},
        {"ID,A\n=\"0,1\"\n", "1[ID|A] 2[]!quote "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        sample_expect_text(cases[i].text, cases[i].rows);
}
END_TEST

START_TEST(cells_know_whether_they_were_quoted)
{
    struct fault fault = {0};
    struct export_record record;
    static const char text[] = "A,B,C,D,E\n1,\"2\",=\"3\",\"\",\"a\"\"b\"\n";
    char *path = sample_file(text, sizeof text - 1);
    struct export *export = export_open(path, NULL, &sample_commas, &fault);
    ck_assert_ptr_nonnull(export);
    ck_assert_int_eq(export_next(export, &record, &fault), 1);
    export_split(export, &record);
    static const bool quoted[] = {false, true, false, true, true};
    ck_assert_uint_eq(record.cell_count, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(record.cells[i].quoted, quoted[i]);
    export_close(export);
    unlink(path);
    free(path);
}
END_TEST

/* ---------------------------------------------------------------- cells */

START_TEST(I10_a_ragged_row_is_told_with_its_counts)
{
    sample_expect_text("ID,A,B\n1,x\n2,x,y,z\n3,x,y\n",
                       "1[ID|A|B] 2[1|x]!ragged 3[2|x|y|z]!ragged 4[3|x|y] ");
    char *words = sample_damage_words("ID,A,B\n1\n2,3,4\n", 15, &sample_commas);
    ck_assert_str_eq(words, "1 cell where the heading has 3");
    free(words);
}
END_TEST

START_TEST(I11_repeated_headings_are_given_as_they_stand)
{
    sample_expect_text("ID,City,City\n1,a,b\n", "1[ID|City|City] 2[1|a|b] ");
}
END_TEST

static void expect_big(const char *begin, char fill, size_t count, const char *end,
                       const char *wanted)
{
    struct text text = {0};
    text_add(&text, begin);
    text_reserve(&text, count);
    memset(text.bytes + text.length, fill, count);
    text.length += count;
    text_add(&text, end);
    sample_expect_words(text.bytes, text.length, &sample_commas, wanted);
    text_clear(&text);
}

START_TEST(I8_a_cell_and_a_record_have_ceilings)
{
    expect_big("ID,A\n1,", 'x', EXPORT_CELL_MAX, "\n2,y\n", " 3[2|y] ");
    expect_big("ID,A\n1,", 'x', EXPORT_CELL_MAX + 1, "\n2,y\n",
               "fault:2: a cell is longer than 65536 bytes");
    /* counted in bytes: of a character over U+007F each */
    expect_big("ID,A\n1,\xC3\xA9", 'x', EXPORT_CELL_MAX - 2, "\n2,y\n", " 3[2|y] ");
    expect_big("ID,A\n1,\xC3\xA9", 'x', EXPORT_CELL_MAX - 1, "\n2,y\n",
               "fault:2: a cell is longer than 65536 bytes");
    expect_big("ID,A\n1,\"", 'x', EXPORT_CELL_MAX, "\"\n2,y\n", " 3[2|y] ");
    expect_big("ID,A\n1,\"", 'x', EXPORT_CELL_MAX + 1, "\"\n2,y\n", "fault:2: a cell");
    expect_big("ID,A\n1,", 'x', 3 * EXPORT_RECORD_MAX, "\n2,y\n",
               "fault:2: the record is longer than 1048576 bytes");
    expect_big(
        "ID,A\n1,x\n\"", '\n', 3 * EXPORT_RECORD_MAX, "\"\n2,y\n",
        "fault:3: the quote that opens a cell in this line is not closed within 1048576 bytes");
    expect_big("", 'x', 3 * EXPORT_RECORD_MAX, "", "fault:1: the record is longer");
}
END_TEST

START_TEST(I9_columns_have_a_ceiling)
{
    expect_big("", ',', EXPORT_COLUMNS_MAX, "\n", "fault:1: more than 4096 columns");
    expect_big("", ',', EXPORT_COLUMNS_MAX - 1, "\n", "fault: has a heading and no data rows");
    expect_big("ID,A\n", ',', 100000, "\n", "fault:2: more than 4096 columns");
    expect_big("ID,A\n", ',', EXPORT_COLUMNS_MAX - 1, "\n", "!ragged");
}
END_TEST

/* ---------------------------------------------------------------- against libcsv */

static const char alphabet[] = "ab,,\"\"\"\n\r= ;1";

/* A small generator with a seed of its own, so that each run is the same. */
static unsigned next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33);
}

/* Splits a record directly and by libcsv; both must say the same. Returns whether it was refused. */
static bool both_split_alike(struct splitter *direct, struct splitter *by_libcsv, const char *bytes,
                             size_t length)
{
    struct split_marks marks = splitter_split(direct, bytes, length);
    struct split_marks wanted = splitter_split_by_libcsv(by_libcsv, bytes, length);
    ck_assert_int_eq(marks.refused, wanted.refused);
    ck_assert_uint_eq(direct->cell_count, by_libcsv->cell_count);
    for (size_t i = 0; i < direct->cell_count; i++) {
        const struct export_cell *cell = &direct->cells[i], *other = &by_libcsv->cells[i];
        ck_assert_uint_eq(cell->length, other->length);
        ck_assert_int_eq(memcmp(cell->bytes, other->bytes, cell->length), 0);
        ck_assert_int_eq(cell->quoted, other->quoted);
        ck_assert(!cell->ascii || utf8_is_ascii(cell->bytes, cell->length));
    }
    return wanted.refused;
}

START_TEST(records_without_quotes_are_cut_as_libcsv_cuts_them)
{
    uint64_t seed = 7;
    struct splitter direct, by_libcsv;
    splitter_init(&direct, ENCODING_UTF_8, ',');
    splitter_init(&by_libcsv, ENCODING_UTF_8, ',');
    for (int n = 0; n < 20000; n++) {
        char bytes[64];
        size_t length = next_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            unsigned roll = next_random(&seed);
            bytes[i] = roll % 3 ? "ab, =\t;\xC3\xA9\xFF"[roll / 3 % 10] : (char)(roll >> 8);
            if (strchr("\"\r\n", bytes[i]))
                bytes[i] = ',';
        }
        ck_assert(!both_split_alike(&direct, &by_libcsv, bytes, length));
    }
    splitter_clear(&direct);
    splitter_clear(&by_libcsv);
}
END_TEST

START_TEST(records_with_quotes_are_cut_as_libcsv_cuts_them)
{
    static const char *const cells[] = {"",
                                        "\"\"",
                                        "\"a\"",
                                        "\"Doe, Jane\"",
                                        "\"1\n2\"",
                                        "plain text",
                                        "\"a\"\"b\"",
                                        "\"\"\"\"",
                                        "=\"001\"",
                                        "a=b",
                                        "\",\"",
                                        "\",,,,,,,,\"",
                                        "\"\xC3\xA9=\"",
                                        "12345678",
                                        "\"123456\"",
                                        "a\"b",
                                        "\"a\"b",
                                        "\"",
                                        "\"\"\"",
                                        "=\"a\"b"};
    enum { SOUND = 15, ALL = sizeof cells / sizeof *cells };
    uint64_t seed = 11;
    unsigned refused = 0;
    struct text record = {0};
    struct splitter direct, by_libcsv;
    splitter_init(&direct, ENCODING_UTF_8, ',');
    splitter_init(&by_libcsv, ENCODING_UTF_8, ',');
    for (int n = 0; n < 20000; n++) {
        unsigned kinds = n % 4 ? SOUND : ALL;
        text_reset(&record);
        for (unsigned left = next_random(&seed) % 9; left > 0; left--) {
            text_add(&record, cells[next_random(&seed) % kinds]);
            text_add(&record, left > 1 ? "," : "");
        }
        bool is_refused =
            both_split_alike(&direct, &by_libcsv, text_string(&record), record.length);
        ck_assert(!is_refused || kinds == ALL);
        refused += is_refused;
    }
    ck_assert_uint_gt(refused, 1000);
    text_clear(&record);
    splitter_clear(&direct);
    splitter_clear(&by_libcsv);
}
END_TEST

struct oracle {
    struct text *out;
    int cells;
    bool ragged; /* a row has other than two cells */
};

static void oracle_cell(void *bytes, size_t length, void *self)
{
    struct oracle *oracle = self;
    oracle->cells++;
    text_add(oracle->out, "|");
    text_add_bytes(oracle->out, bytes, length);
}

static void oracle_row(int end, void *self)
{
    struct oracle *oracle = self;
    (void)end;
    oracle->ragged |= oracle->cells != 2;
    oracle->cells = 0;
    text_add(oracle->out, "$");
}

static int oracle_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* What libcsv alone makes of a whole text; false when it refuses or a row is ragged. */
static bool oracle_reads(const char *bytes, size_t length, struct text *out)
{
    struct csv_parser parser;
    struct oracle oracle = {.out = out};
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_space_func(&parser, oracle_space);
    bool sound = csv_parse(&parser, bytes, length, oracle_cell, oracle_row, &oracle) == length &&
                 csv_fini(&parser, oracle_cell, oracle_row, &oracle) == 0;
    csv_free(&parser);
    return sound && !oracle.ragged;
}

static void read_like_oracle(const char *bytes, size_t length, size_t chunk, struct text *out)
{
    struct fault fault = {0};
    struct export_record record;
    char *path = sample_file(bytes, length);
    struct export *export = export_open_chunked(path, NULL, &sample_commas, chunk, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    text_add(out, "|c1|c2$");
    while (export_next(export, &record, &fault) == 1) {
        export_split(export, &record);
        for (size_t i = 0; i < record.cell_count; i++) {
            text_add(out, "|");
            text_add_bytes(out, record.cells[i].bytes, record.cells[i].length);
        }
        text_add(out, "$");
    }
    export_close(export);
    unlink(path);
    free(path);
}

START_TEST(sound_files_are_read_as_libcsv_reads_them_whole)
{
    uint64_t seed = 11;
    int compared = 0;
    for (int n = 0; n < 60000 && compared < 1500; n++) {
        struct text file = {0}, expected = {0}, got = {0};
        text_add(&file, "c1,c2\n");
        for (unsigned rows = 1 + next_random(&seed) % 4; rows; rows--) {
            for (int cell = 0; cell < 2; cell++) {
                bool quoted = next_random(&seed) % 2;
                text_add(&file, cell ? "," : "");
                text_add(&file, quoted ? "\"" : "x");
                for (unsigned i = next_random(&seed) % 6; i; i--) {
                    char byte = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
                    if (quoted || !strchr(",\"\r\n", byte))
                        text_add_byte(&file, byte);
                }
                text_add(&file, quoted ? "\"" : "");
            }
            text_add(&file, next_random(&seed) % 3 ? "\n" : "\r\n");
        }
        if (oracle_reads(file.bytes, file.length, &expected)) {
            compared++;
            read_like_oracle(file.bytes, file.length, 1 + next_random(&seed) % 40, &got);
            ck_assert_msg(strcmp(got.bytes, expected.bytes) == 0,
                          "file:\n%s\nlibcsv: %s\nhere:   %s", file.bytes, expected.bytes,
                          got.bytes);
        }
        text_clear(&file);
        text_clear(&expected);
        text_clear(&got);
    }
    ck_assert_int_eq(compared, 1500);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_loop_test(tests, records_are_read_as_they_stand, 0,
                        (int)(sizeof plain_cases / sizeof plain_cases[0]));
    tcase_add_test(tests, I18_every_line_end_gives_the_same_cells_and_lines);
    tcase_add_test(tests, I18_blank_lines_and_a_delimiter_at_the_end_are_no_matter);
    tcase_add_test(tests, I18_the_line_end_of_the_heading_is_known);
    tcase_add_loop_test(tests, I6_one_wrong_quote_costs_one_row, 0,
                        (int)(sizeof quote_cases / sizeof quote_cases[0]));
    tcase_add_test(tests, I6_the_words_name_column_line_and_byte);
    tcase_add_test(tests, I5_an_unterminated_quote_refuses_the_file_and_names_its_line);
    tcase_add_test(tests, spreadsheet_guards_are_taken_as_they_stand);
    tcase_add_test(tests, cells_know_whether_they_were_quoted);
    tcase_add_test(tests, I10_a_ragged_row_is_told_with_its_counts);
    tcase_add_test(tests, I11_repeated_headings_are_given_as_they_stand);
    tcase_add_test(tests, I8_a_cell_and_a_record_have_ceilings);
    tcase_add_test(tests, I9_columns_have_a_ceiling);
    tcase_add_test(tests, records_without_quotes_are_cut_as_libcsv_cuts_them);
    tcase_add_test(tests, records_with_quotes_are_cut_as_libcsv_cuts_them);
    tcase_add_test(tests, sound_files_are_read_as_libcsv_reads_them_whole);
}

int main(void)
{
    digest_start();
    return unit_run("export/record", all);
}
