#include "json/write.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "unit.h"
#include "json/document.h"

static void write_all(struct text *out, int indent)
{
    struct json_writer writer;
    json_writer_init(&writer, out, indent);
    json_open_object(&writer);
    json_put_member(&writer, "a", "x");
    json_put_member(&writer, "b", NULL);
    json_put_count(&writer, "c", -7);
    json_put_key(&writer, "d");
    json_open_array(&writer);
    json_put_bool(&writer, true);
    json_put_null(&writer);
    json_open_object(&writer);
    json_close_object(&writer);
    json_open_array(&writer);
    json_close_array(&writer);
    json_close_array(&writer);
    json_put_key(&writer, "e");
    json_put_decimal(&writer, 0.125, 2);
    json_close_object(&writer);
}

START_TEST(a_document_on_one_line)
{
    struct text out = {0};
    write_all(&out, 0);
    ck_assert_str_eq(out.bytes,
                     "{\"a\":\"x\",\"b\":null,\"c\":-7,\"d\":[true,null,{},[]],\"e\":0.12}");
    text_clear(&out);
}
END_TEST

START_TEST(an_indented_document)
{
    struct text out = {0};
    write_all(&out, 2);
    ck_assert_str_eq(out.bytes, "{\n"
                                "  \"a\": \"x\",\n"
                                "  \"b\": null,\n"
                                "  \"c\": -7,\n"
                                "  \"d\": [\n"
                                "    true,\n"
                                "    null,\n"
                                "    {},\n"
                                "    []\n"
                                "  ],\n"
                                "  \"e\": 0.12\n"
                                "}");
    text_clear(&out);
}
END_TEST

START_TEST(strings_are_escaped_and_read_back)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *written;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain \xC3\xA9\xF0\x9F\x98\x80", 12, "\"plain \xC3\xA9\xF0\x9F\x98\x80\""},
        {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1F\x7F", 3, "\"\\u0001\\u001f\\u007f\""},
        {"a\0b", 3, "\"a\\u0000b\""},
        {"\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", 12,
         "\"\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\""},
        {"\xE2\x80", 2, "\"\xE2\x80\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        struct json_writer writer;
        json_writer_init(&writer, &out, 0);
        json_put_bytes(&writer, cases[i].bytes, cases[i].length);
        ck_assert_str_eq(out.bytes, cases[i].written);
        text_clear(&out);
    }
}
END_TEST

START_TEST(every_character_is_written_so_that_the_strict_reader_gives_it_back)
{
    for (int byte = 1; byte < 0x80; byte++) {
        char string[2] = {(char)byte, '\0'};
        struct text out = {0};
        struct json_writer writer;
        const char *why;
        json_writer_init(&writer, &out, 0);
        json_put_string(&writer, string);
        struct json_document *document = json_strict(out.bytes, out.length, 1, &why);
        ck_assert_ptr_nonnull(document);
        ck_assert_str_eq(json_string(json_root(document)), string);
        json_free(document);
        text_clear(&out);
    }
}
END_TEST

START_TEST(C9_decimals_have_a_point_in_every_locale)
{
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "fr_CA.UTF-8",
                                          "ps_AF.UTF-8"};
    static const struct {
        double number;
        int decimals;
        const char *written;
    } cases[] = {
        {0, 0, "0"},
        {1.5, 1, "1.5"},
        {-1.25, 3, "-1.250"},
        {2.5e9, 2, "2500000000.00"},
        {0.999, 2, "1.00"},
        {NAN, 2, "null"},
        {INFINITY, 2, "null"},
        {-0.001, 2, "-0.00"},
        {12345678, 0, "12345678"},
    };
    for (size_t l = 0; l < sizeof locales / sizeof *locales; l++) {
        if (!setlocale(LC_ALL, locales[l])) {
            continue;
        }
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct text out = {0};
            struct json_writer writer;
            json_writer_init(&writer, &out, 0);
            json_put_decimal(&writer, cases[i].number, cases[i].decimals);
            ck_assert_str_eq(out.bytes, cases[i].written);
            text_clear(&out);
        }
    }
}
END_TEST

START_TEST(integers_are_written_to_their_limits)
{
    struct text out = {0};
    struct json_writer writer;
    json_writer_init(&writer, &out, 0);
    json_open_array(&writer);
    json_put_integer(&writer, INT64_MIN);
    json_put_integer(&writer, INT64_MAX);
    json_close_array(&writer);
    ck_assert_str_eq(out.bytes, "[-9223372036854775808,9223372036854775807]");
    text_clear(&out);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, a_document_on_one_line);
    tcase_add_test(c, an_indented_document);
    tcase_add_test(c, strings_are_escaped_and_read_back);
    tcase_add_test(c, every_character_is_written_so_that_the_strict_reader_gives_it_back);
    tcase_add_test(c, C9_decimals_have_a_point_in_every_locale);
    tcase_add_test(c, integers_are_written_to_their_limits);
}

int main(void)
{
    return unit_run("json/write", all);
}
