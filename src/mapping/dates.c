#include "dates.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "months.h"

/* Longest first where one begins another. */
static const struct {
    const char *name;
    enum date_part part;
} mask_words[] = {
    {"MONTH", DATE_MONTH_NAME}, {"MON", DATE_MONTH_SHORT}, {"MM", DATE_MONTH},
    {"MI", DATE_MINUTE},        {"DD", DATE_DAY},          {"YYYY", DATE_YEAR},
    {"YY", DATE_YEAR_SHORT},    {"HH24", DATE_HOUR},       {"SS", DATE_SECOND},
};

static bool mask_add(struct date_mask *mask, enum date_part part, char literal, struct text *why)
{
    if (mask->count == DATE_PARTS_MAX) {
        text_add(why, "the mask is too long");
        return false;
    }
    mask->parts[mask->count].part = part;
    mask->parts[mask->count++].literal = literal;
    return true;
}

static bool mask_parse(struct date_mask *mask, struct text *why)
{
    for (const char *at = mask->written; *at;) {
        size_t i = 0, words = sizeof mask_words / sizeof *mask_words;
        while (i < words && strncmp(at, mask_words[i].name, strlen(mask_words[i].name)) != 0)
            i++;
        if (i == words && (byte_is_letter(*at) || byte_is_digit(*at) || (*at & 0x80))) {
            text_addf(why,
                      "the mask \"%s\" has something that is neither one of DD MM MON MONTH "
                      "YYYY YY HH24 MI SS nor punctuation",
                      mask->written);
            return false;
        }
        if (!(i == words ? mask_add(mask, DATE_LITERAL, *at, why)
                         : mask_add(mask, mask_words[i].part, '\0', why)))
            return false;
        at += i == words ? 1 : strlen(mask_words[i].name);
    }
    return true;
}

static size_t mask_has(const struct date_mask *mask, enum date_part part)
{
    size_t found = 0;
    for (size_t i = 0; i < mask->count; i++)
        found += mask->parts[i].part == part;
    return found;
}

static bool mask_is_complete(const struct date_mask *mask, struct text *why)
{
    size_t days = mask_has(mask, DATE_DAY);
    size_t months = mask_has(mask, DATE_MONTH) + mask_has(mask, DATE_MONTH_SHORT) +
                    mask_has(mask, DATE_MONTH_NAME);
    size_t years = mask_has(mask, DATE_YEAR) + mask_has(mask, DATE_YEAR_SHORT);
    if (days == 1 && months == 1 && years == 1)
        return true;
    text_addf(why, "the mask \"%s\" needs one day, one month and one year", mask->written);
    return false;
}

bool date_mask_compile(struct date_mask *mask, const char *written, struct text *why)
{
    *mask = (struct date_mask){.written = mem_string(written)};
    if (mask_parse(mask, why) && mask_is_complete(mask, why)) {
        mask->has_short_year = mask_has(mask, DATE_YEAR_SHORT) > 0;
        return true;
    }
    free(mask->written);
    *mask = (struct date_mask){0};
    return false;
}

void date_reader_clear(struct date_reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        free(reader->masks[i].written);
    free(reader->masks);
    *reader = (struct date_reader){0};
}

/* A number of exactly 'most' digits, or fewer where 'least' allows; -1 when there is none. */
static int number_read(struct span text, size_t *at, size_t least, size_t most)
{
    int number = 0;
    size_t from = *at;
    while (*at < text.length && *at - from < most && byte_is_digit(text.bytes[*at]))
        number = number * 10 + (text.bytes[(*at)++] - '0');
    return *at - from >= least ? number : -1;
}

static bool part_is_number(const struct date_mask *mask, size_t number)
{
    enum date_part part = mask->parts[number].part;
    return part != DATE_LITERAL && part != DATE_MONTH_SHORT && part != DATE_MONTH_NAME;
}

/* Day, month and hour may lack the zero in front where no other number stands beside them. */
static size_t part_least_digits(const struct date_mask *mask, size_t number)
{
    bool is_crowded = (number > 0 && part_is_number(mask, number - 1)) ||
                      (number + 1 < mask->count && part_is_number(mask, number + 1));
    return is_crowded ? 2 : 1;
}

static bool byte_is(struct span text, size_t at, char byte)
{
    return at < text.length && text.bytes[at] == byte;
}

/* The blanks with which TO_CHAR pads a month, apart from those that the mask has behind it. */
static size_t month_padding(const struct date_mask *mask, size_t number, struct span text,
                            size_t at)
{
    size_t blanks = 0, wanted = 0;
    while (byte_is(text, at + blanks, ' '))
        blanks++;
    while (number + 1 + wanted < mask->count && mask->parts[number + 1 + wanted].literal == ' ')
        wanted++;
    return blanks > wanted ? blanks - wanted : 0;
}

/* A month with what belongs to it: the dot of a short name, the blanks behind either. */
static int month_read(const struct date_mask *mask, size_t number, struct span text, size_t *at)
{
    bool is_full = mask->parts[number].part == DATE_MONTH_NAME;
    size_t taken = 0;
    int month = month_find(span_part(text, *at, text.length - *at), is_full, &taken);
    *at += taken;
    bool is_last = number + 1 == mask->count;
    char next = is_last ? '\0' : mask->parts[number + 1].literal;
    if (month && !is_full && byte_is(text, *at, '.') &&
        (next != '.' || byte_is(text, *at + 1, '.')))
        (*at)++;
    if (month)
        *at += month_padding(mask, number, text, *at);
    return month;
}

/* Reads one part; false when the text does not have it there. */
static bool part_read(const struct date_mask *mask, size_t number, struct span text, size_t *at,
                      struct date *date)
{
    size_t least = part_least_digits(mask, number);
    int found;
    switch (mask->parts[number].part) {
    case DATE_LITERAL:
        return *at < text.length && text.bytes[(*at)++] == mask->parts[number].literal;
    case DATE_DAY:
        return (date->day = number_read(text, at, least, 2)) >= 1;
    case DATE_MONTH:
        return (date->month = number_read(text, at, least, 2)) >= 1;
    case DATE_MONTH_SHORT:
    case DATE_MONTH_NAME:
        return (date->month = month_read(mask, number, text, at)) >= 1;
    case DATE_YEAR:
        return (date->year = number_read(text, at, 4, 4)) >= 1;
    case DATE_YEAR_SHORT:
        return (date->year = number_read(text, at, 2, 2)) >= 0;
    case DATE_HOUR:
        found = number_read(text, at, least, 2);
        return found >= 0 && found <= 23;
    case DATE_MINUTE:
    case DATE_SECOND:
        found = number_read(text, at, 2, 2);
        return found >= 0 && found <= 59;
    }
    return false;
}

static bool date_is_before(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year;
    return a.month != b.month ? a.month < b.month : a.day < b.day;
}

/* The latest century in which somebody born that day has reached the age. */
static int year_by_age(struct date born, int youngest, struct date today)
{
    born.year += today.year / 100 * 100 + 100;
    struct date latest = {.year = today.year - youngest, .month = today.month, .day = today.day};
    while (date_is_before(latest, born))
        born.year -= 100;
    return born.year;
}

bool date_mask_read(const struct date_mask *mask, struct span text, int youngest, struct date today,
                    struct date *out)
{
    struct date date = {0};
    size_t at = 0;
    for (size_t i = 0; i < mask->count; i++) {
        if (!part_read(mask, i, text, &at, &date))
            return false;
    }
    if (at != text.length)
        return false;
    if (mask->has_short_year)
        date.year = year_by_age(date, youngest, today);
    if (!date_is_real(date))
        return false;
    *out = date;
    return true;
}

bool date_read_iso(struct span text, struct date *out)
{
    if (text.length != 10 || text.bytes[4] != '-' || text.bytes[7] != '-')
        return false;
    size_t at = 0;
    struct date date;
    date.year = number_read(text, &at, 4, 4);
    at++;
    date.month = number_read(text, &at, 2, 2);
    at++;
    date.day = number_read(text, &at, 2, 2);
    if (date.year < 1 || date.month < 1 || date.day < 1 || !date_is_real(date))
        return false;
    *out = date;
    return true;
}

bool date_read(const struct date_reader *reader, struct span text, struct date today,
               struct date *out)
{
    if (reader->count == 0)
        return date_read_iso(text, out);
    for (size_t i = 0; i < reader->count; i++) {
        if (date_mask_read(&reader->masks[i], text, reader->youngest, today, out))
            return true;
    }
    return false;
}

static void digits_write(char *out, int number, int count)
{
    for (; count > 0; number /= 10)
        out[--count] = (char)('0' + number % 10);
}

void date_write_iso(struct date date, char out[11])
{
    digits_write(out, date.year, 4);
    out[4] = '-';
    digits_write(out + 5, date.month, 2);
    out[7] = '-';
    digits_write(out + 8, date.day, 2);
    out[10] = '\0';
}

int date_compare(struct date date, const struct date_bound *bound, struct date today)
{
    struct date other = bound->is_today ? today : bound->date;
    return date_is_before(date, other) ? -1 : date_is_before(other, date);
}

static void part_write(const struct date_mask *mask, size_t number, struct date date,
                       struct text *out)
{
    switch (mask->parts[number].part) {
    case DATE_LITERAL:
        text_add_byte(out, mask->parts[number].literal);
        return;
    case DATE_DAY:
        text_addf(out, "%02d", date.day);
        return;
    case DATE_MONTH:
        text_addf(out, "%02d", date.month);
        return;
    case DATE_MONTH_SHORT:
    case DATE_MONTH_NAME:
        text_add(out, month_name(date.month, mask->parts[number].part == DATE_MONTH_NAME));
        return;
    case DATE_YEAR:
        text_addf(out, "%04d", date.year);
        return;
    case DATE_YEAR_SHORT:
        text_addf(out, "%02d", date.year % 100);
        return;
    case DATE_HOUR:
    case DATE_MINUTE:
    case DATE_SECOND:
        text_add(out, "00");
        return;
    }
}

/* Whether the second mask reads what the first wrote as another day. */
static bool masks_differ(const struct date_mask *writer, const struct date_mask *reader,
                         struct date sample, struct date today)
{
    struct text text = {0};
    for (size_t i = 0; i < writer->count; i++)
        part_write(writer, i, sample, &text);
    struct date first, second;
    struct span written = span_of(text_string(&text), text.length);
    bool differ = date_mask_read(writer, written, 0, today, &first) &&
                  date_mask_read(reader, written, 0, today, &second) &&
                  (date_is_before(first, second) || date_is_before(second, first));
    text_clear(&text);
    return differ;
}

bool date_reader_ambiguous(const struct date_reader *reader, size_t *one, size_t *other)
{
    static const struct date sample = {.year = 2003, .month = 4, .day = 5};
    static const struct date today = {.year = 2030, .month = 1, .day = 1};
    for (*one = 0; *one < reader->count; (*one)++) {
        for (*other = 0; *other < reader->count; (*other)++) {
            if (masks_differ(&reader->masks[*one], &reader->masks[*other], sample, today))
                return true;
        }
    }
    return false;
}
