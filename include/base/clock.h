#ifndef OPSPUSH_BASE_CLOCK_H
#define OPSPUSH_BASE_CLOCK_H

#include <stdint.h>

#include "base/fault.h"

/* What time it is, from outside or from a test. Waiting belongs to the transport: it knows what to wait for. */
struct clock {
    int64_t (*steady_ms)(
        void *self); /* CLOCK_BOOTTIME or MONOTONIC: never jumps; for every wait and duration */
    int64_t (*wall_ms)(void *self); /* since 1970 UTC: for display, names and dates alone */
    void *self;
};

struct clock clock_system(void);

struct date {
    int year, month, day;
};

struct date clock_local_date(int64_t wall_ms);         /* in the process's time zone */
void clock_utc(int64_t wall_ms, char out[32]);         /* 2026-11-22T01:20:00Z */
void clock_utc_compact(int64_t wall_ms, char out[32]); /* 20261122T012000Z: for names */
/* Reads what clock_utc writes; -1 when it is not that. */
int64_t clock_from_utc(const char *text);
void clock_duration(int64_t ms, char out[32]); /* "3 h 04 min", "12 min 5 s", "4.2 s" */
/* "45m", "6h", "90s", "2d" to milliseconds: an integer with s, m, h or d; -1 when it is not that. */
int64_t clock_parse_duration(const char *text);

/* Days since 1970-01-01 of a proleptic Gregorian date, and back; and whether there is such a day. */
int64_t date_days(struct date date);
struct date date_from_days(int64_t days);
int date_is_real(struct date date);

#endif
