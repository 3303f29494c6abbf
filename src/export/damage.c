#include "damage.h"

#include <string.h>

#include "base/utf8.h"

enum { NAME_SHOWN = 40 };

/* ---------------------------------------------------------------- words */

/* Takes over the words, cut at a character where they are too long. */
static void set_words(struct export_record *record, const struct text *words)
{
    size_t room = sizeof record->damage_text - 1;
    size_t length = words->length;
    if (length > room)
        length = utf8_valid_prefix(words->bytes, room);
    memcpy(record->damage_text, text_string(words), length);
    record->damage_text[length] = '\0';
}

/* " in column 3 (LAST_NAME), line 12, byte 17": bytes are counted from the beginning of the physical line. */
static void add_place(struct text *words, const struct export_record *record,
                      struct unit_shape shape, size_t raw, const struct export_record *heading)
{
    text_addf(words, " in column %zu", record->damage_cell + 1);
    if (heading && record->damage_cell < heading->cell_count &&
        heading->cells[record->damage_cell].length) {
        const struct export_cell *name = &heading->cells[record->damage_cell];
        text_add(words, " (");
        utf8_add_clean(words, name->bytes, name->length, NAME_SHOWN);
        text_add(words, ")");
    }
    uint32_t line = record->line;
    size_t start = 0, width = shape.width;
    for (size_t at = 0; at + width <= raw; at += width) {
        uint32_t unit = unit_at(shape, record->raw + at);
        bool pair = unit == '\r' && at + 2 * width <= raw &&
                    unit_at(shape, record->raw + at + width) == '\n';
        if (unit == '\n' || (unit == '\r' && !pair)) {
            line++;
            start = at + width;
        }
    }
    text_addf(words, ", line %u, byte %zu", line, raw - start + 1);
}

/* ---------------------------------------------------------------- which cell */

/* Where one stands in the decoded record, going through it character by character. */
struct walk {
    size_t cell, start; /* of the cell */
    bool quoted;        /* a quote is open */
    bool closed; /* the last character closed it; one more quote makes the two a doubled one */
};

/* Goes past the character at 'at'; is it a part of the value, and neither quote nor delimiter? */
static bool walk_past(struct walk *walk, const struct splitter *splitter, size_t at)
{
    char byte = splitter->decoded.bytes[at];
    if (byte == '"' && (walk->quoted || walk->closed || at == walk->start)) {
        walk->closed = walk->quoted;
        walk->quoted = !walk->quoted;
        return false;
    }
    walk->closed = false;
    if (byte != splitter->delimiter || walk->quoted)
        return true;
    walk->cell++;
    walk->start = at + 1;
    return false;
}

static size_t cell_of(const struct splitter *splitter, size_t decoded)
{
    struct walk walk = {0};
    for (size_t at = 0; at < decoded; at++)
        walk_past(&walk, splitter, at);
    return walk.cell;
}

/* Sets damage and words: what is wrong, and where. */
static void set_damage(struct export_record *record, const struct splitter *splitter,
                       enum record_damage damage, size_t raw, size_t decoded,
                       const struct export_record *heading, const char *what, const char *hint)
{
    struct text words = {0};
    record->damage = damage;
    record->damage_cell = cell_of(splitter, decoded);
    text_add(&words, what);
    add_place(&words, record, encoding_shape(splitter->encoding), raw, heading);
    text_add(&words, hint);
    set_words(record, &words);
    text_clear(&words);
}

/* ---------------------------------------------------------------- characters */

static bool is_c1(uint32_t point)
{
    return point >= 0x80 && point < 0xA0;
}

static bool is_bidi_control(uint32_t point)
{
    return point == 0x061C || point == 0x200E || point == 0x200F ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

static bool is_noncharacter(uint32_t point)
{
    return (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFE) == 0xFFFE;
}

static enum record_damage damage_of(uint32_t point, bool quoted)
{
    if (point == 0)
        return RECORD_NUL;
    if (quoted && (point == '\t' || point == '\n' || point == '\r'))
        return RECORD_SOUND;
    if (point < 0x20 || point == 0x7F || is_c1(point) || is_bidi_control(point))
        return RECORD_CONTROL;
    return is_noncharacter(point) ? RECORD_UNDECODABLE : RECORD_SOUND;
}

/* The first place over 0x7F from 'at' on, or the end. */
static size_t next_high(const struct text *text, size_t at)
{
    uint64_t word;
    for (; at + sizeof word <= text->length; at += sizeof word) {
        memcpy(&word, text->bytes + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < text->length && !(text->bytes[at] & '\x80'))
        at++;
    return at;
}

/* Does a character over U+007F stand in the text that must not? */
static bool holds_bad_high(const struct text *text)
{
    for (size_t at = next_high(text, 0); at < text->length; at = next_high(text, at)) {
        uint32_t point;
        at += utf8_decode(text->bytes + at, text->length - at, &point);
        if (damage_of(point, false) != RECORD_SOUND)
            return true;
    }
    return false;
}

/* The place of the first character that must not stand there; 'point' is set to it. */
static size_t find_bad(const struct splitter *splitter, uint32_t *point)
{
    const struct text *text = &splitter->decoded;
    struct walk walk = {0};
    for (size_t at = 0, step; at < text->length; at += step) {
        step = utf8_decode(text->bytes + at, text->length - at, point);
        if (walk_past(&walk, splitter, at) && damage_of(*point, walk.quoted) != RECORD_SOUND)
            return at;
    }
    return NOWHERE;
}

static bool judge_characters(struct export_record *record, const struct splitter *splitter,
                             const struct split_marks *marks, size_t body,
                             const struct export_record *heading)
{
    uint32_t point = 0;
    bool may_be_bad = marks->high && splitter->encoding != ENCODING_WINDOWS_1252; /* it has none */
    if (!marks->control && !(may_be_bad && holds_bad_high(&splitter->decoded)))
        return false;
    size_t at = find_bad(splitter, &point);
    if (at == NOWHERE)
        return false;
    struct text what = {0};
    enum record_damage damage = damage_of(point, false);
    if (damage == RECORD_NUL)
        text_add(&what, "NUL byte");
    else if (damage == RECORD_UNDECODABLE)
        text_addf(&what, "U+%04X, which is no character,", (unsigned)point);
    else
        text_addf(&what, "%s U+%04X",
                  is_bidi_control(point) ? "direction mark" : "control character", (unsigned)point);
    bool c1_of_latin_1 = is_c1(point) && splitter->encoding == ENCODING_ISO_8859_1;
    set_damage(record, splitter, damage,
               encoding_raw_place(splitter->encoding, record->raw, body, at), at, heading,
               text_string(&what), c1_of_latin_1 ? "; is the file windows-1252?" : "");
    text_clear(&what);
    return true;
}

static bool judge_undecodable(struct export_record *record, const struct splitter *splitter,
                              const struct export_record *heading)
{
    struct undecodable at = splitter->undecodable;
    if (at.raw == NOWHERE)
        return false;
    struct text what = {0};
    unsigned char byte = (unsigned char)record->raw[at.raw];
    bool wide = encoding_shape(splitter->encoding).width == 2;
    if (wide)
        text_addf(&what, "half of a character that %s does not have",
                  encoding_name(splitter->encoding));
    else
        text_addf(&what, "byte 0x%02X is not %s", byte, encoding_name(splitter->encoding));
    bool accented = splitter->encoding == ENCODING_UTF_8 && byte >= 0x80;
    set_damage(record, splitter, RECORD_UNDECODABLE, at.raw, at.decoded, heading,
               text_string(&what), accented ? "; is the file windows-1252?" : "");
    text_clear(&what);
    return true;
}

/* ---------------------------------------------------------------- quotes and cells */

static bool judge_quotes(struct export_record *record, const struct splitter *splitter,
                         const struct split_marks *marks, size_t body,
                         const struct export_record *heading)
{
    if (!marks->refused)
        return false;
    const struct text *text = &splitter->decoded;
    bool opened = splitter->cursor < text->length && text->bytes[splitter->cursor] == '"';
    const char *what = "quote inside an unquoted cell";
    if (opened)
        what = marks->refused_at == splitter->cursor ? "quote that opens a cell and is not closed"
                                                     : "text behind a closing quote";
    set_damage(record, splitter, RECORD_QUOTE,
               encoding_raw_place(splitter->encoding, record->raw, body, marks->refused_at),
               marks->refused_at, heading, what, "");
    return true;
}

static bool fits_heading(struct splitter *splitter, const struct export_record *heading)
{
    size_t columns = heading->cell_count, count = splitter->cell_count;
    if (count == columns + 1 && splitter->cells[columns].length == 0)
        splitter->cell_count = columns;
    if (count + 1 == columns && heading->cells[count].length == 0) {
        splitter->cells[count] = (struct export_cell){.bytes = ""};
        splitter->cell_count = columns;
    }
    return splitter->cell_count == columns;
}

static bool judge_cells(struct export_record *record, struct splitter *splitter,
                        const struct export_record *heading)
{
    if (!heading || fits_heading(splitter, heading))
        return false;
    struct text words = {0};
    size_t count = splitter->cell_count;
    record->damage = RECORD_RAGGED;
    record->damage_cell = count < heading->cell_count ? count : heading->cell_count;
    text_addf(&words, "%zu cell%s where the heading has %zu", count, count == 1 ? "" : "s",
              heading->cell_count);
    set_words(record, &words);
    text_clear(&words);
    return true;
}

void damage_judge(struct export_record *record, struct splitter *splitter,
                  const struct split_marks *marks, const struct export_record *heading)
{
    size_t body = record->bytes;
    bool damaged = judge_undecodable(record, splitter, heading) ||
                   judge_characters(record, splitter, marks, body, heading) ||
                   judge_quotes(record, splitter, marks, body, heading) ||
                   judge_cells(record, splitter, heading);
    if (!damaged) {
        record->damage = RECORD_SOUND;
        record->damage_cell = 0;
        record->damage_text[0] = '\0';
    }
    record->cells = splitter->cells;
    record->cell_count = splitter->cell_count;
}
