#include "html_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { TEXT_MAX = 1000 }; /* escaped bytes of one text: what was read cannot make the page grow */

/* U+FFFE and U+FFFF are characters to UTF-8 but not to XML. */
static bool is_no_character(const char *bytes, size_t left)
{
    return left >= 3 && memcmp(bytes, "\xef\xbf", 2) == 0 && (unsigned char)bytes[2] >= 0xbe;
}

/* One character, escaped. */
static void escaped_add(struct text *out, const char *bytes, size_t length)
{
    static const char special[] = "&<>\"'";
    static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    const char *found = strchr(special, bytes[0]);
    if (found)
        text_add(out, entity[found - special]);
    else if (is_no_character(bytes, length))
        text_add(out, "\xef\xbf\xbd");
    else
        text_add_bytes(out, bytes, length);
}

static void text_escape(struct text *out, const struct text *clean)
{
    uint32_t point;
    size_t start = out->length;
    for (size_t i = 0, bytes; i < clean->length; i += bytes) {
        if (out->length - start > TEXT_MAX) {
            text_add(out, "...");
            break;
        }
        bytes = utf8_decode(clean->bytes + i, clean->length - i, &point);
        escaped_add(out, clean->bytes + i, bytes);
    }
}

void html_text(struct page *page, const char *string)
{
    struct text clean = {0};
    utf8_add_clean(&clean, string, strlen(string), TEXT_MAX);
    if (clean.length <= TEXT_MAX && !strpbrk(text_string(&clean), "&<>\"'\xef"))
        text_add(page->out, text_string(&clean));
    else
        text_escape(page->out, &clean);
    text_clear(&clean);
}

void html_element(struct page *page, const char *name, const char *css_class, const char *string)
{
    if (css_class)
        text_addf(page->out, "<%s class=\"%s\">", name, css_class);
    else
        text_addf(page->out, "<%s>", name);
    html_text(page, string);
    text_addf(page->out, "</%s>\n", name);
}

void html_section_open(struct page *page, const char *id, const char *title)
{
    text_addf(page->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    html_text(page, title);
    text_add(page->out, "</h2>\n");
}

void html_section_close(struct page *page)
{
    text_add(page->out, "</section>\n");
}

/* ---- tables */

void table_open(struct page *page, const char *caption, const char *const headings[])
{
    text_add(page->out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_text(page, caption);
    text_add(page->out, "\"><table>\n<caption>");
    html_text(page, caption);
    text_add(page->out, "</caption>\n<thead><tr>");
    for (size_t i = 0; headings[i]; i++) {
        bool number = headings[i][0] == '#';
        text_addf(page->out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
        html_text(page, headings[i] + number);
        text_add(page->out, "</th>");
    }
    text_add(page->out, "</tr></thead>\n<tbody>\n");
}

void table_row_open(struct page *page, const char *heading)
{
    text_add(page->out, "<tr><th scope=\"row\">");
    html_text(page, heading);
    text_add(page->out, "</th>");
}

void table_cell(struct page *page, const char *string)
{
    text_add(page->out, "<td>");
    html_text(page, string);
    text_add(page->out, "</td>");
}

void table_date(struct page *page, const char *date)
{
    text_add(page->out, "<td class=\"d\">");
    html_text(page, date ? date : "");
    text_add(page->out, "</td>");
}

void table_number(struct page *page, uint64_t number)
{
    text_add(page->out, "<td class=\"n\">");
    text_add_count(page->out, number);
    text_add(page->out, "</td>");
}

void table_row_close(struct page *page)
{
    text_add(page->out, "</tr>\n");
}

void table_close(struct page *page)
{
    text_add(page->out, "</tbody></table></div>\n");
}

/* ---- drawings */

void coordinate_add(struct text *out, double number)
{
    int64_t tenths = (int64_t)llround(number * 10);
    if (tenths < 0)
        text_add_byte(out, '-');
    text_add_integer(out, llabs(tenths) / 10);
    if (tenths % 10) {
        text_add_byte(out, '.');
        text_add_integer(out, llabs(tenths) % 10);
    }
}

/* An element begins with its one attribute that is a word. There are hundreds: no formatted printing. */
static void element_open(struct page *page, const char *element, const char *word)
{
    text_add(page->out, element);
    text_add(page->out, word);
    text_add_byte(page->out, '"');
}

static void attribute(struct page *page, const char *name, double number)
{
    text_add_byte(page->out, ' ');
    text_add(page->out, name);
    text_add(page->out, "=\"");
    coordinate_add(page->out, number);
    text_add_byte(page->out, '"');
}

void chart_open(struct page *page, int width, int height, const char *title,
                const char *description)
{
    int id = ++page->charts;
    text_addf(page->out,
              "<svg role=\"img\" viewBox=\"0 0 %d %d\" aria-labelledby=\"c%d-t c%d-d\">"
              "<title id=\"c%d-t\">",
              width, height, id, id, id);
    html_text(page, title);
    text_addf(page->out, "</title><desc id=\"c%d-d\">", id);
    html_text(page, description);
    text_add(page->out, "</desc>\n");
}

void chart_close(struct page *page)
{
    text_add(page->out, "</svg>\n");
}

void chart_rect(struct page *page, const char *css_class, double x, double y, double width,
                double height)
{
    element_open(page, "<rect class=\"", css_class);
    attribute(page, "x", x);
    attribute(page, "y", y);
    attribute(page, "width", width);
    attribute(page, "height", height);
    text_add(page->out, "/>\n");
}

void chart_line(struct page *page, const char *css_class, double x1, double y1, double x2,
                double y2)
{
    element_open(page, "<line class=\"", css_class);
    attribute(page, "x1", x1);
    attribute(page, "y1", y1);
    attribute(page, "x2", x2);
    attribute(page, "y2", y2);
    text_add(page->out, "/>\n");
}

void chart_words(struct page *page, const char *anchor, double x, double y, const char *words)
{
    element_open(page, "<text text-anchor=\"", anchor);
    attribute(page, "x", x);
    attribute(page, "y", y);
    text_add_byte(page->out, '>');
    html_text(page, words);
    text_add(page->out, "</text>\n");
}
