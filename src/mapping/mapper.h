#ifndef OPSPUSH_MAPPING_MAPPER_H
#define OPSPUSH_MAPPING_MAPPER_H

#include "arena.h"
#include "mapping/trace.h"
#include "mapping_private.h"

/* A cell of the row at hand, as the mapping looks at it. */
struct cell_view {
    struct span raw, trimmed;
    bool is_empty; /* blank, or one of empty_means */
};

struct mapper {
    const struct mapping *mapping;
    struct date today;
    struct arena arena;
    struct text scratch;
    struct cell_view *cells; /* by the mapping's column numbers */
    struct mapped_row row;
    struct trace *trace; /* NULL unless somebody asks */
};

/* apply.c: a finding that rejects the row, a policy's note, and one that stops the run. */
void row_reject(struct mapper *mapper, struct finding finding);
void row_note(struct mapper *mapper, enum policy policy, struct finding finding);
void row_stop(struct mapper *mapper, struct finding finding);

/* fields.c: fills one field of the row by its rule. */
void field_fill(struct mapper *mapper, const struct field_rule *rule);

enum rule_answer { RULE_NO, RULE_YES, RULE_UNREADABLE };
/* rules.c: whether a rule holds for the row at hand. */
enum rule_answer rule_ask(struct mapper *mapper, const struct row_rule *rule);

/* rank.c: fills the row's rank and person. */
void rank_fill(struct mapper *mapper);
void person_fill(struct mapper *mapper);

/* trace.c: what happens to the row, told to who asks; TRACE and TRACE_RULE do nothing while nobody does. */
void trace_field_begin(struct mapper *mapper, const struct field_rule *rule);
void trace_value(struct mapper *mapper, struct span value, const char *words, ...)
    PRINTF_LIKE(3, 4);
void trace_rule(struct mapper *mapper, const char *words, ...) PRINTF_LIKE(2, 3);
#define TRACE(mapper, ...)      ((mapper)->trace ? trace_value((mapper), __VA_ARGS__) : (void)0)
#define TRACE_RULE(mapper, ...) ((mapper)->trace ? trace_rule((mapper), __VA_ARGS__) : (void)0)
#define TRACE_DECISION(mapper, code, rule, words)                                                  \
    TRACE_RULE(mapper, "%s: %s (column %s, mapping line %zu)", code, words,                        \
               (mapper)->mapping->columns[(rule)->column].written,                                 \
               json_line((mapper)->mapping->document, (rule)->place))

#endif
