#ifndef OPSPUSH_MAPPING_REGEX_SET_H
#define OPSPUSH_MAPPING_REGEX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct re_range {
    uint32_t first, last;
};

/* Characters, as ranges or the complement of them. */
struct re_set {
    struct re_range *ranges;
    size_t count, capacity;
    bool inverted;
};

void re_set_add(struct re_set *set, uint32_t first, uint32_t last);
/* Adds a class such as "alpha", with the members that regcomp(3) gives it in C.UTF-8; false when there is none. */
bool re_set_add_class(struct re_set *set, const char *name, size_t length);
/* Sorts and joins the ranges: after the last addition, and before the first question. */
void re_set_settle(struct re_set *set);
bool re_set_has(const struct re_set *set, uint32_t point);

#endif
