#include "base/utf8.h"

#include <string.h>

static const uint64_t HIGH_BITS = UINT64_C(0x8080808080808080);
static const uint64_t LOW_BITS = UINT64_C(0x0101010101010101);

static uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The length of the pure ASCII beginning. */
static size_t ascii_prefix(const char *bytes, size_t length)
{
    size_t i = 0;
    while (length - i >= sizeof(uint64_t) && !(word_at(bytes + i) & HIGH_BITS)) {
        i += sizeof(uint64_t);
    }
    while (i < length && !(bytes[i] & '\x80')) {
        i++;
    }
    return i;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The length of the well-formed sequence that a byte over 0x7F begins, or 0 (Unicode 15, table 3-7). */
static size_t sequence_length(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0];
    if (lead < 0xC2 || lead > 0xF4 || left < 2) {
        return 0;
    }
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < least || at[1] > most) {
        return 0;
    }
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(at[i])) {
            return 0;
        }
    }
    return length;
}

size_t utf8_valid_prefix(const char *bytes, size_t length)
{
    size_t i = 0;
    for (;;) {
        i += ascii_prefix(bytes + i, length - i);
        if (i == length) {
            return length;
        }
        size_t step = sequence_length((const unsigned char *)bytes + i, length - i);
        if (step == 0) {
            return i;
        }
        i += step;
    }
}

bool utf8_is_ascii(const char *bytes, size_t length)
{
    return ascii_prefix(bytes, length) == length;
}

/* No code point below U+0300 composes with its neighbours or decomposes in form C; that one begins with 0xCC. */
bool utf8_is_composed(const char *bytes, size_t length)
{
    for (size_t i = ascii_prefix(bytes, length); i < length; i++) {
        if ((unsigned char)bytes[i] >= 0xCC) {
            return false;
        }
    }
    return true;
}

size_t utf8_count(const char *bytes, size_t length)
{
    size_t continuations = 0;
    size_t i = 0;
    for (; length - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word = word_at(bytes + i);
        if (word & HIGH_BITS) {
            uint64_t marks = (word >> 7) & ~(word >> 6) & LOW_BITS;
            continuations += (size_t)((marks * LOW_BITS) >> 56);
        }
    }
    for (; i < length; i++) {
        continuations += is_continuation((unsigned char)bytes[i]);
    }
    return length - continuations;
}

size_t utf8_cut(const char *bytes, size_t length, size_t points)
{
    if (points >= length) {
        return length;
    }
    size_t i = 0;
    while (i < length) {
        if (!is_continuation((unsigned char)bytes[i]) && points-- == 0) {
            break;
        }
        i++;
    }
    return i;
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *point)
{
    const unsigned char *at = (const unsigned char *)bytes;
    uint32_t lead = at[0];
    size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size == 1 || size > length) {
        *point = lead;
        return 1;
    }
    uint32_t value = lead & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        value = value << 6 | (at[i] & 0x3Fu);
    }
    *point = value;
    return size;
}

size_t utf8_encode(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)((0xF00u >> size & 0xFF) | point);
    return size;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

/* What moves the text around it: bidirectional controls, line and paragraph separators. */
static bool is_layout(uint32_t point)
{
    return point == 0x061C || point == 0x200E || point == 0x200F ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

void utf8_add_clean(struct text *out, const char *bytes, size_t length, size_t max_bytes)
{
    size_t i = 0, written = 0;
    while (i < length && i < max_bytes) {
        uint32_t point = (unsigned char)bytes[i];
        size_t step = 1;
        if (point >= 0x80) {
            step = sequence_length((const unsigned char *)bytes + i, length - i);
            utf8_decode(bytes + i, step ? step : 1, &point);
        }
        if (step > max_bytes - i) {
            break;
        }
        bool is_shown = step > 0 && !is_control(point) && !is_layout(point);
        step += step == 0;
        if (!is_shown) {
            text_add_bytes(out, bytes + written, i - written);
            text_add(out, "\xEF\xBF\xBD");
            written = i + step;
        }
        i += step;
    }
    text_add_bytes(out, bytes + written, i - written);
    if (i < length) {
        text_add(out, "...");
    }
}
