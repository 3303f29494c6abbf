#include "steps.h"

#include <string.h>

#include "base/utf8.h"

static struct span span_made(char *bytes, const char *end, bool ascii)
{
    return (struct span){.bytes = bytes, .length = (uint32_t)(end - bytes), .ascii = ascii};
}

/* Keeps what was written of a piece that was taken generously, and makes it the value. */
static bool value_set(struct step_room room, struct span *value, char *bytes, const char *end,
                      bool ascii)
{
    arena_trim(room.arena, bytes, (size_t)(end - bytes));
    *value = span_made(bytes, end, ascii);
    return true;
}

void step_keep_scratch(struct step_room room, struct span *value)
{
    char *bytes = arena_take(room.arena, room.scratch->length);
    memcpy(bytes, text_string(room.scratch), room.scratch->length);
    *value = span_of(bytes, room.scratch->length);
}

/* ASCII letters of 8 bytes turned to the other case, those that are between 'first' and 'first' + 25. */
static uint64_t word_case(uint64_t word, char first)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t from = word + each * (uint64_t)(0x80 - first);
    uint64_t beyond = word + each * (uint64_t)(0x80 - first - 26);
    return word ^ (((from ^ beyond) & each * 0x80) >> 2);
}

static void ascii_case(const char *from, char *to, size_t length, bool upper)
{
    uint64_t word;
    size_t at = 0;
    for (; at + sizeof word <= length; at += sizeof word) {
        memcpy(&word, from + at, sizeof word);
        word = word_case(word, upper ? 'a' : 'A');
        memcpy(to + at, &word, sizeof word);
    }
    for (; at < length; at++)
        to[at] = upper ? byte_upper(from[at]) : byte_lower(from[at]);
}

static bool run_case(struct step_room room, struct span *value, bool upper)
{
    if (!value->ascii) {
        text_reset(room.scratch);
        (upper ? utf8_upper : utf8_lower)(value->bytes, value->length, room.scratch);
        step_keep_scratch(room, value);
        return true;
    }
    char *bytes = arena_take(room.arena, value->length);
    ascii_case(value->bytes, bytes, value->length, upper);
    *value = span_made(bytes, bytes + value->length, true);
    return true;
}

/* A space; what else may be a blank, or begin one: a tab, and the first bytes of U+00A0, 1680, 2000 to 205F and 3000. */
enum { BYTE_SPACE = 1, BYTE_BLANK = 2 };
static const unsigned char byte_kinds[256] = {
    [' '] = BYTE_SPACE,  ['\t'] = BYTE_BLANK, [0xC2] = BYTE_BLANK,
    [0xE1] = BYTE_BLANK, [0xE2] = BYTE_BLANK, [0xE3] = BYTE_BLANK};

/* The length of a blank (no line end) at a place, or 0. */
static size_t blank_at(struct span value, size_t at)
{
    if (!byte_kinds[(unsigned char)value.bytes[at]])
        return 0;
    uint32_t point;
    size_t length = utf8_decode(value.bytes + at, value.length - at, &point);
    return utf8_is_space(point) ? length : 0;
}

static bool may_have_blanks_to_mend(struct span value)
{
    unsigned before = 0;
    for (size_t at = 0; at < value.length; at++) {
        unsigned kind = byte_kinds[(unsigned char)value.bytes[at]];
        if (kind & (before | BYTE_BLANK))
            return true;
        before = kind;
    }
    return false;
}

static bool run_one_space(struct step_room room, struct span *value)
{
    if (!may_have_blanks_to_mend(*value))
        return true;
    char *bytes = arena_take(room.arena, value->length), *end = bytes;
    for (size_t at = 0; at < value->length;) {
        size_t blank = blank_at(*value, at);
        if (!blank)
            *end++ = value->bytes[at++];
        else if (end == bytes || end[-1] != ' ')
            *end++ = ' ';
        at += blank;
    }
    return value_set(room, value, bytes, end, value->ascii);
}

static bool run_digits(struct step_room room, struct span *value)
{
    char *bytes = arena_take(room.arena, value->length), *end = bytes;
    for (size_t i = 0; i < value->length; i++) {
        *end = value->bytes[i];
        end += byte_is_digit(value->bytes[i]);
    }
    return value_set(room, value, bytes, end, true);
}

/* Canadian ("K1A 0B1") and US ("12345", "12345-6789") codes; for any other the step does not apply. */
static bool run_postal_code(struct step_room room, struct span *value)
{
    char code[9];
    size_t count = 0, digits = 0;
    bool is_canadian = true;
    for (size_t i = 0; i < value->length; i++) {
        char byte = byte_upper(value->bytes[i]);
        if (byte == ' ' || byte == '-')
            continue;
        if (count == sizeof code || !(byte_is_letter(byte) || byte_is_digit(byte)))
            return false;
        is_canadian = is_canadian && (count % 2 ? byte_is_digit(byte) : byte_is_letter(byte));
        digits += byte_is_digit(byte);
        code[count++] = byte;
    }
    size_t front = count;
    if (count == 6 && is_canadian)
        front = 3;
    else if (count == 9 && digits == 9)
        front = 5;
    else if (!(count == 5 && digits == 5))
        return false;
    char *bytes = arena_take(room.arena, count + 1), *end = bytes;
    for (size_t i = 0; i < count; i++) {
        if (i == front)
            *end++ = is_canadian ? ' ' : '-';
        *end++ = code[i];
    }
    return value_set(room, value, bytes, end, true);
}

/* Is there a first byte of U+2018 to U+201F or U+02BC? */
static bool may_have_quotes_to_mend(struct span value)
{
    return !value.ascii &&
           (memchr(value.bytes, 0xE2, value.length) || memchr(value.bytes, 0xCA, value.length));
}

/* The straight form of a typographic quote, or 0. */
static char quote_straight(uint32_t point)
{
    switch (point) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x02BC:
        return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
        return '"';
    default:
        return '\0';
    }
}

static bool run_straight_quotes(struct step_room room, struct span *value)
{
    if (!may_have_quotes_to_mend(*value))
        return true;
    char *bytes = arena_take(room.arena, value->length), *end = bytes;
    for (size_t at = 0; at < value->length;) {
        uint32_t point;
        size_t length = utf8_decode(value->bytes + at, value->length - at, &point);
        char straight = quote_straight(point);
        if (straight)
            *end++ = straight;
        else {
            memcpy(end, value->bytes + at, length);
            end += length;
        }
        at += length;
    }
    return value_set(room, value, bytes, end, bytes_are_ascii(bytes, (size_t)(end - bytes)));
}

static bool byte_ends_line(char byte)
{
    return byte == '\n' || byte == '\r' || byte == '\v' || byte == '\f';
}

/* Lines become parts with ", " between them; a comma that ends a line is not doubled; tabs become spaces. */
static bool run_one_line(struct step_room room, struct span *value)
{
    if (!bytes_have_control(value->bytes, value->length))
        return true;
    char *bytes = arena_take(room.arena, (size_t)value->length * 2), *end = bytes;
    bool is_broken = false;
    for (size_t i = 0; i < value->length; i++) {
        char byte = value->bytes[i] == '\t' ? ' ' : value->bytes[i];
        if (byte_ends_line(byte)) {
            is_broken = true;
            while (end > bytes && end[-1] == ' ')
                end--;
            continue;
        }
        if (is_broken && byte == ' ')
            continue;
        if (is_broken && end > bytes) {
            if (end[-1] != ',')
                *end++ = ',';
            *end++ = ' ';
        }
        is_broken = false;
        *end++ = byte;
    }
    return value_set(room, value, bytes, end, value->ascii);
}

/* ="000123" and '000123, as spreadsheets guard numbers from themselves. */
static bool run_excel_guards(struct span *value)
{
    struct span inner = span_trim(*value);
    if (inner.length >= 3 && memcmp(inner.bytes, "=\"", 2) == 0 &&
        inner.bytes[inner.length - 1] == '"')
        *value = span_part(inner, 2, inner.length - 3);
    else if (inner.length && inner.bytes[0] == '\'')
        *value = span_part(inner, 1, inner.length - 1);
    return true;
}

static bool run_cut(const struct step *step, struct span *value)
{
    long at = span_find(*value, step->text.bytes, step->text.length);
    if (at < 0)
        return step->kind == STEP_FIRST_OF;
    size_t front = (size_t)at, back = front + step->text.length;
    *value = step->kind == STEP_AFTER ? span_part(*value, back, value->length - back)
                                      : span_part(*value, 0, front);
    return true;
}

static bool run_pad(const struct step *step, struct step_room room, struct span *value)
{
    size_t have = value->ascii ? value->length : utf8_count(value->bytes, value->length);
    if (have >= step->width)
        return true;
    size_t front = (step->width - have) * step->text.length;
    char *bytes = arena_take(room.arena, front + value->length), *end = bytes;
    for (; have < step->width; have++) {
        memcpy(end, step->text.bytes, step->text.length);
        end += step->text.length;
    }
    memcpy(end, value->bytes, value->length);
    *value = span_made(bytes, end + value->length, value->ascii && step->text.ascii);
    return true;
}

/* Every A becomes B; remove is the same with an empty B. */
static bool run_replace(const struct step *step, struct step_room room, struct span *value)
{
    struct span rest = *value;
    long at = span_find(rest, step->text.bytes, step->text.length);
    if (at < 0)
        return true;
    size_t most = (size_t)value->length / step->text.length * step->by.length + value->length;
    if (most > STEP_VALUE_MAX)
        return false;
    char *bytes = arena_take(room.arena, most), *end = bytes;
    for (; at >= 0; at = span_find(rest, step->text.bytes, step->text.length)) {
        memcpy(end, rest.bytes, (size_t)at);
        end += at;
        if (step->by.length)
            memcpy(end, step->by.bytes, step->by.length);
        end += step->by.length;
        size_t taken = (size_t)at + step->text.length;
        rest = span_part(rest, taken, rest.length - taken);
    }
    memcpy(end, rest.bytes, rest.length);
    end += rest.length;
    return value_set(room, value, bytes, end, bytes_are_ascii(bytes, (size_t)(end - bytes)));
}

static bool phone_digits(struct span value, char *digits, size_t wanted)
{
    size_t count = 0;
    for (size_t at = 0; at < value.length; at++) {
        if (byte_is_digit(value.bytes[at])) {
            if (count == wanted)
                return false;
            digits[count++] = value.bytes[at];
            continue;
        }
        size_t blank = blank_at(value, at);
        if (blank)
            at += blank - 1;
        else if (!strchr("()-./+", value.bytes[at]))
            return false;
    }
    return count == wanted;
}

static bool run_phone(const struct step *step, struct step_room room, struct span *value)
{
    size_t wanted = 0;
    for (size_t i = 0; i < step->text.length; i++)
        wanted += step->text.bytes[i] == '#';
    char *digits = arena_take(room.arena, wanted);
    if (!phone_digits(*value, digits, wanted))
        return false;
    char *bytes = arena_take(room.arena, step->text.length), *end = bytes;
    for (size_t i = 0; i < step->text.length; i++)
        *end++ = step->text.bytes[i] == '#' ? *digits++ : step->text.bytes[i];
    *value = span_made(bytes, end, step->text.ascii);
    return true;
}

static bool run_add(const struct step *step, struct step_room room, struct span *value)
{
    size_t length = (size_t)value->length + step->text.length;
    if (length > STEP_VALUE_MAX)
        return false;
    bool is_before = step->kind == STEP_ADD_BEFORE;
    struct span first = is_before ? step->text : *value, second = is_before ? *value : step->text;
    char *bytes = arena_take(room.arena, length);
    memcpy(bytes, first.bytes, first.length);
    memcpy(bytes + first.length, second.bytes, second.length);
    *value = span_made(bytes, bytes + length, first.ascii && second.ascii);
    return true;
}

bool step_run(const struct step *step, struct step_room room, struct span *value)
{
    switch (step->kind) {
    case STEP_TRIM:
        *value = span_trim(*value);
        return true;
    case STEP_ONE_SPACE:
        return run_one_space(room, value);
    case STEP_UPPER:
    case STEP_LOWER:
        return run_case(room, value, step->kind == STEP_UPPER);
    case STEP_NAMES:
        return step_names(room, value);
    case STEP_DIGITS:
        return run_digits(room, value);
    case STEP_POSTAL_CODE:
        return run_postal_code(room, value);
    case STEP_STRAIGHT_QUOTES:
        return run_straight_quotes(room, value);
    case STEP_ONE_LINE:
        return run_one_line(room, value);
    case STEP_EXCEL_GUARDS:
        return run_excel_guards(value);
    case STEP_BEFORE:
    case STEP_AFTER:
    case STEP_FIRST_OF:
        return run_cut(step, value);
    case STEP_PAD:
        return run_pad(step, room, value);
    case STEP_REMOVE:
    case STEP_REPLACE:
        return run_replace(step, room, value);
    case STEP_PHONE:
        return run_phone(step, room, value);
    case STEP_ADD_BEFORE:
    case STEP_ADD_AFTER:
        return run_add(step, room, value);
    }
    return false;
}
