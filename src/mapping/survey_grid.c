#include "survey_grid.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { INDENT = 2, GAP = 2, CELL_BYTES_MAX = 4096 };

void grid_clear(struct grid *grid)
{
    for (size_t i = 0; i < grid->count; i++)
        free(grid->cells[i]);
    free(grid->cells);
    grid->cells = NULL;
    grid->count = 0;
}

void grid_add(struct grid *grid, const char *words, ...)
{
    struct text said = {0}, clean = {0};
    va_list list;
    va_start(list, words);
    text_addv(&said, words, list);
    va_end(list);
    utf8_add_clean(&clean, text_string(&said), said.length, CELL_BYTES_MAX);
    grid->cells = mem_resize(grid->cells, grid->count + 1, sizeof *grid->cells);
    grid->cells[grid->count++] = text_take(&clean);
    text_clear(&said);
}

void grid_add_count(struct grid *grid, uint64_t count)
{
    struct text text = {0};
    text_add_count(&text, count);
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

/* The bytes of the cell's next line, and those that the line after it passes over. */
static size_t cell_line(const char *cell, size_t widest, size_t *passed)
{
    size_t length = strlen(cell), at = 0, columns = 0, blank = 0;
    *passed = 0;
    while (widest && at < length) {
        uint32_t point;
        size_t bytes = utf8_decode(cell + at, length - at, &point);
        columns += utf8_columns(cell + at, bytes);
        if (columns > widest)
            break;
        if (point == ' ')
            blank = at;
        at += bytes;
    }
    if (!widest || at == length)
        return length;
    if (cell[at] == ' ')
        blank = at;
    *passed = blank > 0;
    return blank ? blank : at ? at : length;
}

static size_t cell_columns(const char *cell, size_t widest)
{
    size_t most = 0, passed;
    do {
        size_t length = cell_line(cell, widest, &passed);
        size_t columns = utf8_columns(cell, length);
        most = columns > most ? columns : most;
        cell += length + passed;
    } while (*cell);
    return most;
}

static void row_print_line(const struct grid *grid, const char **cells, const size_t *widths,
                           struct text *out)
{
    size_t blanks = INDENT;
    for (size_t i = 0; grid->shape[i]; i++) {
        size_t passed, length = cell_line(cells[i], grid->widest[i], &passed);
        size_t free_columns = widths[i] - utf8_columns(cells[i], length);
        if (grid->shape[i] == 'r')
            blanks += free_columns;
        if (length) {
            text_addf(out, "%*s", (int)blanks, "");
            text_add_bytes(out, cells[i], length);
            blanks = 0;
        }
        if (grid->shape[i] == 'l')
            blanks += free_columns;
        blanks += GAP;
        cells[i] += length + passed;
    }
    text_add_byte(out, '\n');
}

static void row_print(const struct grid *grid, char *const *row, const size_t *widths,
                      struct text *out)
{
    const char *cells[GRID_COLUMNS_MAX];
    bool is_more = true;
    for (size_t i = 0; grid->shape[i]; i++)
        cells[i] = row[i];
    while (is_more) {
        row_print_line(grid, cells, widths, out);
        is_more = false;
        for (size_t i = 0; grid->shape[i]; i++)
            is_more = is_more || *cells[i];
    }
}

void grid_print(const struct grid *grid, struct text *out)
{
    size_t widths[GRID_COLUMNS_MAX] = {0}, columns = strlen(grid->shape);
    assert(columns <= GRID_COLUMNS_MAX && grid->count % columns == 0);
    for (size_t i = 0; i < grid->count; i++) {
        size_t width = cell_columns(grid->cells[i], grid->widest[i % columns]);
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    for (size_t i = 0; i < grid->count; i += columns)
        row_print(grid, grid->cells + i, widths, out);
}
