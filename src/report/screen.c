#include "screen.h"

#include <string.h>

#include "base/utf8.h"

/* The bytes of the longest beginning of 'words' that fits: up to a blank where there is one, else cut in the word. */
static size_t line_fit(const char *words, size_t length, size_t columns)
{
    size_t fit = 0, at = 0, used = 0;
    if (length <= columns) /* no character takes more columns than bytes */
        return length;
    while (at < length) {
        uint32_t point;
        size_t bytes = utf8_decode(words + at, length - at, &point);
        used += utf8_columns(words + at, bytes);
        if (used > columns)
            return fit ? fit : at;
        at += bytes;
        if (at == length || words[at] == ' ')
            fit = at;
    }
    return fit;
}

/* Cuts the last line that may be shown so that "..." has room behind it. */
static size_t line_cut(const char *words, size_t length, size_t columns)
{
    size_t fit = line_fit(words, length, columns - 3);
    while (fit > 0 && (words[fit - 1] == ' ' || words[fit - 1] == ','))
        fit--;
    return fit;
}

static void paragraph(struct screen *screen, enum colour colour, size_t indent, const char *words,
                      size_t most)
{
    size_t columns = screen->width > indent + 20 ? screen->width - indent : 20;
    size_t length = strlen(words);
    for (size_t line = 1; line <= most; line++) {
        size_t fit = line_fit(words, length, columns);
        bool cut = line == most && fit < length;
        if (cut)
            fit = line_cut(words, length, columns);
        if (line > 1)
            text_addf(screen->out, "%*s", (int)indent, "");
        terminal_add(screen->out, screen->colour && colour != COLOUR_NONE, colour, "%.*s%s",
                     (int)fit, words, cut ? "..." : "");
        text_add_byte(screen->out, '\n');
        screen->lines++;
        words += fit;
        length -= fit;
        while (length > 0 && *words == ' ') {
            words++;
            length--;
        }
        if (length == 0)
            return;
    }
}

static void add_clean(struct screen *screen, enum colour colour, size_t indent, const char *words,
                      size_t most)
{
    struct text clean = {0};
    utf8_add_clean(&clean, words, strlen(words), 4096);
    paragraph(screen, colour, indent, text_string(&clean), most);
    text_clear(&clean);
}

void screen_command(struct screen *screen, enum colour colour, const char *command)
{
    struct text clean = {0};
    utf8_add_clean(&clean, command, strlen(command), strlen(command));
    size_t columns = SCREEN_LABEL + utf8_columns(clean.bytes, clean.length);
    text_addf(screen->out, "%*s", SCREEN_LABEL, "");
    terminal_add(screen->out, screen->colour && colour != COLOUR_NONE, colour, "%s",
                 text_string(&clean));
    text_add_byte(screen->out, '\n');
    screen->lines += 1 + (columns - 1) / screen->width;
    text_clear(&clean);
}

static void gap_write(struct screen *screen)
{
    if (!screen->gap)
        return;
    screen->gap = false;
    text_add_byte(screen->out, '\n');
    screen->lines++;
}

size_t screen_label(const char *label)
{
    size_t length = strlen(label);
    return length < SCREEN_LABEL ? SCREEN_LABEL : length + 1;
}

void screen_add(struct screen *screen, enum colour colour, const char *label, const char *words,
                size_t most)
{
    if (most == 0)
        return;
    size_t columns = screen_label(label);
    gap_write(screen);
    text_addf(screen->out, "%-*s", (int)columns, label);
    add_clean(screen, colour, columns, words, most);
}

void screen_title(struct screen *screen, enum colour colour, const char *words, size_t most)
{
    gap_write(screen);
    add_clean(screen, colour, 0, words, most);
}

void screen_gap(struct screen *screen)
{
    screen->gap = screen->lines > 0;
}
