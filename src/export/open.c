#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "damage.h"
#include "export_private.h"
#include "guess.h"
#include "heading.h"

/* ---------------------------------------------------------------- the beginning of the file */

static int read_beginning(struct export *export, struct fault *fault)
{
    struct window *window = &export->window;
    int marked;
    while (window->length < SAMPLE_BYTES && !window->ended) {
        size_t moved;
        if (window_fill(window, &moved, fault) < 0)
            return -1;
    }
    if (window->length == 0)
        return fault_set(fault, FAULT_INPUT, "%s: is empty", export->path);
    if (sample_check_kind(export->path, window->bytes, window->length, fault) < 0 ||
        sample_check_encoding(export->path, window->bytes, window->length, export->encoding,
                              fault) < 0)
        return -1;
    window->at = export->heading_start = encoding_mark(window->bytes, window->length, &marked);
    export->facts.bom = window->at > 0;
    text_add_bytes(&export->raw_heading, window->bytes, window->at);
    export->scanner.bytes = window->bytes;
    export->scanner.length = window->length;
    export->scanner.last = window->ended;
    return 0;
}

/* ---------------------------------------------------------------- the heading */

static int find_heading(struct export *export, struct scanned *piece, struct fault *fault)
{
    int step;
    while ((step = piece_next(export, piece, fault)) == 1) {
        if (piece_judge(export, piece) == PIECE_RECORD)
            return 0;
        piece_pass(export, piece);
    }
    return step < 0 ? -1 : fault_set(fault, FAULT_INPUT, "%s: holds no heading", export->path);
}

static void take_heading(struct export *export, const struct scanned *piece)
{
    const char *raw = export->window.bytes + export->window.at;
    text_add_bytes(&export->raw_heading, raw, piece->bytes);
    for (size_t at = piece->body; at + export->shape.width <= piece->bytes;
         at += export->shape.width) {
        size_t place = strlen(export->facts.line_end);
        export->facts.line_end[place] = (char)unit_at(export->shape, raw + at);
    }
    export->heading = (struct export_record){
        .offset = export->window.offset + export->window.at,
        .bytes = (uint32_t)piece->bytes,
        .line = export->line,
        .raw = export->raw_heading.bytes + export->heading_start,
        .ended = true,
    };
}

static int check_delimiter(const struct export *export, struct fault *fault)
{
    const struct text *decoded = &export->splitter.decoded;
    size_t cells;
    char best = delimiter_best(decoded->bytes, decoded->length, &cells);
    if (export->heading.cell_count > 1 || best == export->scanner.delimiter || cells < 2)
        return 0;
    return fault_set(fault, FAULT_INPUT,
                     "%s:%u: this file seems to be separated by %s, the mapping says %s; write "
                     "\"delimiter\": \"%s\" in the mapping",
                     export->path, export->heading.line, delimiter_name(best),
                     delimiter_name(export->scanner.delimiter), delimiter_written(best));
}

/* The heading's cells stay for as long as the export is open. */
static void keep_heading_cells(struct export *export)
{
    size_t count = export->splitter.cell_count;
    struct export_cell *cells = mem_array(count, sizeof *cells);
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += export->splitter.cells[i].length;
    text_reserve(&export->heading_cells, bytes);
    for (size_t i = 0; i < count; i++) {
        cells[i] = cell_trimmed(&export->splitter.cells[i]);
        char *copy = export->heading_cells.bytes + export->heading_cells.length;
        text_add_bytes(&export->heading_cells, cells[i].bytes, cells[i].length);
        cells[i].bytes = copy;
    }
    export->heading.cells = cells;
    export->heading.cell_count = count;
    export->scanner.columns = count;
}

static int read_heading(struct export *export, struct fault *fault)
{
    struct scanned piece;
    struct export_record *heading = &export->heading;
    if (find_heading(export, &piece, fault) < 0)
        return -1;
    take_heading(export, &piece);
    struct split_marks marks = splitter_split(&export->splitter, heading->raw, piece.body);
    damage_judge(heading, &export->splitter, &marks, NULL);
    keep_heading_cells(export);
    if (check_delimiter(export, fault) < 0)
        return -1;
    if (heading->damage != RECORD_SOUND)
        return fault_set(fault, FAULT_INPUT, "%s:%u: the heading cannot be read: %s", export->path,
                         heading->line, heading->damage_text);
    piece_pass(export, &piece);
    return 0;
}

/* ---------------------------------------------------------------- open and close */

static void set_facts(struct export *export)
{
    struct export_facts *facts = &export->facts;
    const struct stat *opened = &export->source.opened;
    size_t length = strlen(export->path);
    if (length >= sizeof facts->path)
        length = utf8_valid_prefix(export->path, sizeof facts->path - 1);
    memcpy(facts->path, export->path, length);
    facts->bytes = (uint64_t)opened->st_size;
    facts->feedback_rows = -1;
    if (!export->source.spooled)
        facts->modified_ms =
            (int64_t)opened->st_mtim.tv_sec * 1000 + opened->st_mtim.tv_nsec / 1000000;
}

struct export *export_open_chunked(const char *path, const char *spool_folder,
                                   const struct export_dialect *dialect, size_t chunk,
                                   struct fault *fault)
{
    struct export *export = mem_new(sizeof *export);
    export->path = mem_string(path);
    export->encoding = dialect->encoding;
    export->shape = encoding_shape(dialect->encoding);
    export->line = 1;
    export->scanner = (struct scanner){.shape = export->shape, .delimiter = dialect->delimiter};
    splitter_init(&export->splitter, dialect->encoding, dialect->delimiter);
    splitter_init(&export->again, dialect->encoding, dialect->delimiter);
    window_init(&export->window, &export->source, chunk);
    export->source.descriptor = -1;
    export->noise = noise_new(dialect->not_rows, dialect->not_rows_count, fault);
    if (!export->noise || source_open(&export->source, export->path, spool_folder, fault) < 0)
        goto failed;
    set_facts(export);
    if (read_beginning(export, fault) < 0 || read_heading(export, fault) < 0)
        goto failed;
    return export;
failed:
    export_close(export);
    return NULL;
}

struct export *export_open(const char *path, const char *spool_folder,
                           const struct export_dialect *dialect, struct fault *fault)
{
    return export_open_chunked(path, spool_folder, dialect, EXPORT_CHUNK, fault);
}

static void free_cells(const struct export_record *record)
{
    union {
        const struct export_cell *lent;
        void *own;
    } cells = {.lent = record->cells};
    free(cells.own);
}

void export_close(struct export *export)
{
    if (!export)
        return;
    source_close(&export->source);
    window_clear(&export->window);
    splitter_clear(&export->splitter);
    splitter_clear(&export->again);
    noise_free(export->noise);
    text_clear(&export->again_raw);
    text_clear(&export->raw_heading);
    text_clear(&export->heading_cells);
    free_cells(&export->heading);
    free(export->path);
    free(export);
}
