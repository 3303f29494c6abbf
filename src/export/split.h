#ifndef OPSPUSH_EXPORT_SPLIT_H
#define OPSPUSH_EXPORT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include <csv.h>

#include "base/text.h"
#include "encoding.h"
#include "export/export.h"

/*
 * One record's bytes to its cells. Where quotes stand at the edges of cells alone, or nowhere, a record is cut at each
 * delimiter outside them, which costs a tenth of libcsv and gives the same; all others libcsv (strict, trimming nothing)
 * splits: doubled quotes, and quotes that are wrong.
 */
struct splitter {
    enum export_encoding encoding;
    char delimiter;
    struct text decoded; /* the record as UTF-8, without its line end */
    struct undecodable undecodable;
    struct export_cell *cells; /* EXPORT_COLUMNS_MAX + 1 of them */
    size_t cell_count;
    struct text unquoted; /* what libcsv gave */
    struct csv_parser parser;
    bool doubled;  /* the record may hold doubled quotes */
    size_t cursor; /* where in 'decoded' the cell begins that libcsv is at */
};

/* What was seen on the way. */
struct split_marks {
    bool high;         /* bytes over 0x7F */
    bool control;      /* bytes below 0x20 (but the delimiter) or DEL */
    bool refused;      /* libcsv says that the quotes are wrong; the cells before that stand */
    size_t refused_at; /* place in 'decoded' */
};

void splitter_init(struct splitter *splitter, enum export_encoding encoding, char delimiter);
void splitter_clear(struct splitter *splitter);
/* Decodes a record's body. */
void splitter_decode(struct splitter *splitter, const char *raw, size_t bytes);
/* Decodes and splits it. */
struct split_marks splitter_split(struct splitter *splitter, const char *raw, size_t bytes);
/* For tests: gives every record to libcsv. */
struct split_marks splitter_split_by_libcsv(struct splitter *splitter, const char *raw,
                                            size_t bytes);

#endif
