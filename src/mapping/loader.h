#ifndef OPSPUSH_MAPPING_LOADER_H
#define OPSPUSH_MAPPING_LOADER_H

#include "mapping_private.h"

/* The reading of one mapping: every problem is told, with its place, and reading goes on. */
struct loader {
    struct mapping *mapping;
    const struct json_document *document;
    struct problems *problems;
    const struct json_value
        *lists; /* a bundle's: name to codes; NULL: lists come from their files */
};

/* A key that a section knows, and what reads it into 'into'. */
struct loader_key {
    const char *name;
    void (*load)(struct loader *loader, const struct json_value *value, void *into);
};

void loader_error(struct loader *loader, const struct json_value *at, const char *hint,
                  const char *words, ...) PRINTF_LIKE(4, 5);
void loader_warning(struct loader *loader, const struct json_value *at, const char *hint,
                    const char *words, ...) PRINTF_LIKE(4, 5);
/* "did you mean ..." or NULL; free(). */
char *loader_nearest(const char *wanted, const char *const names[], size_t count);

/* Reads an object by a table of keys; a key that is not in it is an error that names the nearest. */
void loader_keys(struct loader *loader, const struct json_value *object,
                 const struct loader_key *keys, size_t count, void *into);
/* False, with the problem told, when the value is of another kind. */
bool loader_expect(struct loader *loader, const struct json_value *value, enum json_kind kind);
/* A string that is not empty and has no control characters, in normal form C; NULL with the problem told. free(). */
char *loader_string(struct loader *loader, const struct json_value *value);
/* As loader_string, but "" is allowed. */
char *loader_text(struct loader *loader, const struct json_value *value);
bool loader_bool(struct loader *loader, const struct json_value *value, bool *out);
/* A word of a closed list: its number, or -1 with the problem told. */
int loader_word(struct loader *loader, const struct json_value *value, const char *what,
                const char *const words[], size_t count);
/* Fills a set from an array of strings (or one string where 'one_too'); told when one stands there twice. */
void loader_words(struct loader *loader, const struct json_value *value, bool one_too,
                  struct codes *out);
/* Compiles an expression; NULL with the problem told. */
struct regex *loader_regex(struct loader *loader, const struct json_value *value, bool whole);

/* The number of a column in the mapping, added when new. -1 with the problem told. */
int loader_column(struct loader *loader, const struct json_value *value, bool mapped);
/* Columns from an array, or from one string where 'one_too'. */
void loader_columns(struct loader *loader, const struct json_value *value, bool one_too,
                    bool mapped, size_t **columns, size_t *count);

/* Columns that must be there, whether or not anything reads them. */
void loader_needed_columns(struct loader *loader, const struct json_value *value);

/* A day as YYYY-MM-DD, or "today". */
bool loader_bound(struct loader *loader, const struct json_value *value, struct date_bound *out);
/* "written" and "youngest", which belong together. Checked by loader_dates when both were seen. */
void loader_written(struct loader *loader, const struct json_value *value, struct date_reader *out);
void loader_youngest(struct loader *loader, const struct json_value *value,
                     struct date_reader *out);
void loader_dates(struct loader *loader, const struct json_value *owner,
                  const struct date_reader *reader);

/* The field that a member's key names; -1 with the problem told. */
int loader_field(struct loader *loader, const struct json_value *member);

/* The sections. */
void load_file(struct loader *loader, const struct json_value *value, void *into);
void load_people(struct loader *loader, const struct json_value *value, void *into);
void load_lists(struct loader *loader, const struct json_value *value, void *into);
void load_fields(struct loader *loader, const struct json_value *value, void *into);
void load_otherwise(struct loader *loader, const struct json_value *value, void *into);
void load_stop(struct loader *loader, const struct json_value *value, void *into);
void stop_defaults(struct limits *limits);

/* A rule on rows; 'is_when' is a field's, which needs no because. False with the problems told. */
bool load_rule(struct loader *loader, const struct json_value *value, bool is_when,
               struct row_rule *out);
void load_rules(struct loader *loader, const struct json_value *value, struct row_rules *out);
void rule_clear(struct row_rule *rule);
/* Reads a list's codes from its CSV file. */
void load_list_file(struct loader *loader, struct code_list *list, const struct json_value *at);
/* Adds one code of a list, telling what is wrong with it. */
void load_code(struct loader *loader, struct code_list *list, const struct json_value *at,
               struct span code, struct span gives, unsigned long line);
/* The list of that name, or NULL. */
struct code_list *loader_list(struct loader *loader, const char *name);

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
