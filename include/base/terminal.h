#ifndef OPSPUSH_BASE_TERMINAL_H
#define OPSPUSH_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_WARN, COLOUR_BAD, COLOUR_DIM, COLOUR_BOLD };

enum colour_wish { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

bool terminal_is(FILE *stream);
size_t terminal_width(FILE *stream); /* columns; 80 when unknown */
/* Whether to colour: the wish, then NO_COLOR, TERM=dumb and whether the stream is a terminal. */
bool terminal_colours(FILE *stream, enum colour_wish wish);
/* Appends the text, in colour when 'on'. */
void terminal_add(struct text *out, bool on, enum colour colour, const char *words, ...)
    __attribute__((format(printf, 4, 5)));
/* Opens /dev/null on those of 0, 1, 2 that are closed, so that no file of ours becomes one of them. */
void terminal_guard_descriptors(void);

#endif
