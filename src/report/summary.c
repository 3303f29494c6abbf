#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "screen.h"
#include "sums.h"
#include "tally.h"
#include "verdict.h"

/* One screen. When it grows over SCREEN_LINES it is told with less detail; the reports hold the rest. */
enum { SCREEN_LINES = 36 };

struct detail {
    bool table;       /* the sums as a table; else as two formulas */
    bool sources;     /* mapping, target, and when the export was written */
    size_t paragraph; /* lines of one cause, guard, warning or next step */
    size_t headline, causes, fix, quiet, guards, notes, warnings, next, fields, lines;
};
static const struct detail details[] = {
    {true, true, 4, 6, 10, 2, 2, 4, 3, 4, 4, 12, 6},
    {true, true, 3, 4, 8, 1, 2, 3, 2, 3, 4, 8, 5},
    {true, false, 3, 4, 8, 1, 2, 3, 2, 3, 4, 8, 5},
    {true, false, 3, 3, 6, 1, 1, 3, 1, 2, 4, 6, 4},
    {false, true, 3, 3, 8, 0, 2, 3, 2, 2, 4, 6, 4},
    {false, true, 3, 3, 8, 0, 2, 3, 1, 2, 4, 6, 4},
    {false, false, 3, 3, 8, 0, 1, 3, 1, 2, 4, 6, 4},
    {false, false, 2, 3, 6, 0, 1, 2, 1, 1, 3, 6, 3},
    {false, false, 2, 3, 4, 0, 1, 2, 1, 1, 2, 4, 2},
    {false, false, 1, 2, 2, 0, 1, 1, 0, 1, 1, 3, 1},
};

struct summary {
    struct screen screen;
    const struct report *report;
    const struct causes *causes;
    const struct detail *detail;
};

/* ---- verdict */

static void add_verdict(struct summary *summary)
{
    const struct report *report = summary->report;
    struct text line = {0};
    verdict_add(report, &line);
    screen_title(&summary->screen, verdict_colour(report), text_string(&line), 2);
    bool is_told = report->is_push && report->exit == 3; /* by the verdict, count by count */
    if (report->headline && *report->headline && !is_told)
        screen_add(&summary->screen, report->exit ? COLOUR_BAD : COLOUR_NONE, "", report->headline,
                   summary->detail->headline);
    screen_gap(&summary->screen);
    text_clear(&line);
}

/* ---- what was read, by which rules, for whom */

static void add_export(struct summary *summary)
{
    const struct report *report = summary->report;
    bool unread = report_is_unread(report);
    struct text line = {0};
    char utc[32];
    uint64_t rows = unread ? report->input.rows : report->counts.rows;
    text_add(&line, report->input.path && *report->input.path ? report->input.path : "none");
    if (rows || !unread) {
        text_add(&line, ", ");
        text_add_count(&line, rows);
        text_addf(&line, "%s%s", rows == 1 ? " row" : " rows", unread ? " read" : "");
    }
    if (report->input.modified_ms && summary->detail->sources) {
        clock_utc(report->input.modified_ms, utc);
        text_addf(&line, ", written %s", utc);
    }
    screen_add(&summary->screen, COLOUR_NONE, "export", text_string(&line),
               summary->detail->paragraph);
    text_clear(&line);
}

static void add_run(struct summary *summary)
{
    const struct report *report = summary->report;
    struct text line = {0};
    char utc[32], duration[32];
    clock_utc(report->started_ms, utc);
    clock_duration(report->ended_ms - report->started_ms, duration);
    text_addf(&line, "%s, took %s", report->run && *report->run ? report->run : utc, duration);
    if (report->push) {
        text_add(&line, ", requests ");
        text_add_count(&line, report->push->requests);
        text_add(&line, ", retries ");
        text_add_count(&line, report->push->retries);
    }
    screen_add(&summary->screen, COLOUR_NONE, report_is_plan(report) ? "plan" : "run",
               text_string(&line), summary->detail->paragraph);
    text_clear(&line);
}

static void add_sources(struct summary *summary)
{
    const struct report *report = summary->report;
    bool in_full = summary->detail->sources;
    add_export(summary);
    if (in_full && report->mapping.path && *report->mapping.path) {
        struct text line = {0};
        text_addf(&line, "%s (%s)", report->mapping.name ? report->mapping.name : "",
                  report->mapping.path);
        screen_add(&summary->screen, COLOUR_NONE, "mapping", text_string(&line),
                   summary->detail->paragraph);
        text_clear(&line);
    }
    if (in_full && report->target && *report->target)
        screen_add(&summary->screen, COLOUR_NONE, "target", report->target,
                   summary->detail->paragraph);
    add_run(summary);
    screen_gap(&summary->screen);
}

/* ---- which fields change, and whether the mapping is why */

static int field_order(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right; /* count, field */
    if (a[0] != b[0])
        return a[0] > b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

static void add_fields(struct summary *summary)
{
    const struct plan_figures *figures = &summary->report->figures;
    uint64_t sorted[FIELD_COUNT][2];
    size_t count = 0;
    for (int i = 0; i < FIELD_COUNT; i++)
        if (figures->fields_sent[i]) {
            sorted[count][0] = figures->fields_sent[i];
            sorted[count++][1] = (uint64_t)i;
        }
    if (count == 0)
        return;
    qsort(sorted, count, sizeof sorted[0], field_order);
    struct text line = {0};
    for (size_t i = 0; i < count && i < summary->detail->fields; i++) {
        text_addf(&line, "%s%s ", i ? ", " : "", field_info((enum field)sorted[i][1])->name);
        text_add_count(&line, sorted[i][0]);
    }
    if (count > summary->detail->fields)
        text_addf(&line, " and %zu more fields", count - summary->detail->fields);
    screen_add(&summary->screen, COLOUR_NONE, "fields", text_string(&line), 3);
    text_clear(&line);
}

static void add_mapping_change(struct summary *summary)
{
    const struct plan_figures *figures = &summary->report->figures;
    if (figures->changed_by_mapping == 0)
        return;
    struct text line = {0};
    text_add_count(&line, figures->changed - figures->changed_by_mapping);
    text_add(&line, " people changed in the data; ");
    text_add_count(&line, figures->changed_by_mapping);
    text_add(&line, " would change only because the mapping changed");
    screen_add(&summary->screen, COLOUR_WARN, "mapping", text_string(&line), 2);
    text_clear(&line);
}

/* Where the rest is to be seen: in a file of the reports or, where none were written, by having them written. */
static const char *rest_place(const struct report *report, const char *file)
{
    return report->folder ? file : "opspush plan EXPORT --report DIR";
}

/* ---- causes */

static void add_cause(struct summary *summary, const struct cause *cause)
{
    struct text line = {0}, label = {0}, mend = {0};
    const struct report_reason *reason = cause->reason;
    bool has_fix = reason->fix && *reason->fix;
    plain_name_add(&label, reason_kind(reason));
    text_add_count(&line, cause->count);
    text_addf(&line, "  %s: line%s ", cause->words, cause->count == 1 ? "" : "s");
    lines_add(&line, cause->lines, cause->line_count, cause->count, summary->detail->lines);
    if (reason->since && reason->nights > 1)
        text_addf(&line, ", %u nights since %s", reason->nights, reason->since);
    else if (reason->since && reason->action == ACTION_HELD)
        text_addf(&line, ", since %s", reason->since);
    text_addf(&mend, "fix: %s", has_fix ? reason->fix : "");
    bool beside = has_fix && screen_label(text_string(&label)) +
                                     utf8_columns(line.bytes, line.length) + 2 +
                                     utf8_columns(mend.bytes, mend.length) <=
                                 summary->screen.width;
    if (beside)
        text_addf(&line, "; %s", text_string(&mend));
    screen_add(&summary->screen, COLOUR_WARN, text_string(&label), text_string(&line),
               summary->detail->paragraph);
    if (has_fix && !beside)
        screen_add(&summary->screen, COLOUR_DIM, "", text_string(&mend), summary->detail->fix);
    text_clear(&label);
    text_clear(&line);
    text_clear(&mend);
}

/* Rows that a rule leaves out: nobody has to mend them, so one paragraph holds all. */
static void add_left_out(struct summary *summary)
{
    struct text line = {0};
    for (size_t i = 0; i < summary->causes->count; i++) {
        const struct cause *cause = &summary->causes->items[i];
        if (cause->reason->outcome >= 0 || cause->reason->action != ACTION_LEFT_OUT)
            continue;
        text_addf(&line, "%s%s ", line.length ? ", " : "", cause->words);
        text_add_count(&line, cause->count);
    }
    if (line.length)
        screen_add(&summary->screen, COLOUR_NONE, "left out", text_string(&line),
                   summary->detail->quiet);
    text_clear(&line);
}

static void add_causes(struct summary *summary)
{
    size_t shown = 0, hidden = 0;
    screen_gap(&summary->screen);
    for (size_t i = 0; i < summary->causes->count; i++) {
        const struct cause *cause = &summary->causes->items[i];
        if (!cause_needs_work(cause))
            continue;
        if (shown < summary->detail->causes) {
            add_cause(summary, cause);
            shown++;
        } else {
            hidden++;
        }
    }
    if (hidden) {
        char words[128];
        snprintf(words, sizeof words, "and %zu more cause%s (%s)", hidden, hidden == 1 ? "" : "s",
                 rest_place(summary->report, "results.csv"));
        screen_add(&summary->screen, COLOUR_NONE, "", words, 1);
    }
    add_left_out(summary);
}

/* ---- guards, notes, warnings, next steps */

static void add_guards(struct summary *summary)
{
    const struct report *report = summary->report;
    size_t room = summary->detail->guards;
    for (int i = 0; i < GUARD_COUNT && report->has_guards; i++) {
        const struct guard_verdict *verdict = &report->guards.of[i];
        bool tripped = !verdict->passed && !verdict->ignored;
        bool notice = verdict->passed && i == GUARD_SAME && *verdict->text;
        if (verdict->passed && !notice)
            continue;
        if (room-- == 0) {
            char words[128];
            snprintf(words, sizeof words, "and more guards (%s)", rest_place(report, "run.json"));
            screen_add(&summary->screen, COLOUR_WARN, "", words, 1);
            return;
        }
        struct text line = {0};
        text_addf(&line, "%s%s: %s", guard_name((enum guard)i),
                  verdict->ignored ? " (passed this once)" : "", verdict->text);
        screen_add(&summary->screen, tripped ? COLOUR_BAD : COLOUR_WARN,
                   tripped ? "GUARD" : "guard", text_string(&line), summary->detail->paragraph);
        text_clear(&line);
    }
}

/* Values that a policy kept back or changed. Fields that were empty all along stand in run.json and report.html. */
static void add_notes(struct summary *summary)
{
    const struct report *report = summary->report;
    const struct report_note **sorted = notes_sorted(report);
    size_t lost = 0, shown = 0;
    for (size_t i = 0; i < report->note_count; i++)
        lost += note_lost_value(sorted[i]);
    for (; shown < lost && shown < summary->detail->notes; shown++) {
        struct text line = {0};
        text_add_count(&line, sorted[shown]->count);
        text_addf(&line, "  %s: %s", sorted[shown]->message, sorted[shown]->policy);
        if (lost > shown + 1 && shown + 1 == summary->detail->notes)
            text_addf(&line, " (and %zu more: %s)", lost - shown - 1,
                      rest_place(report, "report.html"));
        screen_add(&summary->screen, COLOUR_NONE, shown ? "" : "note", text_string(&line), 2);
        text_clear(&line);
    }
    free(sorted);
}

static void add_sentences(struct summary *summary, enum colour colour, const char *label,
                          const char *const sentences[], size_t count, size_t most)
{
    for (size_t i = 0; i < count && i < most; i++)
        screen_add(&summary->screen, colour, i ? "" : label, sentences[i],
                   summary->detail->paragraph + 1);
}

/* "words: opspush ...": the command stands on a line of its own, so that it can be copied whole. */
static void add_step(struct summary *summary, const char *label, const char *step)
{
    static const char mark[] = ": opspush ";
    size_t most = summary->detail->paragraph + 1;
    const char *command = strstr(step, mark);
    if (!command) {
        screen_add(&summary->screen, COLOUR_BOLD, label, step, most);
        return;
    }
    struct text words = {0};
    text_add_bytes(&words, step, (size_t)(command - step) + 1);
    screen_add(&summary->screen, COLOUR_BOLD, label, text_string(&words), most);
    screen_command(&summary->screen, COLOUR_BOLD, command + 2);
    text_clear(&words);
}

static void add_steps(struct summary *summary)
{
    const struct report *report = summary->report;
    for (size_t i = 0; i < report->next_step_count && i < summary->detail->next; i++)
        add_step(summary, i ? "" : "next", report->next_steps[i]);
}

static void add_rest(struct summary *summary)
{
    const struct report *report = summary->report;
    const struct detail *detail = summary->detail;
    screen_gap(&summary->screen);
    add_guards(summary);
    add_notes(summary);
    add_sentences(summary, COLOUR_WARN, "warning", report->warnings, report->warning_count,
                  detail->warnings);
    add_steps(summary);
    if (report->folder)
        screen_add(&summary->screen, COLOUR_NONE, "reports", report->folder, detail->paragraph + 1);
}

static size_t summary_tell(struct summary *summary)
{
    add_verdict(summary);
    add_sources(summary);
    if (summary->report->counts.rows > 0)
        sums_add(&summary->screen, summary->report, summary->detail->table);
    add_fields(summary);
    add_mapping_change(summary);
    add_causes(summary);
    add_rest(summary);
    return summary->screen.lines;
}

void summary_write(const struct report *report, bool colour, size_t width, struct text *out)
{
    struct causes causes;
    struct text told = {0};
    causes_make(report, &causes);
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        struct summary summary = {
            {&told, colour, width < 40 ? 40 : width, 0, false}, report, &causes, &details[i]};
        text_reset(&told);
        if (summary_tell(&summary) <= SCREEN_LINES)
            break;
    }
    text_add_bytes(out, text_string(&told), told.length);
    text_clear(&told);
    causes_clear(&causes);
}
