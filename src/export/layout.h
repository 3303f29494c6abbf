#ifndef OPSPUSH_EXPORT_LAYOUT_H
#define OPSPUSH_EXPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "noise.h"

/*
 * Where in a report its heading and rows stand: what comes above and below. Told by the number of cells alone, and
 * only where there is no doubt; an ordinary file has no titles and no footers.
 */
enum { LAYOUT_TITLES_MAX = 8, LAYOUT_FOOTERS_MAX = 3 };

/* The beginning of a file, or its end, as UTF-8. */
struct sample {
    const char *bytes;
    size_t length;
    bool ends;                 /* the file ends with it */
    const struct noise *noise; /* lines that say nothing about it */
};

struct line {
    const char *bytes; /* of the sample, without its line end */
    size_t length;
    size_t cells;
};

struct layout {
    char delimiter;
    struct line titles[LAYOUT_TITLES_MAX];
    size_t title_count;
    size_t cells; /* of the heading; 0: none was found */
};

/*
 * The delimiter of the first line that any cuts at all. But when the first lines have at most a third of the cells of
 * a further one, which reads like a heading and is followed by rows of as many: its delimiter, and those are titles.
 */
void layout_read(struct layout *layout, const struct sample *beginning);
/* The last lines that cannot be rows, the last one first; returns how many. */
size_t layout_footers(const struct layout *layout, const struct sample *end,
                      struct line footers[LAYOUT_FOOTERS_MAX]);

#endif
