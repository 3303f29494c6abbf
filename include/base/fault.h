#ifndef OPSPUSH_BASE_FAULT_H
#define OPSPUSH_BASE_FAULT_H

/*
 * A fault is a value: what kind it is (that decides the exit code) and words for the operator.
 * Functions that can fail take 'struct fault *' as the last parameter, give 0 or -1 (steppers 1, 0, -1;
 * makers a pointer or NULL) and set the fault only when they fail.
 */

#define MUST_CHECK               __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

enum fault_kind {
    FAULT_NONE,
    FAULT_FAILED,      /* unexpected: exit 1 */
    FAULT_USAGE,       /* 2 */
    FAULT_CONFIG,      /* 4 */
    FAULT_AUTH,        /* 5 */
    FAULT_INPUT,       /* 6 */
    FAULT_UNAVAILABLE, /* 7 */
    FAULT_GUARD,       /* 8 */
    FAULT_BUSY,        /* 9 */
    FAULT_STALE,       /* 11 */
    FAULT_STATE        /* 12 */
};

struct fault {
    enum fault_kind kind;
    char text[2048]; /* one sentence or more: what, where, why, what to do; no line end */
};

/* Sets kind and words; always returns -1, so that a caller can `return fault_set(...)`. */
int fault_set(struct fault *fault, enum fault_kind kind, const char *words, ...) PRINTF_LIKE(3, 4);

/* Puts "place: " in front of the words that are there already; returns -1. */
int fault_place(struct fault *fault, const char *place, ...) PRINTF_LIKE(2, 3);

/* The exit code of a kind, as interface.md lists them. */
int fault_exit(enum fault_kind kind);

#endif
