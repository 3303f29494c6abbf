#ifndef OPSPUSH_REPORT_SCREEN_H
#define OPSPUSH_REPORT_SCREEN_H

#include "base/terminal.h"
#include "base/text.h"

/*
 * Labelled lines of words that never run over the width (commands to be copied alone do): cleaned, wrapped at blanks, the rest of a
 * paragraph cut off.
 */
struct screen {
    struct text *out;
    bool colour;
    size_t width;
    size_t lines; /* written so far */
    bool gap;     /* an empty line comes before the next paragraph */
};

enum { SCREEN_LABEL = 11 }; /* columns before the words */
/* The columns that a label takes: those, or more where the label needs them and a blank. */
size_t screen_label(const char *label);

/* A paragraph behind its label ("" continues the one before), on at most 'most' lines ("..." where something was cut). */
void screen_add(struct screen *screen, enum colour colour, const char *label, const char *words,
                size_t most);
/* The same without a label, from the first column on. */
void screen_title(struct screen *screen, enum colour colour, const char *words, size_t most);
/* A command to be copied, below the paragraph before it: one line, however wide; the terminal's own wrapping counts as lines. */
void screen_command(struct screen *screen, enum colour colour, const char *command);
/* An empty line, if anything follows. */
void screen_gap(struct screen *screen);

#endif
