#include "scan.h"

#include <endian.h>
#include <string.h>

enum { WORDS_NEAR = 4 };

/* ---------------------------------------------------------------- units */

static size_t unit_limit(const struct scanner *scanner)
{
    return scanner->length - scanner->length % scanner->shape.width;
}

static uint32_t unit_of(const struct scanner *scanner, size_t at)
{
    return unit_at(scanner->shape, scanner->bytes + at);
}

/* The first place in [from, to) where the unit 'wanted' stands, or 'to'. */
static size_t unit_find(const struct scanner *scanner, size_t from, size_t to, char wanted)
{
    const char *bytes = scanner->bytes;
    struct unit_shape shape = scanner->shape;
    for (size_t at = from; at < to;) {
        const char *hit = memchr(bytes + at, wanted, to - at);
        if (!hit)
            break;
        size_t place = (size_t)(hit - bytes);
        size_t unit = place - place % shape.width;
        if (shape.width == 1 ||
            (place % 2 == shape.low && unit_at(shape, bytes + unit) == (unsigned char)wanted))
            return unit;
        at = place + 1;
    }
    return to;
}

/* The first place of a byte in the eight at 'at', or 8. */
static size_t word_find(const char *at, char wanted)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = le64toh(word) ^ ones * (unsigned char)wanted;
    uint64_t zeros = (word - ones) & ~word & ones << 7;
    return zeros ? (size_t)__builtin_ctzll(zeros) / 8 : sizeof word;
}

/* As unit_find, for what is likely to be near. */
static size_t unit_find_near(const struct scanner *scanner, size_t from, size_t to, char wanted)
{
    size_t at = from;
    if (scanner->shape.width == 1)
        for (int words = 0; words < WORDS_NEAR && at + sizeof(uint64_t) <= to; words++) {
            size_t place = word_find(scanner->bytes + at, wanted);
            at += place;
            if (place < sizeof(uint64_t))
                return at;
        }
    return unit_find(scanner, at, to, wanted);
}

/* The first place from 'from' on where 'wanted' stands, or the end of the window. */
static size_t seek_next(const struct scanner *scanner, struct seek *seek, char wanted, size_t from)
{
    size_t limit = unit_limit(scanner);
    size_t start = from;
    if (seek->from <= from && from <= seek->at) {
        if (seek->hit)
            return seek->at;
        start = seek->at;
    } else {
        seek->from = from;
    }
    seek->at = unit_find_near(scanner, start, limit, wanted);
    seek->hit = seek->at < limit;
    return seek->at;
}

static void seek_shift(struct seek *seek, size_t bytes)
{
    if (seek->at < bytes) {
        *seek = (struct seek){.from = 1, .at = 0};
        return;
    }
    seek->at -= bytes;
    seek->from = seek->from > bytes ? seek->from - bytes : 0;
}

void scan_shift(struct scanner *scanner, size_t bytes)
{
    seek_shift(&scanner->lf, bytes);
    seek_shift(&scanner->cr, bytes);
    seek_shift(&scanner->quote, bytes);
}

static size_t line_end(struct scanner *scanner, size_t from)
{
    size_t lf = seek_next(scanner, &scanner->lf, '\n', from);
    size_t cr = seek_next(scanner, &scanner->cr, '\r', from);
    return lf < cr ? lf : cr;
}

/* ---------------------------------------------------------------- lines and cells of a piece */

static bool is_line_end(uint32_t unit)
{
    return unit == '\n' || unit == '\r';
}

/* The bytes of the line end at 'at': of CRLF both units. */
static size_t line_end_bytes(const struct scanner *scanner, size_t at)
{
    size_t width = scanner->shape.width;
    bool pair = unit_of(scanner, at) == '\r' && at + width < unit_limit(scanner) &&
                unit_of(scanner, at + width) == '\n';
    return pair ? 2 * width : width;
}

uint32_t scan_lines(const struct scanner *scanner, size_t from, size_t to)
{
    size_t width = scanner->shape.width;
    uint32_t lines = 0;
    for (size_t at = from; at + width <= to; at += width)
        if (is_line_end(unit_of(scanner, at))) {
            lines++;
            at += line_end_bytes(scanner, at) - width;
        }
    return lines;
}

size_t scan_body(struct unit_shape shape, const char *raw, size_t bytes)
{
    size_t width = shape.width;
    size_t body = bytes - bytes % width;
    if (body < bytes || body < width || !is_line_end(unit_at(shape, raw + body - width)))
        return bytes;
    bool lf = unit_at(shape, raw + body - width) == '\n';
    body -= width;
    return lf && body >= width && unit_at(shape, raw + body - width) == '\r' ? body - width : body;
}

static void tally_cell(struct cell_tally *tally, size_t bytes)
{
    tally->cells++;
    if (bytes > tally->longest)
        tally->longest = bytes;
}

struct cell_tally scan_cells(const struct scanner *scanner, size_t from, size_t to)
{
    struct cell_tally tally = {0};
    size_t width = scanner->shape.width, start = from, marks = 0;
    bool closed = false; /* behind a closing quote; another one makes it a doubled quote */
    for (size_t at = from; at + width <= to; at += width) {
        uint32_t unit = unit_of(scanner, at);
        if (unit == '"' && (tally.open || closed || at == start)) {
            closed = tally.open;
            tally.open = !tally.open;
            marks += width;
        } else if (unit == (unsigned char)scanner->delimiter && !tally.open) {
            tally_cell(&tally, at - start - marks);
            start = at + width;
            marks = 0;
            closed = false;
        } else if (closed || (unit == '"' && !tally.open && unit_of(scanner, start) != '=')) {
            tally.astray = true;
            closed = false;
        }
    }
    tally_cell(&tally, to - start - marks);
    return tally;
}

/* ---------------------------------------------------------------- quoted cells */

enum quoted_end { QUOTED_CLOSED, QUOTED_OPEN, QUOTED_UNSURE };

/*
 * The quoted cell that opens at 'open': 'after' is set behind its closing quote. Unsure when the window ends with a
 * quote, which may be the first of two.
 */
static enum quoted_end quoted_cell(struct scanner *scanner, size_t open, size_t *after)
{
    size_t width = scanner->shape.width, limit = unit_limit(scanner);
    size_t at = open + width;
    for (;;) {
        size_t quote = unit_find_near(scanner, at, limit, '"');
        if (quote == limit)
            return QUOTED_OPEN;
        *after = quote + width;
        if (*after == limit)
            return scanner->last ? QUOTED_CLOSED : QUOTED_UNSURE;
        if (unit_of(scanner, *after) != '"')
            return QUOTED_CLOSED;
        at = *after + width;
    }
}

/* Where the record that begins at 'at' has its line end (or the window its end), and whether its quotes are damaged. */
struct record_end {
    size_t at;
    bool damaged;
    enum quoted_end quoted;
    size_t opened;
};

static struct record_end record_end(struct scanner *scanner, size_t begin)
{
    size_t width = scanner->shape.width;
    struct record_end end = {.at = begin, .opened = NOWHERE};
    for (size_t at = begin;;) {
        bool here = at < unit_limit(scanner) && unit_of(scanner, at) == '"';
        size_t quote = here ? at : seek_next(scanner, &scanner->quote, '"', at);
        if (end.at <= at)
            end.at = line_end(scanner, at);
        if (quote >= end.at)
            return end;
        bool opens =
            quote == begin || unit_of(scanner, quote - width) == (unsigned char)scanner->delimiter;
        if (!opens) {
            at = quote + width;
            continue;
        }
        end.quoted = quoted_cell(scanner, quote, &at);
        if (end.quoted != QUOTED_CLOSED) {
            end.opened = quote;
            return end;
        }
        if (at == unit_limit(scanner) || is_line_end(unit_of(scanner, at))) {
            end.at = at;
            return end;
        }
        if (unit_of(scanner, at) != (unsigned char)scanner->delimiter) {
            end.at = line_end(scanner, at);
            end.damaged = true;
            return end;
        }
        at += width;
    }
}

/* ---------------------------------------------------------------- taking up the thread */

/* Would one of the lines in [from, to) be a whole record by itself? */
static bool holds_whole_record(struct scanner *scanner, size_t from, size_t to)
{
    while (from < to) {
        size_t end = line_end(scanner, from);
        if (end > to)
            end = to;
        struct cell_tally tally = scan_cells(scanner, from, end);
        if (tally.cells == scanner->columns && !tally.open && !tally.astray)
            return true;
        from = end < to ? end + line_end_bytes(scanner, end) : to;
    }
    return false;
}

/* The record runs from 'begin' over more than its first line to 'end': was it a stray quote that made it so? */
static bool opened_astray(struct scanner *scanner, size_t begin, size_t first_end, size_t end,
                          bool damaged)
{
    if (scanner->columns < 2)
        return false;
    if (!damaged && scan_cells(scanner, begin, end).cells == scanner->columns)
        return false;
    return holds_whole_record(scanner, first_end + line_end_bytes(scanner, first_end), end);
}

/* Is it clear what stands at 'end': a whole line end, or the end of the file? */
static bool end_is_sure(const struct scanner *scanner, size_t end)
{
    size_t limit = unit_limit(scanner);
    if (scanner->last)
        return true;
    return end < limit && (unit_of(scanner, end) == '\n' || end + scanner->shape.width < limit);
}

static enum scan_step record_found(struct scanner *scanner, size_t begin, size_t end, bool one_line,
                                   struct scanned *out)
{
    if (!end_is_sure(scanner, end))
        return SCAN_MORE;
    bool at_end = end == unit_limit(scanner);
    size_t after = at_end ? scanner->length : end + line_end_bytes(scanner, end);
    out->body = (at_end ? after : end) - begin;
    out->bytes = after - begin;
    out->lines = one_line ? 1 : scan_lines(scanner, begin, after);
    return SCAN_FOUND;
}

enum scan_step scan_record(struct scanner *scanner, size_t at, struct scanned *out)
{
    out->opened = NOWHERE;
    size_t first_end = line_end(scanner, at);
    if (seek_next(scanner, &scanner->quote, '"', at) >= first_end)
        return record_found(scanner, at, first_end, true, out);
    struct record_end end = record_end(scanner, at);
    if (end.quoted != QUOTED_CLOSED) {
        out->opened = end.opened;
        return scanner->last ? SCAN_UNCLOSED : SCAN_MORE;
    }
    if (!end_is_sure(scanner, end.at))
        return SCAN_MORE;
    if (end.at > first_end && opened_astray(scanner, at, first_end, end.at, end.damaged))
        end.at = first_end;
    return record_found(scanner, at, end.at, end.at == first_end, out);
}
