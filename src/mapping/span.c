#include "span.h"

#include "base/utf8.h"

static bool point_is_blank(uint32_t point)
{
    return point == '\n' || point == '\r' || utf8_is_space(point);
}

static inline bool byte_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* The length of the blank that the span begins with, or 0. */
static size_t blank_at_front(struct span span)
{
    if ((unsigned char)span.bytes[0] < 0x80)
        return byte_is_blank(span.bytes[0]);
    uint32_t point;
    size_t length = utf8_decode(span.bytes, span.length, &point);
    return point_is_blank(point) ? length : 0;
}

static size_t blank_at_back(struct span span)
{
    size_t at = span.length - 1;
    if ((unsigned char)span.bytes[at] < 0x80)
        return byte_is_blank(span.bytes[at]);
    while (at > 0 && ((unsigned char)span.bytes[at] & 0xC0) == 0x80)
        at--;
    uint32_t point;
    utf8_decode(span.bytes + at, span.length - at, &point);
    return point_is_blank(point) ? span.length - at : 0;
}

struct span span_trim_edges(struct span span)
{
    size_t blank;
    while (span.length && (blank = blank_at_front(span)) > 0)
        span = span_part(span, blank, span.length - blank);
    while (span.length && (blank = blank_at_back(span)) > 0)
        span.length -= (uint32_t)blank;
    return span;
}

long span_find(struct span span, const char *wanted, size_t length)
{
    if (length == 0)
        return 0;
    const char *at = span.bytes, *end = span.bytes + span.length;
    while ((size_t)(end - at) >= length) {
        at = memchr(at, wanted[0], (size_t)(end - at) - length + 1);
        if (!at)
            return -1;
        if (memcmp(at, wanted, length) == 0)
            return (long)(at - span.bytes);
        at++;
    }
    return -1;
}
