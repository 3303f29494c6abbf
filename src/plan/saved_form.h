#ifndef OPSPUSH_SRC_PLAN_SAVED_FORM_H
#define OPSPUSH_SRC_PLAN_SAVED_FORM_H

/*
 * The lines of a saved plan that writer and reader agree on; all else between them is one JSON
 * value or more.
 */
#define FORM_SCHEMA "opspush-plan-1"
#define FORM_HEAD   "{\n \"schema\": \"opspush-plan-"
#define FORM_ROWS   " \"rows\": ["
#define FORM_DIGEST " \"digest\": \""
#define FORM_TAIL   "\"\n}\n"

/* Names of the bits in 'flags' of a row, from the lowest. */
enum { FORM_FLAGS = 5 };
extern const char *const form_flags[FORM_FLAGS];

#endif
