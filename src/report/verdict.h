#ifndef OPSPUSH_REPORT_VERDICT_H
#define OPSPUSH_REPORT_VERDICT_H

#include "base/terminal.h"
#include "report/report.h"

/* Appends the run in one line: "opspush push: partial (exit 3), 10 of 12 accepted, 4 rejected". No value, no id in it. */
void verdict_add(const struct report *report, struct text *out);
/* Good, warn or bad. */
enum colour verdict_colour(const struct report *report);
bool report_is_plan(const struct report *report);
/* It failed before all rows were read: nothing is known of them but how many were seen. */
bool report_is_unread(const struct report *report);
uint64_t report_to_send(const struct report *report); /* new and changed people */

/* Appends a range of what is usual: "2-9". */
void usual_add(double low, double high, struct text *out);
/* Does the count lie outside of it? Never while too few runs are known to call anything unusual. */
bool usual_excludes(const struct report_usual *usual, double low, double high, uint64_t count);
/* Appends the name with blanks for its underscores: "left out". */
void plain_name_add(struct text *out, const char *name);

#endif
