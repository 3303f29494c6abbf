/* Strings, numbers and words: what RFC 8259 asks of them and cJSON does not. */
#include "scan.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { NUMBER_MOST = 63 }; /* cJSON reads no more bytes of one */

static const uint32_t NO_CODE = UINT32_MAX;

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The value of the four hexadecimal digits behind "\u", or NO_CODE. */
static uint32_t escape_code(const char *escape, const char *end)
{
    if (end - escape < 6 || escape[0] != '\\' || escape[1] != 'u') {
        return NO_CODE;
    }
    uint32_t code = 0;
    for (int i = 2; i < 6; i++) {
        char byte = escape[i];
        char lower = (char)(byte | 0x20);
        if (is_digit(byte)) {
            code = code << 4 | (uint32_t)(byte - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            code = code << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return NO_CODE;
        }
    }
    return code;
}

static bool is_high_surrogate(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

/* Steps over "\uXXXX", and over both halves of a surrogate pair. */
static void scan_code_escape(struct scan *scan)
{
    size_t start = scan->at;
    const char *end = scan->bytes + scan->length;
    uint32_t code = escape_code(scan->bytes + start, end);
    if (code == NO_CODE) {
        scan->at += 2;
        scan_fault(scan, start, 2, "\\u needs four hexadecimal digits", NULL);
        return;
    }
    scan->at += 6;
    if (code == 0) {
        scan_fault(scan, start, 6, "the character \\u0000 is not allowed", NULL);
    } else if (is_high_surrogate(code) &&
               is_low_surrogate(escape_code(scan->bytes + scan->at, end))) {
        scan->at += 6;
    } else if (is_high_surrogate(code) || is_low_surrogate(code)) {
        scan_fault(scan, start, 6, "half of a surrogate pair stands alone", NULL);
    }
}

static void scan_escape(struct scan *scan)
{
    size_t start = scan->at;
    char kind = scan->bytes[start + 1];
    if (kind == 'u') {
        scan_code_escape(scan);
    } else if (kind != '\0' && strchr("\"\\/bfnrt", kind)) {
        scan->at += 2;
    } else {
        scan->at++;
        scan_fault(scan, start, 2, "there is no such escape", "a backslash is written \\\\");
    }
}

/* A string that its line ends: the comma at the line's end is taken for the one behind the value. */
static void string_end_at_line(struct scan *scan, size_t open)
{
    size_t end = scan->at;
    while (end > open + 1 && (scan->bytes[end - 1] == ' ' || scan->bytes[end - 1] == '\t')) {
        end--;
    }
    scan_fault(scan, open, end - open, "this string is not closed",
               "a quote is missing at its end, or \\\" within it");
    if (!scan->stopped && end > open + 1 && scan->bytes[end - 1] == ',') {
        scan->at = end - 1;
    }
}

void scan_string(struct scan *scan)
{
    size_t open = scan->at++;
    while (scan->at < scan->length) {
        char byte = scan->bytes[scan->at];
        if (byte == '"') {
            scan->at++;
            return;
        }
        if (byte == '\\') {
            scan_escape(scan);
        } else if ((unsigned char)byte >= 0x20) {
            scan->at++;
        } else if (scan->relaxed && (byte == '\n' || byte == '\r')) {
            break;
        } else {
            scan_fault(scan, scan->at, 1, "a control character in a string",
                       "a tab is written \\t, a line break \\n");
            scan->at += scan->stopped ? 0 : 1;
        }
    }
    string_end_at_line(scan, open);
}

/* The bytes up to the next blank, bracket, comma, colon, quote or slash; at least one. */
static size_t word_length(const struct scan *scan)
{
    size_t length = strcspn(scan->bytes + scan->at, " \t\r\n,:[]{}\"/");
    return length ? length : 1;
}

static size_t digits_length(const char *at)
{
    size_t length = 0;
    while (is_digit(at[length])) {
        length++;
    }
    return length;
}

/* Why the word is not a number as RFC 8259 writes them, or NULL. */
static const char *number_fault(const char *word, size_t length)
{
    const char *at = word + (*word == '-');
    size_t whole = digits_length(at);
    if (whole > 1 && *at == '0') {
        return "a number with a leading zero";
    }
    at += whole;
    bool is_good = whole > 0;
    if (*at == '.') {
        size_t part = digits_length(at + 1);
        is_good = is_good && part > 0;
        at += 1 + part;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        size_t exponent = digits_length(at);
        is_good = is_good && exponent > 0;
        at += exponent;
    }
    if (!is_good || at != word + length) {
        return "this is no number";
    }
    return length > NUMBER_MOST || !isfinite(strtod(word, NULL)) ? "a number too large" : NULL;
}

static bool word_begins(const char *word, const char *beginning)
{
    return strncmp(word, beginning, strlen(beginning)) == 0;
}

/* What the writer may have meant by a word that is no value. */
static const char *word_hint(const char *word, size_t length)
{
    static const char *const known[] = {"true", "false", "null"};
    if (*word == '\'' || word_begins(word, "\xE2\x80\x9C") || word_begins(word, "\xE2\x80\x9D") ||
        word_begins(word, "\xE2\x80\x9E")) {
        return "text stands in straight double quotes";
    }
    if (word_begins(word, "\xC2\xA0")) {
        return "a blank that is not the space bar's stands here";
    }
    char *copy = mem_bytes(word, length);
    const char *nearest = text_nearest(copy, known, sizeof known / sizeof *known);
    free(copy);
    if (!nearest) {
        return "text stands in double quotes";
    }
    return *nearest == 't'   ? "did you mean true?"
           : *nearest == 'f' ? "did you mean false?"
                             : "did you mean null?";
}

static bool word_is(const char *word, size_t length, const char *name)
{
    return length == strlen(name) && memcmp(word, name, length) == 0;
}

void scan_word(struct scan *scan)
{
    size_t start = scan->at;
    size_t length = word_length(scan);
    const char *word = scan->bytes + start;
    const char *why = NULL;
    const char *hint = NULL;
    if (is_digit(*word) || (*word == '-' && is_digit(word[1]))) {
        why = number_fault(word, length);
    } else if (!word_is(word, length, "true") && !word_is(word, length, "false") &&
               !word_is(word, length, "null")) {
        why = "this is no value";
        hint = scan->relaxed ? word_hint(word, length) : NULL;
    }
    scan->at += length;
    if (why) {
        scan_fault_named(scan, start, length, why, hint);
    }
}

void scan_bare_key(struct scan *scan)
{
    size_t start = scan->at;
    size_t length = word_length(scan);
    scan->at += length;
    scan_fault_named(scan, start, length, "this is no key", "a key stands in double quotes");
}

/* What stands between the quotes of a key, and the place that it belongs to. */
struct key {
    const char *at, *end;
    size_t place;
};

/* Steps over one character of a string's inside and gives it, escapes resolved; the same for any bytes. */
static uint32_t string_next(struct key *key)
{
    static const char names[] = "bfnrt", meant[] = "\b\f\n\r\t";
    uint32_t point = (unsigned char)*key->at;
    if (point != '\\') {
        key->at += utf8_decode(key->at, (size_t)(key->end - key->at), &point);
        return point;
    }
    uint32_t code = escape_code(key->at, key->end);
    if (code == NO_CODE) {
        char kind = key->end - key->at > 1 ? key->at[1] : '\\';
        const char *name = kind ? strchr(names, kind) : NULL;
        key->at += key->end - key->at > 1 ? 2 : 1;
        return (unsigned char)(name ? meant[name - names] : kind);
    }
    key->at += 6;
    uint32_t low = is_high_surrogate(code) ? escape_code(key->at, key->end) : NO_CODE;
    if (low != NO_CODE && is_low_surrogate(low)) {
        key->at += 6;
        return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return code;
}

static int key_compare(const struct key *left, const struct key *right)
{
    struct key a = *left;
    struct key b = *right;
    while (a.at < a.end && b.at < b.end) {
        uint32_t a_point = string_next(&a);
        uint32_t b_point = string_next(&b);
        if (a_point != b_point) {
            return a_point < b_point ? -1 : 1;
        }
    }
    return (a.at < a.end) - (b.at < b.end);
}

static int key_order(const void *left, const void *right)
{
    const struct key *a = left;
    const struct key *b = right;
    int order = key_compare(a, b);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* The keys of an object's members; a faulty member may have none. */
static size_t keys_collect(const struct scan *scan, size_t index, struct key *keys)
{
    size_t count = 0;
    size_t end = index + scan->places[index].subtree;
    for (size_t i = index + 1; i < end; i += scan->places[i].subtree) {
        const struct place *place = &scan->places[i];
        if (place->key_length > 1 && keys) {
            const char *key = scan->bytes + place->key_start;
            keys[count] = (struct key){key + 1, key + place->key_length - 1, i};
        }
        count += place->key_length > 1;
    }
    return count;
}

void scan_keys(struct scan *scan, size_t index)
{
    size_t count = keys_collect(scan, index, NULL);
    if (count < 2) {
        return;
    }
    struct key *keys = mem_array(count, sizeof *keys);
    keys_collect(scan, index, keys);
    qsort(keys, count, sizeof *keys, key_order);
    for (size_t i = 1; i < count; i++) {
        if (key_compare(&keys[i - 1], &keys[i]) == 0) {
            const struct place *place = &scan->places[keys[i].place];
            scan_fault_named(scan, place->key_start, place->key_length,
                             "this key stands in the object already", NULL);
        }
    }
    free(keys);
}
