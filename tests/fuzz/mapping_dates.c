/*
 * Date masks over any bytes: the first line is the mask, the second today, the rest the text. A mask is taken or there
 * are words why not; what is read is a real day of four digits, the same when it is written and read again as ISO, and
 * a year of two digits never gives somebody younger than was asked for.
 */
#include "../../src/mapping/dates.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { YOUNGEST = 14 };

static void must(int holds)
{
    if (!holds)
        abort();
}

/* The next line of the input, which is taken off; free(). */
static char *line_take(const char **bytes, size_t *length)
{
    const char *end = *length ? memchr(*bytes, '\n', *length) : NULL;
    size_t taken = end ? (size_t)(end - *bytes) : *length;
    char *line = mem_bytes(*bytes, taken);
    *bytes += end ? taken + 1 : taken;
    *length -= end ? taken + 1 : taken;
    return line;
}

static void check_day(const struct date_mask *mask, struct date date, struct date today)
{
    char iso[11];
    struct date again;
    must(date_is_real(date));
    date_write_iso(date, iso);
    must(strlen(iso) == 10);
    if (date.year < 1)
        return;
    must(date_read_iso(span_of_string(iso), &again));
    must(date_days(again) == date_days(date));
    struct date latest = {.year = today.year - YOUNGEST, .month = today.month, .day = today.day};
    struct date_bound bound = {.is_given = true, .date = latest};
    must(!mask->has_short_year || date_compare(date, &bound, today) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *rest = (const char *)bytes;
    struct date_mask mask;
    struct date today = {.year = 2026, .month = 1, .day = 10}, date;
    struct text why = {0};
    char *written = line_take(&rest, &length), *day = line_take(&rest, &length);
    date_read_iso(span_of_string(day), &today);
    struct span text = span_of(length ? rest : "", length);
    if (date_mask_compile(&mask, written, &why)) {
        must(why.length == 0);
        struct date_reader reader = {.masks = &mask, .count = 1};
        size_t one, other;
        must(!date_reader_ambiguous(&reader, &one, &other));
        if (today.year >= 200 && date_mask_read(&mask, text, YOUNGEST, today, &date))
            check_day(&mask, date, today);
        free(mask.written);
    } else {
        must(why.length > 0);
    }
    if (date_read_iso(text, &date))
        must(date_is_real(date) && date.year >= 1);
    text_clear(&why);
    free(written);
    free(day);
    return 0;
}
