#include <string.h>

#include "unit.h"
#include "json/document.h"

static struct problems problems;

static void start(void)
{
    problems = (struct problems){0};
}

static void finish(void)
{
    problems_clear(&problems);
}

static struct json_document *must_read(const char *text)
{
    struct json_document *document = json_relaxed("m.jsonc", text, strlen(text), &problems);
    ck_assert_msg(document && problems.count == 0, "%s", text);
    return document;
}

/* Every error of the text as "line:column words", one a line, in the order of their places. */
static void must_name(const char *bytes, size_t length, const char *wanted)
{
    struct text named = {0}, printed = {0};
    ck_assert_ptr_null(json_relaxed("m.jsonc", bytes, length, &problems));
    problems_print(&problems, &printed);
    for (char *line = printed.bytes; *line;) {
        char *end = strchr(line, '\n');
        const char *error = strstr(line, ": error: ");
        *end = '\0';
        if (strncmp(line, "m.jsonc:", 8) == 0 && error) {
            text_addf(&named, "%.*s %s\n", (int)(error - line - 8), line + 8, error + 9);
        }
        line = end + 1;
    }
    ck_assert_str_eq(text_string(&named), wanted);
    text_clear(&named);
    text_clear(&printed);
    problems_clear(&problems);
}

START_TEST(comments_and_last_commas_are_allowed)
{
    static const char *const texts[] = {
        "{\"a\":[1,2]}",
        "// note\n{\"a\":[1,2]}",
        "{\"a\":[1,2,],}",
        "{\"a\" /* x */ : // y\n [1 /*,*/ , 2 /* */ , // z\n ] , /* * / */ } // end",
        "\xEF\xBB\xBF{\"a\":[1,2]}\r\n",
        "/**/{/***/\"a\":[1,/*//*/2]//*/\n}/* \xC3\xA9 \" */",
        "{\r\n\t\"a\": [\r\n1,\r\n2,\r\n],\r\n}\r\n",
        "// one\r{\"a\":[1,2]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_document *document = must_read(texts[i]);
        const struct json_value *list = json_member(json_root(document), "a");
        ck_assert_uint_eq(json_count(json_root(document)), 1);
        ck_assert_uint_eq(json_count(list), 2);
        ck_assert_str_eq(json_number_text(json_next(json_first(list))), "2");
        ck_assert_str_eq(json_source(document)->bytes, texts[i]);
        json_free(document);
    }
}
END_TEST

START_TEST(what_looks_like_a_comment_in_a_string_is_text)
{
    struct json_document *document =
        must_read("[\"// a\", \"/* b */\", \"c,]\", \"#\", \"\\\"//\"]");
    static const char *const strings[] = {"// a", "/* b */", "c,]", "#", "\"//"};
    const struct json_value *item = json_first(json_root(document));
    for (size_t i = 0; i < 5; i++, item = json_next(item)) {
        ck_assert_str_eq(json_string(item), strings[i]);
    }
    json_free(document);
}
END_TEST

START_TEST(C1_every_fault_is_named_with_its_place)
{
    static const struct {
        const char *text, *named;
    } cases[] = {
        {"", "1:1 there is nothing in this text\n"},
        {" // only a note\n", "2:1 there is nothing in this text\n"},
        {"{\"a\": 1} x", "1:10 text after the end\n"},
        {"{\"a\": 1 \"b\": 2}", "1:7 a comma is missing behind this\n"},
        {"{\"a\" 1}", "1:2 a colon is missing behind this key\n"},
        {"{\"a\"}", "1:2 a colon is missing behind this key\n"},
        {"{\"a\", \"b\": 1}", "1:2 a colon is missing behind this key\n"},
        {"{\"a\":}", "1:6 a value is missing here\n"},
        {"{\"a\":,\"b\":1}", "1:6 a value is missing here\n"},
        {"{:1}", "1:2 a key is missing here\n"},
        {"{,}", "1:2 a key is missing here\n"},
        {"{[1]}", "1:2 a key is missing here\n"},
        {"[,]", "1:2 a value is missing here\n"},
        {"[1,,2]", "1:4 a value is missing here\n"},
        {"{a: 1}", "1:2 this is no key: a\n"},
        {"{'a': 1}", "1:2 this is no key: 'a'\n"},
        {"[tru]", "1:2 this is no value: tru\n"},
        {"[NaN, Infinity, 0x10, +1, .5]", "1:2 this is no value: NaN\n"
                                          "1:7 this is no value: Infinity\n"
                                          "1:17 this is no number: 0x10\n"
                                          "1:23 this is no value: +1\n"
                                          "1:27 this is no value: .5\n"},
        {"[012, -01, 1., 1e]", "1:2 a number with a leading zero: 012\n"
                               "1:7 a number with a leading zero: -01\n"
                               "1:12 this is no number: 1.\n"
                               "1:16 this is no number: 1e\n"},
        {"{\"a\":1,\n\"b\":2,\n\"a\":3,\n\"\\u0062\":4}",
         "3:1 this key stands in the object already: \"a\"\n"
         "4:1 this key stands in the object already: \"\\u0062\"\n"},
        {"[\"a\\x\", \"\\u00g0\", \"\\u0000\", \"\\ud800\"]",
         "1:4 there is no such escape\n"
         "1:10 \\u needs four hexadecimal digits\n"
         "1:20 the character \\u0000 is not allowed\n"
         "1:30 half of a surrogate pair stands alone\n"},
        {"[\"a\tb\"]", "1:4 a control character in a string\n"},
        {"{\"a\": \"open,\n\"b\": 1}", "1:7 this string is not closed\n"},
        {"{\"a\": \"open\n}", "1:7 this string is not closed\n"},
        {"[\"open", "1:1 this array is not closed\n1:2 this string is not closed\n"},
        {"{\"a\": [1, {\"b\": 2}", "1:7 this array is not closed\n"},
        {"{\"a\": [1, 2}", "1:7 this array is not closed\n"},
        {"[{\"a\": 1]", "1:2 this object is not closed\n"},
        {"{\"a\": 1]}", "1:8 this bracket closes nothing\n"},
        {"[1}]", "1:3 this bracket closes nothing\n"},
        {"{\"a\": 1 /* open", "1:1 this object is not closed\n1:9 this comment has no end\n"},
        {"# note\n{}", "1:1 this is no comment\n"},
        {"{\"a\": \xE2\x80\x9Cx\xE2\x80\x9D}", "1:7 this is no value: \xE2\x80\x9Cx\xE2\x80\x9D\n"},
        {"{\"a\": \"caf\xE9\"}", "1:11 this is not UTF-8\n"},
        {"{\"a\": 1e999}", "1:7 a number too large: 1e999\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        must_name(cases[i].text, strlen(cases[i].text), cases[i].named);
    }
    must_name("[1,\0]", 5, "1:4 this is no value: \xEF\xBF\xBD\n");
    must_name("[\"\0\"]", 5, "1:3 a control character in a string\n");
}
END_TEST

START_TEST(C1_faults_in_one_text_are_named_together)
{
    static const char text[] = "{\n"
                               "  name: \"x\",\n"
                               "  \"list\": [1, 2,, 3],\n"
                               "  \"on\": True\n"
                               "  \"name\": 01,\n"
                               "  \"list\": [],\n"
                               "}\n"
                               "rest";
    must_name(text, sizeof text - 1,
              "2:3 this is no key: name\n"
              "3:17 a value is missing here\n"
              "4:9 this is no value: True\n"
              "4:12 a comma is missing behind this\n"
              "5:11 a number with a leading zero: 01\n"
              "6:3 this key stands in the object already: \"list\"\n"
              "8:1 text after the end\n");
}
END_TEST

START_TEST(C1_depth_32_is_read_and_33_is_not)
{
    char text[128];
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    json_free(json_relaxed("m.jsonc", text + 1, 64, &problems));
    ck_assert_uint_eq(problems.count, 0);
    must_name(text, 66, "1:33 nested too deeply\n");
}
END_TEST

START_TEST(C1_a_flood_of_faults_is_cut_short)
{
    struct text text = {0}, out = {0};
    text_add(&text, "[");
    for (int i = 0; i < 100000; i++) {
        text_addf(&text, "x%d,\n", i);
    }
    ck_assert_ptr_null(json_relaxed("m.jsonc", text.bytes, text.length, &problems));
    problems_print(&problems, &out);
    ck_assert_ptr_nonnull(strstr(out.bytes, "error: too many errors; the rest was not read\n"));
    ck_assert_uint_le(problems.count, 300);
    text_clear(&text);
    text_clear(&out);
}
END_TEST

START_TEST(C1_problems_stand_at_values_and_keys)
{
    struct json_document *document = must_read(
        "{\n  // note\n  \"fields\": {\"city\": {\"do\": [\"trimm\", ], /* x */ \"n\": -1.5}}\n}");
    const struct json_value *fields = json_member(json_root(document), "fields");
    const struct json_value *city = json_member(fields, "city");
    const struct json_value *step = json_first(json_member(city, "do"));
    struct text out = {0};
    json_problem(document, &problems, true, step, "did you mean \"trim\"?", "no step %s", "trimm");
    json_problem(document, &problems, true, json_member(city, "n"), NULL, "too small");
    json_problem_key(document, &problems, false, city, NULL, "an odd field");
    json_problem_key(document, &problems, true, step, NULL, "an element has no key");
    json_problem(document, &problems, true, NULL, NULL, "fields are missing");
    problems_print(&problems, &out);
    ck_assert_str_eq(
        out.bytes, "m.jsonc: error: fields are missing\n"
                   "m.jsonc:3:14: warning: an odd field\n"
                   "  3 |   \"fields\": {\"city\": {\"do\": [\"trimm\", ], /* x */ \"n\": -1.5}}\n"
                   "    |              ^~~~~~\n"
                   "m.jsonc:3:30: error: no step trimm\n"
                   "  3 |   \"fields\": {\"city\": {\"do\": [\"trimm\", ], /* x */ \"n\": -1.5}}\n"
                   "    |                              ^~~~~~~ did you mean \"trim\"?\n"
                   "m.jsonc:3:30: error: an element has no key\n"
                   "  3 |   \"fields\": {\"city\": {\"do\": [\"trimm\", ], /* x */ \"n\": -1.5}}\n"
                   "    |                              ^~~~~~~\n"
                   "m.jsonc:3:55: error: too small\n"
                   "  3 |   \"fields\": {\"city\": {\"do\": [\"trimm\", ], /* x */ \"n\": -1.5}}\n"
                   "    |                                                       ^~~~\n"
                   "4 errors, 1 warning\n");
    ck_assert_uint_eq(json_line(document, step), 3);
    ck_assert_uint_eq(json_line(document, json_root(document)), 1);
    text_clear(&out);
    json_free(document);
}
END_TEST

START_TEST(ten_thousand_keys_are_compared_in_little_time)
{
    struct text text = {0};
    text_add(&text, "{");
    for (int i = 0; i < 10000; i++) {
        text_addf(&text, "\"%d\": %d,\n", (i * 7919) % 10007, i);
    }
    text_add(&text, "}");
    struct json_document *document = must_read(text.bytes);
    ck_assert_uint_eq(json_count(json_root(document)), 10000);
    json_free(document);
    text_clear(&text);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, finish);
    tcase_add_test(c, comments_and_last_commas_are_allowed);
    tcase_add_test(c, what_looks_like_a_comment_in_a_string_is_text);
    tcase_add_test(c, C1_every_fault_is_named_with_its_place);
    tcase_add_test(c, C1_faults_in_one_text_are_named_together);
    tcase_add_test(c, C1_depth_32_is_read_and_33_is_not);
    tcase_add_test(c, C1_a_flood_of_faults_is_cut_short);
    tcase_add_test(c, C1_problems_stand_at_values_and_keys);
    tcase_add_test(c, ten_thousand_keys_are_compared_in_little_time);
}

int main(void)
{
    return unit_run("json/relaxed", all);
}
