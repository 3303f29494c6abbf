#ifndef OPSPUSH_EXPORT_LINE_PATTERN_H
#define OPSPUSH_EXPORT_LINE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* A letter of ASCII, or a byte of any character beyond it. */
static inline bool byte_is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte & '\x80');
}

/* Can a line be written as a pattern: not too long, no line break, nothing that is not shown? */
bool line_has_pattern(const char *bytes, size_t length);
/*
 * Appends the extended regular expression that takes a title or footer whole, and also on another page or day: for
 * numbers, names of days and months, AM and PM, and for wider gaps it is open; the rest is taken as it stands.
 * It never takes a record with another number of cells than the line has.
 */
void line_pattern(const char *bytes, size_t length, char delimiter, struct text *out);

#endif
