#ifndef OPSPUSH_BASE_PROBLEM_H
#define OPSPUSH_BASE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/text.h"

/*
 * Everything that is wrong with a file that a person wrote, all at once: place, the line itself, a caret, what to do.
 *
 *     students.jsonc:63:43: error: there is no step called "trimm"
 *       63 |     "city":  { "from": "CITY", "do": ["trimm"] },
 *          |                                       ^~~~~~~ did you mean "trim"?
 */

struct problem {
    bool is_error; /* otherwise a warning */
    char *file;    /* as shown */
    size_t line;   /* 1-based; 0: about the file as a whole */
    size_t column; /* 1-based, in characters */
    size_t width;  /* characters under the caret, at least 1 */
    char *text;    /* what is wrong */
    char *hint;    /* what to do, or NULL */
    char *source;  /* the line as it stands, cleaned, or NULL */
    size_t caret;  /* characters of 'source' before the place: a long line is cut around it */
    size_t count;  /* how often: same text in the same file is grouped */
};

struct problems {
    struct problem *items;
    size_t count, capacity;
    size_t errors; /* of them, those that are errors */
};

void problems_clear(struct problems *problems);
/*
 * Adds one. 'source' is the whole text of the file (the line is cut out of it) or NULL; 'offset' and 'length' say where
 * in it, in bytes; with source NULL it is about the file as a whole. 'hint' may be NULL. All is copied.
 */
void problems_add(struct problems *problems, bool is_error, const char *file,
                  const struct text *source, size_t offset, size_t length, const char *hint,
                  const char *words, ...) PRINTF_LIKE(8, 9);
/* Appends all of them as shown above, in the order of their places, with a last line that counts them. */
void problems_print(const struct problems *problems, struct text *out);
/* One sentence for a fault: the first error with its place, and how many more. Returns -1. */
int problems_fault(const struct problems *problems, enum fault_kind kind, struct fault *fault);

#endif
