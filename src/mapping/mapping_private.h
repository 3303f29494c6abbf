#ifndef OPSPUSH_MAPPING_MAPPING_PRIVATE_H
#define OPSPUSH_MAPPING_MAPPING_PRIVATE_H

#include "codes.h"
#include "dates.h"
#include "lists.h"
#include "mapping/mapping.h"
#include "regex.h"
#include "span.h"
#include "steps.h"
#include "json/document.h"

/* A mapping as load.c compiles it; after that only bind.c writes to it (the columns' places). */

/* A column that the mapping names, once for all places that name it. */
struct column {
    char *written;                  /* as in the mapping */
    char *name;                     /* without "#2"; NULL for "col(14)" */
    size_t number;                  /* 2 of "City#2", 14 of "col(14)"; 0 for a bare name */
    const struct json_value *place; /* where it is first named */
    bool is_read;                   /* false when it stands in columns_needed alone */
    bool is_mapped;                 /* in a from or join: its content may go out */
    int index;                      /* 0-based place in the bound heading; -1 while unbound */
};

enum rule_test { RULE_IS, RULE_IN, RULE_NOT_IN, RULE_MATCHES, RULE_EMPTY, RULE_BEFORE, RULE_AFTER };

/* A rule on rows, or a field's 'when'. */
struct row_rule {
    size_t column; /* into the mapping's columns */
    enum rule_test test;
    struct codes words;  /* is, in, not_in */
    struct regex *regex; /* matches */
    char *pattern;
    bool wants_empty; /* empty: true or false */
    struct date_bound bound;
    struct date_reader dates;
    char *because;    /* NULL in a when that gives none */
    char *unreadable; /* words for a date that cannot be read */
    char *broken;     /* words for a must_hold that does not hold */
    const struct json_value *place;
};

struct row_rules {
    struct row_rule *items;
    size_t count;
};

/* What can be wrong with a value: one code, message and mend for each, made ready at load. */
enum trouble {
    TROUBLE_NONE,
    TROUBLE_MISSING, /* empty, and that rejects the person */
    TROUBLE_EMPTY,   /* empty, and a policy says what then */
    TROUBLE_STEP,
    TROUBLE_LIST,
    TROUBLE_TYPE,
    TROUBLE_NEVER,
    TROUBLE_PATTERN,
    TROUBLE_BETWEEN,
    TROUBLE_LONG,
    TROUBLE_KEY,      /* a control character in the unique_id */
    TROUBLE_WHEN,     /* the date that its 'when' asks for cannot be read */
    TROUBLE_ZEROS,    /* leading zeros lost */
    TROUBLE_POWER,    /* 1.23E+08 */
    TROUBLE_GUARD,    /* ="001" or '001 */
    TROUBLE_TWICE,    /* encoded twice */
    TROUBLE_LOST,     /* U+FFFD */
    TROUBLE_QUESTION, /* a question mark between letters of a name: a note alone */
    TROUBLE_COUNT
};

struct trouble_words {
    const char *message, *fix;
};

enum pick { PICK_FROM, PICK_JOIN, PICK_VALUE };
enum value_type { TYPE_TEXT, TYPE_EMAIL, TYPE_DATE, TYPE_TWO_LETTERS };

/* How one field is filled. */
struct field_rule {
    enum field field;
    const struct json_value *place;
    enum pick pick;
    size_t *columns; /* of from and join, into the mapping's columns */
    size_t column_count;
    char *constant; /* of PICK_VALUE; 'value' and 'with' point into owned strings */
    char *separator;
    struct span value, with;
    struct row_rule *when; /* or NULL */
    struct step *steps;
    size_t step_count;
    bool has_excel_guards;
    const struct code_list *list; /* or NULL */
    enum value_type type;
    struct date_reader dates;
    struct date_bound from, to; /* between */
    struct codes never;
    struct regex *pattern;
    char *pattern_written;
    unsigned limit; /* characters; 0: none */
    bool is_id;     /* unique_id, student_no, employ_no: damage by a spreadsheet is looked for */
    bool is_name;
    bool required, is_private, new_only;
    enum policy if_empty, if_wrong, if_long;
    struct trouble_words words[TROUBLE_COUNT];
    char *messages; /* what the words point to */
};

struct prefer {
    size_t column;
    bool by_order;      /* 'order'; otherwise 'take' */
    struct codes order; /* best first */
    bool takes_highest;
};

enum other_columns { OTHER_IGNORE, OTHER_WARN, OTHER_REFUSE };

struct mapping {
    char *path, *name;
    char digest[65];       /* over what the mapping means: comments and blanks do not matter */
    char bytes_digest[65]; /* over the file's bytes and its lists */
    struct json_document *document;

    struct export_dialect dialect;
    char **not_rows; /* what the dialect points to */
    size_t not_rows_count;
    struct codes empty_means;
    uint64_t empty_lengths; /* bit n: one of empty_means has n bytes; bit 63: or more */
    bool empty_firsts[256]; /* one of them begins with this byte */
    enum other_columns other_columns;
    struct limits limits;
    struct row_rules must_hold;

    struct row_rules keep, leave_out;
    enum repeated_id repeated_id;
    enum same_person same_person;
    size_t *same_person_columns;
    size_t same_person_count;
    struct prefer *prefer;
    size_t prefer_count;

    struct code_list *lists;
    size_t list_count;

    struct field_rule *rules; /* in the order of enum field: unique_id first */
    size_t rule_count;
    field_set fields, private_fields;
    enum policy if_empty, if_wrong, if_long; /* otherwise */

    struct column *columns;
    size_t column_count;
    char **headings; /* of the bound export, trimmed */
    size_t heading_count;
    bool is_bound, is_refed;
    int line_column;
};

/* The rule that fills a field, or NULL. */
const struct field_rule *mapping_rule(const struct mapping *mapping, enum field field);

/* bundle.c: the lists as the bundle has them, and the digests. */
void bundle_digest(struct mapping *mapping);
/* bind.c: forgets the headings. */
void mapping_unbind(struct mapping *mapping);
/* columns.c: whether a heading looks like a social security or insurance number. */
bool column_is_secret(const char *heading);
/* troubles.c: makes the words of a rule ready; the static code of a trouble. */
void trouble_prepare(struct field_rule *rule);
const char *trouble_code(enum trouble trouble);

#endif
