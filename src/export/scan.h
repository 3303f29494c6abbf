#ifndef OPSPUSH_EXPORT_SCAN_H
#define OPSPUSH_EXPORT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encoding.h"

/*
 * Finds where a record ends, by its quotes and line ends alone. A quote opens a cell only at the cell's beginning, as
 * for libcsv without trimming; LF, CRLF and a lone CR end a record, in a quoted cell they are data.
 *
 * Where the quotes are damaged the scan takes up the thread again at a line end, so that one bad record costs one
 * person: at the end of the physical line in which the damage shows; but when the record ran over several lines (also
 * when it then has another number of cells than the heading), and one of the further lines would be a whole record by
 * itself, the quote that opened it was a stray one, and the record ends with its first line.
 */

/* The next place of one character, remembered, so that no byte is searched twice for it. */
struct seek {
    size_t from, at; /* nothing stands in [from, at) */
    bool hit;        /* it stands at 'at'; otherwise the search came no further */
};

struct scanner {
    const char *bytes; /* the window; may grow at its end between calls */
    size_t length;
    bool last; /* nothing comes behind the window */
    struct unit_shape shape;
    char delimiter;
    size_t columns; /* of the heading; 0: not known yet */
    struct seek lf, cr, quote;
};

enum scan_step {
    SCAN_FOUND,
    SCAN_MORE,    /* the window ends before the record does */
    SCAN_UNCLOSED /* the file ends in a quoted cell */
};

struct scanned {
    size_t body;  /* bytes without the line end */
    size_t bytes; /* with it; equal to 'body' only at the end of the file */
    size_t
        opened; /* where the quote stands that is open at the end of window or file; NOWHERE: none */
    uint32_t lines;
};

/* The record that begins at 'at' (below 'length'). */
enum scan_step scan_record(struct scanner *scanner, size_t at, struct scanned *out);
/* The window's beginning has moved up by so many bytes. */
void scan_shift(struct scanner *scanner, size_t bytes);

/* The line ends in a piece of the window. */
uint32_t scan_lines(const struct scanner *scanner, size_t from, size_t to);
/* What a look at a piece tells of its cells. */
struct cell_tally {
    size_t cells, longest; /* bytes of the longest, without its quotes */
    bool open;             /* a quote is open at the end */
    bool astray; /* a quote stands where it must not; a cell that begins with '=' may hold some */
};
struct cell_tally scan_cells(const struct scanner *scanner, size_t from, size_t to);
/* The bytes of a record without its line end. */
size_t scan_body(struct unit_shape shape, const char *raw, size_t bytes);

#endif
