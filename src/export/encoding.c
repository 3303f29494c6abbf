#include "encoding.h"

#include <endian.h>
#include <string.h>

#include "base/utf8.h"

enum { REPLACEMENT = 0xFFFD, UNDEFINED = 0 };

static const char *const names[] = {
    [ENCODING_UTF_8] = "utf-8",           [ENCODING_WINDOWS_1252] = "windows-1252",
    [ENCODING_ISO_8859_1] = "iso-8859-1", [ENCODING_UTF_16LE] = "utf-16le",
    [ENCODING_UTF_16BE] = "utf-16be",
};

/* Windows-1252 from 0x80 to 0x9F; elsewhere it is ISO-8859-1. Five bytes are not defined. */
static const uint16_t windows_1252[32] = {
    0x20AC,    UNDEFINED, 0x201A, 0x0192, 0x201E, 0x2026,    0x2020, 0x2021,
    0x02C6,    0x2030,    0x0160, 0x2039, 0x0152, UNDEFINED, 0x017D, UNDEFINED,
    UNDEFINED, 0x2018,    0x2019, 0x201C, 0x201D, 0x2022,    0x2013, 0x2014,
    0x02DC,    0x2122,    0x0161, 0x203A, 0x0153, UNDEFINED, 0x017E, 0x0178,
};

const char *encoding_name(enum export_encoding encoding)
{
    return names[encoding];
}

struct unit_shape encoding_shape(enum export_encoding encoding)
{
    bool wide = encoding == ENCODING_UTF_16LE || encoding == ENCODING_UTF_16BE;
    return (struct unit_shape){wide ? 2 : 1, encoding == ENCODING_UTF_16BE ? 1 : 0};
}

/* ---------------------------------------------------------------- one character */

/* A character of a file: how many bytes it takes there, and what it is. */
struct character {
    size_t bytes;
    uint32_t point;
    bool bad;
};

static struct character read_utf8(const char *raw, size_t bytes)
{
    size_t most = bytes < 4 ? bytes : 4;
    struct character read = {.bytes = 1, .point = (unsigned char)raw[0]};
    if (read.point < 0x80)
        return read;
    if (utf8_valid_prefix(raw, most) == 0) {
        for (most--; most > 1 && utf8_valid_prefix(raw, most) == 0;)
            most--;
        if (most < 2) {
            read.point = REPLACEMENT;
            read.bad = true;
            return read;
        }
    }
    read.bytes = utf8_decode(raw, most, &read.point);
    return read;
}

static struct character read_byte(enum export_encoding encoding, const char *raw)
{
    struct character read = {.bytes = 1, .point = (unsigned char)raw[0]};
    if (encoding == ENCODING_WINDOWS_1252 && read.point >= 0x80 && read.point < 0xA0) {
        read.point = windows_1252[read.point - 0x80];
        if (read.point == UNDEFINED) {
            read.point = REPLACEMENT;
            read.bad = true;
        }
    }
    return read;
}

static bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

static struct character read_utf16(struct unit_shape shape, const char *raw, size_t bytes)
{
    struct character read = {.bytes = 2, .point = REPLACEMENT, .bad = true};
    if (bytes < 2) {
        read.bytes = 1;
        return read;
    }
    uint32_t unit = unit_at(shape, raw);
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit)) {
        read.point = unit;
        read.bad = false;
    } else if (is_high_surrogate(unit) && bytes >= 4) {
        uint32_t low = unit_at(shape, raw + 2);
        if (is_low_surrogate(low)) {
            read.bytes = 4;
            read.point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            read.bad = false;
        }
    }
    return read;
}

static struct character read_character(enum export_encoding encoding, const char *raw, size_t bytes)
{
    switch (encoding) {
    case ENCODING_UTF_8:
        return read_utf8(raw, bytes);
    case ENCODING_WINDOWS_1252:
    case ENCODING_ISO_8859_1:
        return read_byte(encoding, raw);
    case ENCODING_UTF_16LE:
    case ENCODING_UTF_16BE:
        break;
    }
    return read_utf16(encoding_shape(encoding), raw, bytes);
}

/* ---------------------------------------------------------------- a record */

/*
 * Copies what stands before the first byte over 0x7F, eight bytes at a time; how many that is. 'to' has room for as
 * many bytes as 'raw' has.
 */
static size_t copy_ascii(const char *raw, size_t bytes, char *to)
{
    uint64_t word, high;
    size_t at = 0;
    for (; at + sizeof word <= bytes; at += sizeof word) {
        memcpy(&word, raw + at, sizeof word);
        memcpy(to + at, &word, sizeof word);
        high = le64toh(word) & UINT64_C(0x8080808080808080);
        if (high)
            return at + (size_t)__builtin_ctzll(high) / 8;
    }
    for (; at < bytes && !(raw[at] & '\x80'); at++)
        to[at] = raw[at];
    return at;
}

static size_t copy_wide_ascii(struct unit_shape shape, const char *raw, size_t bytes, char *to)
{
    size_t at = 0;
    for (; at + shape.width <= bytes && unit_at(shape, raw + at) < 0x80; at += shape.width)
        *to++ = (char)unit_at(shape, raw + at);
    return at;
}

/* Appends the beginning that needs no thought, and tells how many bytes of 'raw' it is; the rest goes by the character. */
static size_t copy_plain(enum export_encoding encoding, const char *raw, size_t bytes, char **to)
{
    struct unit_shape shape = encoding_shape(encoding);
    size_t plain;
    if (shape.width > 1) {
        plain = copy_wide_ascii(shape, raw, bytes, *to);
    } else if (encoding == ENCODING_UTF_8) {
        plain = utf8_valid_prefix(raw, bytes);
        memcpy(*to, raw, plain);
    } else {
        plain = copy_ascii(raw, bytes, *to);
    }
    *to += plain / shape.width;
    return plain;
}

struct undecodable encoding_decode(enum export_encoding encoding, const char *raw, size_t bytes,
                                   struct text *out)
{
    struct undecodable first = {NOWHERE, NOWHERE};
    text_reset(out);
    text_reserve(out, 3 * bytes + 4);
    char *to = out->bytes;
    for (size_t at = 0; at < bytes;) {
        at += copy_plain(encoding, raw + at, bytes - at, &to);
        if (at == bytes)
            break;
        struct character read = read_character(encoding, raw + at, bytes - at);
        if (read.bad && first.raw == NOWHERE)
            first = (struct undecodable){at, (size_t)(to - out->bytes)};
        to += utf8_encode(read.point, to);
        at += read.bytes;
    }
    out->length = (size_t)(to - out->bytes);
    *to = '\0';
    return first;
}

size_t encoding_raw_place(enum export_encoding encoding, const char *raw, size_t bytes,
                          size_t decoded)
{
    char unused[4];
    size_t at = 0;
    for (size_t to = 0; at < bytes && to < decoded;) {
        struct character read = read_character(encoding, raw + at, bytes - at);
        to += utf8_encode(read.point, unused);
        at += read.bytes;
    }
    return at;
}

static bool is_cut_utf8(const char *raw, size_t bytes)
{
    for (size_t back = 1; back <= 3 && back <= bytes; back++) {
        unsigned char byte = (unsigned char)raw[bytes - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t needed = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 1;
        return needed > back;
    }
    return false;
}

bool encoding_is_cut(enum export_encoding encoding, const char *raw, size_t bytes)
{
    if (encoding == ENCODING_UTF_8)
        return is_cut_utf8(raw, bytes);
    struct unit_shape shape = encoding_shape(encoding);
    return shape.width == 2 &&
           (bytes % 2 || (bytes && is_high_surrogate(unit_at(shape, raw + bytes - 2))));
}

/* ---------------------------------------------------------------- the other way */

static char single_byte(enum export_encoding encoding, uint32_t point)
{
    if (encoding == ENCODING_WINDOWS_1252)
        for (unsigned i = 0; i < 32; i++)
            if (windows_1252[i] == point && point != UNDEFINED)
                return (char)(unsigned char)(0x80 + i);
    bool same = point < 0x80 || (point >= 0xA0 && point < 0x100);
    return same ? (char)(unsigned char)point : '?';
}

static void add_unit(struct unit_shape shape, uint32_t unit, struct text *out)
{
    char bytes[2];
    bytes[shape.low] = (char)(unsigned char)(unit & 0xFF);
    bytes[1 - shape.low] = (char)(unsigned char)(unit >> 8);
    text_add_bytes(out, bytes, sizeof bytes);
}

void export_encode(enum export_encoding encoding, const char *bytes, size_t length,
                   struct text *out)
{
    if (encoding == ENCODING_UTF_8) {
        text_add_bytes(out, bytes, length);
        return;
    }
    struct unit_shape shape = encoding_shape(encoding);
    for (size_t at = 0; at < length;) {
        struct character read = read_utf8(bytes + at, length - at);
        at += read.bytes;
        if (shape.width == 1) {
            text_add_byte(out, single_byte(encoding, read.point));
        } else if (read.point < 0x10000) {
            add_unit(shape, read.point, out);
        } else {
            add_unit(shape, 0xD800 + ((read.point - 0x10000) >> 10), out);
            add_unit(shape, 0xDC00 + ((read.point - 0x10000) & 0x3FF), out);
        }
    }
}

/* ---------------------------------------------------------------- what a file seems to be */

size_t encoding_mark(const char *bytes, size_t length, int *encoding)
{
    static const struct {
        const char *bytes;
        size_t length;
        int encoding;
    } marks[] = {{"\xFF\xFE\0\0", 4, -1},
                 {"\0\0\xFE\xFF", 4, -1},
                 {"\xEF\xBB\xBF", 3, ENCODING_UTF_8},
                 {"\xFF\xFE", 2, ENCODING_UTF_16LE},
                 {"\xFE\xFF", 2, ENCODING_UTF_16BE}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (length >= marks[i].length && memcmp(bytes, marks[i].bytes, marks[i].length) == 0) {
            *encoding = marks[i].encoding;
            return marks[i].length;
        }
    return 0;
}

int encoding_by_nuls(const char *bytes, size_t length)
{
    size_t nuls[2] = {0, 0};
    for (size_t i = 0; i < length; i++)
        nuls[i % 2] += bytes[i] == '\0';
    size_t most = nuls[0] > nuls[1] ? nuls[0] : nuls[1];
    size_t least = nuls[0] + nuls[1] - most;
    if (most < 2 || most < length / 8 || least > most / 4)
        return -1;
    return nuls[1] > nuls[0] ? ENCODING_UTF_16LE : ENCODING_UTF_16BE;
}
