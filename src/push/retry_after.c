/*
 * Retry-After, read here: libcurl gives negative and absurd values for past, far and malformed ones. RFC 9110 sections 10.2.3 and
 * 5.6.7. Several headers arrive joined by line feeds; the longest usable wish counts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "push/answer.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;
static const int64_t second_ms = 1000;

struct moment {
    struct date date;
    int hour, minute, second;
};

/* ---------------------------------------------------------------- pieces of a date */

/* Exactly 'digits' digits. */
static bool take_number(const char **at, int digits, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_words(const char **at, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(*at, words, length) != 0)
        return false;
    *at += length;
    return true;
}

/* One of 'count' names; gives its index. Longer names that begin alike must stand first. */
static bool take_name(const char **at, const char *const names[], int count, int *index)
{
    for (*index = 0; *index < count; (*index)++)
        if (take_words(at, names[*index]))
            return true;
    return false;
}

static bool take_month(const char **at, int *month)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    bool found = take_name(at, names, 12, month);
    *month += 1;
    return found;
}

static bool take_weekday(const char **at)
{
    static const char *const names[] = {"Monday",   "Tuesday", "Wednesday", "Thursday", "Friday",
                                        "Saturday", "Sunday",  "Mon",       "Tue",      "Wed",
                                        "Thu",      "Fri",     "Sat",       "Sun"};
    int index;
    return take_name(at, names, 14, &index);
}

static bool take_time(const char **at, struct moment *moment)
{
    return take_number(at, 2, &moment->hour) && take_words(at, ":") &&
           take_number(at, 2, &moment->minute) && take_words(at, ":") &&
           take_number(at, 2, &moment->second) && moment->hour < 24 && moment->minute < 60 &&
           moment->second <= 60;
}

/* ---------------------------------------------------------------- the three forms */

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool read_fixdate(const char *at, struct moment *out)
{
    return take_weekday(&at) && take_words(&at, ", ") && take_number(&at, 2, &out->date.day) &&
           take_words(&at, " ") && take_month(&at, &out->date.month) && take_words(&at, " ") &&
           take_number(&at, 4, &out->date.year) && take_words(&at, " ") && take_time(&at, out) &&
           take_words(&at, " GMT") && !*at;
}

/* Sunday, 06-Nov-94 08:49:37 GMT; the year is at most 50 years ahead. */
static bool read_rfc850(const char *at, int this_year, struct moment *out)
{
    if (!(take_weekday(&at) && take_words(&at, ", ") && take_number(&at, 2, &out->date.day) &&
          take_words(&at, "-") && take_month(&at, &out->date.month) && take_words(&at, "-") &&
          take_number(&at, 2, &out->date.year) && take_words(&at, " ") && take_time(&at, out) &&
          take_words(&at, " GMT") && !*at))
        return false;
    out->date.year += this_year - this_year % 100;
    if (out->date.year > this_year + 50)
        out->date.year -= 100;
    else if (out->date.year <= this_year - 50)
        out->date.year += 100;
    return true;
}

/* Sun Nov  6 08:49:37 1994 */
static bool read_asctime(const char *at, struct moment *out)
{
    return take_weekday(&at) && take_words(&at, " ") && take_month(&at, &out->date.month) &&
           take_words(&at, " ") && take_number(&at, *at == ' ' ? (at++, 1) : 2, &out->date.day) &&
           take_words(&at, " ") && take_time(&at, out) && take_words(&at, " ") &&
           take_number(&at, 4, &out->date.year) && !*at;
}

static bool read_date(const char *text, int64_t wall_ms, int64_t *out_ms)
{
    struct moment moment;
    int this_year = date_from_days(wall_ms / day_ms).year;
    if (!read_fixdate(text, &moment) && !read_rfc850(text, this_year, &moment) &&
        !read_asctime(text, &moment))
        return false;
    if (!date_is_real(moment.date))
        return false;
    *out_ms = date_days(moment.date) * day_ms +
              ((moment.hour * 60 + moment.minute) * 60 + moment.second) * second_ms;
    return true;
}

/* ---------------------------------------------------------------- the wish */

static int64_t clamp(int64_t ms)
{
    return ms < 0 ? 0 : ms > day_ms ? day_ms : ms;
}

/* Digits alone; however many. */
static int64_t read_seconds(const char *text)
{
    int64_t seconds = 0;
    if (!*text)
        return -1;
    for (; *text; text++) {
        if (!isdigit((unsigned char)*text))
            return -1;
        if (seconds <= day_ms)
            seconds = seconds * 10 + (*text - '0');
    }
    return clamp(seconds > day_ms ? day_ms : seconds * second_ms);
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    char *end = text + strlen(text);
    while (end > text && strchr(" \t\r", end[-1]))
        *--end = '\0';
    return text;
}

static int64_t read_wish(const char *text, int64_t base_ms)
{
    int64_t at_ms;
    if (read_date(text, base_ms, &at_ms))
        return clamp(at_ms - base_ms);
    return read_seconds(text);
}

/* Two headers that something on the way has joined: "5, 10". The comma of a date is not such a one. */
static int64_t read_list(char *text)
{
    int64_t longest = -1;
    for (char *rest = text, *piece; (piece = strsep(&rest, ","));) {
        int64_t wish = read_seconds(trim(piece));
        longest = wish > longest ? wish : longest;
    }
    return longest;
}

int64_t retry_after_ms(const char *value, const char *date, int64_t wall_ms)
{
    int64_t base_ms = wall_ms, longest = -1;
    if (!value || !*value)
        return -1;
    if (date && !read_date(date, wall_ms, &base_ms))
        base_ms = wall_ms;
    char *copy = mem_string(value);
    for (char *rest = copy, *line; (line = strsep(&rest, "\n"));) {
        line = trim(line);
        int64_t wish = read_wish(line, base_ms);
        if (wish < 0)
            wish = read_list(line);
        longest = wish > longest ? wish : longest;
    }
    free(copy);
    return longest;
}
