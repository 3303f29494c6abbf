#include "sample.h"
#include "unit.h"

/* Encodings: what is decoded, what is refused, and in which words. */

static const struct export_dialect windows = {.encoding = ENCODING_WINDOWS_1252, .delimiter = ','};
static const struct export_dialect latin = {.encoding = ENCODING_ISO_8859_1, .delimiter = ','};
static const struct export_dialect wide_little = {.encoding = ENCODING_UTF_16LE, .delimiter = '\t'};
static const struct export_dialect wide_big = {.encoding = ENCODING_UTF_16BE, .delimiter = '\t'};

START_TEST(names_of_encodings_go_both_ways)
{
    static const char *const names[] = {"utf-8", "windows-1252", "iso-8859-1", "utf-16le",
                                        "utf-16be"};
    for (int i = 0; i < 5; i++) {
        ck_assert_str_eq(encoding_name((enum export_encoding)i), names[i]);
    }
}
END_TEST

START_TEST(I15_single_byte_encodings_are_decoded)
{
    sample_expect_string(
        "ID,A\n1,M\xFCller\n2,O\x92Neil\n3,\x80\x9C\xFF\n", &windows,
        "1[ID|A] 2[1|M\xC3\xBCller] 3[2|O\xE2\x80\x99Neil] 4[3|\xE2\x82\xAC\xC5\x93\xC3\xBF] ");
    sample_expect_string("ID,A\n1,M\xFCller\n2,\xA0\xFF\n", &latin,
                         "1[ID|A] 2[1|M\xC3\xBCller] 3[2|\xC2\xA0\xC3\xBF] ");
    sample_expect_string("ID,A\n1,\"\xE9\"\"\xE9\"\n", &windows,
                         "1[ID|A] 2[1|\xC3\xA9\"\xC3\xA9] ");
}
END_TEST

START_TEST(I15_bytes_that_windows_1252_does_not_have_cost_their_row)
{
    static const unsigned char undefined[] = {0x81, 0x8D, 0x8F, 0x90, 0x9D};
    for (int byte = 0x80; byte < 0x100; byte++) {
        char text[] = "ID,A\n1,x?y\n2,z\n";
        text[8] = (char)(unsigned char)byte;
        char *rows = sample_rows(text, sizeof text - 1, &windows, EXPORT_CHUNK);
        bool bad = memchr(undefined, byte, sizeof undefined) != NULL;
        ck_assert_int_eq(strstr(rows, "!undecodable") != NULL, bad);
        ck_assert_ptr_nonnull(strstr(rows, "3[2|z]"));
        ck_assert_ptr_nonnull(strstr(rows, "2[1|x"));
        free(rows);
    }
    char *words = sample_damage_words("ID,NAME\n1,O\x8DNeil\n", 17, &windows);
    ck_assert_str_eq(words, "byte 0x8D is not windows-1252 in column 2 (NAME), line 2, byte 4");
    free(words);
}
END_TEST

START_TEST(I15_what_utf_8_does_not_allow_costs_its_row)
{
    static const struct {
        const char *bytes;
        bool sound;
    } cases[] = {
        {"\xC3\xA9", true},
        {"\xE9", false},
        {"\xC0\x80", false},
        {"\xC1\xBF", false},
        {"\xE0\x80\x80", false},
        {"\xE0\xA0\x80", true},
        {"\xED\x9F\xBF", true},
        {"\xED\xA0\x80", false},
        {"\xED\xBF\xBF", false},
        {"\xEF\xBF\xBD", true},
        {"\xEF\xBF\xBE", false},
        {"\xEF\xBF\xBF", false},
        {"\xEF\xB7\x8F", true},
        {"\xEF\xB7\x90", false},
        {"\xEF\xB7\xAF", false},
        {"\xEF\xB7\xB0", true},
        {"\xF0\x90\x80\x80", true},
        {"\xF0\x8F\xBF\xBF", false},
        {"\xF0\x9F\x98\x80", true},
        {"\xF0\x9F\xBF\xBE", false},
        {"\xF4\x8F\xBF\xBD", true},
        {"\xF4\x8F\xBF\xBF", false},
        {"\xF4\x90\x80\x80", false},
        {"\xF5\x80\x80\x80", false},
        {"\xFF", false},
        {"\x80", false},
        {"\xE2\x82", false},
        {"\xF0\x9F\x98", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = mem_format("ID,A\n1,x%sy\n2,z\n", cases[i].bytes);
        char *rows = sample_rows(text, strlen(text), &sample_commas, EXPORT_CHUNK);
        ck_assert_msg((strstr(rows, "!undecodable") == NULL) == cases[i].sound, "case %zu: %s", i,
                      rows);
        ck_assert_ptr_nonnull(strstr(rows, "2[1|x"));
        ck_assert_ptr_nonnull(strstr(rows, " 3[2|z]"));
        free(rows);
        free(text);
    }
}
END_TEST

/* UTF-8 by the book, in another way than the tool does it. */
static bool by_the_book(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t point = bytes[i];
        size_t more = point < 0x80 ? 0 : point < 0xC0 ? 9 : point < 0xE0 ? 1 : point < 0xF0 ? 2 : 3;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (more > 3 || point > 0xF7 || i + more >= length)
            return false;
        point &= more ? 0x3Fu >> more : 0x7F;
        for (size_t k = 1; k <= more; k++) {
            if (bytes[i + k] >> 6 != 2)
                return false;
            point = point << 6 | (bytes[i + k] & 0x3F);
        }
        if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return false;
        i += more + 1;
    }
    return true;
}

static void check_decoding(const unsigned char *bytes, size_t length, struct text *out)
{
    struct undecodable bad = encoding_decode(ENCODING_UTF_8, (const char *)bytes, length, out);
    ck_assert_int_eq(bad.raw == NOWHERE, by_the_book(bytes, length));
    ck_assert(by_the_book((const unsigned char *)out->bytes, out->length));
    if (bad.raw == NOWHERE)
        ck_assert(out->length == length && memcmp(out->bytes, bytes, length) == 0);
    else
        ck_assert_uint_eq(
            encoding_raw_place(ENCODING_UTF_8, (const char *)bytes, length, bad.decoded), bad.raw);
}

START_TEST(I15_all_two_byte_sequences_are_judged_by_the_book)
{
    struct text out = {0};
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        unsigned char bytes[] = {(unsigned char)(pair >> 8), (unsigned char)pair};
        check_decoding(bytes, 2, &out);
    }
    text_clear(&out);
}
END_TEST

START_TEST(I15_a_sample_of_three_byte_sequences_is_judged_by_the_book)
{
    struct text out = {0};
    for (unsigned n = 0; n < 0x10000; n++) {
        unsigned char bytes[] = {(unsigned char)(0xE0 | (n & 0x1F)), (unsigned char)(n >> 3),
                                 (unsigned char)(0x70 + (n >> 8)), 'x'};
        check_decoding(bytes, 3 + n % 2, &out);
    }
    text_clear(&out);
}
END_TEST

START_TEST(I15_the_words_name_column_line_and_byte_and_suggest_an_encoding)
{
    char *words = sample_damage_words("ID,LAST_NAME\n1,Andr\xE9\n", 21, &sample_commas);
    ck_assert_str_eq(words,
                     "byte 0xE9 is not utf-8 in column 2 (LAST_NAME), line 2, byte 7; is the file "
                     "windows-1252?");
    free(words);
    words = sample_damage_words("ID,A\n1,x\x92y\n", 11, &latin);
    ck_assert_str_eq(words, "control character U+0092 in column 2 (A), line 2, byte 4; is the file "
                            "windows-1252?");
    free(words);
}
END_TEST

START_TEST(I15_a_heading_that_cannot_be_decoded_refuses_the_file)
{
    sample_expect_words("ID,PR\xC9NOM\n1,x\n", 14, &sample_commas,
                        "fault:1: the heading cannot be read: byte 0xC9 is not utf-8");
}
END_TEST

/* ---------------------------------------------------------------- UTF-16 */

static void widen(const char *text, enum export_encoding encoding, bool mark, struct text *out)
{
    if (mark)
        export_encode(encoding, "\xEF\xBB\xBF", 3, out);
    export_encode(encoding, text, strlen(text), out);
}

START_TEST(I14_utf_16_is_read_where_it_is_declared)
{
    static const char text[] =
        "ID\tNAME\r\n1\tZo\xC3\xAB "
        "\xF0\x9F\x98\x80\n2\t\"a\tb\nc\"\"\"\n\n3\t\xE2\x80\x9Cx\xE2\x80\x9D";
    char *expected = sample_rows(text, sizeof text - 1, &(struct export_dialect){.delimiter = '\t'},
                                 EXPORT_CHUNK);
    ck_assert_ptr_null(strstr(expected, "fault"));
    for (int variant = 0; variant < 4; variant++) {
        const struct export_dialect *dialect = variant & 1 ? &wide_big : &wide_little;
        struct text wide = {0};
        widen(text, dialect->encoding, variant & 2, &wide);
        for (size_t chunk = 1; chunk < wide.length; chunk++) {
            char *rows = sample_rows(wide.bytes, wide.length, dialect, chunk);
            ck_assert_str_eq(rows, expected);
            free(rows);
        }
        text_clear(&wide);
    }
    free(expected);
}
END_TEST

START_TEST(I14_units_that_only_look_like_quotes_or_line_ends_are_none)
{
    /* U+0A22, U+220A, U+0D09, U+0922, U+2C0A hold the bytes of LF, quote, CR, tab in one half */
    static const char text[] =
        "ID\tA\n1\t\xE0\xA8\xA2\xE2\x88\x8A\xE0\xB4\x89\xE0\xA4\xA2\xE2\xB0\x8A\n";
    struct text wide = {0};
    widen(text, ENCODING_UTF_16LE, false, &wide);
    sample_expect(wide.bytes, wide.length, &wide_little,
                  "1[ID|A] 2[1|\xE0\xA8\xA2\xE2\x88\x8A\xE0\xB4\x89\xE0\xA4\xA2\xE2\xB0\x8A] ");
    text_clear(&wide);
    widen(text, ENCODING_UTF_16BE, false, &wide);
    sample_expect(wide.bytes, wide.length, &wide_big,
                  "1[ID|A] 2[1|\xE0\xA8\xA2\xE2\x88\x8A\xE0\xB4\x89\xE0\xA4\xA2\xE2\xB0\x8A] ");
    text_clear(&wide);
}
END_TEST

START_TEST(I14_half_a_surrogate_costs_its_row_and_a_half_unit_is_a_cut_file)
{
    struct text wide = {0};
    widen("ID\tA\n1\tx", ENCODING_UTF_16LE, false, &wide);
    text_add_bytes(&wide, "\x00\xD8", 2);
    widen("\n2\ty\n", ENCODING_UTF_16LE, false, &wide);
    sample_expect(wide.bytes, wide.length, &wide_little,
                  "1[ID|A] 2[1|x\xEF\xBF\xBD]!undecodable 3[2|y] ");
    sample_expect_words(wide.bytes, wide.length - 3, &wide_little,
                        "fault:3: the file is truncated: it ends in the middle of a character");
    text_clear(&wide);
}
END_TEST

START_TEST(I14_a_mark_or_nuls_that_speak_against_the_declaration_refuse_the_file)
{
    static const struct {
        const char *bytes;
        size_t length;
        enum export_encoding declared;
        const char *words;
    } cases[] = {
        {"\xFF\xFEI\0D\0\n\0", 8, ENCODING_UTF_8,
         "fault: begins with the byte-order mark of utf-16le, but the mapping declares utf-8; "
         "write "
         "\"encoding\": \"utf-16le\" in the mapping"},
        {"\xFE\xFF\0I\0D\0\n", 8, ENCODING_UTF_16LE, "byte-order mark of utf-16be"},
        {"\xEF\xBB\xBFID\n", 6, ENCODING_WINDOWS_1252, "write \"encoding\": \"utf-8\""},
        {"\xEF\xBB\xBFID\n", 6, ENCODING_ISO_8859_1, "write \"encoding\": \"utf-8\""},
        {"\xEF\xBB\xBFID\n1\n", 8, ENCODING_UTF_16LE, "write \"encoding\": \"utf-8\""},
        {"\xFF\xFE\0\0I\0\0\0", 8, ENCODING_UTF_16LE, "utf-32, which is not read"},
        {"\0\0\xFE\xFF\0\0\0I", 8, ENCODING_UTF_8, "utf-32, which is not read"},
        {"I\0D\0,\0A\0\n\0", 10, ENCODING_UTF_8, "looks like utf-16le (many NUL bytes)"},
        {"\0I\0D\0,\0A\0\n", 10, ENCODING_WINDOWS_1252, "looks like utf-16be (many NUL bytes)"},
        {"\0I\0D\0,\0A\0\n", 10, ENCODING_UTF_16LE, "looks like utf-16be"},
        {"ID,A\n1,x\n", 9, ENCODING_UTF_16LE, "has no NUL bytes, as utf-16 would"},
        {"ID,A\n1,\xE9\xE9\xE9\xE9\n", 12, ENCODING_UTF_16BE,
         "write \"encoding\": \"windows-1252\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct export_dialect dialect = {.encoding = cases[i].declared, .delimiter = ','};
        sample_expect_words(cases[i].bytes, cases[i].length, &dialect, cases[i].words);
    }
}
END_TEST

START_TEST(I8_the_ceiling_of_a_cell_is_told_in_the_bytes_of_the_file)
{
    struct text text = {0}, wide = {0};
    text_add(&text, "ID\tA\n1\t");
    for (int i = 0; i <= EXPORT_CELL_MAX; i++)
        text_add(&text, "x");
    text_add(&text, "\n");
    widen(text_string(&text), ENCODING_UTF_16LE, false, &wide);
    sample_expect_words(wide.bytes, wide.length, &wide_little,
                        "fault:2: a cell is longer than 131072 bytes");
    text_clear(&text);
    text_clear(&wide);
}
END_TEST

START_TEST(I7_nul_byte_rejects_the_row)
{
    static const char text[] = "ID,A\n1,x\0y\n2,z\n\0,\n";
    sample_expect(text, sizeof text - 1, &sample_commas, "1[ID|A] 2[1|x~y]!nul 3[2|z] 4[~|]!nul ");
    char *words = sample_damage_words("ID,NAME\n1,x\0y\n", 14, &sample_commas);
    ck_assert_str_eq(words, "NUL byte in column 2 (NAME), line 2, byte 4");
    free(words);
}
END_TEST

/* ---------------------------------------------------------------- control characters */

START_TEST(I16_control_characters_cost_their_row_but_for_line_breaks_and_tabs_in_quotes)
{
    for (int byte = 1; byte < 0x100; byte++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            char text[] = "ID,A\n1,\"x?y\"\n2,z\n";
            char plain[] = "ID,A\n1,x?y\n2,z\n";
            text[9] = plain[8] = (char)(unsigned char)byte;
            if (byte >= 0x80 || (!quoted && strchr("\r\n,\"", byte)) || byte == '"')
                continue;
            char *rows = quoted
                             ? sample_rows(text, sizeof text - 1, &sample_commas, EXPORT_CHUNK)
                             : sample_rows(plain, sizeof plain - 1, &sample_commas, EXPORT_CHUNK);
            bool data = quoted && strchr("\t\r\n", byte);
            bool control = byte < 0x20 || byte == 0x7F;
            ck_assert_msg((strstr(rows, "!control") != NULL) == (control && !data), "byte %d: %s",
                          byte, rows);
            free(rows);
        }
    }
}
END_TEST

START_TEST(I16_c1_and_direction_marks_cost_their_row)
{
    static const struct {
        const char *bytes, *words;
    } cases[] = {
        {"\xC2\x80", "control character U+0080"},
        {"\xC2\x9F", "control character U+009F"},
        {"\xC2\xA0", ""},
        {"\xE2\x80\xAE", "direction mark U+202E"},
        {"\xE2\x80\xAA", "direction mark U+202A"},
        {"\xE2\x81\xA6", "direction mark U+2066"},
        {"\xE2\x81\xA9", "direction mark U+2069"},
        {"\xE2\x80\x8E", "direction mark U+200E"},
        {"\xD8\x9C", "direction mark U+061C"},
        {"\xE2\x80\x99", ""},
        {"\x1B[31m", "control character U+001B"},
        {"\x7F", "control character U+007F"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = mem_format("ID,A\n1,\xC3\xA9%sy\n2,z\n", cases[i].bytes);
        char *wanted = mem_format("%s%s", cases[i].words,
                                  cases[i].words[0] ? " in column 2 (A), line 2, byte 5" : "");
        char *words = sample_damage_words(text, strlen(text), &sample_commas);
        ck_assert_str_eq(words, wanted);
        free(words);
        free(wanted);
        free(text);
    }
}
END_TEST

START_TEST(I16_tabs_are_no_control_characters_where_they_delimit)
{
    static const struct export_dialect tabs = {.delimiter = '\t'};
    sample_expect_string("ID\tA\n1\tx\n2\t\x01\n", &tabs, "1[ID|A] 2[1|x] 3[2|\x01]!control ");
}
END_TEST

START_TEST(I16_line_breaks_and_tabs_behind_a_doubled_quote_are_data)
{
    static const char *const texts[] = {
        "\"\"\"Le Clos\"\"%sApt 4\"", "\"a \"\"b\"\"%s\"", "\"\"\"\"\"%sa\"", "\"%s\"\"\"",
        "\"a\"\",\"\"%sb\"",
    };
    static const char *const data[] = {"\n", "\t", "\r", "\r\n"};
    for (int e = ENCODING_UTF_8; e <= ENCODING_UTF_16BE; e++) {
        struct export_dialect dialect = {.encoding = (enum export_encoding)e, .delimiter = ','};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0] * 4; i++) {
            struct text file = {0}, encoded = {0};
            text_add(&file, "ID,A\n1,");
            for (const char *at = texts[i / 4]; *at; at++)
                if (*at == '%' && at++)
                    text_add(&file, data[i % 4]);
                else
                    text_add_byte(&file, *at);
            text_add(&file, "\n2,z\n");
            export_encode(dialect.encoding, file.bytes, file.length, &encoded);
            char *words = sample_damage_words(encoded.bytes, encoded.length, &dialect);
            ck_assert_msg(words[0] == '\0', "%s: %s", file.bytes, words);
            free(words);
            text_clear(&file);
            text_clear(&encoded);
        }
    }
}
END_TEST

/* What is damaged behind a cell with doubled quotes is found, and in the right column. */
START_TEST(I16_damage_behind_doubled_quotes_is_told_with_its_column)
{
    static const struct {
        const char *row, *words;
    } cases[] = {
        {"1,\"a \"\"b\"\", c\",x\"y",
         "quote inside an unquoted cell in column 3 (W), line 2, byte 17"},
        {"1,\"a \"\"b\"\"\n, c\",x\x01",
         "control character U+0001 in column 3 (W), line 3, byte 7"},
        {"1,\"a\"\"\nb\x01,\",x", "control character U+0001 in column 2 (V), line 3, byte 2"},
        {"1,\"\"\"a\"\",\",x\ty", "control character U+0009 in column 3 (W), line 2, byte 13"},
        {"1,\"a\"\"\",\"b\"\",\xC2\x81\"",
         "control character U+0081 in column 3 (W), line 2, byte 14"},
        {"1,\"a\"\",b\"\"\",\xFF", "byte 0xFF is not utf-8 in column 3 (W), line 2, byte 13"},
        {"1,\"a\"\",b\" \tc,x", "control character U+0009 in column 2 (V), line 2, byte 11"},
        {"1,a\"\tb,x", "control character U+0009 in column 2 (V), line 2, byte 5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = mem_format("ID,V,W\n%s\n2,y,z\n", cases[i].row);
        char *words = sample_damage_words(text, strlen(text), &sample_commas);
        ck_assert_msg(strncmp(words, cases[i].words, strlen(cases[i].words)) == 0, "%s: %s", text,
                      words);
        free(words);
        free(text);
    }
    char *words = sample_damage_words("ID,V\n1,\"a\"\",b\x81\"\n", 19, &windows);
    ck_assert_str_eq(words, "byte 0x81 is not windows-1252 in column 2 (V), line 2, byte 9");
    free(words);
}
END_TEST

START_TEST(damage_words_are_never_cut_within_a_character)
{
    struct text text = {0};
    text_add(&text, "ID,");
    for (int i = 0; i < 100; i++)
        text_add(&text, "\xC3\xA9");
    text_add(&text, "\n1,\x01\n");
    char *words = sample_damage_words(text.bytes, text.length, &sample_commas);
    ck_assert(by_the_book((const unsigned char *)words, strlen(words)));
    ck_assert_ptr_nonnull(strstr(words, "line 2, byte 3"));
    free(words);
    text_clear(&text);
}
END_TEST

/* ---------------------------------------------------------------- the other way */

START_TEST(what_is_encoded_decodes_to_itself)
{
    static const char text[] = "_reason: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    for (int e = ENCODING_UTF_8; e <= ENCODING_UTF_16BE; e++) {
        struct text there = {0}, back = {0};
        export_encode((enum export_encoding)e, text, sizeof text - 1, &there);
        struct undecodable bad =
            encoding_decode((enum export_encoding)e, there.bytes, there.length, &back);
        ck_assert_uint_eq(bad.raw, NOWHERE);
        const char *expected = e == ENCODING_WINDOWS_1252 ? "_reason: \xC3\xA9\xE2\x82\xAC?"
                               : e == ENCODING_ISO_8859_1 ? "_reason: \xC3\xA9??"
                                                          : text;
        ck_assert_str_eq(back.bytes, expected);
        text_clear(&there);
        text_clear(&back);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, names_of_encodings_go_both_ways);
    tcase_add_test(tests, I15_single_byte_encodings_are_decoded);
    tcase_add_test(tests, I15_bytes_that_windows_1252_does_not_have_cost_their_row);
    tcase_add_test(tests, I15_what_utf_8_does_not_allow_costs_its_row);
    tcase_add_test(tests, I15_all_two_byte_sequences_are_judged_by_the_book);
    tcase_add_test(tests, I15_a_sample_of_three_byte_sequences_is_judged_by_the_book);
    tcase_add_test(tests, I15_the_words_name_column_line_and_byte_and_suggest_an_encoding);
    tcase_add_test(tests, I15_a_heading_that_cannot_be_decoded_refuses_the_file);
    tcase_add_test(tests, I14_utf_16_is_read_where_it_is_declared);
    tcase_add_test(tests, I14_units_that_only_look_like_quotes_or_line_ends_are_none);
    tcase_add_test(tests, I14_half_a_surrogate_costs_its_row_and_a_half_unit_is_a_cut_file);
    tcase_add_test(tests, I14_a_mark_or_nuls_that_speak_against_the_declaration_refuse_the_file);
    tcase_add_test(tests, I8_the_ceiling_of_a_cell_is_told_in_the_bytes_of_the_file);
    tcase_add_test(tests, I7_nul_byte_rejects_the_row);
    tcase_add_test(tests,
                   I16_control_characters_cost_their_row_but_for_line_breaks_and_tabs_in_quotes);
    tcase_add_test(tests, I16_c1_and_direction_marks_cost_their_row);
    tcase_add_test(tests, I16_tabs_are_no_control_characters_where_they_delimit);
    tcase_add_test(tests, I16_line_breaks_and_tabs_behind_a_doubled_quote_are_data);
    tcase_add_test(tests, I16_damage_behind_doubled_quotes_is_told_with_its_column);
    tcase_add_test(tests, damage_words_are_never_cut_within_a_character);
    tcase_add_test(tests, what_is_encoded_decodes_to_itself);
}

int main(void)
{
    digest_start();
    return unit_run("export/encoding", all);
}
