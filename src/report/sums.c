#include "sums.h"

#include "tally.h"
#include "verdict.h"

/* The two sums of a run, with what is usual beside them: as a table, or as formulas where there is no room for it. */

/* Appends "2-9", with a mark when the count lies outside; nothing where no run is known. */
static void range_add(const struct report *report, const char *before, double low, double high,
                      uint64_t count, struct text *out)
{
    if (report->usual.runs == 0)
        return;
    text_add(out, before);
    usual_add(low, high, out);
    if (usual_excludes(&report->usual, low, high, count))
        text_add(out, " !");
}

static void count_add(struct text *out, int position, uint64_t count, const char *name)
{
    text_add(out, position ? " + " : " = ");
    text_add_count(out, count);
    text_add_byte(out, ' ');
    plain_name_add(out, name);
}

static void add_rows_formula(struct screen *screen, const struct report *report)
{
    const struct counts *counts = &report->counts;
    struct text line = {0};
    text_add_count(&line, counts->rows);
    for (int i = 0; i < ACTION_COUNT; i++)
        count_add(&line, i, counts->action[i], action_name((enum action)i));
    screen_add(screen, COLOUR_BOLD, "rows", text_string(&line), 8);
    text_clear(&line);
}

static void add_sent_formula(struct screen *screen, const struct report *report)
{
    const struct counts *counts = &report->counts;
    struct text line = {0};
    text_add_count(&line, report_to_send(report));
    for (int i = 0; i < OUTCOME_COUNT; i++)
        count_add(&line, i, counts->outcome[i], outcome_name((enum outcome)i));
    screen_add(screen, COLOUR_BOLD, "to send", text_string(&line), 4);
    text_clear(&line);
}

/* Where there is no table, only the counts that are not usual are compared. */
static void add_unusual(struct screen *screen, const struct report *report)
{
    const struct report_usual *usual = &report->usual;
    struct text line = {0};
    for (int i = 0; i < ACTION_COUNT; i++) {
        uint64_t count = report->counts.action[i];
        if (!usual_excludes(usual, usual->low[i], usual->high[i], count))
            continue;
        text_add(&line, line.length ? ", " : "");
        text_add_count(&line, count);
        text_add_byte(&line, ' ');
        plain_name_add(&line, action_name((enum action)i));
        text_add(&line, " (usual ");
        usual_add(usual->low[i], usual->high[i], &line);
        text_add_byte(&line, ')');
    }
    if (line.length)
        screen_add(screen, COLOUR_NONE, "unusual", text_string(&line), 3);
    text_clear(&line);
}

/* Up to the column; where the line is already there, a blank keeps what follows apart. */
static void pad_to(struct text *out, size_t column)
{
    if (out->length && out->length >= column && out->bytes[out->length - 1] != ' ')
        text_add_byte(out, ' ');
    while (out->length < column)
        text_add_byte(out, ' ');
}

/* Appends the number right-aligned in a column, then its name. */
static void aligned_add(struct text *out, size_t column, uint64_t number, const char *name)
{
    struct text digits = {0};
    text_add_count(&digits, number);
    pad_to(out, column);
    text_addf(out, "%9s ", text_string(&digits));
    plain_name_add(out, name);
    text_clear(&digits);
}

enum { TABLE_USUAL = 21, TABLE_RIGHT = 38, TABLE_WIDTH = 78 };

/* What stands on the right of an action: the outcomes, and below them the gone. */
static void table_right(const struct report *report, int row, struct text *line)
{
    const struct report_usual *usual = &report->usual;
    const struct counts *counts = &report->counts;
    if (report->is_push && row < OUTCOME_COUNT)
        aligned_add(line, TABLE_RIGHT, counts->outcome[row], outcome_name((enum outcome)row));
    if (row == ACTION_COUNT - 3 && report->figures.returned)
        aligned_add(line, TABLE_RIGHT, report->figures.returned, "back again");
    if (row == ACTION_COUNT - 2) {
        aligned_add(line, TABLE_RIGHT, counts->gone, "gone of ");
        text_add_count(line, counts->known);
        text_add(line, " known");
    }
    if (row == ACTION_COUNT - 1 && usual->runs) {
        pad_to(line, TABLE_RIGHT + 10);
        range_add(report, "usual ", usual->gone_low, usual->gone_high, counts->gone, line);
    }
}

static void table_heading(const struct report *report, struct text *line)
{
    aligned_add(line, 0, report->counts.rows, "rows =");
    if (report->usual.runs) {
        pad_to(line, TABLE_USUAL);
        text_addf(line, "usual (%zu run%s)", report->usual.runs,
                  report->usual.runs == 1 ? "" : "s");
    }
    if (report->is_push)
        aligned_add(line, TABLE_RIGHT, report_to_send(report), "to send =");
}

/* A line of the table: the heading at -1, then one for each action. */
static void table_line(const struct report *report, int row, struct text *line)
{
    text_reset(line);
    if (row < 0) {
        table_heading(report, line);
        return;
    }
    uint64_t count = report->counts.action[row];
    aligned_add(line, 0, count, action_name((enum action)row));
    if (report->usual.runs)
        pad_to(line, TABLE_USUAL);
    range_add(report, "", report->usual.low[row], report->usual.high[row], count, line);
    table_right(report, row, line);
}

/* A number that is cut off is worse than no table. */
static bool table_fits(const struct screen *screen, const struct report *report)
{
    struct text line = {0};
    bool fits = screen->width >= TABLE_WIDTH;
    for (int row = -1; row < ACTION_COUNT && fits; row++) {
        table_line(report, row, &line);
        fits = line.length <= screen->width - SCREEN_LABEL;
    }
    text_clear(&line);
    return fits;
}

/* The parts of both sums stand below their totals: rows on the left, what became of people to send on the right. */
static void add_table(struct screen *screen, const struct report *report)
{
    struct text line = {0};
    for (int row = -1; row < ACTION_COUNT; row++) {
        table_line(report, row, &line);
        screen_add(screen, row < 0 ? COLOUR_BOLD : COLOUR_NONE, "", text_string(&line), 1);
    }
    text_clear(&line);
}

static void add_gone(struct screen *screen, const struct report *report)
{
    const struct report_usual *usual = &report->usual;
    struct text line = {0};
    text_add_count(&line, report->counts.gone);
    text_add(&line, " of ");
    text_add_count(&line, report->counts.known);
    text_add(&line, " known people newly missing");
    range_add(report, ", usual ", usual->gone_low, usual->gone_high, report->counts.gone, &line);
    if (report->figures.returned) {
        text_add(&line, ", ");
        text_add_count(&line, report->figures.returned);
        text_add(&line, " back again");
    }
    screen_add(screen, COLOUR_NONE, "gone", text_string(&line), 2);
    text_clear(&line);
}

void sums_add(struct screen *screen, const struct report *report, bool table)
{
    if (table && table_fits(screen, report)) {
        add_table(screen, report);
        return;
    }
    add_rows_formula(screen, report);
    if (report->is_push)
        add_sent_formula(screen, report);
    add_gone(screen, report);
    add_unusual(screen, report);
}
