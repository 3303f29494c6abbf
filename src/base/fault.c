#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

/* Takes over the words: no control characters but line ends, cut at a character when they are too long. */
static void fault_words(struct fault *fault, const char *words)
{
    struct text clean = {0};
    for (const char *line = words; *line;) {
        size_t length = strcspn(line, "\n");
        utf8_add_clean(&clean, line, length, length);
        line += length;
        if (*line == '\n') {
            text_add_byte(&clean, *line++);
        }
    }
    size_t room = sizeof fault->text - 1;
    size_t length = clean.length;
    if (length > room) {
        length = utf8_valid_prefix(clean.bytes, room);
    }
    memcpy(fault->text, text_string(&clean), length);
    fault->text[length] = '\0';
    text_clear(&clean);
}

int fault_set(struct fault *fault, enum fault_kind kind, const char *words, ...)
{
    struct text said = {0};
    va_list arguments;
    va_start(arguments, words);
    text_addv(&said, words, arguments);
    va_end(arguments);
    fault->kind = kind;
    fault_words(fault, text_string(&said));
    text_clear(&said);
    return -1;
}

int fault_place(struct fault *fault, const char *place, ...)
{
    struct text said = {0};
    va_list arguments;
    va_start(arguments, place);
    text_addv(&said, place, arguments);
    va_end(arguments);
    text_add(&said, ": ");
    text_add(&said, fault->text);
    fault_words(fault, text_string(&said));
    text_clear(&said);
    return -1;
}

int fault_exit(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NONE:
        return 0;
    case FAULT_FAILED:
        return 1;
    case FAULT_USAGE:
        return 2;
    case FAULT_CONFIG:
        return 4;
    case FAULT_AUTH:
        return 5;
    case FAULT_INPUT:
        return 6;
    case FAULT_UNAVAILABLE:
        return 7;
    case FAULT_GUARD:
        return 8;
    case FAULT_BUSY:
        return 9;
    case FAULT_STALE:
        return 11;
    case FAULT_STATE:
        return 12;
    }
    return 1;
}
