#ifndef OPSPUSH_MAPPING_LISTS_H
#define OPSPUSH_MAPPING_LISTS_H

#include "arena.h"
#include "codes.h"

/*
 * A code list: what each code is translated to. A code may consist of parts ("EX,FT"); "EX,*" stands for any second
 * part, "*" alone for every code that nothing else matches.
 */
enum { LIST_PARTS_MAX = 16, LIST_SHAPES_MAX = 64 };

struct list_shape { /* which parts of a code are open; one for each kind of wildcard in the list */
    unsigned parts;
    uint32_t open; /* bit n: part n */
};

struct code_list {
    char *name;
    char *file, *find, *give; /* NULL for a list that stands in the mapping */
    struct codes codes;
    struct list_shape shapes[LIST_SHAPES_MAX]; /* fewest open parts first */
    size_t shape_count;
    bool has_fallback;
    bool is_used;
    const struct json_value *place;
};

enum list_addition { LIST_ADDED, LIST_TWICE, LIST_TOO_MANY_SHAPES };
enum list_addition list_add(struct code_list *list, struct span code, struct span gives);
/* What the code gives, or NULL when the list does not have it. */
const struct code *list_find(const struct code_list *list, struct span code, struct arena *arena);
void list_clear(struct code_list *list);

#endif
