#include "base/utf8.h"

#include <string.h>

#include "unit.h"

/* A second opinion, from the definition: decode, then encode the shortest way and compare. */
static size_t plain_valid_prefix(const unsigned char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length) {
        size_t size = bytes[i] < 0x80             ? 1
                      : (bytes[i] & 0xE0) == 0xC0 ? 2
                      : (bytes[i] & 0xF0) == 0xE0 ? 3
                      : (bytes[i] & 0xF8) == 0xF0 ? 4
                                                  : 0;
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (size == 0 || size > length - i) {
            return i;
        }
        uint32_t point = size == 1 ? bytes[i] : bytes[i] & (0x7Fu >> size);
        for (size_t j = 1; j < size; j++) {
            if ((bytes[i + j] & 0xC0) != 0x80) {
                return i;
            }
            point = point << 6 | (bytes[i + j] & 0x3Fu);
        }
        if (point < least[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
            return i;
        }
        i += size;
    }
    return i;
}

START_TEST(I15_every_three_bytes_are_judged_as_the_definition_does)
{
    unsigned char bytes[16] = "abcdefgh";
    for (uint32_t all = 0; all < 1u << 16; all++) {
        static const unsigned char thirds[] = {0x00, 0x41, 0x7F, 0x80, 0x9F,
                                               0xA0, 0xBF, 0xC0, 0xFF};
        bytes[5] = (unsigned char)(all >> 8);
        bytes[6] = (unsigned char)all;
        for (size_t i = 0; i < sizeof thirds; i++) {
            bytes[7] = thirds[i];
            ck_assert_uint_eq(utf8_valid_prefix((char *)bytes, 8), plain_valid_prefix(bytes, 8));
        }
    }
}
END_TEST

START_TEST(I15_four_byte_forms_are_judged_as_the_definition_does)
{
    unsigned char bytes[4];
    for (unsigned lead = 0xE0; lead <= 0xFF; lead++) {
        for (unsigned second = 0x70; second <= 0xC8; second++) {
            for (unsigned third = 0x7E; third <= 0xC1; third += 0x21) {
                for (unsigned last = 0x7F; last <= 0xC0; last++) {
                    bytes[0] = (unsigned char)lead;
                    bytes[1] = (unsigned char)second;
                    bytes[2] = (unsigned char)third;
                    bytes[3] = (unsigned char)last;
                    ck_assert_uint_eq(utf8_valid_prefix((char *)bytes, 4),
                                      plain_valid_prefix(bytes, 4));
                }
            }
        }
    }
}
END_TEST

START_TEST(I15_a_bad_byte_is_found_at_every_offset)
{
    char bytes[40];
    for (size_t length = 1; length < sizeof bytes; length++) {
        for (size_t bad = 0; bad < length; bad++) {
            memset(bytes, 'a', sizeof bytes);
            bytes[bad] = '\xFF';
            ck_assert_uint_eq(utf8_valid_prefix(bytes, length), bad);
            ck_assert(!utf8_is_ascii(bytes, length));
            bytes[bad] = 'b';
            ck_assert_uint_eq(utf8_valid_prefix(bytes, length), length);
            ck_assert(utf8_is_ascii(bytes, length));
        }
    }
    ck_assert_uint_eq(utf8_valid_prefix("", 0), 0);
}
END_TEST

START_TEST(every_code_point_survives_encode_decode_and_normal_form)
{
    struct text normal = {0};
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point < 0xE000) {
            continue;
        }
        char bytes[4];
        uint32_t decoded;
        size_t size = utf8_encode(point, bytes);
        ck_assert_uint_eq(utf8_valid_prefix(bytes, size), size);
        ck_assert_uint_eq(utf8_decode(bytes, size, &decoded), size);
        ck_assert_uint_eq(decoded, point);
        text_reset(&normal);
        utf8_nfc(bytes, size, &normal);
        ck_assert_uint_gt(normal.length, 0);
        ck_assert_uint_eq(utf8_valid_prefix(normal.bytes, normal.length), normal.length);
    }
    text_clear(&normal);
}
END_TEST

START_TEST(characters_are_counted_and_cut)
{
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80zzzzzzzzzzzzz\xC3\xA9";
    static const size_t ends[] = {0, 1, 3, 6, 10, 11};
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        ck_assert_uint_eq(utf8_cut(text, length, i), ends[i]);
        ck_assert_uint_eq(utf8_count(text, ends[i]), i);
    }
    ck_assert_uint_eq(utf8_count(text, length), 18);
    ck_assert_uint_eq(utf8_cut(text, length, 18), length);
    ck_assert_uint_eq(utf8_cut(text, length, 17), length - 2);
    ck_assert_uint_eq(utf8_cut(text, length, 1000), length);
    ck_assert_uint_eq(utf8_cut("", 0, 0), 0);
}
END_TEST

struct change {
    const char *from, *to;
};

static void must_change(void (*change)(const char *, size_t, struct text *),
                        const struct change *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text out = {0};
        change(cases[i].from, strlen(cases[i].from), &out);
        ck_assert_str_eq(text_string(&out), cases[i].to);
        text_clear(&out);
    }
}

START_TEST(normal_form_composes)
{
    static const struct change cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9"},
        {"e\xCC\x81", "\xC3\xA9"},
        {"\xE2\x84\xAB", "\xC3\x85"},                             /* angstrom sign */
        {"q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87"},               /* marks in order */
        {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C"}, /* Hangul */
        {"\xEF\xAC\x81", "\xEF\xAC\x81"},                         /* a ligature is left alone */
    };
    must_change(utf8_nfc, cases, sizeof cases / sizeof *cases);
}
END_TEST

START_TEST(upper_and_lower_know_more_than_ascii)
{
    static const struct change up[] = {
        {"abc-1", "ABC-1"},
        {"\xC3\xA9lodie", "\xC3\x89LODIE"},
        {"stra\xC3\x9F"
         "e",
         "STRASSE"},
        {"\xD0\xB6", "\xD0\x96"},
        {"\xC3\xBF", "\xC5\xB8"},
    };
    static const struct change down[] = {
        {"ABC-1", "abc-1"},
        {"\xC3\x89LODIE", "\xC3\xA9lodie"},
        {"\xD0\x96", "\xD0\xB6"},
        {"\xC5\xB8", "\xC3\xBF"},
    };
    must_change(utf8_upper, up, sizeof up / sizeof *up);
    must_change(utf8_lower, down, sizeof down / sizeof *down);
}
END_TEST

START_TEST(letters_and_blanks_of_any_script_are_known)
{
    static const uint32_t letters[] = {'a', 'Z', 0xE9, 0x416, 0x4E2D, 0x5D0};
    static const uint32_t others[] = {'1', ' ', '@', '[', 0x301, 0x2019, 0x20AC, 0xD7};
    static const uint32_t blanks[] = {' ', '\t', 0xA0, 0x2000, 0x200A, 0x202F, 0x205F, 0x3000};
    static const uint32_t solid[] = {'\n', '\r', 0, 'a', 0x200B, 0x2028, 0xFEFF};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        ck_assert(utf8_is_letter(letters[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert(!utf8_is_letter(others[i]));
    }
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        ck_assert(utf8_is_space(blanks[i]));
    }
    for (size_t i = 0; i < sizeof solid / sizeof *solid; i++) {
        ck_assert(!utf8_is_space(solid[i]));
    }
}
END_TEST

START_TEST(columns_count_cells)
{
    ck_assert_uint_eq(utf8_columns("abc", 3), 3);
    ck_assert_uint_eq(utf8_columns("\xC3\xA9", 2), 1);
    ck_assert_uint_eq(utf8_columns("\xE4\xB8\xAD\xE6\x96\x87", 6), 4);
    ck_assert_uint_eq(utf8_columns("e\xCC\x81", 3), 1);
}
END_TEST

#define BAD "\xEF\xBF\xBD"

START_TEST(I16_what_could_move_a_terminal_is_replaced)
{
    static const struct {
        const char *bytes;
        size_t length, max_bytes;
        const char *shown;
    } cases[] = {
        {"plain \xC3\xA9", 8, 99, "plain \xC3\xA9"},
        {"\033[31mred", 8, 99, BAD "[31mred"},
        {"a\0b\tc\nd\re\x7F", 10, 99, "a" BAD "b" BAD "c" BAD "d" BAD "e" BAD},
        {"\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", 8, 99, BAD BAD BAD "\xC2\xA0"},
        {"\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C", 11, 99, BAD BAD BAD BAD},
        {"\xE2\x80\xA8\xE2\x80\xA9", 6, 99, BAD BAD},
        {"\xFF\xC3\xED\xA0\x80", 5, 99, BAD BAD BAD BAD BAD},
        {"abcdef", 6, 3, "abc..."},
        {"abcdef", 6, 6, "abcdef"},
        {"ab\xC3\xA9", 4, 3, "ab..."},
        {"", 0, 5, ""},
        {"x", 1, 0, "..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        utf8_add_clean(&out, cases[i].bytes, cases[i].length, cases[i].max_bytes);
        ck_assert_msg(text_is(text_string(&out), cases[i].shown), "case %zu: %s", i,
                      text_string(&out));
        text_clear(&out);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, I15_every_three_bytes_are_judged_as_the_definition_does);
    tcase_add_test(c, I15_four_byte_forms_are_judged_as_the_definition_does);
    tcase_add_test(c, I15_a_bad_byte_is_found_at_every_offset);
    tcase_add_test(c, every_code_point_survives_encode_decode_and_normal_form);
    tcase_add_test(c, characters_are_counted_and_cut);
    tcase_add_test(c, normal_form_composes);
    tcase_add_test(c, upper_and_lower_know_more_than_ascii);
    tcase_add_test(c, letters_and_blanks_of_any_script_are_known);
    tcase_add_test(c, columns_count_cells);
    tcase_add_test(c, I16_what_could_move_a_terminal_is_replaced);
}

int main(void)
{
    return unit_run("base/utf8", all);
}
