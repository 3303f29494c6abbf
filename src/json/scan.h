#ifndef OPSPUSH_JSON_SCAN_H
#define OPSPUSH_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"
#include "base/text.h"

/* Where a value stands, and its key. Places are in the order of the text, an object or array before what it holds. */
struct place {
    size_t start, length;         /* in bytes, with quotes or brackets */
    size_t key_start, key_length; /* with quotes; length 0: an element, or the root */
    size_t subtree;               /* places of this value and all in it */
};

/*
 * One reading of a text. The caller sets the upper part and frees 'places'. 'bytes' has a NUL behind it; the relaxed
 * reading overwrites comments, trailing commas and a byte order mark in it with blanks, so that offsets stay true.
 */
struct scan {
    char *bytes;
    size_t length;
    int max_depth;
    bool relaxed;
    const char *name; /* these three for the relaxed reading alone */
    const struct text *source;
    struct problems *problems;

    struct place *places;
    size_t count, capacity;
    const char *why; /* the first fault, in static words */

    size_t at; /* the next byte */
    size_t faults;
    int open_objects, open_arrays;
    bool stopped;
};

enum { SCAN_END = -1 };

/* Reads the whole text; 0, or -1 when there was a fault: in 'why', and all that were found in 'problems'. */
int scan_text(struct scan *scan) MUST_CHECK;

/* Notes a fault; the strict reading ends here, the relaxed one goes on. 'hint' may be NULL. */
void scan_fault(struct scan *scan, size_t start, size_t length, const char *why, const char *hint);
/* The same, with the bytes that stand there named in the words. */
void scan_fault_named(struct scan *scan, size_t start, size_t length, const char *why,
                      const char *hint);
/* Nothing more is read or said. */
void scan_stop(struct scan *scan);

/* The scalars, each from its first byte on: a string with its quotes; a number or a word. */
void scan_string(struct scan *scan);
void scan_word(struct scan *scan);
/* A key without quotes: always a fault. */
void scan_bare_key(struct scan *scan);

/* Notes each key of the object at 'index' that an earlier one repeats. */
void scan_keys(struct scan *scan, size_t index);

#endif
