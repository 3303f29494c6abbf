#ifndef OPSPUSH_REPORT_HTML_PARTS_H
#define OPSPUSH_REPORT_HTML_PARTS_H

#include "report/report.h"
#include "tally.h"

/* The pieces of report.html. Everything that is not a piece of ours goes through html_text. */
struct page {
    struct text *out;
    const struct report *report;
    int charts; /* written so far: their ids are numbered */
};

/* So many reasons, notes, warnings or types at most; a last line tells of the rest. */
enum { HTML_REASONS = 100, HTML_NOTES = 40, HTML_TYPES = 40, HTML_NIGHTS = 60, HTML_COLUMNS = 60 };

/* Appends text that may hold anything: cleaned, cut when long, escaped for HTML and XML. */
void html_text(struct page *page, const char *string);
/* An element with such text in it: <p class="dim">...</p>; the class may be NULL. */
void html_element(struct page *page, const char *name, const char *css_class, const char *string);
void html_section_open(struct page *page, const char *id, const char *title);
void html_section_close(struct page *page);

/* A table: caption, headings (a NULL ends them; "#" in front of one is for numbers), then rows of cells. */
void table_open(struct page *page, const char *caption, const char *const headings[]);
void table_row_open(struct page *page, const char *heading); /* the row's own heading */
void table_cell(struct page *page, const char *string);
void table_date(struct page *page, const char *date); /* never broken; may be NULL */
void table_number(struct page *page, uint64_t number);
void table_row_close(struct page *page);
void table_close(struct page *page);

/* A drawing of 'width' by 'height' with its title and description; shapes follow, then chart_close. */
void chart_open(struct page *page, int width, int height, const char *title,
                const char *description);
void chart_close(struct page *page);
void chart_rect(struct page *page, const char *css_class, double x, double y, double width,
                double height);
void chart_line(struct page *page, const char *css_class, double x1, double y1, double x2,
                double y2);
/* 'anchor': start, middle or end. */
void chart_words(struct page *page, const char *anchor, double x, double y, const char *words);
/* A number with one decimal, the same in every locale. */
void coordinate_add(struct text *out, double number);

/* The sections with charts. */
void html_actions(struct page *page);
void html_fields(struct page *page);
void html_types(struct page *page, const struct report_type *types, size_t count);
void html_nights(struct page *page, const struct report_night *nights, size_t count);
void html_minutes(struct page *page);
void html_answers(struct page *page);

#endif
