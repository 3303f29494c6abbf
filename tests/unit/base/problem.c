#include "base/problem.h"

#include <string.h>

#include "unit.h"

static struct problems problems;
static struct text source;

static void start(void)
{
    problems = (struct problems){0};
    source = (struct text){0};
}

static void finish(void)
{
    problems_clear(&problems);
    text_clear(&source);
}

/* Adds an error where 'part' stands in the source. */
static void add_at(const char *part, const char *hint, const char *words)
{
    const char *at = strstr(text_string(&source), part);
    ck_assert_ptr_nonnull(at);
    problems_add(&problems, true, "m.jsonc", &source, (size_t)(at - source.bytes), strlen(part),
                 hint, "%s", words);
}

static void must_print(const char *wanted)
{
    struct text out = {0};
    problems_print(&problems, &out);
    ck_assert_str_eq(text_string(&out), wanted);
    text_clear(&out);
}

START_TEST(nothing_wrong_prints_nothing)
{
    must_print("");
}
END_TEST

START_TEST(C1_place_line_caret_and_hint_are_shown)
{
    text_add(&source, "{\n  \"city\": { \"do\": [\"trimm\"] }\n}\n");
    add_at("\"trimm\"", "did you mean \"trim\"?", "there is no step called \"trimm\"");
    must_print("m.jsonc:2:20: error: there is no step called \"trimm\"\n"
               "  2 |   \"city\": { \"do\": [\"trimm\"] }\n"
               "    |                    ^~~~~~~ did you mean \"trim\"?\n"
               "1 error\n");
}
END_TEST

START_TEST(C1_a_line_ends_with_CR_alone_too)
{
    text_add(&source, "{\r  1\r\n  2\r\r  3 }\r");
    add_at("2", NULL, "two");
    add_at("3", NULL, "three");
    must_print("m.jsonc:3:3: error: two\n"
               "  3 |   2\n"
               "    |   ^\n"
               "m.jsonc:5:3: error: three\n"
               "  5 |   3 }\n"
               "    |   ^\n"
               "2 errors\n");
}
END_TEST

START_TEST(C1_all_are_shown_in_the_order_of_their_places)
{
    text_add(&source, "a\nb c\nd");
    add_at("d", NULL, "four");
    add_at("c", NULL, "three");
    problems_add(&problems, false, "m.jsonc", NULL, 0, 0, "rename it", "about %s", "all");
    add_at("b", NULL, "two");
    problems_add(&problems, true, "other.csv", NULL, 0, 0, NULL, "missing");
    must_print("m.jsonc: warning: about all\n"
               "  rename it\n"
               "m.jsonc:2:1: error: two\n"
               "  2 | b c\n"
               "    | ^\n"
               "m.jsonc:2:3: error: three\n"
               "  2 | b c\n"
               "    |   ^\n"
               "m.jsonc:3:1: error: four\n"
               "  3 | d\n"
               "    | ^\n"
               "other.csv: error: missing\n"
               "4 errors, 1 warning\n");
    ck_assert_uint_eq(problems.errors, 4);
}
END_TEST

START_TEST(C1_repeats_are_grouped_at_the_first_place)
{
    text_add(&source, "x\ny\nz");
    add_at("x", NULL, "again");
    add_at("y", NULL, "again");
    add_at("z", NULL, "again");
    problems_add(&problems, false, "m.jsonc", NULL, 0, 0, NULL, "again");
    must_print("m.jsonc: warning: again\n"
               "m.jsonc:1:1: error: again (and 2 more)\n"
               "  1 | x\n"
               "    | ^\n"
               "3 errors, 1 warning\n");
}
END_TEST

START_TEST(columns_count_characters_and_the_caret_counts_cells)
{
    text_add(&source, "\xEF\xBB\xBF\t\xC3\xA9 \xE4\xB8\xAD wrong\r\n");
    add_at("wrong", NULL, "words");
    must_print("m.jsonc:1:6: error: words\n"
               "  1 |  \xC3\xA9 \xE4\xB8\xAD wrong\n"
               "    |       ^~~~~\n"
               "1 error\n");
}
END_TEST

START_TEST(I16_a_line_is_shown_clean)
{
    text_add(&source, "a\033[2J\xFF\xE2\x80\xAE wrong\n");
    add_at("wrong", "hint \033[1m", "words \033[1m");
    must_print("m.jsonc:1:9: error: words \xEF\xBF\xBD[1m\n"
               "  1 | a\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD wrong\n"
               "    |         ^~~~~ hint \xEF\xBF\xBD[1m\n"
               "1 error\n");
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_caret)
{
    for (int i = 0; i < 1000; i++) {
        text_addf(&source, "%03d ", i);
    }
    static const char *const parts[] = {"000", "500", "998", "999"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        add_at(parts[i], NULL, parts[i]);
        const struct problem *problem = &problems.items[i];
        ck_assert_uint_eq(problem->column, strtoul(parts[i], NULL, 10) * 4 + 1);
        ck_assert_uint_le(strlen(problem->source), 106);
        ck_assert_int_eq(strncmp(problem->source + problem->caret, parts[i], 3), 0);
    }
}
END_TEST

START_TEST(a_place_behind_the_text_is_its_end)
{
    text_add(&source, "one\ntwo");
    problems_add(&problems, true, "f", &source, 99, 5, NULL, "cut off");
    must_print("f:2:4: error: cut off\n"
               "  2 | two\n"
               "    |    ^\n"
               "1 error\n");
}
END_TEST

START_TEST(a_width_ends_with_its_line)
{
    text_add(&source, "{ \"a\":\n1 }");
    problems_add(&problems, true, "f", &source, 0, source.length, NULL, "all of it");
    must_print("f:1:1: error: all of it\n"
               "  1 | { \"a\":\n"
               "    | ^~~~~~\n"
               "1 error\n");
}
END_TEST

START_TEST(a_fault_names_the_first_error_and_counts_the_rest)
{
    struct fault fault;
    text_add(&source, "x\ny\nz");
    problems_add(&problems, false, "m.jsonc", &source, 0, 1, NULL, "only a warning");
    add_at("z", NULL, "second");
    add_at("y", "do this", "first");
    ck_assert_int_eq(problems_fault(&problems, FAULT_CONFIG, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_str_eq(fault.text, "m.jsonc:2:1: first; do this (and 1 more error)");
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, finish);
    tcase_add_test(c, nothing_wrong_prints_nothing);
    tcase_add_test(c, C1_place_line_caret_and_hint_are_shown);
    tcase_add_test(c, C1_a_line_ends_with_CR_alone_too);
    tcase_add_test(c, C1_all_are_shown_in_the_order_of_their_places);
    tcase_add_test(c, C1_repeats_are_grouped_at_the_first_place);
    tcase_add_test(c, columns_count_characters_and_the_caret_counts_cells);
    tcase_add_test(c, I16_a_line_is_shown_clean);
    tcase_add_test(c, a_long_line_is_cut_around_the_caret);
    tcase_add_test(c, a_place_behind_the_text_is_its_end);
    tcase_add_test(c, a_width_ends_with_its_line);
    tcase_add_test(c, a_fault_names_the_first_error_and_counts_the_rest);
}

int main(void)
{
    return unit_run("base/problem", all);
}
