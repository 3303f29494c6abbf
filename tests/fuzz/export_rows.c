#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/export/export_private.h"
#include "base/digest.h"

/*
 * Bytes to records: the first byte of the input chooses encoding and delimiter, the second how much is read at once.
 * What must hold for any input: read whole or in pieces, the file gives the same records; they lie one behind the
 * other in it; read again by its place, a record gives the same cells; a sound one has as many as the heading, and a
 * control character is told where there is one and nowhere else. What the guess proposes as not_rows are patterns.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const not_rows[] = {"^[0-9,]+ rows selected\\.$", "^[- ]+$"};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void write_input(const char *path, const uint8_t *bytes, size_t size)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    demand(descriptor >= 0);
    demand(write(descriptor, bytes, size) == (ssize_t)size);
    close(descriptor);
}

static void add_record(struct text *out, const struct export_record *record)
{
    text_addf(out, "%llu %u %u %d", (unsigned long long)record->offset, record->bytes, record->line,
              (int)record->damage);
    for (size_t i = 0; i < record->cell_count; i++) {
        const struct export_cell *cell = &record->cells[i];
        text_addf(out, " %u%c", cell->length, cell->quoted ? 'q' : ':');
        text_add_bytes(out, cell->bytes, cell->length);
    }
    text_add(out, "\n");
}

static void check_again(struct export *export, const struct export_record *record)
{
    struct text first = {0}, second = {0};
    struct export_record again;
    struct fault fault;
    demand(export_reread(export, record->offset, record->bytes, record->line, &again, &fault) == 0);
    add_record(&first, record);
    add_record(&second, &again);
    demand(first.length == second.length && memcmp(first.bytes, second.bytes, first.length) == 0);
    text_clear(&first);
    text_clear(&second);
}

/* Tab, LF and CR may stand in a quoted cell. */
static bool holds_control(const struct export_cell *cell)
{
    for (size_t i = 0; i < cell->length; i++) {
        char byte = cell->bytes[i];
        bool data = cell->quoted && (byte == '\t' || byte == '\n' || byte == '\r');
        if (!data && ((byte >= 0 && byte < 0x20) || byte == 0x7F))
            return true;
    }
    return false;
}

static bool holds_high(const struct export_cell *cell)
{
    for (size_t i = 0; i < cell->length; i++)
        if (cell->bytes[i] & '\x80')
            return true;
    return false;
}

static void check_controls(const struct export_record *record)
{
    size_t first = 0, told = record->damage_cell;
    while (first < record->cell_count && !holds_control(&record->cells[first]))
        first++;
    if (record->damage == RECORD_SOUND || record->damage == RECORD_RAGGED)
        demand(first == record->cell_count);
    if (record->damage != RECORD_CONTROL && record->damage != RECORD_NUL)
        return;
    demand(told <= first || first == record->cell_count);
    if (told < record->cell_count)
        demand(told == first || holds_high(&record->cells[told]));
}

static void read_all(const char *path, const struct export_dialect *dialect, size_t chunk,
                     struct text *out)
{
    struct fault fault = {0};
    struct export_record record;
    int step = -1;
    uint64_t behind = 0;
    uint32_t line = 0;
    struct export *export = export_open_chunked(path, NULL, dialect, chunk, &fault);
    if (export)
        while ((step = export_next(export, &record, &fault)) == 1) {
            demand(record.offset >= behind && record.line > line && record.bytes > 0);
            behind = record.offset + record.bytes;
            line = record.line;
            export_split(export, &record);
            demand(record.damage != RECORD_SOUND ||
                   record.cell_count == export_heading(export)->cell_count);
            check_controls(&record);
            add_record(out, &record);
            check_again(export, &record);
        }
    if (step < 0)
        text_addf(out, "%s", fault.text);
    export_close(export);
}

static void check_guess(const char *path)
{
    struct fault fault = {0};
    struct export_guess guess;
    if (export_guess(path, &guess, &fault) == 0) {
        struct export_dialect dialect = {guess.encoding, guess.delimiter, guess.not_rows,
                                         guess.not_rows_count};
        struct export *export = export_open(path, NULL, &dialect, &fault);
        demand(export || fault.kind == FAULT_INPUT);
        demand(guess.own_count < guess.not_rows_count);
        export_close(export);
    }
    export_guess_clear(&guess);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {',', ';', '|', '\t'};
    char path[64];
    struct text whole = {0}, pieces = {0};
    if (size < 2)
        return 0;
    struct export_dialect dialect = {.encoding = (enum export_encoding)(data[0] % 5),
                                     .delimiter = delimiters[data[0] / 5 % 4],
                                     .not_rows = not_rows,
                                     .not_rows_count = 2};
    size_t chunk = 1 + data[1] % 64;
    digest_start();
    snprintf(path, sizeof path, "%s/opspush-fuzz-%ld",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
    write_input(path, data + 2, size - 2);
    read_all(path, &dialect, 4096, &whole);
    read_all(path, &dialect, chunk, &pieces);
    demand(whole.length == pieces.length &&
           (!whole.length || memcmp(whole.bytes, pieces.bytes, whole.length) == 0));
    if (data[1] >= 0xE0) /* it costs more than all the rest */
        check_guess(path);
    text_clear(&whole);
    text_clear(&pieces);
    unlink(path);
    return 0;
}
