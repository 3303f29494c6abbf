#include <stdlib.h>

#include "base/clock.h"
#include "html_parts.h"
#include "verdict.h"

static const char head_start[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
    "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
    "<meta name=\"robots\" content=\"noindex\"/>\n";

static const char style[] =
    "<style>\n"
    ":root{--paper:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#d5dae1;--wash:#f4f6f8;"
    "--new:#1f6fd6;--changed:#7a45c4;--unchanged:#b3bac5;--left:#8792a2;--rejected:#c9342f;"
    "--repeated:#b8921a;--held:#d5761a;--good:#1e7d46;--warn:#9a5b00;--bad:#b3261e}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#151a21;--ink:#e6eaf0;--soft:#a0abba;"
    "--rule:#36404d;--wash:#1e252e;--new:#6aa9f7;--changed:#b391f0;--unchanged:#5c6776;"
    "--left:#7d8999;--rejected:#f07a73;--repeated:#dcb94e;--held:#f0a055;--good:#67c98f;"
    "--warn:#e6b45c;--bad:#f58a82}}\n"
    "body{margin:0 auto;padding:1.5rem;max-width:62rem;background:var(--paper);color:var(--ink);"
    "font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;"
    "border-bottom:1px solid var(--rule)}\n"
    ".verdict{font-size:1.1rem;font-weight:600;margin:.25rem 0;padding:.5rem .75rem;"
    "border-left:.4rem solid;background:var(--wash)}\n"
    ".good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.dim{color:var(--soft)}"
    "\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
    "@media (min-width:50rem){dl{grid-template-columns:max-content 1fr max-content 1fr}}\n"
    ".scroll{overflow-x:auto;margin:.5rem 0 1rem}#nights~.scroll{overflow:auto;max-height:24rem}"
    "table{border-collapse:collapse;"
    "min-width:24rem}caption{text-align:left;color:var(--soft);padding:.25rem 0}\n"
    "th,td{text-align:left;vertical-align:top;padding:.2rem 1.2rem .2rem 0;"
    "border-bottom:1px solid var(--rule);overflow-wrap:break-word}td{max-width:32rem}"
    "thead th{color:var(--soft);font-weight:600;white-space:nowrap;position:sticky;top:0;"
    "background:var(--paper)}tbody th{font-weight:500;min-width:5rem}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums}.n,.d{white-space:nowrap}\n"
    "section{overflow-x:auto}svg{display:block;width:100%;min-width:34rem;height:auto;"
    "margin:.5rem 0}svg text{fill:var(--ink);"
    "font:10.5px system-ui,sans-serif}\n"
    ".f-new{fill:var(--new)}.f-changed{fill:var(--changed)}.f-unchanged{fill:var(--unchanged)}"
    ".f-left{fill:var(--left)}.f-rejected{fill:var(--rejected)}.f-repeated{fill:var(--repeated)}"
    ".f-held{fill:var(--held)}.f-good{fill:var(--good)}\n"
    ".usual{fill:none;stroke:var(--ink);stroke-width:1.5}.axis{stroke:var(--rule);stroke-width:1}"
    ".limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 3}"
    ".trend{fill:none;stroke:var(--new);stroke-width:1.5}.dot{fill:var(--new)}\n"
    "@media print{body{max-width:none;padding:0;font-size:10.5pt}"
    ".verdict,svg *{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "section{overflow:visible}svg{min-width:0}svg text{font-size:12px}"
    "tr,svg,figure{break-inside:avoid}h2{break-after:avoid}.scroll,#nights~.scroll{"
    "overflow:visible;max-height:none}thead th{position:static}}\n"
    "</style>\n";

static const char *verdict_class(const struct report *report)
{
    enum colour colour = verdict_colour(report);
    return colour == COLOUR_GOOD ? "verdict good"
                                 : (colour == COLOUR_WARN ? "verdict warn" : "verdict bad");
}

static void fact(struct page *page, const char *term, const char *words)
{
    if (words == NULL || *words == '\0')
        return;
    html_element(page, "dt", NULL, term);
    html_element(page, "dd", NULL, words);
}

static void fact_number(struct page *page, const char *term, uint64_t number)
{
    struct text words = {0};
    text_add_count(&words, number);
    fact(page, term, text_string(&words));
    text_clear(&words);
}

static void fact_time(struct page *page, const char *term, int64_t wall_ms)
{
    char utc[32];
    clock_utc(wall_ms, utc);
    fact(page, term, wall_ms ? utc : NULL);
}

static void write_facts(struct page *page)
{
    const struct report *report = page->report;
    char duration[32];
    clock_duration(report->ended_ms - report->started_ms, duration);
    text_add(page->out, "<dl>\n");
    fact(page, "Export", report->input.path);
    fact_time(page, "Written", report->input.modified_ms);
    fact_number(page, "Bytes", report->input.bytes);
    if (report->input.noise)
        fact_number(page, "Passed over", report->input.noise);
    fact(page, "Feed", report->mapping.name);
    fact(page, "Mapping", report->mapping.path);
    fact(page, "Target", report->target);
    fact(page, "Run", report->run);
    fact_time(page, "Begun", report->started_ms);
    fact(page, "Took", duration);
    fact(page, "Program", report->version);
    text_add(page->out, "</dl>\n");
}

static void write_sentences(struct page *page, const char *id, const char *title,
                            const char *const sentences[], size_t count)
{
    if (count == 0)
        return;
    html_section_open(page, id, title);
    text_add(page->out, "<ul>\n");
    for (size_t i = 0; i < count && i < HTML_NOTES; i++)
        html_element(page, "li", NULL, sentences[i]);
    text_add(page->out, "</ul>\n");
    html_section_close(page);
}

static void write_header(struct page *page)
{
    const struct report *report = page->report;
    struct text verdict = {0};
    verdict_add(report, &verdict);
    text_add(page->out, "<header>\n");
    html_element(page, "h1", NULL,
                 report_is_plan(report) ? "Plan of a push to OPS-COM" : "Push to OPS-COM");
    html_element(page, "p", verdict_class(report), text_string(&verdict));
    if (report->headline && *report->headline)
        html_element(page, "p", NULL, report->headline);
    write_facts(page);
    text_add(page->out, "</header>\n");
    text_clear(&verdict);
}

/* ---- guards */

static const char *guard_state(enum guard guard, const struct guard_verdict *verdict,
                               const char **css_class)
{
    bool has_limit = guard != GUARD_AGE || verdict->limit > 0;
    *css_class = verdict->ignored ? "warn" : (!verdict->passed ? "bad" : "good");
    if (verdict->ignored)
        return "\xe2\x9a\xa0 passed this once";
    if (!verdict->passed)
        return "\xe2\x9c\x98 tripped";
    if (verdict->applies && has_limit)
        return "\xe2\x9c\x93 passed";
    *css_class = "dim";
    return "does not apply";
}

/* A figure with its unit; nothing where a guard asks yes or no. */
static void table_figure(struct page *page, enum guard guard, bool is_judged, double number)
{
    static const char *const units[GUARD_COUNT] = {
        [GUARD_ROWS] = "",   [GUARD_AGE] = " h",      [GUARD_NEW] = " %",   [GUARD_CHANGED] = " %",
        [GUARD_GONE] = " %", [GUARD_REJECTED] = " %", [GUARD_FIELD] = " %", [GUARD_MAPPING] = " %"};
    bool is_shown = is_judged && units[guard] && number > -1e15 && number < 1e15;
    text_add(page->out, "<td class=\"n\">");
    if (is_shown) {
        coordinate_add(page->out, number);
        text_add(page->out, units[guard]);
    }
    text_add(page->out, "</td>");
}

static void write_guard(struct page *page, enum guard guard)
{
    const struct guard_verdict *verdict = &page->report->guards.of[guard];
    const char *css_class, *state = guard_state(guard, verdict, &css_class);
    bool is_judged = !text_is(css_class, "dim");
    table_row_open(page, guard_name(guard));
    table_figure(page, guard, is_judged, verdict->value);
    table_figure(page, guard, is_judged, verdict->limit);
    text_addf(page->out, "<td class=\"%s d\">%s</td>", css_class, state);
    table_cell(page, verdict->text);
    table_row_close(page);
}

static void write_guards(struct page *page)
{
    static const char *const headings[] = {"Guard",   "#Value",   "#Limit",
                                           "Verdict", "In words", NULL};
    if (!page->report->has_guards)
        return;
    html_section_open(page, "guards", "Guards");
    table_open(page, "Limits judged on the whole plan before anything is sent", headings);
    for (int i = 0; i < GUARD_COUNT; i++)
        write_guard(page, (enum guard)i);
    table_close(page);
    html_section_close(page);
}

/* ---- reasons and notes */

static void write_cause(struct page *page, const struct cause *cause)
{
    struct text words = {0};
    const struct report_reason *reason = cause->reason;
    plain_name_add(&words, reason_kind(reason));
    table_row_open(page, text_string(&words));
    table_number(page, cause->count);
    table_cell(page, reason->field >= 0 ? field_info((enum field)reason->field)->name : "");
    table_cell(page, cause->words);
    text_reset(&words);
    lines_add(&words, cause->lines, cause->line_count, cause->count, REASON_LINES);
    table_cell(page, text_string(&words));
    table_date(page, reason->since);
    table_cell(page, reason->fix ? reason->fix : "");
    table_row_close(page);
    text_clear(&words);
}

static void write_reasons(struct page *page)
{
    static const char *const headings[] = {"What",  "#Rows", "Field",      "Why",
                                           "Lines", "Since", "What to do", NULL};
    struct causes causes;
    causes_make(page->report, &causes);
    html_section_open(page, "reasons", "Reasons");
    if (causes.count == 0)
        html_element(page, "p", "dim", "Nobody was rejected, refused, held or left out.");
    else
        table_open(page, "Reasons, first those that somebody must mend, most rows first", headings);
    for (size_t i = 0; i < causes.count && i < HTML_REASONS; i++)
        write_cause(page, &causes.items[i]);
    if (causes.count)
        table_close(page);
    if (causes.count > HTML_REASONS) {
        struct text words = {0};
        text_add_count(&words, causes.count - HTML_REASONS);
        text_add(&words, " more reasons stand in run.json and results.csv.");
        html_element(page, "p", "dim", text_string(&words));
        text_clear(&words);
    }
    html_section_close(page);
    causes_clear(&causes);
}

static void write_notes(struct page *page)
{
    static const char *const headings[] = {"Policy", "#People", "Field", "Why", NULL};
    const struct report *report = page->report;
    if (report->note_count == 0)
        return;
    const struct report_note **sorted = notes_sorted(report);
    html_section_open(page, "notes", "Sent all the same");
    table_open(page, "Policies of the mapping that were applied to valid people", headings);
    for (size_t i = 0; i < report->note_count && i < HTML_NOTES; i++) {
        table_row_open(page, sorted[i]->policy);
        table_number(page, sorted[i]->count);
        table_cell(page,
                   sorted[i]->field >= 0 ? field_info((enum field)sorted[i]->field)->name : "");
        table_cell(page, sorted[i]->message);
        table_row_close(page);
    }
    table_close(page);
    html_section_close(page);
    free(sorted);
}

void html_write(const struct report *report, const struct report_night *nights, size_t night_count,
                const struct report_type *types, size_t type_count, struct text *out)
{
    enum { USUAL_BYTES = 32 << 10 };
    struct page page = {out, report, 0};
    text_reserve(out, USUAL_BYTES);
    text_add(out, head_start);
    text_add(out, "<title>");
    struct text title = {0};
    verdict_add(report, &title);
    html_text(&page, text_string(&title));
    text_clear(&title);
    text_add(out, "</title>\n");
    text_add(out, style);
    text_add(out, "</head>\n<body>\n");
    write_header(&page);
    text_add(out, "<main>\n");
    write_sentences(&page, "next", "What to do next", report->next_steps, report->next_step_count);
    write_sentences(&page, "warnings", "Warnings", report->warnings, report->warning_count);
    write_guards(&page);
    if (report->counts.rows >
        0) { /* else the export was not read to its end: there is nothing to tell of people */
        html_actions(&page);
        html_fields(&page);
        write_reasons(&page);
    }
    write_notes(&page);
    html_nights(&page, nights, night_count);
    html_types(&page, types, type_count);
    html_minutes(&page);
    html_answers(&page);
    text_add(out, "</main>\n</body>\n</html>\n");
}
