#include "layout.h"

#include <string.h>

#include "guess.h"
#include "line_pattern.h"
#include "scan.h"

enum { LINES_LOOKED_AT = 60, CELLS_LEAST = 3, TITLE_SHARE = 3 };

static const char delimiters[] = {',', ';', '\t', '|'};

struct lines {
    struct line items[LINES_LOOKED_AT];
    size_t count;
};

/* ---------------------------------------------------------------- lines */

static bool is_blank(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\f')
            return false;
    return true;
}

/* Blank, or what tools print between rows. */
static bool says_nothing(const struct sample *sample, const char *bytes, size_t length)
{
    struct text line = {0};
    if (is_blank(bytes, length))
        return true;
    text_add_bytes(&line, bytes, length);
    bool is_noise = noise_matches(sample->noise, text_string(&line), length);
    text_clear(&line);
    return is_noise;
}

static struct scanner scanner_of(const char *bytes, size_t length, bool last, char delimiter)
{
    return (struct scanner){
        .bytes = bytes, .length = length, .last = last, .shape = {1, 0}, .delimiter = delimiter};
}

static size_t cells_of(const char *bytes, size_t length, char delimiter)
{
    struct scanner scanner = scanner_of(bytes, length, true, delimiter);
    return scan_cells(&scanner, 0, length).cells;
}

/* The first records that may be titles, heading or rows. */
static void lines_read(struct lines *lines, const struct sample *sample, char delimiter)
{
    struct scanner scanner = scanner_of(sample->bytes, sample->length, sample->ends, delimiter);
    struct scanned piece;
    lines->count = 0;
    for (size_t at = 0; lines->count < LINES_LOOKED_AT; at += piece.bytes) {
        while (at < sample->length && sample->bytes[at] == '\f')
            at++;
        if (at == sample->length || scan_record(&scanner, at, &piece) != SCAN_FOUND)
            return;
        const char *bytes = sample->bytes + at;
        if (!says_nothing(sample, bytes, piece.body))
            lines->items[lines->count++] =
                (struct line){bytes, piece.body, cells_of(bytes, piece.body, delimiter)};
    }
}

/* ---------------------------------------------------------------- titles */

/* The cells that are not empty. */
static size_t filled_cells(const struct line *line, char delimiter)
{
    size_t filled = 0;
    bool quoted = false, is_filled = false;
    for (size_t i = 0; i < line->length; i++) {
        char byte = line->bytes[i];
        quoted ^= byte == '"';
        if (byte == delimiter && !quoted) {
            filled += is_filled;
            is_filled = false;
        } else if (byte != '"' && byte != ' ') {
            is_filled = true;
        }
    }
    return filled + is_filled;
}

/* The most filled cells that any delimiter makes of a line. */
static size_t most_cells(const struct line *line)
{
    size_t most = 0;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        size_t filled = filled_cells(line, delimiters[i]);
        most = filled > most ? filled : most;
    }
    return most;
}

static bool has_far_fewer(const struct line *line, size_t cells)
{
    return most_cells(line) * TITLE_SHARE <= cells && line_has_pattern(line->bytes, line->length);
}

/* A letter in each cell; rows have numbers, dates, addresses with an at sign, empty cells. */
static bool reads_like_heading(const struct line *line, char delimiter)
{
    size_t named = 0;
    bool quoted = false, has_letter = false;
    if (memchr(line->bytes, '@', line->length))
        return false;
    for (size_t i = 0; i < line->length; i++) {
        quoted ^= line->bytes[i] == '"';
        has_letter = has_letter || byte_is_letter(line->bytes[i]);
        if (line->bytes[i] == delimiter && !quoted) {
            named += has_letter;
            has_letter = false;
        }
    }
    return named + has_letter == line->cells;
}

/* Has at least half of the lines behind the heading, and one of them, as many cells? */
static bool is_followed_by_rows(const struct lines *lines, size_t heading)
{
    size_t behind = lines->count - heading - 1, alike = 0;
    for (size_t i = heading + 1; i < lines->count; i++)
        alike += lines->items[i].cells == lines->items[heading].cells;
    return alike > 0 && alike * 2 >= behind;
}

/* The place of the heading below titles; 0: there are none. */
static size_t find_heading(const struct lines *lines, char delimiter)
{
    for (size_t heading = 1; heading < lines->count && heading <= LAYOUT_TITLES_MAX; heading++) {
        const struct line *line = &lines->items[heading];
        bool all = line->cells >= CELLS_LEAST && reads_like_heading(line, delimiter) &&
                   is_followed_by_rows(lines, heading);
        for (size_t i = 0; i < heading && all; i++)
            all = has_far_fewer(&lines->items[i], line->cells);
        if (all)
            return heading;
    }
    return 0;
}

/* ---------------------------------------------------------------- the beginning */

/* Of a file without titles. */
static void layout_plain(struct layout *layout, const struct sample *sample)
{
    const char *at = sample->bytes, *end = at + sample->length;
    layout->delimiter = ',';
    for (int seen = 0; seen < LINES_LOOKED_AT && at < end;) {
        size_t length = 0;
        while (at + length < end && at[length] != '\n' && at[length] != '\r')
            length++;
        if (!says_nothing(sample, at, length)) {
            char best = delimiter_best(at, length, &layout->cells);
            if (layout->cells > 1) {
                layout->delimiter = best;
                return;
            }
            seen++;
        }
        at += length + 1;
    }
    layout->cells = 0;
}

void layout_read(struct layout *layout, const struct sample *beginning)
{
    struct lines lines;
    *layout = (struct layout){.cells = 0};
    for (size_t i = 0; i < sizeof delimiters; i++) {
        lines_read(&lines, beginning, delimiters[i]);
        size_t heading = find_heading(&lines, delimiters[i]);
        if (!heading || lines.items[heading].cells <= layout->cells)
            continue;
        layout->delimiter = delimiters[i];
        layout->cells = lines.items[heading].cells;
        layout->title_count = heading;
        memcpy(layout->titles, lines.items, heading * sizeof *lines.items);
    }
    if (!layout->title_count)
        layout_plain(layout, beginning);
}

/* ---------------------------------------------------------------- the end */

/* More than one word, in quotes or without. */
static bool reads_like_footer(const struct line *line)
{
    const char *bytes = line->bytes;
    size_t begin = 0, end = line->length, words = 0;
    while (end > 0 && strchr(" \t,;|", bytes[end - 1]))
        end--;
    if (end > 1 && bytes[0] == '"' && bytes[end - 1] == '"') {
        begin++;
        end--;
    }
    for (size_t i = begin; i < end; i++)
        words += byte_is_letter(bytes[i]) && (i == begin || bytes[i - 1] == ' ');
    return words > 1 && !memchr(bytes + begin, '"', end - begin);
}

/* The last line of the first 'length' bytes; false: they do not end in a line end. */
static bool last_line(const char *bytes, size_t length, struct line *line)
{
    size_t body = scan_body((struct unit_shape){1, 0}, bytes, length);
    size_t begin = body;
    while (begin > 0 && bytes[begin - 1] != '\n' && bytes[begin - 1] != '\r')
        begin--;
    *line = (struct line){.bytes = bytes + begin, .length = body - begin};
    return body < length;
}

size_t layout_footers(const struct layout *layout, const struct sample *end,
                      struct line footers[LAYOUT_FOOTERS_MAX])
{
    size_t count = 0, length = end->length;
    struct line line;
    if (layout->cells < CELLS_LEAST)
        return 0;
    while (count < LAYOUT_FOOTERS_MAX && last_line(end->bytes, length, &line) &&
           line.bytes > end->bytes) {
        length = (size_t)(line.bytes - end->bytes);
        if (says_nothing(end, line.bytes, line.length))
            continue;
        bool is_row = cells_of(line.bytes, line.length, layout->delimiter) == layout->cells &&
                      filled_cells(&line, layout->delimiter) > 1;
        if (is_row || !has_far_fewer(&line, layout->cells) || !reads_like_footer(&line))
            break;
        footers[count++] = line;
    }
    return count;
}
