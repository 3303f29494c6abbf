#include <limits.h>

#include "export_private.h"
#include "heading.h"

enum { PAGE_BREAK = '\f', END_OF_TEXT = 0x1A };

/* ---------------------------------------------------------------- what ends the reading */

static int fault_unclosed(const struct export *export, const struct scanned *piece,
                          struct fault *fault)
{
    size_t at = export->window.at;
    uint32_t line = export->line + scan_lines(&export->scanner, at, at + piece->opened);
    return fault_set(fault, FAULT_INPUT,
                     "%s:%u: the quote that opens a cell in this line is never closed: the file is "
                     "truncated, or the quote is a stray one",
                     export->path, line);
}

static int fault_record_long(const struct export *export, const struct scanned *piece,
                             struct fault *fault)
{
    size_t at = export->window.at;
    if (piece->opened == NOWHERE)
        return fault_set(fault, FAULT_INPUT, "%s:%u: the record is longer than %d bytes",
                         export->path, export->line, EXPORT_RECORD_MAX);
    uint32_t line = export->line + scan_lines(&export->scanner, at, at + piece->opened);
    return fault_set(
        fault, FAULT_INPUT,
        "%s:%u: the quote that opens a cell in this line is not closed within %d bytes",
        export->path, line, EXPORT_RECORD_MAX);
}

/* A record with fewer bytes than this can break no ceiling. */
static size_t harmless_bytes(const struct export *export)
{
    return (size_t)EXPORT_COLUMNS_MAX * export->shape.width;
}

static int check_ceilings(const struct export *export, const struct scanned *piece,
                          struct fault *fault)
{
    size_t at = export->window.at;
    if (piece->bytes > EXPORT_RECORD_MAX)
        return fault_record_long(export, piece, fault);
    struct cell_tally tally = scan_cells(&export->scanner, at, at + piece->body);
    if (tally.cells > EXPORT_COLUMNS_MAX)
        return fault_set(fault, FAULT_INPUT, "%s:%u: more than %d columns", export->path,
                         export->line, EXPORT_COLUMNS_MAX);
    size_t most = (size_t)EXPORT_CELL_MAX * export->shape.width;
    if (tally.longest > most)
        return fault_set(fault, FAULT_INPUT, "%s:%u: a cell is longer than %zu bytes", export->path,
                         export->line, most);
    return 0;
}

/* ---------------------------------------------------------------- finding */

/* A page break before a record is no part of it. */
static void pass_page_breaks(struct export *export)
{
    struct window *window = &export->window;
    size_t width = export->shape.width;
    while (window->at + width <= window->length &&
           unit_at(export->shape, window->bytes + window->at) == PAGE_BREAK)
        window->at += width;
}

static int window_more(struct export *export, struct fault *fault)
{
    size_t moved;
    int more = window_fill(&export->window, &moved, fault);
    scan_shift(&export->scanner, moved);
    export->scanner.bytes = export->window.bytes;
    export->scanner.length = export->window.length;
    export->scanner.last = export->window.ended;
    return more;
}

int piece_next(struct export *export, struct scanned *piece, struct fault *fault)
{
    struct window *window = &export->window;
    for (;;) {
        enum scan_step step = SCAN_MORE;
        pass_page_breaks(export);
        piece->opened = NOWHERE;
        if (window->at < window->length)
            step = scan_record(&export->scanner, window->at, piece);
        if (step == SCAN_FOUND && piece->body < harmless_bytes(export))
            return 1;
        if (step == SCAN_FOUND)
            return check_ceilings(export, piece, fault) < 0 ? -1 : 1;
        if (piece->opened != NOWHERE)
            piece->opened -= window->at;
        if (step == SCAN_UNCLOSED)
            return fault_unclosed(export, piece, fault);
        if (window->length - window->at > EXPORT_RECORD_MAX)
            return fault_record_long(export, piece, fault);
        if (window->ended)
            return 0;
        if (window_more(export, fault) < 0)
            return -1;
    }
}

void piece_pass(struct export *export, const struct scanned *piece)
{
    export->window.at += piece->bytes;
    export->line += piece->lines;
}

/* ---------------------------------------------------------------- judging */

static const char *piece_bytes(const struct export *export)
{
    return export->window.bytes + export->window.at;
}

static bool is_blank(const struct export *export, const struct scanned *piece)
{
    size_t width = export->shape.width;
    bool tabs_too = export->scanner.delimiter != '\t';
    for (size_t at = 0; at + width <= piece->body; at += width) {
        uint32_t unit = unit_at(export->shape, piece_bytes(export) + at);
        if (unit != ' ' && !(unit == '\t' && tabs_too))
            return false;
    }
    return piece->body % width == 0;
}

/* The mark that old systems put at the end of a text file. */
static bool is_end_mark(const struct export *export, const struct scanned *piece)
{
    return piece->bytes == piece->body && piece->body == export->shape.width &&
           unit_at(export->shape, piece_bytes(export)) == END_OF_TEXT;
}

/* A file may state its rows in several parts; a sum that overflows is more than any file has. */
static void feedback_add(struct export_facts *facts, long count)
{
    long before = facts->feedback_rows > 0 ? facts->feedback_rows : 0;
    facts->feedback_rows = count > LONG_MAX - before ? LONG_MAX : before + count;
}

static bool is_not_row(struct export *export, const struct scanned *piece)
{
    struct splitter *splitter = &export->splitter;
    const char *bytes = piece_bytes(export);
    if (export->shape.width == 1 && !noise_may_match(export->noise, bytes, piece->body))
        return false;
    splitter_decode(splitter, bytes, piece->body);
    const char *text = text_string(&splitter->decoded);
    if (!noise_matches(export->noise, text, splitter->decoded.length))
        return false;
    long count = noise_feedback(text);
    if (count >= 0)
        feedback_add(&export->facts, count);
    return true;
}

enum piece_kind piece_judge(struct export *export, const struct scanned *piece)
{
    if (is_blank(export, piece))
        return PIECE_BLANK;
    if (!heading_is_repeated(export, piece_bytes(export), piece->body) &&
        !is_end_mark(export, piece) && !is_not_row(export, piece))
        return PIECE_RECORD;
    export->facts.noise++;
    return PIECE_NOISE;
}
