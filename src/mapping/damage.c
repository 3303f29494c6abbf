#include "damage.h"

#include "base/utf8.h"

enum { NBSP = 0xA0, APOSTROPHE = 0x2019, ZEROS_MAX = 20 };

/* Whether windows-1252 has this character at a byte from 0x80 to 0xBF: what continues a sequence in UTF-8. */
static bool point_is_continuation(uint32_t point)
{
    static const uint16_t points[] = {0x20AC, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                      0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x017D, 0x2018,
                                      0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
                                      0x2122, 0x0161, 0x203A, 0x0153, 0x017E, 0x0178};
    if (point >= 0xA0 && point <= 0xBF)
        return true;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        if (points[i] == point)
            return true;
    }
    return false;
}

/*
 * Whether two neighbours are what is left of one accented letter: "Ã©". A capital before a closing apostrophe or a
 * blank is good French and Portuguese, so those do not count.
 */
static bool points_are_pair(uint32_t first, uint32_t second, uint32_t third)
{
    if (first >= 0xC2 && first <= 0xC5) {
        if (second == NBSP)
            return utf8_is_letter(third);
        return second != APOSTROPHE && point_is_continuation(second);
    }
    if (first == 0xE2)
        return second == 0x20AC && point_is_continuation(third);
    return first == 0xEF &&
           ((second == 0xBF && third == 0xBD) || (second == 0xBB && third == 0xBF));
}

/* Is there a letter that may be the first of such a pair: U+00C2 to C5, E2, EF? */
static bool may_be_twice(struct span value)
{
    const char *at = value.bytes, *end = value.bytes + value.length;
    while ((at = memchr(at, 0xC3, (size_t)(end - at))) != NULL && ++at < end)
        if (strchr("\x82\x83\x84\x85\xA2\xAF", *at))
            return true;
    return false;
}

bool damage_is_twice(struct span value)
{
    uint32_t first = 0, second = 0, third;
    if (value.ascii || !may_be_twice(value))
        return false;
    for (size_t at = 0; at < value.length; first = second, second = third) {
        at += utf8_decode(value.bytes + at, value.length - at, &third);
        if (points_are_pair(first, second, third))
            return true;
    }
    return points_are_pair(first, second, 0);
}

bool damage_is_lost(struct span value)
{
    return !value.ascii && span_find(value, "\xEF\xBF\xBD", 3) >= 0;
}

bool damage_is_power(struct span value)
{
    size_t at = 0, fraction = 0, power = 0;
    if (value.length < 4 || !byte_is_digit(value.bytes[at++]))
        return false;
    if (value.bytes[at] == '.' || value.bytes[at] == ',') {
        for (at++; at < value.length && byte_is_digit(value.bytes[at]); at++)
            fraction++;
        if (fraction == 0)
            return false;
    }
    if (at + 2 >= value.length || byte_upper(value.bytes[at++]) != 'E')
        return false;
    bool is_signed = value.bytes[at] == '+';
    for (at += is_signed; at < value.length && byte_is_digit(value.bytes[at]); at++)
        power++;
    return at == value.length && power >= 1 && power <= 3 && (is_signed || fraction > 0);
}

bool damage_is_guarded(struct span value, bool is_id)
{
    if (value.length >= 3 && memcmp(value.bytes, "=\"", 2) == 0 &&
        value.bytes[value.length - 1] == '"')
        return true;
    return is_id && value.length >= 2 && value.bytes[0] == '\'' && byte_is_digit(value.bytes[1]);
}

bool damage_is_short_of_zeros(struct span value, const struct regex *pattern)
{
    char padded[ZEROS_MAX];
    size_t fits = 0;
    if (value.length >= ZEROS_MAX)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        if (!byte_is_digit(value.bytes[i]))
            return false;
    }
    memset(padded, '0', sizeof padded);
    memcpy(padded + ZEROS_MAX - value.length, value.bytes, value.length);
    for (size_t length = value.length + 1; length <= ZEROS_MAX; length++)
        fits += regex_matches(pattern, padded + ZEROS_MAX - length, length);
    return fits == 1;
}
