#include <inttypes.h>
#include <string.h>

#include "report/report.h"

void report_fields(field_set fields, unsigned flags, struct text *out)
{
    static const struct {
        unsigned flag;
        const char *name;
    } causes[] = {{PLAN_REFRESH, "refresh"}, {PLAN_FULL, "full"}};
    size_t start = out->length;
    field_set_names(fields, " ", out);
    if (flags & PLAN_UNSETTLED)
        text_add(out, out->length > start ? " unsettled" : "unsettled");
    for (size_t i = 0; i < sizeof causes / sizeof *causes && out->length == start; i++)
        if (flags & causes[i].flag)
            text_add(out, causes[i].name);
}

void results_write_heading(FILE *stream, bool with_values)
{
    fputs("\xef\xbb\xbfline,unique_id,action,fields,outcome,attempts,http_status,opscom_code,"
          "reference_id,message",
          stream);
    fputs(with_values ? ",values\r\n" : "\r\n", stream);
}

static void add_cell(struct text *out, const char *string)
{
    text_add_byte(out, ',');
    if (string)
        csv_add_cell(out, string, strlen(string), true);
}

/* 0 says that there is none: an empty cell. */
static void add_number(struct text *out, long number)
{
    char digits[24] = "";
    if (number != 0)
        snprintf(digits, sizeof digits, "%ld", number);
    add_cell(out, digits);
}

void results_write_row(FILE *stream, const struct report_row *row, bool with_values)
{
    bool was_sent = row->outcome >= 0;
    struct text line = {0}, fields = {0};
    report_fields(row->fields, row->flags, &fields);
    text_addf(&line, "%" PRIu32, row->line);
    add_cell(&line, row->unique_id);
    add_cell(&line, action_name(row->action));
    add_cell(&line, text_string(&fields));
    add_cell(&line, was_sent ? outcome_name((enum outcome)row->outcome) : NULL);
    text_add_byte(&line, ',');
    if (was_sent)
        text_addf(&line, "%d", row->attempts);
    add_number(&line, row->http_status);
    add_number(&line, row->opscom_code);
    add_cell(&line, row->reference_id);
    add_cell(&line, row->message);
    if (with_values)
        add_cell(&line, row->values);
    text_add(&line, "\r\n");
    fwrite(line.bytes, 1, line.length, stream);
    text_clear(&fields);
    text_clear(&line);
}
