#ifndef OPSPUSH_EXPORT_HEADING_H
#define OPSPUSH_EXPORT_HEADING_H

#include "export_private.h"

/* The cell without the blanks around it. */
struct export_cell cell_trimmed(const struct export_cell *cell);
/*
 * Is the piece the heading once more: as many cells, and each the same but for case, blanks around it, quotes, and a
 * byte-order mark before them? Splits with the export's own splitter. No before the heading is known.
 */
bool heading_is_repeated(struct export *export, const char *bytes, size_t length);

#endif
