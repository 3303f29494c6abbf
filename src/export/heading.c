#include "heading.h"

#include <string.h>

#include "base/utf8.h"

struct export_cell cell_trimmed(const struct export_cell *cell)
{
    size_t begin = cell->length, end = 0;
    uint32_t point;
    for (size_t at = 0, step; at < cell->length; at += step) {
        step = utf8_decode(cell->bytes + at, cell->length - at, &point);
        if (utf8_is_space(point))
            continue;
        begin = at < begin ? at : begin;
        end = at + step;
    }
    struct export_cell out = *cell;
    out.bytes += begin < end ? begin : 0;
    out.length = begin < end ? (uint32_t)(end - begin) : 0;
    return out;
}

/* ---------------------------------------------------------------- once more? */

static bool is_quote_or_blank(const struct export *export, uint32_t unit)
{
    return unit == '"' || unit == ' ' || (unit == '\t' && export->scanner.delimiter != '\t');
}

static uint32_t lower(uint32_t unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit - 'A' + 'a' : unit;
}

/* Can the piece's first cell be the heading's? Cheap, and exact in "no"; what is not ASCII may be anything. */
static bool may_be_repeated(const struct export *export, const char *bytes, size_t length)
{
    const struct export_cell *first = &export->heading.cells[0];
    size_t width = export->shape.width, at = 0;
    while (at + width <= length && is_quote_or_blank(export, unit_at(export->shape, bytes + at)))
        at += width;
    for (size_t i = 0; i < first->length; i++, at += width) {
        unsigned char wanted = (unsigned char)first->bytes[i];
        uint32_t unit = at + width <= length ? unit_at(export->shape, bytes + at) : 0;
        if (unit >= 0x80 || wanted >= 0x80 || wanted == '"')
            return true;
        if (lower(unit) != lower(wanted))
            return false;
    }
    uint32_t unit = at + width <= length ? unit_at(export->shape, bytes + at) : 0x80;
    return unit >= 0x80 || unit == (unsigned char)export->scanner.delimiter ||
           is_quote_or_blank(export, unit);
}

static bool cells_are_one(const struct export_cell *left, const struct export_cell *right)
{
    struct text a = {0}, b = {0};
    utf8_fold(left->bytes, left->length, &a);
    utf8_fold(right->bytes, right->length, &b);
    bool same = text_is(text_string(&a), text_string(&b));
    text_clear(&a);
    text_clear(&b);
    return same;
}

bool heading_is_repeated(struct export *export, const char *bytes, size_t length)
{
    const struct export_record *heading = &export->heading;
    struct splitter *splitter = &export->splitter;
    int marked = -1;
    if (!heading->cell_count || !may_be_repeated(export, bytes, length))
        return false;
    size_t mark = encoding_mark(bytes, length, &marked);
    if (marked != (int)export->encoding)
        mark = 0;
    struct split_marks marks = splitter_split(splitter, bytes + mark, length - mark);
    if (marks.refused || splitter->cell_count != heading->cell_count ||
        memchr(splitter->decoded.bytes, '\0', splitter->decoded.length))
        return false;
    for (size_t i = 0; i < heading->cell_count; i++) {
        struct export_cell cell = cell_trimmed(&splitter->cells[i]);
        if (!cells_are_one(&cell, &heading->cells[i]))
            return false;
    }
    return true;
}
