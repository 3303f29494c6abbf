#ifndef OPSPUSH_MAPPING_DATES_H
#define OPSPUSH_MAPPING_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"
#include "span.h"

enum date_part {
    DATE_LITERAL, /* one byte of punctuation */
    DATE_DAY,
    DATE_MONTH,
    DATE_MONTH_SHORT,
    DATE_MONTH_NAME,
    DATE_YEAR,
    DATE_YEAR_SHORT,
    DATE_HOUR,
    DATE_MINUTE,
    DATE_SECOND
};

enum { DATE_PARTS_MAX = 32 };

/* A mask such as DD-MON-YYYY, compiled. */
struct date_mask {
    char *written;
    struct {
        enum date_part part;
        char literal;
    } parts[DATE_PARTS_MAX];
    size_t count;
    bool has_short_year;
};

/* How the dates of a column are written; without a mask YYYY-MM-DD alone. */
struct date_reader {
    struct date_mask *masks;
    size_t count;
    int youngest; /* for years of two digits: the age that a person has at least */
};

/* An end of a range: a day, or today. */
struct date_bound {
    bool is_given, is_today;
    struct date date;
};

/* False with the reason in 'why'. */
bool date_mask_compile(struct date_mask *mask, const char *written, struct text *why);
void date_reader_clear(struct date_reader *reader);
/* Two masks that read one text as two different days: their numbers; false when there are none. */
bool date_reader_ambiguous(const struct date_reader *reader, size_t *one, size_t *other);

/* The day that the whole text names by one mask, or by the first of the reader's masks that fits. */
bool date_mask_read(const struct date_mask *mask, struct span text, int youngest, struct date today,
                    struct date *out);
bool date_read(const struct date_reader *reader, struct span text, struct date today,
               struct date *out);
bool date_read_iso(struct span text, struct date *out);
void date_write_iso(struct date date, char out[11]);
/* Negative, 0 or positive as 'date' lies before, at or after the bound. */
int date_compare(struct date date, const struct date_bound *bound, struct date today);

#endif
