#include "base/utf8.h"
#include "steps.h"

/* The capital form of one code point, or its small one. */
static void point_add(struct text *out, const char *bytes, size_t length, bool capital)
{
    (capital ? utf8_upper : utf8_lower)(bytes, length, out);
}

/* Are there ASCII letters of both cases? */
static bool name_is_mixed(struct span value)
{
    bool has_capital = false, has_small = false;
    for (size_t i = 0; i < value.length && !(has_capital && has_small); i++) {
        has_capital |= value.bytes[i] >= 'A' && value.bytes[i] <= 'Z';
        has_small |= value.bytes[i] >= 'a' && value.bytes[i] <= 'z';
    }
    return has_capital && has_small;
}

/* A name in capitals or in small letters throughout: a mixed one was written with care and is left alone. */
static bool name_is_one_case(struct span value, struct text *scratch)
{
    if (name_is_mixed(value))
        return false;
    if (value.ascii)
        return true;
    text_reset(scratch);
    utf8_upper(value.bytes, value.length, scratch);
    if (span_equals(value, (struct span){.bytes = text_string(scratch),
                                         .length = (uint32_t)scratch->length}))
        return true;
    text_reset(scratch);
    utf8_lower(value.bytes, value.length, scratch);
    return span_equals(
        value, (struct span){.bytes = text_string(scratch), .length = (uint32_t)scratch->length});
}

static bool letters_follow(struct span value, size_t at, size_t wanted)
{
    for (; wanted > 0; wanted--) {
        if (at >= value.length)
            return false;
        uint32_t point;
        at += utf8_decode(value.bytes + at, value.length - at, &point);
        if (!utf8_is_letter(point))
            return false;
    }
    return true;
}

/* Behind an apostrophe a capital follows in O'Brien, not in Martin's. */
static bool point_starts_word(struct span value, size_t next, uint32_t point)
{
    if (point == '\'' || point == 0x2019)
        return letters_follow(value, next, 2);
    return !utf8_is_letter(point) && !(point >= 0x300 && point < 0x370);
}

static void names_ascii(struct step_room room, struct span *value)
{
    char *bytes = arena_take(room.arena, value->length);
    bool is_first = true;
    for (size_t at = 0; at < value->length; at++) {
        char byte = value->bytes[at];
        bytes[at] = is_first ? byte_upper(byte) : byte_lower(byte);
        is_first = point_starts_word(*value, at + 1, (unsigned char)byte);
    }
    value->bytes = bytes;
}

static void names_unicode(struct step_room room, struct span *value)
{
    text_reset(room.scratch);
    bool is_first = true;
    for (size_t at = 0; at < value->length;) {
        uint32_t point;
        size_t length = utf8_decode(value->bytes + at, value->length - at, &point);
        point_add(room.scratch, value->bytes + at, length, is_first);
        at += length;
        is_first = point_starts_word(*value, at, point);
    }
    step_keep_scratch(room, value);
}

bool step_names(struct step_room room, struct span *value)
{
    if (name_is_one_case(*value, room.scratch))
        (value->ascii ? names_ascii : names_unicode)(room, value);
    return true;
}
