#ifndef OPSPUSH_MAPPING_REGEX_TABLE_H
#define OPSPUSH_MAPPING_REGEX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regex_parse.h"

/* A deterministic automaton over classes of characters. */
enum { RE_DEAD = 0, RE_START = 1 };

struct re_table {
    uint16_t class_count, state_count;
    uint8_t ascii[128]; /* class of each ASCII character */
    uint32_t *firsts;   /* the first character of each class interval, ascending */
    uint8_t *classes;   /* of each interval */
    size_t interval_count;
    uint16_t *next;   /* [state * class_count + class] */
    bool *accepts;    /* the text may end here */
    bool *is_settled; /* whatever follows changes nothing */
};

/* False when the automaton would be too large; the table is then empty. */
bool re_table_build(struct re_table *table, const struct re_tree *tree, bool whole);
void re_table_clear(struct re_table *table);
bool re_table_matches(const struct re_table *table, const char *bytes, size_t length);

#endif
