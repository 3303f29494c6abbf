#include "json/write.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void json_writer_init(struct json_writer *writer, struct text *out, int indent)
{
    *writer = (struct json_writer){.out = out, .indent = indent, .fresh = true};
}

static void line_begin(struct json_writer *writer)
{
    if (writer->indent == 0) {
        return;
    }
    static const char blanks[] = "                ";
    size_t most = sizeof blanks - 1, part;
    text_add_byte(writer->out, '\n');
    for (size_t left = (size_t)writer->depth * (size_t)writer->indent; left > 0; left -= part) {
        part = left < most ? left : most;
        text_add_bytes(writer->out, blanks, part);
    }
}

/* What stands between the last thing at this level and the next: nothing behind a key. */
static void item_begin(struct json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (!writer->fresh) {
        text_add_byte(writer->out, ',');
    }
    if (writer->depth > 0) {
        line_begin(writer);
    }
    writer->fresh = false;
}

static void level_open(struct json_writer *writer, char bracket)
{
    item_begin(writer);
    text_add_byte(writer->out, bracket);
    writer->depth++;
    writer->fresh = true;
}

static void level_close(struct json_writer *writer, char bracket)
{
    assert(writer->depth > 0 && !writer->after_key);
    writer->depth--;
    if (!writer->fresh) {
        line_begin(writer);
    }
    text_add_byte(writer->out, bracket);
    writer->fresh = false;
}

void json_open_object(struct json_writer *writer)
{
    level_open(writer, '{');
}

void json_open_array(struct json_writer *writer)
{
    level_open(writer, '[');
}

void json_close_object(struct json_writer *writer)
{
    level_close(writer, '}');
}

void json_close_array(struct json_writer *writer)
{
    level_close(writer, ']');
}

/* The bytes of the escape that stands for the beginning of 'at', or 0 when it stands for itself. */
static size_t escaped_length(const unsigned char *at, size_t left)
{
    if (at[0] < 0x20 || at[0] == '"' || at[0] == '\\' || at[0] == 0x7F) {
        return 1;
    }
    bool is_separator = at[0] == 0xE2 && left >= 3 && at[1] == 0x80 && (at[2] & 0xFE) == 0xA8;
    return is_separator ? 3 : 0;
}

static void escape_add(struct text *out, const unsigned char *at, size_t length)
{
    static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *found = at[0] ? strchr(plain, at[0]) : NULL;
    if (length == 1 && found) {
        text_add_byte(out, '\\');
        text_add_byte(out, names[found - plain]);
    } else {
        text_addf(out, "\\u%04x", length == 1 ? at[0] : 0x2000u + (at[2] & 0x3Fu));
    }
}

static void quoted_add(struct text *out, const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t done = 0;
    text_add_byte(out, '"');
    for (size_t i = 0; i < length;) {
        size_t escaped = escaped_length(at + i, length - i);
        if (escaped > 0) {
            text_add_bytes(out, bytes + done, i - done);
            escape_add(out, at + i, escaped);
            done = i + escaped;
        }
        i += escaped ? escaped : 1;
    }
    text_add_bytes(out, bytes + done, length - done);
    text_add_byte(out, '"');
}

void json_put_key(struct json_writer *writer, const char *key)
{
    assert(!writer->after_key);
    item_begin(writer);
    quoted_add(writer->out, key, strlen(key));
    text_add(writer->out, writer->indent ? ": " : ":");
    writer->after_key = true;
}

void json_put_string(struct json_writer *writer, const char *string)
{
    if (string) {
        json_put_bytes(writer, string, strlen(string));
    } else {
        json_put_null(writer);
    }
}

void json_put_bytes(struct json_writer *writer, const char *bytes, size_t length)
{
    item_begin(writer);
    quoted_add(writer->out, bytes, length);
}

void json_put_integer(struct json_writer *writer, int64_t number)
{
    item_begin(writer);
    text_add_integer(writer->out, number);
}

/* printf writes the locale's decimal point, of one or more bytes: all that is no digit becomes one point. */
void json_put_decimal(struct json_writer *writer, double number, int decimals)
{
    if (!isfinite(number)) {
        json_put_null(writer);
        return;
    }
    struct text digits = {0};
    item_begin(writer);
    text_addf(&digits, "%.*f", decimals, number);
    size_t whole = 1 + strspn(digits.bytes + 1, "0123456789");
    text_add_bytes(writer->out, digits.bytes, whole);
    if (decimals > 0) {
        text_add_byte(writer->out, '.');
        text_add(writer->out, digits.bytes + digits.length - (size_t)decimals);
    }
    text_clear(&digits);
}

void json_put_bool(struct json_writer *writer, bool value)
{
    item_begin(writer);
    text_add(writer->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *writer)
{
    item_begin(writer);
    text_add(writer->out, "null");
}

void json_put_member(struct json_writer *writer, const char *key, const char *string)
{
    json_put_key(writer, key);
    json_put_string(writer, string);
}

void json_put_count(struct json_writer *writer, const char *key, int64_t number)
{
    json_put_key(writer, key);
    json_put_integer(writer, number);
}
