#ifndef OPSPUSH_REPORT_SUMS_H
#define OPSPUSH_REPORT_SUMS_H

#include "report/report.h"
#include "screen.h"

/* Adds the rows by action, the people to send by outcome, and the gone; a table where it is wished and the width allows it. */
void sums_add(struct screen *screen, const struct report *report, bool table);

#endif
