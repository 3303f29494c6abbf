#include "base/fault.h"

#include <string.h>

#include "unit.h"

START_TEST(setting_a_fault_gives_minus_one_kind_and_words)
{
    struct fault fault;
    ck_assert_int_eq(fault_set(&fault, FAULT_INPUT, "%s has %d rows", "a.csv", 0), -1);
    ck_assert_int_eq(fault.kind, FAULT_INPUT);
    ck_assert_str_eq(fault.text, "a.csv has 0 rows");
}
END_TEST

START_TEST(a_place_stands_in_front_and_keeps_the_kind)
{
    struct fault fault;
    fault_set(&fault, FAULT_CONFIG, "no such step");
    ck_assert_int_eq(fault_place(&fault, "%s:%d", "m.jsonc", 3), -1);
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_str_eq(fault.text, "m.jsonc:3: no such step");
}
END_TEST

START_TEST(a_fault_may_be_made_from_its_own_words)
{
    struct fault fault;
    fault_set(&fault, FAULT_STATE, "disk full");
    fault_set(&fault, FAULT_FAILED, "gave up: %s", fault.text);
    ck_assert_str_eq(fault.text, "gave up: disk full");
}
END_TEST

START_TEST(words_too_long_are_cut_at_a_character)
{
    struct fault fault;
    char words[5000];
    for (size_t i = 0; i + 1 < sizeof words; i++) {
        words[i] = i % 2 ? '\xA9' : '\xC3';
    }
    words[sizeof words - 1] = '\0';
    fault_set(&fault, FAULT_FAILED, "x%s", words);
    size_t length = strlen(fault.text);
    ck_assert_uint_eq(length, sizeof fault.text - 1);
    ck_assert_uint_eq((unsigned char)fault.text[length - 1], 0xA9);
}
END_TEST

START_TEST(I16_control_characters_do_not_reach_a_fault)
{
    struct fault fault;
    fault_set(&fault, FAULT_INPUT, "%s", "a\033[2Jb\xff\nc");
    ck_assert_str_eq(fault.text, "a\xEF\xBF\xBD[2Jb\xEF\xBF\xBD\nc");
}
END_TEST

START_TEST(each_kind_has_its_exit_code)
{
    static const int codes[] = {0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 12};
    for (int kind = FAULT_NONE; kind <= FAULT_STATE; kind++) {
        ck_assert_int_eq(fault_exit((enum fault_kind)kind), codes[kind]);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, setting_a_fault_gives_minus_one_kind_and_words);
    tcase_add_test(c, a_place_stands_in_front_and_keeps_the_kind);
    tcase_add_test(c, a_fault_may_be_made_from_its_own_words);
    tcase_add_test(c, words_too_long_are_cut_at_a_character);
    tcase_add_test(c, I16_control_characters_do_not_reach_a_fault);
    tcase_add_test(c, each_kind_has_its_exit_code);
}

int main(void)
{
    return unit_run("base/fault", all);
}
