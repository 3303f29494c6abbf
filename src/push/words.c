#include "words.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

static int hex_value(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

/* One byte of text that may be escaped as in a JSON string; gives how many bytes it takes there. */
static size_t unescape(const char *at, const char *end, int *byte)
{
    *byte = (unsigned char)*at;
    if (*at != '\\' || end - at < 2)
        return 1;
    if (at[1] == 'u' && end - at >= 6) {
        int value = 0;
        for (int i = 2; i < 6; i++) {
            if (!isxdigit((unsigned char)at[i]))
                return 1;
            value = value * 16 + hex_value(at[i]);
        }
        *byte = value;
        return 6;
    }
    if (!strchr("\"\\/", at[1]))
        return 1;
    *byte = (unsigned char)at[1];
    return 2;
}

/* Bytes that the token takes at 'at', or 0 when it does not stand there. */
static size_t token_at(const char *at, const char *end, const char *token)
{
    const char *start = at;
    for (; *token; token++) {
        int byte;
        if (at >= end)
            return 0;
        size_t took = unescape(at, end, &byte);
        if (byte > 0xff || tolower(byte) != tolower((unsigned char)*token)) {
            byte = (unsigned char)*at, took = 1; /* a token may hold a backslash itself */
            if (tolower(byte) != tolower((unsigned char)*token))
                return 0;
        }
        at += took;
    }
    return (size_t)(at - start);
}

/* Masks the token and makes one blank of each run of white space. */
static void mask(struct text *out, const char *words, size_t length, const char *token)
{
    const char *end = words + length;
    while (words < end) {
        size_t hidden = token && *token ? token_at(words, end, token) : 0;
        bool is_blank = *words && strchr(" \t\r\n", *words);
        if (hidden)
            text_add(out, "[token]");
        else if (!is_blank)
            text_add_byte(out, *words);
        else if (out->length && out->bytes[out->length - 1] != ' ')
            text_add_byte(out, ' ');
        words += hidden ? hidden : 1;
    }
}

void words_set(char *out, size_t size, const char *words, size_t length, const char *token)
{
    struct text masked = {0}, clean = {0};
    mask(&masked, words, length, token);
    utf8_add_clean(&clean, text_string(&masked), masked.length, size * 2);
    size_t kept = clean.length < size ? clean.length : size - 1;
    memcpy(out, text_string(&clean), kept);
    kept = utf8_valid_prefix(out, kept);
    while (kept && out[kept - 1] == ' ')
        kept--;
    out[kept] = '\0';
    text_clear(&masked);
    text_clear(&clean);
}
