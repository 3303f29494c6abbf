#ifndef OPSPUSH_MAPPING_MONTHS_H
#define OPSPUSH_MAPPING_MONTHS_H

#include "span.h"

/*
 * The month (1 to 12) whose English or French name the text begins with, in any case, with or without accents; 0 when
 * it begins with none. 'taken' is set to the bytes of the name.
 */
int month_find(struct span text, bool full, size_t *taken);
/* In English, capitals. */
const char *month_name(int month, bool full);

#endif
