#include "base/text.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

START_TEST(a_zeroed_text_is_empty)
{
    struct text text = {0};
    ck_assert_str_eq(text_string(&text), "");
    text_reset(&text);
    text_add(&text, "");
    char *taken = text_take(&text);
    ck_assert_str_eq(taken, "");
    free(taken);
}
END_TEST

START_TEST(what_is_added_stands_in_order_with_a_nul_behind)
{
    struct text text = {0};
    text_add(&text, "ab");
    text_add_byte(&text, 'c');
    text_add_bytes(&text, "d\0e", 3);
    text_addf(&text, "%s%03d", "f", 7);
    ck_assert_uint_eq(text.length, 10);
    ck_assert_mem_eq(text.bytes, "abcd\0ef007", 11);
    text_reset(&text);
    ck_assert_str_eq(text_string(&text), "");
    text_clear(&text);
    ck_assert_ptr_null(text.bytes);
}
END_TEST

START_TEST(a_count_is_in_groups_of_three)
{
    static const struct {
        uint64_t number;
        const char *words;
    } counts[] = {{0, "0"},
                  {999, "999"},
                  {1000, "1,000"},
                  {120045, "120,045"},
                  {1000007, "1,000,007"},
                  {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct text text = {0};
        text_add_count(&text, counts[i].number);
        ck_assert_str_eq(text_string(&text), counts[i].words);
        text_clear(&text);
    }
}
END_TEST

START_TEST(a_word_for_a_shell_is_in_quotes_where_it_needs_them)
{
    static const char *const words[][2] = {{"a/b-c_d.csv", "a/b-c_d.csv"},
                                           {"two words", "'two words'"},
                                           {"it's", "'it'\\''s'"},
                                           {"$(rm)", "'$(rm)'"},
                                           {"", "''"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text text = {0};
        text_add_shell_word(&text, words[i][0]);
        ck_assert_str_eq(text_string(&text), words[i][1]);
        text_clear(&text);
    }
}
END_TEST

START_TEST(growth_over_every_size_keeps_the_content)
{
    struct text text = {0};
    for (int i = 0; i < 5000; i++) {
        text_add_byte(&text, (char)('a' + i % 26));
        ck_assert_uint_lt(text.length, text.capacity);
        ck_assert_int_eq(text.bytes[text.length], '\0');
    }
    for (int i = 0; i < 5000; i++) {
        ck_assert_int_eq(text.bytes[i], 'a' + i % 26);
    }
    text_clear(&text);
}
END_TEST

START_TEST(long_formatted_words_are_not_cut)
{
    struct text text = {0};
    char *words = mem_array(3001, 1);
    memset(words, 'x', 3000);
    text_add(&text, "<");
    text_addf(&text, "%s>", words);
    ck_assert_uint_eq(text.length, 3002);
    ck_assert_int_eq(text.bytes[3001], '>');
    free(words);
    text_clear(&text);
}
END_TEST

START_TEST(reserved_room_can_be_written_without_moving)
{
    struct text text = {0};
    text_add(&text, "head");
    text_reserve(&text, 1000);
    const char *before = text.bytes;
    for (int i = 0; i < 1000; i++) {
        text_add_byte(&text, 'x');
    }
    ck_assert_ptr_eq(text.bytes, before);
    text_clear(&text);
}
END_TEST

START_TEST(comparison_knows_null_and_case)
{
    static const struct {
        const char *a, *b;
        bool is, is_folded;
    } cases[] = {
        {NULL, NULL, true, true},  {NULL, "", false, false},       {"a", "a", true, true},
        {"Ab", "aB", false, true}, {"a", "ab", false, false},      {"ab", "a", false, false},
        {"", "", true, true},      {"\xC3", "\xE3", false, false}, {"[", "{", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(text_is(cases[i].a, cases[i].b) == cases[i].is, "case %zu", i);
        ck_assert_msg(text_is_folded(cases[i].a, cases[i].b) == cases[i].is_folded, "case %zu", i);
    }
}
END_TEST

START_TEST(distance_counts_edits)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"trimm", "trim", 1},
        {"trim", "tirm", 1},
        {"TRIM", "trim", 0},
        {"user_name", "user name", 0},
        {"postcode", "postal_code", 3},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3},
        {"abcd", "badc", 2},
        {"email", "mail", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(text_distance(cases[i].a, cases[i].b) == cases[i].distance, "%s, %s",
                      cases[i].a, cases[i].b);
    }
}
END_TEST

START_TEST(nearest_is_found_within_a_third)
{
    static const char *const names[] = {"trim", "one space", "upper", "lower", "digits"};
    static const struct {
        const char *wanted, *nearest;
    } cases[] = {{"trimm", "trim"},     {"Upper", "upper"},  {"one_space", "one space"},
                 {"lowr", "lower"},     {"digts", "digits"}, {"x", NULL},
                 {"postal code", NULL}, {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = text_nearest(cases[i].wanted, names, 5);
        ck_assert_msg(text_is(nearest, cases[i].nearest), "%s", cases[i].wanted);
    }
    ck_assert_ptr_null(text_nearest("trim", names, 0));
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, a_zeroed_text_is_empty);
    tcase_add_test(c, what_is_added_stands_in_order_with_a_nul_behind);
    tcase_add_test(c, a_count_is_in_groups_of_three);
    tcase_add_test(c, a_word_for_a_shell_is_in_quotes_where_it_needs_them);
    tcase_add_test(c, growth_over_every_size_keeps_the_content);
    tcase_add_test(c, long_formatted_words_are_not_cut);
    tcase_add_test(c, reserved_room_can_be_written_without_moving);
    tcase_add_test(c, comparison_knows_null_and_case);
    tcase_add_test(c, distance_counts_edits);
    tcase_add_test(c, nearest_is_found_within_a_third);
}

int main(void)
{
    return unit_run("base/text", all);
}
