#ifndef OPSPUSH_EXPORT_EXPORT_PRIVATE_H
#define OPSPUSH_EXPORT_EXPORT_PRIVATE_H

#include "export/export.h"
#include "noise.h"
#include "scan.h"
#include "source.h"
#include "split.h"
#include "window.h"

enum { EXPORT_CHUNK = 256 << 10 };

struct export
{
    char *path;
    struct source source;
    struct window window;
    struct scanner scanner;
    enum export_encoding encoding;
    struct unit_shape shape;
    uint32_t line; /* where the next piece begins */
    bool at_end;
    struct noise *noise;
    struct splitter splitter;
    struct splitter again; /* for export_reread, so that neither spoils the other's cells */
    struct text again_raw;
    struct text raw_heading; /* byte-order mark and all */
    size_t heading_start;    /* behind the mark */
    struct export_record heading;
    struct text heading_cells;
    struct export_facts facts;
};

/* As export_open, reading so many bytes at once. */
struct export *export_open_chunked(const char *path, const char *spool_folder,
                                   const struct export_dialect *dialect, size_t chunk,
                                   struct fault *fault) MUST_CHECK;

/* A stretch of the file between line ends: a record, or something that is none. */
enum piece_kind { PIECE_RECORD, PIECE_BLANK, PIECE_NOISE };

/* Finds the next piece, which then stands at window.at: 1, 0 at the end, -1 a fault. */
int piece_next(struct export *export, struct scanned *piece, struct fault *fault) MUST_CHECK;
/* What it is; counts noise and reads feedback. Before the heading is known, it is never a repetition of that. */
enum piece_kind piece_judge(struct export *export, const struct scanned *piece);
/* Goes behind it. What was found stays in memory until the next piece_next. */
void piece_pass(struct export *export, const struct scanned *piece);

#endif
