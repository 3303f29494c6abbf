#include "line_pattern.h"

#include <string.h>

#include "base/utf8.h"

enum { LINE_MAX_BYTES = 200, WORD_MAX_BYTES = 12 };

/* What changes from one day to the next, in English and French. */
static const char date_words[] =
    " am pm"
    " monday tuesday wednesday thursday friday saturday sunday"
    " mon tue tues wed thu thur thurs fri sat sun"
    " january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
    " lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim"
    " janvier f\u00E9vrier mars avril mai juin juillet ao\u00FBt septembre octobre novembre "
    "d\u00E9cembre"
    " janv f\u00E9vr avr juil d\u00E9c ";

bool line_has_pattern(const char *bytes, size_t length)
{
    struct text line = {0}, clean = {0};
    if (length > LINE_MAX_BYTES || utf8_valid_prefix(bytes, length) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        text_add_byte(&line, bytes[i] == '\t' ? ' ' : bytes[i]);
    utf8_add_clean(&clean, text_string(&line), length, length);
    bool same = text_is(text_string(&line), text_string(&clean));
    text_clear(&line);
    text_clear(&clean);
    return same;
}

/* ---------------------------------------------------------------- the next stretch of a line */

/* Blanks, and tabs where they part no cells. */
static size_t blanks(const char *bytes, size_t length, char delimiter)
{
    size_t count = 0;
    while (count < length && (bytes[count] == ' ' || bytes[count] == '\t') &&
           bytes[count] != delimiter)
        count++;
    return count;
}

static size_t letters(const char *bytes, size_t length)
{
    size_t count = 0;
    while (count < length && byte_is_letter(bytes[count]))
        count++;
    return count;
}

/* A number, with the commas between its thousands where they part no cells. */
static size_t digits(const char *bytes, size_t length, bool with_commas)
{
    size_t count = 0;
    while (count < length &&
           (byte_is_digit(bytes[count]) || (with_commas && count && bytes[count] == ',' &&
                                            count + 1 < length && byte_is_digit(bytes[count + 1]))))
        count++;
    return count;
}

static bool is_date_word(const char *bytes, size_t length)
{
    struct text word = {0};
    if (length > WORD_MAX_BYTES)
        return false;
    text_add(&word, " ");
    utf8_lower(bytes, length, &word);
    text_add(&word, " ");
    bool found = strstr(date_words, text_string(&word)) != NULL;
    text_clear(&word);
    return found;
}

static void add_escaped(struct text *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr(".[]\\()*+?{}|^$", bytes[i]))
            text_add(out, "\\");
        text_add_byte(out, bytes[i]);
    }
}

/* ---------------------------------------------------------------- the whole */

static void add_blanks(struct text *out, const char *bytes, size_t count, bool is_edge,
                       bool before_digit)
{
    bool is_gap = count > 1 || before_digit;
    text_add(out, memchr(bytes, '\t', count) ? "[ \t]" : " ");
    text_add(out, is_edge ? "*" : is_gap ? "+" : "");
}

static size_t add_word(struct text *out, const char *bytes, size_t length)
{
    size_t count = letters(bytes, length);
    if (!is_date_word(bytes, count)) {
        add_escaped(out, bytes, count);
        return count;
    }
    text_add(out, "[A-Za-z\u00E9\u00FB\u00C9\u00DB.]+");
    return count + (count < length && bytes[count] == '.');
}

void line_pattern(const char *bytes, size_t length, char delimiter, struct text *out)
{
    bool with_commas = delimiter != ',';
    text_add(out, "^");
    for (size_t at = 0; at < length;) {
        const char *here = bytes + at;
        size_t left = length - at, gap = blanks(here, left, delimiter);
        if (gap) {
            add_blanks(out, here, gap, at == 0 || gap == left,
                       gap < left && byte_is_digit(here[gap]));
            at += gap;
        } else if (byte_is_digit(*here)) {
            text_add(out, with_commas ? "[0-9,]+" : "[0-9]+");
            at += digits(here, left, with_commas);
        } else if (byte_is_letter(*here)) {
            at += add_word(out, here, left);
        } else {
            add_escaped(out, here, 1);
            at++;
        }
    }
    text_add(out, "$");
}
