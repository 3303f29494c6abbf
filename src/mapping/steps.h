#ifndef OPSPUSH_MAPPING_STEPS_H
#define OPSPUSH_MAPPING_STEPS_H

#include "arena.h"
#include "base/text.h"
#include "span.h"

enum step_kind {
    STEP_TRIM,
    STEP_ONE_SPACE,
    STEP_UPPER,
    STEP_LOWER,
    STEP_NAMES,
    STEP_DIGITS,
    STEP_POSTAL_CODE,
    STEP_STRAIGHT_QUOTES,
    STEP_ONE_LINE,
    STEP_EXCEL_GUARDS,
    STEP_BEFORE,
    STEP_AFTER,
    STEP_FIRST_OF,
    STEP_PAD,
    STEP_REMOVE,
    STEP_REPLACE,
    STEP_PHONE,
    STEP_ADD_BEFORE,
    STEP_ADD_AFTER
};

struct step {
    enum step_kind kind;
    char *written;    /* as in the mapping: "phone ###-###-####" */
    struct span text; /* TEXT, A, X or MASK; in 'strings' */
    struct span by;   /* B of replace */
    unsigned width;   /* N of pad */
    char *strings;    /* owned: what the spans point to */
    char *message;    /* "phone_cell: the step ... does not apply"; set by who knows the field */
};

/* Reads a step as it stands in a mapping. False with words in 'why', and a nearby step in 'hint' where there is one. */
bool step_compile(struct step *step, const char *written, struct text *why, struct text *hint);
void step_clear(struct step *step);

/* The memory that steps work in: pieces of the row's arena, and a text for Unicode. */
struct step_room {
    struct arena *arena;
    struct text *scratch;
};
/* A value over this many bytes is never made by a step: it then does not apply. */
enum { STEP_VALUE_MAX = 1 << 20 };
/* Applies one step to a value that is not empty. False when it does not apply: the value is then as it was. */
bool step_run(const struct step *step, struct step_room room, struct span *value);
/* The step 'names': a capital at the beginning of each word, in names that are all capitals or all small. */
bool step_names(struct step_room room, struct span *value);
/* Makes the room's text the value. */
void step_keep_scratch(struct step_room room, struct span *value);

#endif
