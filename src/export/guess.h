#ifndef OPSPUSH_EXPORT_GUESS_H
#define OPSPUSH_EXPORT_GUESS_H

#include <stddef.h>

#include "base/fault.h"
#include "export/export.h"

enum { SAMPLE_BYTES = 4096 };

/* Fails when the first bytes say that the file is no text at all: a workbook, an archive, a page. */
int sample_check_kind(const char *path, const char *sample, size_t length,
                      struct fault *fault) MUST_CHECK;
/* Fails when byte-order mark or NULs speak against the declared encoding, naming what the file seems to be. */
int sample_check_encoding(const char *path, const char *sample, size_t length,
                          enum export_encoding declared, struct fault *fault) MUST_CHECK;
/* The delimiter that cuts a line into most cells, and how many; 1 cell: none does. */
char delimiter_best(const char *line, size_t length, size_t *cells);
/* "semicolons" and what the mapping writes: ";" or "tab". */
const char *delimiter_name(char delimiter);
const char *delimiter_written(char delimiter);

#endif
