#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "csv.h"
#include "report/report.h"

enum { OWN_CELLS = 5 };
static const size_t NOWHERE = SIZE_MAX;

struct rejects {
    FILE *stream;
    enum export_encoding encoding;
    char delimiter;
    bool refed;
    size_t columns;          /* cells of the heading, without ours */
    struct text heading_end; /* its line end, as in the file */
};

/* ---- raw bytes as the units of their encoding */

struct units {
    const unsigned char *bytes;
    size_t count;
    size_t width; /* bytes a unit */
    size_t low;   /* which byte of a unit is the lower one */
};

static struct units units_of(enum export_encoding encoding, const char *bytes, size_t length)
{
    bool wide = encoding == ENCODING_UTF_16LE || encoding == ENCODING_UTF_16BE;
    size_t width = wide ? 2 : 1;
    return (struct units){(const unsigned char *)bytes, length / width, width,
                          encoding == ENCODING_UTF_16BE ? 1 : 0};
}

static bool unit_is(const struct units *units, size_t index, char ascii)
{
    const unsigned char *unit = units->bytes + index * units->width;
    return unit[units->low] == (unsigned char)ascii &&
           (units->width == 1 || unit[1 - units->low] == 0);
}

/* Where the line end begins; 'count' when there is none. */
static size_t units_line_end(const struct units *units)
{
    size_t end = units->count;
    if (end > 0 && unit_is(units, end - 1, '\n'))
        end--;
    else if (end > 0 && unit_is(units, end - 1, '\r'))
        return end - 1;
    return end < units->count && end > 0 && unit_is(units, end - 1, '\r') ? end - 1 : end;
}

/* Cells before 'end'; quotes only stand where they may. */
static size_t units_cells(const struct units *units, size_t end, char delimiter)
{
    size_t cells = 1;
    bool quoted = false;
    for (size_t i = 0; i < end; i++) {
        if (unit_is(units, i, '"'))
            quoted = !quoted;
        else if (!quoted && unit_is(units, i, delimiter))
            cells++;
    }
    return cells;
}

/* Where so many cells from 'at' on end: at a delimiter, or at 'end'. */
static size_t cells_end(const struct units *units, size_t at, size_t end, char delimiter,
                        size_t cells)
{
    bool quoted = false;
    for (; at < end; at++) {
        if (unit_is(units, at, '"'))
            quoted = !quoted;
        else if (!quoted && unit_is(units, at, delimiter) && --cells == 0)
            break;
    }
    return at;
}

/* ---- the five cells of an earlier rejects file: they are sound at the end, whatever stands before them */

/* The opening quote of the cell whose closing quote is at 'closing'; NOWHERE when there is none. */
static size_t quote_opening(const struct units *units, size_t closing)
{
    for (size_t i = closing; i-- > 0;) {
        if (!unit_is(units, i, '"'))
            continue;
        if (i == 0 || !unit_is(units, i - 1, '"'))
            return i;
        i--; /* a doubled quote */
    }
    return NOWHERE;
}

/* The delimiter in front of the cell that ends before 'end'; NOWHERE when there is none. */
static size_t cell_delimiter(const struct units *units, size_t end, char delimiter)
{
    size_t start = end;
    if (end > 0 && unit_is(units, end - 1, '"')) {
        start = quote_opening(units, end - 1);
        if (start == NOWHERE || start == 0 || !unit_is(units, start - 1, delimiter))
            return NOWHERE;
        return start - 1;
    }
    while (start > 0 && !unit_is(units, start - 1, delimiter))
        start--;
    return start > 0 ? start - 1 : NOWHERE;
}

/* Where the last five cells begin, with the delimiter in front of them; 'line_end' gets the end of the first of them. */
static size_t own_cells_start(const struct units *units, size_t end, char delimiter,
                              size_t *line_cell_end)
{
    for (int i = 0; i < OWN_CELLS && end != NOWHERE; i++) {
        *line_cell_end = end;
        end = cell_delimiter(units, end, delimiter);
    }
    return end;
}

/* Appends the digits of a cell that holds nothing else, but for quotes around them; false when it holds something else. */
static bool cell_digits(const struct units *units, size_t start, size_t end, struct text *out)
{
    if (end - start >= 2 && unit_is(units, start, '"') && unit_is(units, end - 1, '"')) {
        start++;
        end--;
    }
    size_t before = out->length;
    for (size_t i = start; i < end; i++) {
        char digit = (char)units->bytes[i * units->width + units->low];
        if (digit < '0' || digit > '9' || !unit_is(units, i, digit)) {
            out->length = before;
            return false;
        }
        text_add_byte(out, digit);
    }
    return end > start;
}

/* ---- our own cells */

static void ascii_add(const char *string, struct text *out)
{
    static const char latin[64][3] = {
        "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I",  "I",
        "D", "N", "O", "O", "O", "O", "O",  "x", "O", "U", "U", "U", "U", "Y", "Th", "ss",
        "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
        "d", "n", "o", "o", "o", "o", "o",  "/", "o", "u", "u", "u", "u", "y", "th", "y"};
    static const struct {
        uint32_t point;
        const char *ascii;
    } others[] = {{0xa0, " "},    {0xab, "\""},    {0xbb, "\""},  {0x152, "OE"}, {0x153, "oe"},
                  {0x2013, "-"},  {0x2014, "-"},   {0x2018, "'"}, {0x2019, "'"}, {0x201c, "\""},
                  {0x201d, "\""}, {0x2026, "..."}, {0x202f, " "}};
    size_t length = strlen(string), valid = utf8_valid_prefix(string, length);
    for (size_t i = 0; i < length;) {
        uint32_t point = 0;
        if (i >= valid) {
            text_add_byte(out, '?');
            i++;
            continue;
        }
        i += utf8_decode(string + i, valid - i, &point);
        const char *ascii = "?";
        for (size_t k = 0; k < sizeof others / sizeof *others; k++)
            if (others[k].point == point)
                ascii = others[k].ascii;
        if (point >= 0xc0 && point <= 0xff)
            ascii = latin[point - 0xc0];
        if (point >= 0x20 && point < 0x7f)
            text_add_byte(out, (char)point);
        else
            text_add(out, point < 0x20 ? " " : ascii);
    }
}

/* Appends one of the five cells, without the delimiter in front of it. */
static void own_cell_add(char delimiter, const char *string, struct text *out)
{
    struct text cell = {0};
    ascii_add(string ? string : "", &cell);
    bool formula = cell.length && memchr("=+-@", cell.bytes[0], 4);
    if (formula) {
        struct text guarded = {0};
        text_addf(&guarded, "'%s", text_string(&cell));
        csv_add_quoted(out, guarded.bytes, guarded.length);
        text_clear(&guarded);
    } else if (cell.length && (memchr(cell.bytes, delimiter, cell.length) ||
                               memchr(cell.bytes, '"', cell.length))) {
        csv_add_quoted(out, cell.bytes, cell.length);
    } else {
        text_add(out, text_string(&cell));
    }
    text_clear(&cell);
}

/* Appends the five cells, 'delimiters' in front of the first. */
static void own_cells_add(char delimiter, size_t delimiters, const char *const cells[OWN_CELLS],
                          struct text *out)
{
    for (size_t i = 0; i < delimiters; i++)
        text_add_byte(out, delimiter);
    for (size_t i = 0; i < OWN_CELLS; i++) {
        if (i > 0)
            text_add_byte(out, delimiter);
        own_cell_add(delimiter, cells[i], out);
    }
}

static void write_encoded(const struct rejects *rejects, const struct text *own)
{
    struct text encoded = {0};
    export_encode(rejects->encoding, text_string(own), own->length, &encoded);
    fwrite(text_string(&encoded), 1, encoded.length, rejects->stream);
    text_clear(&encoded);
}

/* ---- the file */

/*
 * Delimiters between the record and our cells, so that they stand in their columns: the reader lets a record end with one
 * delimiter too many, or leave out the last one of a heading that ends with it.
 */
static size_t delimiters_between(const struct rejects *rejects, const struct export_record *record,
                                 const struct units *units, size_t end)
{
    if (record->damage == RECORD_RAGGED || record->damage == RECORD_QUOTE)
        return 1;
    size_t cells = units_cells(units, end, rejects->delimiter);
    if (cells == rejects->columns + 1)
        return 0;
    return cells + 1 == rejects->columns ? 2 : 1;
}

/*
 * Where the cells of an earlier rejects file begin in this record; 'end' where there are none. A record that fits the heading has them
 * where the heading has them; any other at its end, with a line number.
 */
static size_t record_cut(const struct rejects *rejects, const struct export_record *record,
                         const struct units *units, size_t end, struct text *carried)
{
    size_t line_end = end, start;
    if (record->damage == RECORD_RAGGED || record->damage == RECORD_QUOTE) {
        start = own_cells_start(units, end, rejects->delimiter, &line_end);
        bool has_line = start != NOWHERE && cell_digits(units, start + 1, line_end, carried);
        return has_line ? start : end;
    }
    start = cells_end(units, 0, end, rejects->delimiter, rejects->columns);
    if (start < end)
        cell_digits(units, start + 1, cells_end(units, start + 1, end, rejects->delimiter, 1),
                    carried);
    return start;
}

void rejects_add(struct rejects *rejects, const struct export_record *record, const char *line,
                 const char *field, const char *code, const char *reason, const char *fix)
{
    struct units units = units_of(rejects->encoding, record->raw, record->bytes);
    size_t end = units_line_end(&units), keep = end;
    struct text own = {0}, carried = {0};
    if (rejects->refed && !text_is(code, "moved")) /* theirs stand elsewhere: nothing may be cut */
        keep = record_cut(rejects, record, &units, end, &carried);
    const char *const cells[OWN_CELLS] = {carried.length ? carried.bytes : line, field, code,
                                          reason, fix};
    own_cells_add(rejects->delimiter, delimiters_between(rejects, record, &units, keep), cells,
                  &own);
    fwrite(record->raw, units.width, keep, rejects->stream);
    write_encoded(rejects, &own);
    if (end < units.count)
        fwrite(units.bytes + end * units.width, units.width, units.count - end, rejects->stream);
    else
        fwrite(text_string(&rejects->heading_end), 1, rejects->heading_end.length, rejects->stream);
    text_clear(&carried);
    text_clear(&own);
}

static const char *const own_names[OWN_CELLS] = {"_line", "_field", "_code", "_reason", "_fix"};

/* One of our five headings, in quotes or without. */
static bool cell_is_own(const struct units *units, size_t start, size_t end)
{
    if (end - start >= 2 && unit_is(units, start, '"') && unit_is(units, end - 1, '"')) {
        start++;
        end--;
    }
    for (size_t name = 0; name < OWN_CELLS; name++) {
        size_t length = strlen(own_names[name]), i = 0;
        while (length == end - start && i < length && unit_is(units, start + i, own_names[name][i]))
            i++;
        if (i == length)
            return true;
    }
    return false;
}

/* Where our headings begin, with blank ones behind them that a spreadsheet has added; 'end' where there are none. */
static size_t heading_cut(const struct units *units, size_t end, char delimiter)
{
    size_t cut = end, at = end, before;
    while ((before = cell_delimiter(units, at, delimiter)) != NOWHERE) {
        bool is_own = cell_is_own(units, before + 1, at);
        if (!is_own && (cut != end || at - before > 1))
            break;
        cut = is_own ? before : cut;
        at = before;
    }
    return cut;
}

static void write_heading(struct rejects *rejects, const struct text *raw,
                          const struct export_facts *facts)
{
    struct units units = units_of(rejects->encoding, text_string(raw), raw->length);
    size_t end = units_line_end(&units), keep = end;
    struct text own = {0};
    if (rejects->refed)
        keep = heading_cut(&units, end, rejects->delimiter);
    own_cells_add(rejects->delimiter, 1, own_names, &own);
    rejects->columns = units_cells(&units, keep, rejects->delimiter);
    text_add_bytes(&rejects->heading_end, units.bytes + end * units.width,
                   (units.count - end) * units.width);
    if (end == units.count)
        export_encode(rejects->encoding, facts->line_end, strlen(facts->line_end),
                      &rejects->heading_end);
    fwrite(text_string(raw), units.width, keep, rejects->stream);
    write_encoded(rejects, &own);
    fwrite(text_string(&rejects->heading_end), 1, rejects->heading_end.length, rejects->stream);
    text_clear(&own);
}

struct rejects *rejects_open(FILE *stream, const struct export_dialect *dialect,
                             const struct text *raw_heading, const struct export_facts *facts,
                             bool refed)
{
    struct rejects *rejects = mem_new(sizeof *rejects);
    *rejects = (struct rejects){.stream = stream,
                                .encoding = dialect->encoding,
                                .delimiter = dialect->delimiter,
                                .refed = refed};
    write_heading(rejects, raw_heading, facts);
    return rejects;
}

void rejects_close(struct rejects *rejects)
{
    if (rejects == NULL)
        return;
    text_clear(&rejects->heading_end);
    free(rejects);
}
