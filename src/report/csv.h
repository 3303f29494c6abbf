#ifndef OPSPUSH_REPORT_CSV_H
#define OPSPUSH_REPORT_CSV_H

#include "base/text.h"

/* Appends the bytes between quotes, those in them doubled. */
void csv_add_quoted(struct text *out, const char *bytes, size_t length);

#endif
