#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "html_parts.h"

/* What happened when: nights, requests a minute, answer times. */

enum { CHART_WIDTH = 720, CHART_HEIGHT = 130, CHART_LEFT = 60, CHART_FLOOR = 105 };

/* ---- nights: one small line each, broken where a night is missing */

static double night_fresh(const struct report_night *night)
{
    return (double)night->fresh;
}
static double night_changed(const struct report_night *night)
{
    return (double)night->changed;
}
static double night_rejected(const struct report_night *night)
{
    return (double)night->rejected;
}
static double night_gone(const struct report_night *night)
{
    return (double)night->gone;
}
static double night_minutes(const struct report_night *night)
{
    return (double)night->duration_ms / 60000;
}
static double night_seconds(const struct report_night *night)
{
    return (double)night->duration_ms / 1000;
}

struct trend {
    const char *name;
    double (*value)(const struct report_night *night);
};
enum { TRENDS = 5, TREND_TIME = TRENDS - 1 };

/* Minutes, or seconds where every run was too short for them. */
static void trends_choose(const struct report_night *nights, size_t count,
                          struct trend trends[TRENDS])
{
    static const struct trend usual[TRENDS] = {{"New", night_fresh},
                                               {"Changed", night_changed},
                                               {"Rejected", night_rejected},
                                               {"Gone", night_gone},
                                               {"Minutes", night_minutes}};
    double longest = 0;
    for (size_t i = 0; i < count; i++)
        longest = fmax(longest, night_minutes(&nights[i]));
    memcpy(trends, usual, sizeof usual);
    if (longest < 2)
        trends[TREND_TIME] = (struct trend){"Seconds", night_seconds};
}

static int by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* A pause longer than this is a gap: 1.75 times what lies between two runs as a rule, and at least a day and a half. */
static int64_t nights_gap_ms(const struct report_night *nights, size_t count)
{
    enum { DAY_AND_A_HALF_MS = 36 * 3600 * 1000 };
    int64_t pauses[HTML_NIGHTS];
    for (size_t i = 0; i + 1 < count; i++)
        pauses[i] = nights[i].ended_ms - nights[i + 1].ended_ms;
    if (count < 2)
        return DAY_AND_A_HALF_MS;
    qsort(pauses, count - 1, sizeof *pauses, by_number);
    int64_t gap = pauses[(count - 1) / 2] * 7 / 4;
    return gap > DAY_AND_A_HALF_MS ? gap : DAY_AND_A_HALF_MS;
}

struct span {
    int64_t from_ms, to_ms, gap_ms;
    double most;
};

static double span_x(const struct span *span, int64_t wall_ms)
{
    double whole = (double)(span->to_ms - span->from_ms);
    double part = whole > 0 ? (double)(wall_ms - span->from_ms) / whole : 0.5;
    return CHART_LEFT + part * (CHART_WIDTH - CHART_LEFT - 70);
}

/* What the line's full height stands for: one night far above all others (a first load) does not flatten the rest. */
static double trend_height(const struct trend *trend, const struct report_night *nights,
                           size_t count)
{
    int64_t sorted[HTML_NIGHTS] = {0};
    if (count == 0)
        return 1;
    for (size_t i = 0; i < count; i++)
        sorted[i] = llround(trend->value(&nights[i]) * 10);
    qsort(sorted, count, sizeof *sorted, by_number);
    double highest = (double)sorted[count - 1] / 10;
    size_t tenth = (count - 1) / 10;
    double usual = (double)sorted[count - 1 - tenth] / 10;
    return fmax(1, usual > 0 ? fmin(highest, 3 * usual) : highest);
}

static double trend_y(double value, const struct span *span)
{
    return 44 - 38 * fmin(1, value / span->most);
}

static void trend_draw(struct page *page, const struct trend *trend,
                       const struct report_night *nights, size_t count, const struct span *span)
{
    text_add(page->out, "<path class=\"trend\" d=\"");
    for (size_t i = count; i-- > 0;) {
        bool broken = i + 1 == count || nights[i].ended_ms - nights[i + 1].ended_ms > span->gap_ms;
        text_add_byte(page->out, broken ? 'M' : 'L');
        coordinate_add(page->out, span_x(span, nights[i].ended_ms));
        text_add_byte(page->out, ' ');
        coordinate_add(page->out, trend_y(trend->value(&nights[i]), span));
    }
    text_add(page->out, "\"/>\n");
    for (size_t i = count; i-- > 0;) { /* a dot for each night: one between two gaps has no line */
        text_add(page->out, "<circle class=\"dot\" r=\"1.8\" cx=\"");
        coordinate_add(page->out, span_x(span, nights[i].ended_ms));
        text_add(page->out, "\" cy=\"");
        coordinate_add(page->out, trend_y(trend->value(&nights[i]), span));
        text_add(page->out, "\"/>\n");
    }
}

static void trend_value_add(const struct trend *trend, const struct report_night *night,
                            struct text *out)
{
    double value = trend->value(night);
    if (trend->value == night_minutes || trend->value == night_seconds)
        coordinate_add(out, value);
    else
        text_add_count(out, (uint64_t)value);
}

static void trend_write(struct page *page, const struct trend *trend,
                        const struct report_night *nights, size_t count)
{
    struct span span = {nights[count - 1].ended_ms, nights[0].ended_ms,
                        nights_gap_ms(nights, count), 1};
    struct text words = {0};
    char first[32], last[32];
    double highest = 0;
    clock_utc(span.from_ms, first);
    clock_utc(span.to_ms, last);
    for (size_t i = 0; i < count; i++)
        highest = fmax(highest, trend->value(&nights[i]));
    span.most = trend_height(trend, nights, count);
    text_addf(&words, "%s in the last %zu finished runs, %.10s to %.10s; highest ", trend->name,
              count, first, last);
    coordinate_add(&words, highest);
    text_add(&words, ", last ");
    coordinate_add(&words, trend->value(&nights[0]));
    text_add(&words, ". The line is broken where runs are missing.");
    chart_open(page, CHART_WIDTH, 50, trend->name, text_string(&words));
    chart_words(page, "start", 0, 28, trend->name);
    chart_line(page, "axis", CHART_LEFT, 44, CHART_WIDTH - 70, 44);
    trend_draw(page, trend, nights, count, &span);
    text_reset(&words);
    trend_value_add(trend, &nights[0], &words);
    chart_words(page, "end", CHART_WIDTH, 28, text_string(&words));
    chart_close(page);
    text_clear(&words);
}

static void nights_table(struct page *page, const struct report_night *nights, size_t count,
                         const struct trend *time)
{
    bool in_minutes = time->value == night_minutes;
    const char *const headings[] = {"Ended (UTC)", "#New",  "#Changed",
                                    "#Rejected",   "#Gone", in_minutes ? "#Minutes" : "#Seconds",
                                    NULL};
    if (count > 1)
        html_element(
            page, "p", "dim",
            "The lines are broken where runs are missing, and cut off at three times what is "
            "usual; on the right is the last run.");
    table_open(page, "Finished runs, the newest first", headings);
    for (size_t i = 0; i < count; i++) {
        char utc[32];
        clock_utc(nights[i].ended_ms, utc);
        table_row_open(page, utc);
        table_number(page, nights[i].fresh);
        table_number(page, nights[i].changed);
        table_number(page, nights[i].rejected);
        table_number(page, nights[i].gone);
        text_add(page->out, "<td class=\"n\">");
        coordinate_add(page->out, time->value(&nights[i]));
        text_add(page->out, "</td>");
        table_row_close(page);
    }
    table_close(page);
}

void html_nights(struct page *page, const struct report_night *nights, size_t count)
{
    if (count == 0)
        return;
    if (count > HTML_NIGHTS)
        count = HTML_NIGHTS;
    struct trend trends[TRENDS];
    trends_choose(nights, count, trends);
    html_section_open(page, "nights", "Earlier runs");
    for (size_t i = 0; i < TRENDS && count > 1; i++) /* one run is no line */
        trend_write(page, &trends[i], nights, count);
    nights_table(page, nights, count, &trends[TREND_TIME]);
    html_section_close(page);
}

/* ---- columns over an axis */

struct column {
    char label[24];
    double value;
    double marked; /* of it, drawn in the warning colour */
};

static void columns_draw(struct page *page, const struct column columns[], size_t count,
                         double limit)
{
    double most = fmax(1, limit), room = (double)(CHART_WIDTH - CHART_LEFT);
    for (size_t i = 0; i < count; i++)
        most = fmax(most, columns[i].value);
    double step = fmin(room / (double)count, 60), scale = (CHART_FLOOR - 10) / most;
    struct text words = {0};
    coordinate_add(&words, most);
    chart_words(page, "end", CHART_LEFT - 6, 16, text_string(&words));
    text_clear(&words);
    for (size_t i = 0; i < count; i++) {
        double x = CHART_LEFT + (double)i * step, high = columns[i].value * scale;
        double marked = columns[i].marked * scale;
        if (high > 0)
            chart_rect(page, "f-new", x, CHART_FLOOR - high, fmax(1, step - 1), high);
        if (marked > 0)
            chart_rect(page, "f-rejected", x, CHART_FLOOR - marked, fmax(1, step - 1), marked);
        if (i % ((count + 11) / 12) == 0)
            chart_words(page, "start", x, CHART_FLOOR + 18, columns[i].label);
    }
    if (limit > 0)
        chart_line(page, "limit", CHART_LEFT, CHART_FLOOR - limit * scale, CHART_WIDTH,
                   CHART_FLOOR - limit * scale);
    chart_line(page, "axis", CHART_LEFT, CHART_FLOOR, CHART_WIDTH, CHART_FLOOR);
}

/* ---- requests a minute, in at most HTML_COLUMNS columns of whole minutes */

static size_t minutes_used(const struct push_figures *push)
{
    size_t used = 0;
    for (size_t i = 0; i < MINUTE_SLOTS; i++)
        if (push->minute[i].requests || push->minute[i].throttled)
            used = i + 1;
    return used;
}

static size_t minutes_columns(const struct push_figures *push, size_t used, size_t each,
                              struct column columns[HTML_COLUMNS])
{
    size_t count = (used + each - 1) / each;
    for (size_t i = 0; i < count; i++) {
        struct column *column = &columns[i];
        *column = (struct column){.value = 0};
        snprintf(column->label, sizeof column->label, "%zu", i * each + 1);
        size_t end = (i + 1) * each < used ? (i + 1) * each : used;
        for (size_t m = i * each; m < end; m++) {
            column->value += push->minute[m].requests;
            column->marked += push->minute[m].throttled;
        }
        column->value /= (double)(end - i * each);
        column->marked /= (double)(end - i * each);
    }
    return count;
}

static void minutes_table(struct page *page, const struct column columns[], size_t count)
{
    static const char *const headings[] = {"From minute", "#Requests a minute",
                                           "#Of them answered 429", NULL};
    table_open(page, "Requests a minute", headings);
    for (size_t i = 0; i < count; i++) {
        table_row_open(page, columns[i].label);
        text_add(page->out, "<td class=\"n\">");
        coordinate_add(page->out, columns[i].value);
        text_add(page->out, "</td><td class=\"n\">");
        coordinate_add(page->out, columns[i].marked);
        text_add(page->out, "</td>");
        table_row_close(page);
    }
    table_close(page);
}

void html_minutes(struct page *page)
{
    const struct push_figures *push = page->report->push;
    size_t used = push ? minutes_used(push) : 0;
    if (used == 0)
        return;
    struct column columns[HTML_COLUMNS];
    size_t each = (used + HTML_COLUMNS - 1) / HTML_COLUMNS;
    size_t count = minutes_columns(push, used, each, columns);
    struct text words = {0};
    text_addf(&words,
              "%" PRIu64 " requests in %zu minute%s, %" PRIu64 " of them answered 429 (red). ",
              push->requests, used, used == 1 ? "" : "s", push->by_status[429]);
    if (page->report->rate > 0) {
        text_add(&words, "The dashed line is the limit, ");
        coordinate_add(&words, page->report->rate * 60);
        text_add(&words, " a minute.");
    }
    html_section_open(page, "minutes", "Pace");
    chart_open(page, CHART_WIDTH, CHART_HEIGHT, "Requests a minute", text_string(&words));
    columns_draw(page, columns, count, page->report->rate * 60);
    chart_close(page);
    html_element(page, "p", "dim", text_string(&words));
    minutes_table(page, columns, count);
    html_section_close(page);
    text_clear(&words);
}

/* ---- answer times */

enum { ANSWER_BINS = 12 };
static const double bin_edge_ms[ANSWER_BINS] = {10,   25,   50,   100,   250,   500,
                                                1000, 2500, 5000, 10000, 30000, INFINITY};

static void answers_bins(const struct push_figures *push, struct column columns[ANSWER_BINS])
{
    static const char *const labels[ANSWER_BINS] = {"10 ms",  "25 ms",  "50 ms", "100 ms",
                                                    "250 ms", "500 ms", "1 s",   "2.5 s",
                                                    "5 s",    "10 s",   "30 s",  "more"};
    for (size_t i = 0; i < ANSWER_BINS; i++) {
        columns[i] = (struct column){.value = 0};
        memcpy(columns[i].label, labels[i], strlen(labels[i]) + 1);
    }
    for (size_t slot = 0; slot < LATENCY_SLOTS; slot++) {
        size_t bin = 0;
        double upper_ms = push->latency[slot] ? latency_slot_ms(slot) : 0;
        while (bin + 1 < ANSWER_BINS && upper_ms > bin_edge_ms[bin])
            bin++;
        columns[bin].value += (double)push->latency[slot];
    }
}

void html_answers(struct page *page)
{
    static const char *const headings[] = {"Up to", "#Answers", NULL};
    const struct push_figures *push = page->report->push;
    if (push == NULL || push->requests == 0)
        return;
    struct column columns[ANSWER_BINS];
    struct text words = {0};
    answers_bins(push, columns);
    text_addf(&words,
              "Half of the answers came within %.0f ms, 95 of 100 within %.0f ms, the last "
              "after %" PRId64 " ms.",
              latency_percentile_ms(push, 50), latency_percentile_ms(push, 95),
              push->latency_max_ms);
    html_section_open(page, "answers", "Answer times");
    chart_open(page, CHART_WIDTH, CHART_HEIGHT, "Answer times", text_string(&words));
    columns_draw(page, columns, ANSWER_BINS, 0);
    chart_close(page);
    html_element(page, "p", "dim", text_string(&words));
    table_open(page, "Answers by the time they took", headings);
    for (size_t i = 0; i < ANSWER_BINS; i++) {
        table_row_open(page, columns[i].label);
        table_number(page, (uint64_t)columns[i].value);
        table_row_close(page);
    }
    table_close(page);
    html_section_close(page);
    text_clear(&words);
}
