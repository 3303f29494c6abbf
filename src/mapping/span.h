#ifndef OPSPUSH_MAPPING_SPAN_H
#define OPSPUSH_MAPPING_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A run of UTF-8 that somebody else keeps. 'ascii' may be false for pure ASCII, never true for anything else. */
struct span {
    const char *bytes;
    uint32_t length;
    bool ascii;
};

static inline bool bytes_are_ascii(const char *bytes, size_t length)
{
    const uint64_t highs = UINT64_C(0x8080808080808080);
    uint64_t word, all = 0;
    uint32_t first, last;
    if (length >= sizeof word) { /* the last word may overlap the one before */
        for (size_t at = 0; at + sizeof word < length; at += sizeof word) {
            memcpy(&word, bytes + at, sizeof word);
            all |= word;
        }
        memcpy(&word, bytes + length - sizeof word, sizeof word);
        return ((all | word) & highs) == 0;
    }
    if (length >= sizeof first) {
        memcpy(&first, bytes, sizeof first);
        memcpy(&last, bytes + length - sizeof last, sizeof last);
        return ((first | last) & (uint32_t)highs) == 0;
    }
    return length == 0 || ((bytes[0] | bytes[length / 2] | bytes[length - 1]) & 0x80) == 0;
}

/* Is there a byte below the blank? */
static inline bool bytes_have_control(const char *bytes, size_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, found = 0;
    size_t at = 0;
    for (; at + sizeof word <= length; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        found |= (word - 0x20 * ones) & ~word & 0x80 * ones;
    }
    for (; at < length; at++)
        found |= (unsigned char)bytes[at] < 0x20;
    return found != 0;
}

static inline struct span span_of(const char *bytes, size_t length)
{
    return (struct span){
        .bytes = bytes, .length = (uint32_t)length, .ascii = bytes_are_ascii(bytes, length)};
}

static inline struct span span_of_string(const char *string)
{
    return span_of(string, strlen(string));
}

static inline bool span_equals(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static inline bool span_is(struct span span, const char *string)
{
    return span.length == strlen(string) && memcmp(span.bytes, string, span.length) == 0;
}

static inline struct span span_part(struct span span, size_t from, size_t length)
{
    return (struct span){
        .bytes = span.bytes + from, .length = (uint32_t)length, .ascii = span.ascii};
}

static inline bool byte_is_letter(char byte)
{
    char small = byte | 0x20;
    return small >= 'a' && small <= 'z';
}

static inline char byte_upper(char byte)
{
    return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}

static inline char byte_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Can the byte begin or end a blank, or a character of which that is not plain? */
static inline bool byte_is_edgy(char byte)
{
    return (unsigned char)byte <= ' ' || (byte & 0x80);
}

struct span span_trim_edges(struct span span);

/* Without the blanks around it: blanks of any script (NBSP too), tabs and line ends. */
static inline struct span span_trim(struct span span)
{
    if (span.length == 0 ||
        (!byte_is_edgy(span.bytes[0]) && !byte_is_edgy(span.bytes[span.length - 1])))
        return span;
    return span_trim_edges(span);
}
/* Where 'wanted' begins in it, or -1. */
long span_find(struct span span, const char *wanted, size_t length);

#endif
