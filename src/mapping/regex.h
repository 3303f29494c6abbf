#ifndef OPSPUSH_MAPPING_REGEX_H
#define OPSPUSH_MAPPING_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * POSIX extended regular expressions over UTF-8, answered yes or no. Compiled to a table with one look-up for each
 * character; what the table cannot hold (very large counts, GNU's own escapes) is left to regexec(3).
 */
struct regex;

/*
 * 'whole': the expression must cover the value; otherwise it is searched in it. NULL with the reason in 'why' when it
 * is no valid expression or has a back-reference.
 */
struct regex *regex_new(const char *pattern, bool whole, struct text *why);
void regex_free(struct regex *regex);
/* Valid UTF-8 without NUL. */
bool regex_matches(const struct regex *regex, const char *bytes, size_t length);
/* For tests: the expression is answered from the table. */
bool regex_is_table(const struct regex *regex);

#endif
