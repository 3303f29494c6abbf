#ifndef OPSPUSH_TESTS_REPORT_SCREENS_H
#define OPSPUSH_TESTS_REPORT_SCREENS_H

#include "sample.h"

#include "base/memory.h"
#include "base/utf8.h"

/* Summaries as a screen shows them. */

static inline char *summary(const struct report *report, bool colour, size_t width)
{
    struct text out = {0};
    summary_write(report, colour, width, &out);
    return text_take(&out);
}

static inline size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* A command to be copied stands alone on its line and may be as wide as it is. */
static inline bool is_command(const char *line)
{
    const char *words = line + strspn(line, " ");
    return words > line && strncmp(words, "opspush ", 8) == 0;
}

/* Of a terminal, which wraps what is wider than it. */
static inline size_t rows_of(const char *text, size_t width)
{
    size_t rows = 0;
    while (*text) {
        size_t length = strcspn(text, "\n"), columns = utf8_columns(text, length);
        rows += columns ? 1 + (columns - 1) / width : 1;
        text += length + (text[length] == '\n');
    }
    return rows;
}

static inline void assert_width(const char *text, size_t width)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        ck_assert_msg(is_command(text) || utf8_columns(text, length) <= width, "%.*s", (int)length,
                      text);
        ck_assert_msg(length == 0 || text[length - 1] != ' ', "blank at the end: %.*s", (int)length,
                      text);
        text += length + (text[length] == '\n');
    }
}

/* More of everything than a screen holds. */
static inline void crowd(struct report *report)
{
    static char long_words[3000];
    memset(long_words, 'x', sizeof long_words - 1);
    for (size_t i = 9; i < sizeof long_words - 1; i += 10)
        long_words[i] = ' ';
    static const char *sentences[40];
    for (size_t i = 0; i < 40; i++)
        sentences[i] = long_words;
    report->headline = long_words;
    report->warnings = report->next_steps = sentences;
    report->warning_count = report->next_step_count = 40;
    report->figures.changed = 90;
    report->figures.changed_by_mapping = 80;
    for (int i = 0; i < FIELD_COUNT; i++)
        report->figures.fields_sent[i] = 1000000u + (unsigned)i;
    for (int i = 0; i < GUARD_COUNT; i++) {
        report->guards.of[i].passed = report->guards.of[i].ignored = false;
        memset(report->guards.of[i].text, 'g', sizeof report->guards.of[i].text - 1);
    }
    report->guards.tripped = (1u << GUARD_COUNT) - 1;
    for (uint32_t i = 0; i < 200; i++) {
        char message[300];
        snprintf(message, sizeof message, "%" PRIu32 " %.200s", i, long_words);
        struct report_row row = {.line = i,
                                 .action = ACTION_REJECTED,
                                 .outcome = -1,
                                 .code = "type",
                                 .field = -1,
                                 .message = message,
                                 .fix = long_words};
        report_add_row(report, &row);
        report_add_note(report, "type", "clear", FIELD_EMAIL, message, 1);
    }
}

#endif
