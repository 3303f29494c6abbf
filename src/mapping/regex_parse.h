#ifndef OPSPUSH_MAPPING_REGEX_PARSE_H
#define OPSPUSH_MAPPING_REGEX_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regex_set.h"

/* The syntax tree of an extended regular expression. */
enum re_kind { RE_EMPTY, RE_SET, RE_BEGIN, RE_END, RE_CAT, RE_ALT, RE_REPEAT };

struct re_node {
    enum re_kind kind;
    int left, right; /* children; -1: none */
    int min, max;    /* of a repetition; max -1: no end */
    struct re_set set;
};

struct re_tree {
    struct re_node *nodes;
    size_t count, capacity;
    int root;
};

/* False when the expression uses something that this parser leaves to regexec(3). */
bool re_parse(struct re_tree *tree, const char *pattern);
void re_tree_clear(struct re_tree *tree);

#endif
