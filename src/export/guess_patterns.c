#include "guess_patterns.h"

#include <assert.h>
#include <string.h>

#include "line_pattern.h"

/* What SQL*Plus prints, in English and French: feedback, dashes under the heading, prompts, page numbers. */
static const char *const usual[] = {
    "^ *[0-9,]+ rows? selected",
    "^[Nn]o rows selected",
    "^ *[0-9][^a-z]+ligne[s()]* s.*lectionn",
    "^[Aa]ucune ligne s.*lectionn",
    "^[- %s]*--[- %s]*$", /* with the delimiter */
    "^SQL>",
    "^Page +[0-9]+ *$",
};

enum { USUAL = sizeof usual / sizeof *usual };

/* Appends the pattern with its delimiters in, and a NUL. */
static void add_usual(struct text *out, const char *pattern, const char *delimiters)
{
    for (const char *sign; (sign = strstr(pattern, "%s")) != NULL; pattern = sign + 2) {
        text_add_bytes(out, pattern, (size_t)(sign - pattern));
        text_add(out, delimiters);
    }
    text_add_bytes(out, pattern, strlen(pattern) + 1);
}

/* Points to the patterns, which may have moved. */
static void guess_point(struct export_guess *guess)
{
    const char *at = guess->patterns.bytes, *end = at + guess->patterns.length;
    guess->not_rows_count = 0;
    for (; at < end; at += strlen(at) + 1)
        guess->not_rows[guess->not_rows_count++] = at;
}

void guess_add_usual(struct export_guess *guess)
{
    const char delimiter[] = {guess->delimiter, '\0'};
    for (size_t i = 0; i < USUAL; i++)
        add_usual(&guess->patterns, usual[i], delimiter);
    guess_point(guess);
}

struct noise *usual_noise(void)
{
    struct fault fault;
    struct export_guess any = {.delimiter = ','};
    for (size_t i = 0; i < USUAL; i++)
        add_usual(&any.patterns, usual[i], ",;|\t");
    guess_point(&any);
    struct noise *noise = noise_new(any.not_rows, any.not_rows_count, &fault);
    assert(noise);
    export_guess_clear(&any);
    return noise;
}

void guess_add_line(struct export_guess *guess, const char *bytes, size_t length)
{
    struct text pattern = {0};
    bool is_new = guess->not_rows_count < EXPORT_GUESS_PATTERNS_MAX;
    line_pattern(bytes, length, guess->delimiter, &pattern);
    for (size_t i = 0; i < guess->not_rows_count && is_new; i++)
        is_new = !text_is(guess->not_rows[i], text_string(&pattern));
    if (is_new) {
        text_add_bytes(&guess->patterns, text_string(&pattern), pattern.length + 1);
        guess_point(guess);
        guess->own_count++;
    }
    text_clear(&pattern);
}

void export_guess_clear(struct export_guess *guess)
{
    text_clear(&guess->patterns);
    guess->not_rows_count = guess->own_count = 0;
}
