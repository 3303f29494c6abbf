#include "csv.h"

#include <string.h>

#include "base/utf8.h"
#include "report/report.h"

/*
 * What a spreadsheet takes for a formula: OWASP's list with the line feed, and the full-width forms (U+FF0B, FF0D, FF1D, FF20).
 */
static bool cell_is_formula(const char *bytes, size_t length)
{
    static const char wide[4][4] = {"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d", "\xef\xbc\xa0"};
    if (length == 0)
        return false;
    if (memchr("=+-@\t\r\n", bytes[0], 7))
        return true;
    for (size_t i = 0; i < 4; i++)
        if (length >= 3 && memcmp(bytes, wide[i], 3) == 0)
            return true;
    return false;
}

static bool cell_needs_quotes(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (memchr(",\"\r\n", bytes[i], 4))
            return true;
    return false;
}

/* Control characters become U+FFFD, but for the three that may stand in a quoted cell. */
static void cell_clean(const char *bytes, size_t length, struct text *out)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && !memchr("\t\r\n", bytes[i], 3))
            continue;
        utf8_add_clean(out, bytes + start, i - start, i - start);
        if (i < length)
            text_add_byte(out, bytes[i]);
        start = i + 1;
    }
}

void csv_add_quoted(struct text *out, const char *bytes, size_t length)
{
    text_add_byte(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"')
            text_add_byte(out, '"');
        text_add_byte(out, bytes[i]);
    }
    text_add_byte(out, '"');
}

static void cell_add_neutral(struct text *out, const char *bytes, size_t length)
{
    struct text clean = {0};
    if (cell_is_formula(bytes, length))
        text_add_byte(&clean, '\'');
    size_t guard = clean.length;
    cell_clean(bytes, length, &clean);
    if (guard || cell_needs_quotes(text_string(&clean), clean.length))
        csv_add_quoted(out, text_string(&clean), clean.length);
    else
        text_add_bytes(out, text_string(&clean), clean.length);
    text_clear(&clean);
}

void csv_add_cell(struct text *out, const char *bytes, size_t length, bool neutralise)
{
    if (neutralise)
        cell_add_neutral(out, bytes, length);
    else if (cell_needs_quotes(bytes, length))
        csv_add_quoted(out, bytes, length);
    else
        text_add_bytes(out, bytes, length);
}
