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
    uint64_t word, all = 0;
    if (length >= sizeof word) { /* the last word may overlap the one before */
        for (size_t at = 0; at + sizeof word < length; at += sizeof word) {
            memcpy(&word, bytes + at, sizeof word);
            all |= word;
        }
        memcpy(&word, bytes + length - sizeof word, sizeof word);
        return ((all | word) & UINT64_C(0x8080808080808080)) == 0;
    }
    for (size_t at = 0; at < length; at++)
        all |= (unsigned char)bytes[at];
    return all < 0x80;
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

static inline bool byte_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool byte_is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static inline char byte_upper(char byte)
{
    return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}

static inline char byte_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Without the blanks around it: blanks of any script (NBSP too), tabs and line ends. */
struct span span_trim(struct span span);
/* Where 'wanted' begins in it, or -1. */
long span_find(struct span span, const char *wanted, size_t length);

#endif
