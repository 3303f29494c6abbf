#ifndef OPSPUSH_EXPORT_GUESS_PATTERNS_H
#define OPSPUSH_EXPORT_GUESS_PATTERNS_H

#include "export/export.h"
#include "noise.h"

/* What tools print between the rows, whatever the delimiter; noise_free() it. */
struct noise *usual_noise(void) MUST_CHECK;
/* The same as patterns, for the delimiter that was guessed. */
void guess_add_usual(struct export_guess *guess);
/* A pattern for a line of this file, where there is none yet; after the usual ones. */
void guess_add_line(struct export_guess *guess, const char *bytes, size_t length);

#endif
