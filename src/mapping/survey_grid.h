#ifndef OPSPUSH_MAPPING_SURVEY_GRID_H
#define OPSPUSH_MAPPING_SURVEY_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

/* Cells in columns for people: aligned by what a terminal needs, long cells broken at blanks. */
enum { GRID_COLUMNS_MAX = 8 };

struct grid {
    const char *shape;               /* one letter a column: 'l' left, 'r' right */
    size_t widest[GRID_COLUMNS_MAX]; /* a wider cell is broken into lines; 0: never */
    char **cells;                    /* row by row */
    size_t count;
};

void grid_clear(struct grid *grid);
/* The next cell; control characters in it are made harmless. */
void grid_add(struct grid *grid, const char *words, ...) PRINTF_LIKE(2, 3);
/* Appends the rows, each with two blanks in front. */
void grid_print(const struct grid *grid, struct text *out);

/* A cell that is a count. */
void grid_add_count(struct grid *grid, uint64_t count);

#endif
