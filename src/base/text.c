#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { TEXT_FIRST = 64 };

void text_clear(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

void text_reset(struct text *text)
{
    text->length = 0;
    if (text->bytes) {
        text->bytes[0] = '\0';
    }
}

/* Makes room for 'more' bytes and the NUL behind them; a sum that overflows cannot be had. */
void text_reserve(struct text *text, size_t more)
{
    if (text->bytes && more < text->capacity - text->length) {
        return;
    }
    size_t needed = more < SIZE_MAX - text->length ? text->length + more + 1 : SIZE_MAX;
    size_t capacity = text->capacity ? text->capacity : TEXT_FIRST;
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    }
    text->bytes = mem_resize(text->bytes, capacity, 1);
    text->capacity = capacity;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
    if (length == 0) {
        return;
    }
    text_reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_byte(struct text *text, char byte)
{
    text_reserve(text, 1);
    text->bytes[text->length++] = byte;
    text->bytes[text->length] = '\0';
}

void text_addf(struct text *text, const char *words, ...)
{
    va_list arguments;
    va_start(arguments, words);
    text_addv(text, words, arguments);
    va_end(arguments);
}

void text_add_shell_word(struct text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@%+=,-";
    if (*word && word[strspn(word, plain)] == '\0') {
        text_add(text, word);
        return;
    }
    text_add_byte(text, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            text_add(text, "'\\''");
        else
            text_add_byte(text, *word);
    }
    text_add_byte(text, '\'');
}

void text_add_integer(struct text *text, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0)
        digits[--at] = '-';
    text_add_bytes(text, digits + at, sizeof digits - at);
}

void text_add_count(struct text *text, uint64_t number)
{
    if (number < 1000) {
        text_add_integer(text, (int64_t)number);
        return;
    }
    text_add_count(text, number / 1000);
    const char group[] = {',', (char)('0' + number / 100 % 10), (char)('0' + number / 10 % 10),
                          (char)('0' + number % 10)};
    text_add_bytes(text, group, sizeof group);
}

void text_addv(struct text *text, const char *words, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    text_reserve(text, TEXT_FIRST);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->bytes + text->length, room, words, arguments);
    if (length > 0 && (size_t)length >= room) {
        text_reserve(text, (size_t)length);
        vsnprintf(text->bytes + text->length, (size_t)length + 1, words, again);
    }
    va_end(again);
    text->length += length > 0 ? (size_t)length : 0;
    text->bytes[text->length] = '\0';
}

const char *text_string(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

char *text_take(struct text *text)
{
    char *bytes = text->bytes ? text->bytes : mem_bytes("", 0);
    *text = (struct text){0};
    return bytes;
}

const char *text_next_line(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r') {
        at++;
    }
    if (at == end) {
        return NULL;
    }
    return *at == '\r' && at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
}

bool text_is(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static unsigned char byte_folded(char byte)
{
    return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

bool text_is_folded(const char *a, const char *b)
{
    if (!a || !b) {
        return a == b;
    }
    while (*a && byte_folded(*a) == byte_folded(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool byte_is_alike(char a, char b)
{
    return byte_folded(a == '_' ? ' ' : a) == byte_folded(b == '_' ? ' ' : b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The cost of the cell (i, j): 'rows' are the two rows above and this one, oldest first. */
static size_t distance_cell(size_t *const rows[3], const char *a, const char *b, size_t i, size_t j)
{
    size_t change = rows[1][j - 1] + !byte_is_alike(a[i - 1], b[j - 1]);
    size_t cost = least(change, 1 + least(rows[1][j], rows[2][j - 1]));
    if (i > 1 && j > 1 && byte_is_alike(a[i - 1], b[j - 2]) && byte_is_alike(a[i - 2], b[j - 1])) {
        cost = least(cost, rows[0][j - 2] + 1);
    }
    return cost;
}

size_t text_distance(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    size_t width = b_length + 1;
    size_t *memory = mem_array(3 * width, sizeof *memory);
    size_t *rows[3] = {memory, memory + width, memory + 2 * width};
    for (size_t j = 0; j < width; j++) {
        rows[2][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *oldest = rows[0];
        rows[0] = rows[1];
        rows[1] = rows[2];
        rows[2] = oldest;
        rows[2][0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            rows[2][j] = distance_cell(rows, a, b, i, j);
        }
    }
    size_t distance = rows[2][b_length];
    free(memory);
    return distance;
}

const char *text_nearest(const char *wanted, const char *const names[], size_t count)
{
    const char *nearest = NULL;
    size_t nearest_distance = SIZE_MAX;
    size_t length = strlen(wanted);
    for (size_t i = 0; i < count; i++) {
        size_t name_length = strlen(names[i]);
        size_t limit = (length > name_length ? length : name_length) / 3;
        size_t apart = length > name_length ? length - name_length : name_length - length;
        if (apart > limit) {
            continue;
        }
        size_t distance = text_distance(wanted, names[i]);
        if (distance <= limit && distance < nearest_distance) {
            nearest = names[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
