#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS
};
enum { DAYS_OF_400_YEARS = 146097 };

static int64_t timespec_ms(const struct timespec *time)
{
    return (int64_t)time->tv_sec * SECOND_MS + time->tv_nsec / 1000000;
}

static int64_t system_steady_ms(void *self)
{
    (void)self;
    struct timespec now;
#ifdef CLOCK_BOOTTIME
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0) {
        return timespec_ms(&now);
    }
#endif
    clock_gettime(CLOCK_MONOTONIC, &now);
    return timespec_ms(&now);
}

static int64_t system_wall_ms(void *self)
{
    (void)self;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return timespec_ms(&now);
}

struct clock clock_system(void)
{
    return (struct clock){.steady_ms = system_steady_ms, .wall_ms = system_wall_ms};
}

/* Division that rounds down, for times before 1970 too. */
static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct date clock_local_date(int64_t wall_ms)
{
    time_t seconds = (time_t)floor_divide(wall_ms, SECOND_MS);
    struct tm local;
    if (!localtime_r(&seconds, &local)) {
        return date_from_days(floor_divide(wall_ms, DAY_MS));
    }
    return (struct date){local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
}

void clock_utc(int64_t wall_ms, char out[32])
{
    int64_t days = floor_divide(wall_ms, DAY_MS);
    int second = (int)((wall_ms - days * DAY_MS) / SECOND_MS);
    struct date date = date_from_days(days);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day,
             second / 3600, second / 60 % 60, second % 60);
}

void clock_utc_compact(int64_t wall_ms, char out[32])
{
    char full[32];
    size_t length = 0;
    clock_utc(wall_ms, full);
    for (const char *at = full; *at; at++) {
        if (*at != '-' && *at != ':') {
            out[length++] = *at;
        }
    }
    out[length] = '\0';
}

/* The number that 'digits' decimal digits make, or -1. */
static int digits_value(const char *text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int64_t clock_from_utc(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    if (strlen(text) != sizeof form - 1) {
        return -1;
    }
    for (size_t i = 0; form[i]; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i]) {
            return -1;
        }
    }
    struct date date = {digits_value(text, 4), digits_value(text + 5, 2),
                        digits_value(text + 8, 2)};
    int hour = digits_value(text + 11, 2);
    int minute = digits_value(text + 14, 2);
    int second = digits_value(text + 17, 2);
    if (!date_is_real(date) || date.year < 1970 || hour > 23 || minute > 59 || second > 59) {
        return -1;
    }
    return date_days(date) * DAY_MS + (int64_t)hour * HOUR_MS + (int64_t)minute * MINUTE_MS +
           (int64_t)second * SECOND_MS;
}

void clock_duration(int64_t ms, char out[32])
{
    int64_t tenths = ms > 0 ? (ms + 50) / 100 : 0;
    int64_t seconds = ms > 0 ? (ms + 500) / SECOND_MS : 0;
    if (tenths < 600) {
        snprintf(out, 32, "%d.%d s", (int)(tenths / 10), (int)(tenths % 10));
    } else if (seconds < 3600) {
        snprintf(out, 32, "%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
    } else {
        snprintf(out, 32, "%lld h %02d min", (long long)(seconds / 3600), (int)(seconds / 60 % 60));
    }
}

int64_t clock_parse_duration(const char *text)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', SECOND_MS}, {'m', MINUTE_MS}, {'h', HOUR_MS}, {'d', DAY_MS}};
    int64_t number = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] == '\0' || text[digits + 1] != '\0') {
        return -1;
    }
    for (size_t i = 0; i < digits; i++) {
        if (number > INT64_MAX / 10 / DAY_MS - 1) {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (units[i].unit == text[digits]) {
            return number * units[i].ms;
        }
    }
    return -1;
}

static bool year_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before the month, and with 13 the days of the whole year. */
static int days_before_month(int year, int month)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return before[month - 1] + (month > 2 && year_is_leap(year));
}

/* Days from 0001-01-01 to the first day of the year. */
static int64_t days_before_year(int64_t year)
{
    int64_t past = year - 1;
    return past * 365 + floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400);
}

int64_t date_days(struct date date)
{
    return days_before_year(date.year) - days_before_year(1970) +
           days_before_month(date.year, date.month) + date.day - 1;
}

struct date date_from_days(int64_t days)
{
    int64_t since_first = days + days_before_year(1970);
    int64_t year = floor_divide(since_first * 400, DAYS_OF_400_YEARS) + 1;
    year += days_before_year(year + 1) <= since_first;
    year -= days_before_year(year) > since_first;
    int day = (int)(since_first - days_before_year(year));
    int month = 12;
    while (days_before_month((int)year, month) > day) {
        month--;
    }
    return (struct date){(int)year, month, day - days_before_month((int)year, month) + 1};
}

int date_is_real(struct date date)
{
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1) {
        return 0;
    }
    return date.day <=
           days_before_month(date.year, date.month + 1) - days_before_month(date.year, date.month);
}
