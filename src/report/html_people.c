#include <math.h>
#include <stdlib.h>

#include "html_parts.h"
#include "verdict.h"

/* Who is meant: bars of actions and outcomes, people per field, user types. */

enum { CHART_WIDTH = 720, ROW_HEIGHT = 24, LABEL_WIDTH = 190, BAR_WIDTH = 430 };

struct part {
    const char *name, *css_class;
    uint64_t count;
    const double *usual; /* low and high, or NULL */
};

/* ---- one bar made of parts */

static void parts_describe(const struct part parts[], size_t count, const char *what,
                           struct text *out)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].count;
    text_add_count(out, total);
    text_addf(out, " %s: ", what);
    for (size_t i = 0; i < count; i++) {
        text_add(out, i ? ", " : "");
        text_add_count(out, parts[i].count);
        text_add_byte(out, ' ');
        plain_name_add(out, parts[i].name);
    }
}

/* Widths in proportion, but nobody becomes invisible: at least two units for a part that is not empty. */
static void parts_draw(struct page *page, const struct part parts[], size_t count)
{
    double total = 0, x = 0, spare = CHART_WIDTH;
    for (size_t i = 0; i < count; i++) {
        total += (double)parts[i].count;
        spare -= parts[i].count ? 2 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].count == 0)
            continue;
        double width = 2 + spare * (double)parts[i].count / total;
        chart_rect(page, parts[i].css_class, x, 0, width - 1, 28);
        x += width;
    }
}

static void parts_legend(struct page *page, const struct part parts[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text words = {0};
        double x = (double)(i % 7) * 102;
        plain_name_add(&words, parts[i].name);
        chart_rect(page, parts[i].css_class, x, 40, 10, 10);
        chart_words(page, "start", x + 14, 49, text_string(&words));
        text_clear(&words);
    }
}

static void parts_table(struct page *page, const char *caption, const struct part parts[],
                        size_t count)
{
    static const char *const headings[] = {"What", "#Number", "Usual", NULL};
    static const char *const without_usual[] = {"What", "#Number", NULL};
    table_open(page, caption, parts[0].usual ? headings : without_usual);
    for (size_t i = 0; i < count; i++) {
        const double *usual = parts[i].usual;
        struct text words = {0};
        plain_name_add(&words, parts[i].name);
        table_row_open(page, text_string(&words));
        table_number(page, parts[i].count);
        if (usual) {
            bool is_unusual =
                usual_excludes(&page->report->usual, usual[0], usual[1], parts[i].count);
            text_add(page->out, is_unusual ? "<td class=\"warn\">" : "<td>");
            usual_add(usual[0], usual[1], page->out);
            text_add(page->out, is_unusual ? ": unusual</td>" : "</td>");
        }
        table_row_close(page);
        text_clear(&words);
    }
    table_close(page);
}

static void parts_write(struct page *page, const char *title, const char *what,
                        const struct part parts[], size_t count)
{
    struct text description = {0};
    parts_describe(parts, count, what, &description);
    chart_open(page, CHART_WIDTH, 56, title, text_string(&description));
    parts_draw(page, parts, count);
    parts_legend(page, parts, count);
    chart_close(page);
    parts_table(page, title, parts, count);
    text_clear(&description);
}

static void gone_sentence(struct page *page)
{
    const struct report *report = page->report;
    struct text words = {0};
    text_add_count(&words, report->counts.gone);
    text_add(&words, " of ");
    text_add_count(&words, report->counts.known);
    text_add(&words, " known people are newly missing from the export");
    if (report->usual.runs) {
        text_add(&words, " (usual: ");
        usual_add(report->usual.gone_low, report->usual.gone_high, &words);
        text_add_byte(&words, ')');
    }
    text_add(&words, report->figures.id_unreadable
                         ? "; a rejected row's id cannot be read, so nobody counts as gone."
                         : ".");
    html_element(page, "p", NULL, text_string(&words));
    text_clear(&words);
}

void html_actions(struct page *page)
{
    static const char *const colours[ACTION_COUNT] = {
        "f-new", "f-changed", "f-unchanged", "f-left", "f-rejected", "f-repeated", "f-held"};
    static const char *const shades[OUTCOME_COUNT] = {"f-good", "f-rejected", "f-held", "f-left"};
    const struct report *report = page->report;
    double bands[ACTION_COUNT][2];
    struct part rows[ACTION_COUNT], sent[OUTCOME_COUNT];
    for (int i = 0; i < ACTION_COUNT; i++) {
        bands[i][0] = report->usual.low[i];
        bands[i][1] = report->usual.high[i];
        rows[i] = (struct part){action_name((enum action)i), colours[i], report->counts.action[i],
                                report->usual.runs ? bands[i] : NULL};
    }
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sent[i] = (struct part){outcome_name((enum outcome)i), shades[i], report->counts.outcome[i],
                                NULL};
    html_section_open(page, "actions", "Rows");
    parts_write(page, "Rows of the export by action", "rows", rows, ACTION_COUNT);
    if (report->is_push)
        parts_write(page, "New and changed people by outcome", "people", sent, OUTCOME_COUNT);
    gone_sentence(page);
    html_section_close(page);
}

/* ---- people per changed field, with the usual marked */

struct field_bar {
    enum field field;
    uint64_t people;
};

static int bar_order(const void *left, const void *right)
{
    const struct field_bar *a = left, *b = right;
    if (a->people != b->people)
        return a->people > b->people ? -1 : 1;
    return (int)a->field - (int)b->field;
}

static size_t field_bars(const struct report *report, struct field_bar bars[FIELD_COUNT],
                         double *most)
{
    size_t count = 0;
    for (int i = 0; i < FIELD_COUNT; i++) {
        uint64_t people = report->figures.fields_sent[i];
        if (people == 0)
            continue;
        bars[count++] = (struct field_bar){(enum field)i, people};
        *most = fmax(*most, (double)people);
        if (report->usual.runs)
            *most = fmax(*most, report->usual.field_high[i]);
    }
    qsort(bars, count, sizeof *bars, bar_order);
    return count;
}

static void fields_draw(struct page *page, const struct field_bar bars[], size_t count, double most)
{
    const struct report_usual *usual = &page->report->usual;
    chart_open(page, CHART_WIDTH, (int)count * ROW_HEIGHT, "People per changed field",
               "One bar for each field; an outlined box marks the usual range. "
               "The table below has the same numbers.");
    for (size_t i = 0; i < count; i++) {
        double y = (double)i * ROW_HEIGHT, scale = BAR_WIDTH / most;
        double low = usual->field_low[bars[i].field], high = usual->field_high[bars[i].field];
        struct text number = {0};
        text_add_count(&number, bars[i].people);
        chart_words(page, "end", LABEL_WIDTH - 8, y + 16, field_info(bars[i].field)->name);
        chart_rect(page, "f-changed", LABEL_WIDTH, y + 5, fmax(1, (double)bars[i].people * scale),
                   14);
        if (usual->runs)
            chart_rect(page, "usual", LABEL_WIDTH + low * scale, y + 2,
                       fmax(1, (high - low) * scale), 20);
        chart_words(page, "end", CHART_WIDTH, y + 16, text_string(&number));
        text_clear(&number);
    }
    chart_close(page);
}

static void fields_table(struct page *page, const struct field_bar bars[], size_t count)
{
    static const char *const headings[] = {"Field", "#People", "Usual", NULL};
    const struct report_usual *usual = &page->report->usual;
    if (usual->runs)
        html_element(page, "p", "dim", "The outlined boxes mark what is usual.");
    table_open(page, "People whose push carries a difference, by field", headings);
    for (size_t i = 0; i < count; i++) {
        struct text words = {0};
        if (usual->runs)
            usual_add(usual->field_low[bars[i].field], usual->field_high[bars[i].field], &words);
        table_row_open(page, field_info(bars[i].field)->name);
        table_number(page, bars[i].people);
        table_cell(page, text_string(&words));
        table_row_close(page);
        text_clear(&words);
    }
    table_close(page);
}

static void mapping_sentence(struct page *page)
{
    const struct plan_figures *figures = &page->report->figures;
    struct text words = {0};
    if (figures->changed_by_mapping == 0)
        return;
    text_add_count(&words, figures->changed - figures->changed_by_mapping);
    text_add(&words, " people changed in the data; ");
    text_add_count(&words, figures->changed_by_mapping);
    text_add(&words, " would change only because the mapping changed.");
    html_element(page, "p", NULL, text_string(&words));
    text_clear(&words);
}

void html_fields(struct page *page)
{
    struct field_bar bars[FIELD_COUNT];
    double most = 1;
    size_t count = field_bars(page->report, bars, &most);
    html_section_open(page, "fields", "Changed fields");
    mapping_sentence(page);
    if (count) {
        fields_draw(page, bars, count, most);
        fields_table(page, bars, count);
    } else {
        html_element(page, "p", "dim", "No field of a known person changed.");
    }
    html_section_close(page);
}

/* ---- user types last run against this */

static void types_draw(struct page *page, const struct report_type *types, size_t count)
{
    double most = 1;
    for (size_t i = 0; i < count; i++)
        most =
            fmax(most, (double)(types[i].before > types[i].now ? types[i].before : types[i].now));
    chart_open(page, CHART_WIDTH, (int)count * ROW_HEIGHT, "People per user type",
               "Two bars for each user type: the last run above, this one below. The table below "
               "has the same numbers.");
    for (size_t i = 0; i < count; i++) {
        double y = (double)i * ROW_HEIGHT, scale = (BAR_WIDTH + 90) / most;
        chart_words(page, "end", LABEL_WIDTH - 8, y + 16, types[i].type);
        chart_rect(page, "f-unchanged", LABEL_WIDTH, y + 3, (double)types[i].before * scale, 8);
        chart_rect(page, "f-new", LABEL_WIDTH, y + 12, (double)types[i].now * scale, 8);
    }
    chart_close(page);
}

void html_types(struct page *page, const struct report_type *types, size_t count)
{
    static const char *const headings[] = {"User type", "#Last run", "#This run", NULL};
    bool masked = page->report->mapping.private_fields & FIELD_BIT(FIELD_USER_TYPE_ID);
    if (count == 0 || masked)
        return;
    size_t shown = count < HTML_TYPES ? count : HTML_TYPES;
    html_section_open(page, "types", "User types");
    types_draw(page, types, shown);
    html_element(page, "p", "dim", "Grey: the last run. Blue: this one.");
    table_open(page, "Valid people per user type", headings);
    for (size_t i = 0; i < shown; i++) {
        table_row_open(page, types[i].type);
        table_number(page, types[i].before);
        table_number(page, types[i].now);
        table_row_close(page);
    }
    table_close(page);
    if (count > shown)
        html_element(page, "p", "dim", "More user types are not shown.");
    html_section_close(page);
}
