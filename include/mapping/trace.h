#ifndef OPSPUSH_MAPPING_TRACE_H
#define OPSPUSH_MAPPING_TRACE_H

#include "mapping/mapping.h"

/* How each value of one row came about: for 'explain'. The same code as mapper_apply, told as it goes. */
struct trace_step {
    char *what;  /* "from EMAIL_UNIV", "trim", "list user_type", "if_wrong: leave out field" */
    char *value; /* the value after it, clear text; the caller masks private fields */
};

struct trace_field {
    enum field field;
    size_t line; /* of the rule in the mapping file */
    struct trace_step *steps;
    size_t count;
};

struct trace {
    struct trace_field *fields;
    size_t count;
    char *
        row_rule; /* what decided, with the rule's column and line (keep, leave_out, must_hold, damage), or NULL */
};

const struct mapped_row *mapper_trace(struct mapper *mapper, const struct export_record *record,
                                      struct trace *trace);
void trace_clear(struct trace *trace);

#endif
