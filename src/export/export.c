#include "export/export.h"

#include "damage.h"
#include "export_private.h"

const struct export_record *export_heading(const struct export *export)
{
    return &export->heading;
}

const struct export_facts *export_facts(const struct export *export)
{
    return &export->facts;
}

const struct text *export_raw_heading(const struct export *export)
{
    return &export->raw_heading;
}

int export_check_unchanged(struct export *export, struct fault *fault)
{
    return source_check_unchanged(&export->source, fault);
}

/* ---------------------------------------------------------------- the end of the file */

/* The last record has no line end: is it whole? */
static int check_whole(const struct export *export, const struct scanned *piece,
                       struct fault *fault)
{
    size_t at = export->window.at;
    const struct export_record *heading = &export->heading;
    size_t cells = scan_cells(&export->scanner, at, at + piece->body).cells;
    size_t wanted = heading->cell_count;
    if (heading->cells[wanted - 1].length == 0)
        wanted--;
    if (cells < wanted)
        return fault_set(
            fault, FAULT_INPUT,
            "%s:%u: the file is truncated: its last record has %zu of %zu cells and no "
            "line end",
            export->path, export->line, cells, heading->cell_count);
    if (encoding_is_cut(export->encoding, export->window.bytes + at, piece->body))
        return fault_set(fault, FAULT_INPUT,
                         "%s:%u: the file is truncated: it ends in the middle of a character",
                         export->path, export->line);
    return 0;
}

static int check_feedback(const struct export *export, struct fault *fault)
{
    const struct export_facts *facts = &export->facts;
    if (facts->feedback_rows < 0 || (uint64_t)facts->feedback_rows == facts->records)
        return 0;
    bool fewer = facts->records < (uint64_t)facts->feedback_rows;
    return fault_set(fault, FAULT_INPUT, "%s: the file says that it has %ld rows; %llu were read%s",
                     export->path, facts->feedback_rows, (unsigned long long)facts->records,
                     fewer ? ": is it truncated?" : "");
}

static int finish(struct export *export, struct fault *fault)
{
    if (export->at_end)
        return 0;
    if (source_check_unchanged(&export->source, fault) < 0)
        return -1;
    if (export->facts.records == 0)
        return fault_set(
            fault, FAULT_INPUT,
            "%s: has a heading and no data rows; this is never taken as \"everybody left\"",
            export->path);
    if (check_feedback(export, fault) < 0)
        return -1;
    digest_stream_hex(&export->window.digest, export->facts.digest);
    export->at_end = true;
    return 0;
}

/* ---------------------------------------------------------------- records */

int export_next(struct export *export, struct export_record *record, struct fault *fault)
{
    struct scanned piece;
    int step;
    while ((step = piece_next(export, &piece, fault)) == 1) {
        if (piece_judge(export, &piece) == PIECE_RECORD)
            break;
        piece_pass(export, &piece);
    }
    if (step <= 0)
        return step < 0 ? -1 : finish(export, fault);
    if (piece.bytes == piece.body && check_whole(export, &piece, fault) < 0)
        return -1;
    const struct window *window = &export->window;
    record->offset = window->offset + window->at;
    record->bytes = (uint32_t)piece.bytes;
    record->line = export->line;
    record->raw = window->bytes + window->at;
    record->ended = true;
    piece_pass(export, &piece);
    export->facts.records++;
    return 1;
}

static void split_record(struct export *export, struct splitter *splitter,
                         struct export_record *record)
{
    size_t body = scan_body(export->shape, record->raw, record->bytes);
    struct split_marks marks = splitter_split(splitter, record->raw, body);
    damage_judge(record, splitter, &marks, &export->heading);
}

void export_split(struct export *export, struct export_record *record)
{
    split_record(export, &export->splitter, record);
}

int export_reread(struct export *export, uint64_t offset, uint32_t bytes, uint32_t line,
                  struct export_record *record, struct fault *fault)
{
    size_t got;
    struct text *raw = &export->again_raw;
    text_reset(raw);
    text_reserve(raw, bytes);
    if (source_read(&export->source, offset, raw->bytes, bytes, &got, fault) < 0)
        return -1;
    if (got < bytes)
        return fault_set(fault, FAULT_INPUT, "%s: changed since it was read: it is shorter now",
                         export->path);
    raw->length = bytes;
    *record = (struct export_record){
        .offset = offset, .bytes = bytes, .line = line, .raw = raw->bytes, .ended = true};
    split_record(export, &export->again, record);
    return 0;
}
