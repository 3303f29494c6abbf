#include "base/problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { LINE_SHOWN = 100, LINE_BEFORE = 60 }; /* characters of a line, and of it before the caret */

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

static void problem_clear(struct problem *problem)
{
    free(problem->file);
    free(problem->text);
    free(problem->hint);
    free(problem->source);
}

void problems_clear(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        problem_clear(&problems->items[i]);
    }
    free(problems->items);
    *problems = (struct problems){0};
}

static struct problem *problems_find(const struct problems *problems, bool is_error,
                                     const char *file, const char *words)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->items[i];
        if (problem->is_error == is_error && text_is(problem->text, words) &&
            text_is(problem->file, file)) {
            return problem;
        }
    }
    return NULL;
}

static struct problem *problems_append(struct problems *problems)
{
    if (problems->count == problems->capacity) {
        problems->capacity = problems->capacity ? 2 * problems->capacity : 8;
        problems->items = mem_resize(problems->items, problems->capacity, sizeof *problems->items);
    }
    struct problem *problem = &problems->items[problems->count++];
    *problem = (struct problem){.count = 1};
    return problem;
}

/* The bytes with each character, good or bad, as one that can be shown; tabs as blanks. */
static void line_clean(const char *bytes, size_t length, struct text *out)
{
    while (length > 0) {
        const char *tab = memchr(bytes, '\t', length);
        size_t part = tab ? (size_t)(tab - bytes) : length;
        utf8_add_clean(out, bytes, part, part);
        if (tab) {
            text_add_byte(out, ' ');
            part++;
        }
        bytes += part;
        length -= part;
    }
}

static size_t line_characters(const char *bytes, size_t length)
{
    struct text clean = {0};
    line_clean(bytes, length, &clean);
    size_t characters = utf8_count(text_string(&clean), clean.length);
    text_clear(&clean);
    return characters;
}

/* Takes over the line, or the part around the place when it is long; "..." stands where it was cut. */
static void problem_show_line(struct problem *problem, const char *line, size_t length)
{
    struct text clean = {0};
    line_clean(line, length, &clean);
    size_t characters = utf8_count(text_string(&clean), clean.length);
    size_t before = problem->column - 1;
    size_t skipped = 0;
    if (characters > LINE_SHOWN && before > LINE_BEFORE) {
        size_t most = characters - LINE_SHOWN;
        skipped = before - LINE_BEFORE < most ? before - LINE_BEFORE : most;
    }
    const char *text = text_string(&clean);
    size_t start = utf8_cut(text, clean.length, skipped);
    size_t end = start + utf8_cut(text + start, clean.length - start, LINE_SHOWN);
    struct text shown = {0};
    text_add(&shown, skipped ? "..." : "");
    text_add_bytes(&shown, text + start, end - start);
    text_add(&shown, end < clean.length ? "..." : "");
    problem->caret = before - skipped + (skipped ? 3 : 0);
    problem->source = text_take(&shown);
    text_clear(&clean);
}

/* Finds the line around the offset, and from it line, column, width and what is shown. */
static void problem_locate(struct problem *problem, const struct text *source, size_t offset,
                           size_t length)
{
    const char *text = text_string(source);
    size_t size = source->length;
    size_t start = 0;
    if (offset > size) {
        offset = size;
    }
    problem->line = 1;
    for (const char *next = text; (next = text_next_line(next, text + size)) != NULL;) {
        if (next > text + offset) {
            break;
        }
        start = (size_t)(next - text);
        problem->line++;
    }
    if (start == 0 && size >= 3 && offset >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
        start = 3;
    }
    size_t end = offset;
    while (end < size && text[end] != '\n' && text[end] != '\r') {
        end++;
    }
    size_t until = length < end - offset ? offset + length : end;
    problem->column = line_characters(text + start, offset - start) + 1;
    problem->width = line_characters(text + offset, until - offset);
    if (problem->width == 0) {
        problem->width = 1;
    }
    problem_show_line(problem, text + start, end - start);
}

void problems_add(struct problems *problems, bool is_error, const char *file,
                  const struct text *source, size_t offset, size_t length, const char *hint,
                  const char *words, ...)
{
    struct text said = {0};
    va_list arguments;
    va_start(arguments, words);
    text_addv(&said, words, arguments);
    va_end(arguments);
    struct text clean = {0};
    line_clean(text_string(&said), said.length, &clean);
    text_clear(&said);
    struct problem *problem = problems_find(problems, is_error, file, text_string(&clean));
    if (problem) {
        problem->count++;
        text_clear(&clean);
        return;
    }
    problem = problems_append(problems);
    problem->is_error = is_error;
    problem->file = mem_string(file);
    problem->text = text_take(&clean);
    if (hint) {
        line_clean(hint, strlen(hint), &clean);
        problem->hint = text_take(&clean);
    }
    if (source) {
        problem_locate(problem, source, offset, length);
    }
    problems->errors += is_error;
}

static void place_add(const struct problem *problem, struct text *out)
{
    text_add(out, problem->file);
    if (problem->line) {
        text_addf(out, ":%zu:%zu", problem->line, problem->column);
    }
    text_add(out, ": ");
}

static void blanks_add(struct text *out, size_t count, char byte)
{
    while (count-- > 0) {
        text_add_byte(out, byte);
    }
}

/* The line with its number, and the caret below it; cells and characters differ for wide scripts. */
static void source_add(const struct problem *problem, struct text *out)
{
    char *number = mem_format("%zu", problem->line);
    text_addf(out, "  %s | %s\n", number, problem->source);
    blanks_add(out, 2 + strlen(number) + 1, ' ');
    text_add(out, "| ");
    size_t size = strlen(problem->source);
    size_t before = utf8_cut(problem->source, size, problem->caret);
    size_t under = utf8_cut(problem->source + before, size - before, problem->width);
    size_t cells = utf8_columns(problem->source + before, under);
    blanks_add(out, utf8_columns(problem->source, before), ' ');
    text_add_byte(out, '^');
    blanks_add(out, cells > 1 ? cells - 1 : 0, '~');
    free(number);
}

static void problem_add_to(const struct problem *problem, struct text *out)
{
    place_add(problem, out);
    text_addf(out, "%s: %s", problem->is_error ? "error" : "warning", problem->text);
    if (problem->count > 1) {
        text_addf(out, " (and %zu more)", problem->count - 1);
    }
    text_add_byte(out, '\n');
    if (problem->source) {
        source_add(problem, out);
        text_addf(out, "%s%s\n", problem->hint ? " " : "", problem->hint ? problem->hint : "");
    } else if (problem->hint) {
        text_addf(out, "  %s\n", problem->hint);
    }
}

/* A problem with what it is sorted by: its file in the order of first mention, its place, when it was added. */
struct placed {
    const struct problem *problem;
    size_t file, added;
};

static int size_compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int placed_compare(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    int order = size_compare(a->file, b->file);
    order = order ? order : size_compare(a->problem->line, b->problem->line);
    order = order ? order : size_compare(a->problem->column, b->problem->column);
    return order ? order : size_compare(a->added, b->added);
}

/* The problems in the order of their places; free(). */
static struct placed *problems_placed(const struct problems *problems)
{
    struct placed *placed = mem_array(problems->count, sizeof *placed);
    for (size_t i = 0; i < problems->count; i++) {
        size_t first = 0;
        while (!text_is(problems->items[first].file, problems->items[i].file)) {
            first++;
        }
        placed[i] = (struct placed){&problems->items[i], first, i};
    }
    qsort(placed, problems->count, sizeof *placed, placed_compare);
    return placed;
}

static size_t problems_total(const struct problems *problems, bool is_error)
{
    size_t total = 0;
    for (size_t i = 0; i < problems->count; i++) {
        total += problems->items[i].is_error == is_error ? problems->items[i].count : 0;
    }
    return total;
}

static void total_add(struct text *out, const char *before, size_t count, const char *noun)
{
    text_addf(out, "%s%zu %s%s", before, count, noun, count == 1 ? "" : "s");
}

void problems_print(const struct problems *problems, struct text *out)
{
    struct placed *placed = problems_placed(problems);
    for (size_t i = 0; i < problems->count; i++) {
        problem_add_to(placed[i].problem, out);
    }
    free(placed);
    size_t errors = problems_total(problems, true);
    size_t warnings = problems_total(problems, false);
    if (errors > 0) {
        total_add(out, "", errors, "error");
    }
    if (warnings > 0) {
        total_add(out, errors > 0 ? ", " : "", warnings, "warning");
    }
    text_add(out, errors + warnings > 0 ? "\n" : "");
}

int problems_fault(const struct problems *problems, enum fault_kind kind, struct fault *fault)
{
    struct placed *placed = problems_placed(problems);
    const struct problem *first = NULL;
    for (size_t i = 0; i < problems->count && !first; i++) {
        first = placed[i].problem->is_error ? placed[i].problem : NULL;
    }
    free(placed);
    if (!first) {
        return fault_set(fault, kind, "no error was named");
    }
    struct text words = {0};
    place_add(first, &words);
    text_add(&words, first->text);
    if (first->hint) {
        text_addf(&words, "; %s", first->hint);
    }
    size_t others = problems_total(problems, true) - 1;
    if (others > 0) {
        total_add(&words, " (and ", others, "more error");
        text_add_byte(&words, ')');
    }
    fault_set(fault, kind, "%s", text_string(&words));
    text_clear(&words);
    return -1;
}
