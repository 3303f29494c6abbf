#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

START_TEST(new_memory_is_zeroed_and_never_null)
{
    static const size_t sizes[] = {0, 1, 4096};
    for (size_t i = 0; i < 3; i++) {
        char *block = mem_new(sizes[i]);
        char *array = mem_array(sizes[i], 3);
        ck_assert_ptr_nonnull(block);
        ck_assert_ptr_nonnull(array);
        for (size_t j = 0; j < sizes[i]; j++) {
            ck_assert(block[j] == 0 && array[3 * j] == 0);
        }
        free(block);
        free(array);
    }
}
END_TEST

START_TEST(copies_are_whole)
{
    char *string = mem_string("abc");
    char *bytes = mem_bytes("a\0b", 3);
    char *words = mem_format("%s-%d", "x", 7);
    ck_assert_str_eq(string, "abc");
    ck_assert_mem_eq(bytes, "a\0b", 4);
    ck_assert_str_eq(words, "x-7");
    ck_assert_ptr_null(mem_string(NULL));
    free(string);
    free(bytes);
    free(words);
}
END_TEST

START_TEST(H1_an_impossible_array_ends_the_program_with_1)
{
    free(mem_array(SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(H1_an_impossible_growth_ends_the_program_with_1)
{
    free(mem_resize(NULL, SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(H1_the_nth_allocation_fails_with_exit_1)
{
    mem_fail_at(3);
    free(mem_new(1));
    free(mem_string("two"));
    free(mem_new(1));
    exit(0);
}
END_TEST

START_TEST(H1_no_allocation_fails_when_switched_off)
{
    mem_fail_at(2);
    free(mem_new(1));
    mem_fail_at(0);
    struct text text = {0};
    for (int i = 0; i < 1000; i++) {
        text_add(&text, "abc");
    }
    ck_assert_uint_eq(text.length, 3000);
    text_clear(&text);
}
END_TEST

START_TEST(H7_wiped_bytes_are_zero)
{
    char secret[32] = "token token token";
    static const char nothing[32];
    mem_wipe(secret, sizeof secret);
    ck_assert_mem_eq(secret, nothing, sizeof secret);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, new_memory_is_zeroed_and_never_null);
    tcase_add_test(c, copies_are_whole);
    tcase_add_exit_test(c, H1_an_impossible_array_ends_the_program_with_1, 1);
    tcase_add_exit_test(c, H1_an_impossible_growth_ends_the_program_with_1, 1);
    tcase_add_exit_test(c, H1_the_nth_allocation_fails_with_exit_1, 1);
    tcase_add_test(c, H1_no_allocation_fails_when_switched_off);
    tcase_add_test(c, H7_wiped_bytes_are_zero);
}

int main(void)
{
    return unit_run("base/memory", all);
}
