#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "base/memory.h"
#include "unit.h"
#include "json/document.h"

enum { DEPTH = 16 };

static enum verdict verdict_of(const char *bytes, size_t length, int depth)
{
    const char *why = NULL;
    char *exact = mem_bytes(bytes, length); /* a sanitizer sees what is read behind it */
    struct json_document *document = json_strict(exact, length, depth, &why);
    ck_assert((document == NULL) == (why != NULL));
    enum verdict verdict = REFUSED;
    if (document) {
        const struct json_value *root = json_root(document);
        const struct json_value *status =
            json_kind(root) == JSON_OBJECT ? json_member(root, "status") : NULL;
        verdict = text_is(json_string(status), "success") ? SUCCESS : READ;
    }
    json_free(document);
    free(exact);
    return verdict;
}

START_TEST(A3_only_success_in_the_right_place_is_success)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        enum verdict verdict = verdict_of(answers[i].bytes, answers[i].length, DEPTH);
        ck_assert_msg(verdict == answers[i].verdict, "case %zu is %d, not %d: %s", i, (int)verdict,
                      (int)answers[i].verdict, answers[i].bytes);
    }
}
END_TEST

/* "[[[...]]]" or {"a":{"a":...}}, whole or without its closing brackets. */
static size_t nest(struct text *out, const char *open, const char *close, size_t depth)
{
    text_reset(out);
    for (size_t i = 0; i < depth; i++) {
        text_add(out, open);
    }
    text_add(out, "1");
    for (size_t i = 0; i < depth; i++) {
        text_add(out, close);
    }
    return out->length;
}

START_TEST(A6_nesting_stops_at_the_ceiling)
{
    static const int ceilings[] = {1, 2, 16, 100};
    struct text text = {0};
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
        size_t depth = (size_t)ceilings[i];
        nest(&text, "[", "]", depth);
        ck_assert_int_eq(verdict_of(text.bytes, text.length, ceilings[i]), READ);
        nest(&text, "{\"a\":", "}", depth);
        ck_assert_int_eq(verdict_of(text.bytes, text.length, ceilings[i]), READ);
        nest(&text, "[", "]", depth + 1);
        ck_assert_int_eq(verdict_of(text.bytes, text.length, ceilings[i]), REFUSED);
        nest(&text, "{\"a\":", "}", depth + 1);
        ck_assert_int_eq(verdict_of(text.bytes, text.length, ceilings[i]), REFUSED);
    }
    text_clear(&text);
}
END_TEST

START_TEST(A6_a_million_brackets_cost_no_stack)
{
    struct text text = {0};
    size_t length = nest(&text, "[", "", 1000000);
    ck_assert_int_eq(verdict_of(text.bytes, length, DEPTH), REFUSED);
    ck_assert_int_eq(verdict_of(text.bytes, length, 1 << 30), REFUSED);
    length = nest(&text, "{\"a\":", "", 200000);
    ck_assert_int_eq(verdict_of(text.bytes, length, DEPTH), REFUSED);
    text_clear(&text);
}
END_TEST

START_TEST(A3_a_refusal_says_why)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "there is nothing in this text"},
        {"\xFF", "this is not UTF-8"},
        {"{} x", "text after the end"},
        {"{\"a\":1,\"a\":1}", "this key stands in the object already"},
        {"{\"a\":1,}", "a comma before a closing bracket"},
        {"{\"a\":01}", "a number with a leading zero"},
        {"{\"a\":1e999}", "a number too large"},
        {"{\"a\":\"\\u0000\"}", "the character \\u0000 is not allowed"},
        {"{\"a\":\"\\ud800\"}", "half of a surrogate pair stands alone"},
        {"{\"a\":\"\t\"}", "a control character in a string"},
        {"[[[1]]]", "nested too deeply"},
        {"[1", "this array is not closed"},
        {"//\n1", "this is no value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        ck_assert_ptr_null(json_strict(cases[i].text, strlen(cases[i].text), 2, &why));
        ck_assert_str_eq(why, cases[i].why);
    }
}
END_TEST

START_TEST(A7_numbers_keep_the_digits_that_were_written)
{
    static const char *const numbers[] = {"44",
                                          "-0",
                                          "9007199254740993",
                                          "1e3",
                                          "-1.50",
                                          "1E+3",
                                          "0.10",
                                          "123456789012345678901234567890",
                                          "5e-324"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *why;
        struct text text = {0};
        text_addf(&text, "{\"a\":[%s,%s],\"b\":%s}", numbers[i], numbers[i], numbers[i]);
        struct json_document *document = json_strict(text.bytes, text.length, DEPTH, &why);
        ck_assert_ptr_nonnull(document);
        const struct json_value *root = json_root(document);
        const struct json_value *first = json_first(json_member(root, "a"));
        ck_assert_str_eq(json_number_text(first), numbers[i]);
        ck_assert_str_eq(json_number_text(json_next(first)), numbers[i]);
        ck_assert_str_eq(json_number_text(json_member(root, "b")), numbers[i]);
        json_free(document);
        text_clear(&text);
    }
    const char *why;
    struct json_document *alone = json_strict("7", 1, DEPTH, &why);
    ck_assert_str_eq(json_number_text(json_root(alone)), "7");
    json_free(alone);
}
END_TEST

START_TEST(C9_numbers_do_not_follow_the_locale)
{
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "fr_CA.UTF-8",
                                          "ar_SA.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        const char *why;
        if (!setlocale(LC_ALL, locales[i])) {
            continue;
        }
        struct json_document *document = json_strict("[1.5,-2.25e1]", 13, DEPTH, &why);
        ck_assert_ptr_nonnull(document);
        const struct json_value *first = json_first(json_root(document));
        ck_assert_double_eq(json_number(first), 1.5);
        ck_assert_double_eq(json_number(json_next(first)), -22.5);
        ck_assert_str_eq(json_number_text(first), "1.5");
        ck_assert_ptr_null(json_strict("[1,5e]", 6, DEPTH, &why));
        json_free(document);
    }
}
END_TEST

START_TEST(whole_numbers_are_read_in_their_range)
{
    static const struct {
        const char *text;
        long min, max, number;
        bool is_one;
    } cases[] = {
        {"5", 0, 9, 5, true},
        {"10", 0, 9, 0, false},
        {"-1", 0, 9, 0, false},
        {"0", 0, 9, 0, true},
        {"-0", 0, 9, 0, true},
        {"5.0", 0, 9, 5, true},
        {"5e0", 0, 9, 5, true},
        {"1e3", 0, 9999, 1000, true},
        {"5.5", 0, 9, 0, false},
        {"1e-1", 0, 9, 0, false},
        {"1e300", 0, 9, 0, false},
        {"\"5\"", 0, 9, 0, false},
        {"true", 0, 9, 0, false},
        {"null", 0, 9, 0, false},
        {"[5]", 0, 9, 0, false},
        {"9223372036854775807", 0, 9223372036854775807, 9223372036854775807, true},
        {"9223372036854775808", 0, 9223372036854775807, 0, false},
        {"99999999999999999999", 0, 9223372036854775807, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why;
        long number = -77;
        struct json_document *document =
            json_strict(cases[i].text, strlen(cases[i].text), DEPTH, &why);
        ck_assert_msg(json_integer(json_root(document), cases[i].min, cases[i].max, &number) ==
                          cases[i].is_one,
                      "%s", cases[i].text);
        ck_assert_int_eq(number, cases[i].is_one ? cases[i].number : -77);
        json_free(document);
    }
    long number;
    ck_assert(!json_integer(NULL, 0, 9, &number));
}
END_TEST

START_TEST(keys_are_found_by_exact_case_and_values_by_kind)
{
    static const char text[] = "{\"Key\":1,\"key\":\"\\u00e9\\ud83d\\ude00\\n\\\"\",\"\":null,"
                               "\"list\":[true,false,{}],\"o\":{\"p\":{}},\"last\":2}";
    const char *why;
    struct json_document *document = json_strict(text, sizeof text - 1, DEPTH, &why);
    ck_assert_ptr_nonnull(document);
    const struct json_value *root = json_root(document);
    ck_assert_uint_eq(json_count(root), 6);
    ck_assert_str_eq(json_string(json_member(root, "key")), "\xC3\xA9\xF0\x9F\x98\x80\n\"");
    ck_assert_str_eq(json_number_text(json_member(root, "Key")), "1");
    ck_assert_ptr_null(json_member(root, "KEY"));
    ck_assert_int_eq(json_kind(json_member(root, "")), JSON_NULL);
    const struct json_value *list = json_member(root, "list");
    ck_assert_int_eq(json_kind(list), JSON_ARRAY);
    ck_assert_uint_eq(json_count(list), 3);
    const struct json_value *item = json_first(list);
    ck_assert(json_bool(item) && json_kind(item) == JSON_BOOL && !json_key(item));
    item = json_next(item);
    ck_assert(!json_bool(item) && json_kind(item) == JSON_BOOL);
    item = json_next(item);
    ck_assert(json_kind(item) == JSON_OBJECT && !json_first(item) && !json_next(item));
    const struct json_value *last = json_next(json_member(root, "o"));
    ck_assert_str_eq(json_key(last), "last");
    ck_assert_ptr_null(json_next(last));
    ck_assert_ptr_null(json_next(root));
    ck_assert_ptr_null(json_key(root));
    json_free(document);
}
END_TEST

START_TEST(an_absent_value_is_of_no_kind)
{
    ck_assert_ptr_null(json_string(NULL));
    ck_assert_ptr_null(json_number_text(NULL));
    ck_assert_ptr_null(json_first(NULL));
    ck_assert_ptr_null(json_member(NULL, "a"));
    ck_assert_uint_eq(json_count(NULL), 0);
    ck_assert(!json_bool(NULL));
    json_free(NULL);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, A3_only_success_in_the_right_place_is_success);
    tcase_add_test(c, A6_nesting_stops_at_the_ceiling);
    tcase_add_test(c, A6_a_million_brackets_cost_no_stack);
    tcase_add_test(c, A3_a_refusal_says_why);
    tcase_add_test(c, A7_numbers_keep_the_digits_that_were_written);
    tcase_add_test(c, C9_numbers_do_not_follow_the_locale);
    tcase_add_test(c, whole_numbers_are_read_in_their_range);
    tcase_add_test(c, keys_are_found_by_exact_case_and_values_by_kind);
    tcase_add_test(c, an_absent_value_is_of_no_kind);
}

int main(void)
{
    return unit_run("json/strict", all);
}
