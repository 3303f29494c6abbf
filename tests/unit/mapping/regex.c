#include "../../../src/mapping/regex.h"

#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

static bool is_utf8; /* as in the program, which takes C.UTF-8 */

static struct regex *regex_of(const char *pattern, bool whole)
{
    struct text why = {0};
    struct regex *regex = regex_new(pattern, whole, &why);
    ck_assert_msg(regex != NULL, "%s: %s", pattern, text_string(&why));
    text_clear(&why);
    return regex;
}

static const char *const patterns[] = {
    "a",
    "",
    "abc",
    "a*",
    "a+b?",
    "^a",
    "a$",
    "^$",
    "^abc$",
    "a|b",
    "ab|bc|ca",
    "(a|b)*c",
    "[abc]+",
    "[^a]",
    "[a-c]{2}",
    "a{2,}",
    "a{0,2}b",
    "(ab){2,3}",
    ".",
    ".*b",
    "^.b",
    "b.$",
    "a.c",
    "(^a|b$)",
    "^(a|^b)c",
    "a\\.b",
    "\\^a",
    "[]a]",
    "[a-]",
    "[^]a]",
    "(a*)*b",
    "(a|ab)(c|bcd)",
    "()",
    "a()b",
    "(|a)b",
    "a||b",
    "^a|b$",
    "c^a",
    "a$b",
    "(a$|b)c",
    "[.]",
    "[[:digit:]]+",
    "[[:alpha:]]",
    "[[:upper:]]x",
    "x{3}",
    "(x{2}){2}",
    "[0-9]{8}",
    "@?[A-Z]?[0-9]{3}",
    "a{1}b{2}",
    "(a?){3}b",
    "(a+|b+)*c$",
    "[a-c][a-c]?",
    "^[- ]+$",
    "(a|b|c)(a|b|c)$",
    "((a)|(b))+",
    "a{0}b",
    "[[:space:]-]",
    "a\\{b",
    "\\(a\\)",
    "\\*",
};

/* A text of letters that the patterns know, from a fixed sequence. */
static size_t text_random(uint32_t *seed, char *out)
{
    static const char letters[] = "aaabbbcccx.-1A@ *{(^";
    size_t length = (*seed >> 8) % 9;
    for (size_t i = 0; i < length; i++) {
        *seed = *seed * 1664525 + 1013904223;
        out[i] = letters[(*seed >> 16) % (sizeof letters - 1)];
    }
    out[length] = '\0';
    *seed = *seed * 1664525 + 1013904223;
    return length;
}

START_TEST(the_table_says_what_regexec_says)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (int whole = 0; whole < 2; whole++) {
            struct regex *regex = regex_of(patterns[i], whole);
            ck_assert_msg(regex_is_table(regex), "no table for %s", patterns[i]);
            char *covering = mem_format(whole ? "^(%s)$" : "%s", patterns[i]);
            regex_t posix;
            ck_assert_int_eq(regcomp(&posix, covering, REG_EXTENDED | REG_NOSUB), 0);
            uint32_t seed = 12345;
            for (int n = 0; n < 3000; n++) {
                char text[16];
                size_t length = text_random(&seed, text);
                bool wanted = regexec(&posix, text, 0, NULL, 0) == 0;
                ck_assert_msg(regex_matches(regex, text, length) == wanted, "%s on \"%s\"",
                              covering, text);
            }
            regfree(&posix);
            free(covering);
            regex_free(regex);
        }
    }
}
END_TEST

START_TEST(what_the_table_cannot_hold_is_left_to_regexec)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"[0-9]{300}", "1", false}, {"(.*a.{12}){3}", "aaa", false}, {"\\w+", "abc", true},
        {"a{,2}", "aa", true},      {"[[=a=]]", "a", true},          {"\\<abc\\>", "abc", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex *regex = regex_of(cases[i].pattern, true);
        ck_assert_msg(!regex_is_table(regex), "%s", cases[i].pattern);
        ck_assert_msg(regex_matches(regex, cases[i].text, strlen(cases[i].text)) ==
                          cases[i].matches,
                      "%s on %s", cases[i].pattern, cases[i].text);
        /* The text need not end where the memory does. */
        ck_assert(!regex_matches(regex, "a!b", 3));
        regex_free(regex);
    }
}
END_TEST

START_TEST(characters_are_code_points)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {".", "\xC3\xA9", true},
        {"..", "\xC3\xA9", false},
        {"[\xC3\xA9\xC3\xA8]+", "\xC3\xA8\xC3\xA9", true},
        {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true},
        {"[^a]", "\xF0\x9F\x98\x80", true},
        {"[[:alpha:]]+", "L\xC3\xA9vesque", true},
        {"[a-z]", "\xC3\xA9", false},
        {"[A-Za-z\xC3\x80-\xC3\xBF' -]+", "Zo\xC3\xAB", true},
        {"[[:digit:]\xC3\x80-\xC3\xBF]+", "7\xC3\x80", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex *regex = regex_of(cases[i].pattern, true);
        ck_assert_msg(regex_matches(regex, cases[i].text, strlen(cases[i].text)) ==
                          cases[i].matches,
                      "%s on %s", cases[i].pattern, cases[i].text);
        regex_free(regex);
    }
}
END_TEST

START_TEST(a_class_has_the_letters_of_every_script_however_the_expression_is_answered)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"[[:upper:]]+", "\xC3\x89", true},
        {"[[:upper:]]+", "\xC3\xA9", false},
        {"[[:lower:]]", "\xC3\xA9", true},
        {"[[:lower:]]", "\xC3\x89", false},
        {"[[:print:]]+", "Zo\xC3\xAB", true},
        {"[[:graph:]]+", "Zo\xC3\xAB", true},
        {"[[:alpha:]]+", "\xC3\x89lan", true},
        {"[[:alnum:]]", "\xC3\xB7", false},
        {"[[:alpha:]]+", "\xE6\x9D\x8E", true},
        {"[[:alpha:]]+", "\xCE\xA9", true},
        {"[^[:alpha:]]", "\xC3\x89", false},
        {"[[:punct:]]", "\xC3\xB7", true},
        {"[[:space:]]", "\xE2\x80\x83", true},
        {"[[:digit:]]", "\xD9\xA3", false},
        {"[[:upper:]]{200,}|\xC3\x89", "\xC3\x89", true},
    };
    if (!is_utf8)
        return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex *regex = regex_of(cases[i].pattern, true);
        ck_assert_msg(regex_matches(regex, cases[i].text, strlen(cases[i].text)) ==
                          cases[i].matches,
                      "%s on %s", cases[i].pattern, cases[i].text);
        regex_free(regex);
    }
}
END_TEST

static size_t character_of(uint32_t point, char out[5])
{
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char firsts[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(firsts[length] | point);
    out[length] = '\0';
    return length;
}

static void check_characters(const char *pattern)
{
    struct regex *regex = regex_of(pattern, true);
    char *covering = mem_format("^(%s)$", pattern), text[5];
    regex_t posix;
    ck_assert_int_eq(regcomp(&posix, covering, REG_EXTENDED | REG_NOSUB), 0);
    for (uint32_t point = 1; point < 0x110000; point += point < 0x3100 ? 1 : 97) {
        if (point >= 0xD800 && point < 0xE000)
            continue;
        size_t length = character_of(point, text);
        bool wanted = regexec(&posix, text, 0, NULL, 0) == 0;
        ck_assert_msg(regex_matches(regex, text, length) == wanted, "%s on U+%04X", pattern,
                      (unsigned)point);
    }
    regfree(&posix);
    free(covering);
    regex_free(regex);
}

START_TEST(every_class_says_of_every_character_what_regexec_says)
{
    static const char *const classes[] = {"alpha", "digit", "alnum", "upper",  "lower", "space",
                                          "blank", "punct", "print", "xdigit", "graph", "cntrl"};
    static const char *const others[] = {".", "[^a]", "[^[:digit:]_]", "[^[:upper:][:punct:]]"};
    if (!is_utf8)
        return;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char *pattern = mem_format("[[:%s:]]", classes[i]);
        check_characters(pattern);
        free(pattern);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_characters(others[i]);
}
END_TEST

START_TEST(what_is_no_expression_is_refused)
{
    static const char *const wrong[] = {"(",      "[a", "a{2,1}", "*a",           "a{99999}",
                                        "(a)\\1", "\\", "[b-a]",  "[[:letter:]]", "+"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct text why = {0};
        ck_assert_msg(regex_new(wrong[i], false, &why) == NULL, "%s", wrong[i]);
        ck_assert_uint_gt(why.length, 0);
        text_clear(&why);
    }
    regex_free(regex_of("[\\1]", false));
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, the_table_says_what_regexec_says);
    tcase_add_test(tests, what_the_table_cannot_hold_is_left_to_regexec);
    tcase_add_test(tests, characters_are_code_points);
    tcase_add_test(tests,
                   a_class_has_the_letters_of_every_script_however_the_expression_is_answered);
    tcase_add_test(tests, every_class_says_of_every_character_what_regexec_says);
    tcase_add_test(tests, what_is_no_expression_is_refused);
}

int main(void)
{
    is_utf8 = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    if (!is_utf8)
        puts("skipped: what classes hold beyond ASCII; there is no locale C.UTF-8");
    return unit_run("mapping/regex", all);
}
