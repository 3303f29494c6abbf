#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "push/answer.h"
#include "tally.h"

const char *reason_kind(const struct report_reason *reason)
{
    return reason->outcome >= 0 ? outcome_name((enum outcome)reason->outcome)
                                : action_name((enum action)reason->action);
}

/* ---- in which order */

static int by_count(uint64_t a, uint64_t b, const void *first, const void *second)
{
    if (a != b)
        return a > b ? -1 : 1;
    return (uintptr_t)first < (uintptr_t)second ? -1 : 1; /* both lie in one array */
}

static int reason_order(const void *left, const void *right)
{
    const struct report_reason *a = *(const struct report_reason *const *)left;
    const struct report_reason *b = *(const struct report_reason *const *)right;
    return a == b ? 0 : by_count(a->count, b->count, a, b);
}

bool note_lost_value(const struct report_note *note)
{
    return !text_is(note->code, "empty");
}

static int note_order(const void *left, const void *right)
{
    const struct report_note *a = *(const struct report_note *const *)left;
    const struct report_note *b = *(const struct report_note *const *)right;
    if (note_lost_value(a) != note_lost_value(b))
        return note_lost_value(a) ? -1 : 1;
    return a == b ? 0 : by_count(a->count, b->count, a, b);
}

const struct report_reason **reasons_sorted(const struct report *report)
{
    const struct report_reason **sorted = mem_array(report->reason_count + 1, sizeof(void *));
    for (size_t i = 0; i < report->reason_count; i++)
        sorted[i] = &report->reasons[i];
    qsort(sorted, report->reason_count, sizeof(void *), reason_order);
    return sorted;
}

const struct report_note **notes_sorted(const struct report *report)
{
    const struct report_note **sorted = mem_array(report->note_count + 1, sizeof(void *));
    for (size_t i = 0; i < report->note_count; i++)
        sorted[i] = &report->notes[i];
    qsort(sorted, report->note_count, sizeof(void *), note_order);
    return sorted;
}

/* ---- what may be shown of an answer */

static const char *code_words(const char *code)
{
    static const struct {
        const char *code, *words;
    } known[] = {
        {"limit", "the pilot's limit (--limit) was reached"},
        {"deadline", "the time allowed (--max-duration) was over"},
        {"signal", "the run was told to stop"},
        {"stopped", "the run stopped before it came to them"},
        {"breaker", "the service kept failing"},
        {"unavailable", "the service kept failing"},
        {"budget", "the retries of this run were used up"},
        {"dns", "the server's name was not found"},
        {"connect", "no connection to the server"},
        {"timeout", "no answer in time"},
        {"tls", "no trusted connection to the server"},
        {"reset", "the connection broke before the answer was complete"},
        {"not_json", "the answer was no JSON"},
        {"redirect", "the server pointed to another address"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_is(code, known[i].code))
            return known[i].words;
    return NULL;
}

static void answer_words(const char *code, struct text *out)
{
    char *end;
    long number = strtol(code, &end, 10);
    const char *meaning = *code && *end == '\0' ? opscom_meaning(number) : NULL;
    if (meaning)
        text_addf(out, "%s (OPS-COM code %ld)", meaning, number);
    else if (*code && *end == '\0')
        text_addf(out, "OPS-COM code %ld", number);
    else if (strncmp(code, "http_", 5) == 0)
        text_addf(out, "HTTP status %s", code + 5);
    else if (code_words(code))
        text_add(out, code_words(code));
    else
        text_add(out, *code ? code : "without a code");
}

static char *cause_words(const struct report_reason *reason)
{
    struct text words = {0};
    if (reason->outcome >= 0)
        answer_words(reason->code, &words);
    else
        text_add(&words, *reason->message ? reason->message : reason->code);
    return text_take(&words);
}

/* ---- reasons that read the same are one cause */

static int same_words_together(const void *left, const void *right)
{
    const struct cause *a = left, *b = right;
    int differ = strcmp(reason_kind(a->reason), reason_kind(b->reason));
    if (differ == 0)
        differ = a->reason->field - b->reason->field;
    if (differ == 0)
        differ = strcmp(a->words, b->words);
    if (differ == 0 && a->reason != b->reason)
        differ = (uintptr_t)a->reason < (uintptr_t)b->reason ? -1 : 1;
    return differ;
}

static bool cause_reads_as(const struct cause *a, const struct cause *b)
{
    return a->reason->action == b->reason->action && a->reason->outcome == b->reason->outcome &&
           a->reason->field == b->reason->field && strcmp(a->words, b->words) == 0;
}

static void cause_merge(struct cause *into, const struct cause *from)
{
    uint32_t lines[REASON_LINES] = {0};
    size_t count = 0, a = 0, b = 0;
    while (count < REASON_LINES && (a < into->line_count || b < from->line_count)) {
        bool first =
            b == from->line_count || (a < into->line_count && into->lines[a] <= from->lines[b]);
        lines[count++] = first ? into->lines[a++] : from->lines[b++];
    }
    memcpy(into->lines, lines, count * sizeof *lines);
    into->line_count = count;
    into->count += from->count;
}

bool cause_needs_work(const struct cause *cause)
{
    return cause->reason->outcome >= 0 || cause->reason->action == ACTION_REJECTED ||
           cause->reason->action == ACTION_HELD;
}

static int cause_order(const void *left, const void *right)
{
    const struct cause *a = left, *b = right;
    if (cause_needs_work(a) != cause_needs_work(b))
        return cause_needs_work(a) ? -1 : 1;
    return by_count(a->count, b->count, a->reason, b->reason);
}

void causes_make(const struct report *report, struct causes *out)
{
    out->items = mem_array(report->reason_count + 1, sizeof *out->items);
    for (size_t i = 0; i < report->reason_count; i++) {
        const struct report_reason *reason = &report->reasons[i];
        struct cause *cause = &out->items[i];
        *cause = (struct cause){reason, cause_words(reason), reason->count, {0}, 0};
        memcpy(cause->lines, reason->lines, sizeof cause->lines);
        cause->line_count = reason->line_count;
    }
    qsort(out->items, report->reason_count, sizeof *out->items, same_words_together);
    out->count = 0;
    for (size_t i = 0; i < report->reason_count; i++) {
        struct cause *last = out->count ? &out->items[out->count - 1] : NULL;
        if (last && cause_reads_as(last, &out->items[i])) {
            cause_merge(last, &out->items[i]);
            free(out->items[i].words);
        } else {
            out->items[out->count++] = out->items[i];
        }
    }
    qsort(out->items, out->count, sizeof *out->items, cause_order);
}

void causes_clear(struct causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        free(causes->items[i].words);
    free(causes->items);
    *causes = (struct causes){0};
}

/* ---- numbers for people */

void lines_add(struct text *out, const uint32_t lines[], size_t known, uint64_t count, size_t most)
{
    size_t shown = known < most ? known : most;
    for (size_t i = 0; i < shown; i++)
        text_addf(out, "%s%" PRIu32, i ? ", " : "", lines[i]);
    if (count > shown) {
        text_add(out, " and ");
        text_add_count(out, count - shown);
        text_add(out, " more");
    }
}
