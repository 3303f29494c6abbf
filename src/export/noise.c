#include "noise.h"

#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "pattern_head.h"

struct pattern {
    regex_t compiled;
    struct pattern_head head;
};

struct noise {
    struct pattern *patterns;
    size_t count;
};

struct noise *noise_new(const char *const patterns[], size_t count, struct fault *fault)
{
    struct noise *noise = mem_new(sizeof *noise);
    noise->patterns = mem_array(count, sizeof *noise->patterns);
    for (size_t i = 0; i < count; i++) {
        char why[128];
        struct pattern *pattern = &noise->patterns[i];
        int failed = regcomp(&pattern->compiled, patterns[i], REG_EXTENDED | REG_NOSUB);
        if (failed) {
            regerror(failed, &pattern->compiled, why, sizeof why);
            fault_set(fault, FAULT_CONFIG, "not_rows: \"%s\" is no regular expression: %s",
                      patterns[i], why);
            noise_free(noise);
            return NULL;
        }
        pattern_head_read(&pattern->head, patterns[i]);
        noise->count++;
    }
    return noise;
}

void noise_free(struct noise *noise)
{
    if (!noise)
        return;
    for (size_t i = 0; i < noise->count; i++)
        regfree(&noise->patterns[i].compiled);
    free(noise->patterns);
    free(noise);
}

bool noise_may_match(const struct noise *noise, const char *bytes, size_t length)
{
    for (size_t i = 0; i < noise->count; i++)
        if (pattern_head_fits(&noise->patterns[i].head, bytes, length))
            return true;
    return false;
}

bool noise_matches(const struct noise *noise, const char *string, size_t length)
{
    if (!noise_may_match(noise, string, length) || memchr(string, '\0', length))
        return false;
    for (size_t i = 0; i < noise->count; i++) {
        const struct pattern *pattern = &noise->patterns[i];
        if (pattern_head_fits(&pattern->head, string, length) &&
            regexec(&pattern->compiled, string, 0, NULL, 0) == 0)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- feedback lines */

/* The bytes of a blank or of a mark between thousands: comma, point, apostrophe, space, NBSP, narrow NBSP; 0: none. */
static size_t separator(const char *at)
{
    if (*at && strchr(",.' \t", *at))
        return 1;
    return strncmp(at, "\xC2\xA0", 2) == 0 ? 2 : strncmp(at, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

static bool begins_with(const char *at, const char *lower)
{
    for (; *lower; at++, lower++)
        if (*at != *lower && !(*at >= 'A' && *at <= 'Z' && *at - 'A' + 'a' == *lower))
            return false;
    return true;
}

static bool holds(const char *at, const char *lower)
{
    for (; *at; at++)
        if (begins_with(at, lower))
            return true;
    return false;
}

static const char *past_blanks(const char *at)
{
    for (size_t step; (step = separator(at)) != 0;)
        at += step;
    return at;
}

/* Reads a count with its separators; -1 when there is none. */
static long read_count(const char **at)
{
    if (begins_with(*at, "no ") || begins_with(*at, "aucune ")) {
        *at += strcspn(*at, " ");
        return 0;
    }
    long count = -1;
    while (byte_is_digit(**at)) {
        long digit = **at - '0';
        count = count < 0                     ? digit
                : count > (LONG_MAX - 9) / 10 ? LONG_MAX / 10
                                              : count * 10 + digit;
        ++*at;
        size_t step = separator(*at);
        if (step && byte_is_digit((*at)[step]))
            *at += step;
    }
    return count;
}

long noise_feedback(const char *string)
{
    const char *at = past_blanks(string);
    bool in_brackets = *at == '(';
    at += in_brackets;
    long count = read_count(&at);
    at = past_blanks(at);
    if (count < 0)
        return -1;
    if (begins_with(at, "row"))
        return holds(at, "selected") || (in_brackets && holds(at, ")")) ? count : -1;
    return begins_with(at, "ligne") && holds(at, "lectionn") ? count : -1;
}
