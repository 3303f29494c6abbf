#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/write.h"

/* explain: one person, each field from the raw cell to the value that would be sent, and the decision. Private values are masked. */

static void add_value(const struct job_explained *row, enum field field, const char *value,
                      struct text *out)
{
    if (!*value)
        text_add(out, "(empty)");
    else if (row->private_fields & FIELD_BIT(field))
        text_add(out, "***");
    else
        utf8_add_clean(out, value, strlen(value), 200);
}

static void write_field(const struct job_explained *row, const struct trace_field *field,
                        struct text *out)
{
    bool differs = row->fields & FIELD_BIT(field->field);
    text_addf(out, "  %-20s %s(mapping line %zu)\n", field_info(field->field)->name,
              differs ? "* " : "", field->line);
    for (size_t i = 0; i < field->count; i++) {
        text_addf(out, "      %-34s ", field->steps[i].what);
        if (field->steps[i].value)
            add_value(row, field->field, field->steps[i].value, out);
        text_add(out, "\n");
    }
    if (row->not_sent[field->field])
        text_addf(out, "      not sent: %s\n", row->not_sent[field->field]);
}

static void write_found(const struct job_explained *row, struct text *out)
{
    text_add(out, "  found by the raw cell: its unique_id ");
    if (row->sent_as) {
        text_add(out, "is sent as ");
        add_value(row, FIELD_UNIQUE_ID, row->sent_as, out);
    } else {
        text_add(out, "cannot be sent");
    }
    text_add(out, "\n");
}

static void write_row(const struct job_explained *row, struct text *out)
{
    text_addf(out, "\nline %u: %s: %s\n", row->line, action_name(row->action), row->reason);
    if (row->by_raw_cell)
        write_found(row, out);
    if (row->fix)
        text_addf(out, "  what to do: %s\n", row->fix);
    if (row->fields) {
        text_add(out, "  differs from the last delivery in: ");
        field_set_names(row->fields, ", ", out);
        text_add(out, "\n");
    }
    if (row->trace.row_rule)
        text_addf(out, "  rule on rows: %s\n", row->trace.row_rule);
    for (size_t i = 0; i < row->trace.count; i++)
        write_field(row, &row->trace.fields[i], out);
}

static void write_text(const struct job_explanation *told, const char *id, struct text *out)
{
    text_add(out, "person ");
    utf8_add_clean(out, id, strlen(id), 100);
    text_addf(out, ", feed \"%s\", mapping %s\n", told->feed, told->mapping_path);
    text_addf(out, "target: %s\n", told->target && *told->target ? told->target : "none named");
    bool has_id = !told->count || !told->rows[0].by_raw_cell || told->rows[0].sent_as;
    if (told->history.length)
        text_add(out, told->history.bytes);
    else if (has_id)
        text_add(out, "the state does not know this person\n");
    for (size_t i = 0; i < told->count; i++)
        write_row(&told->rows[i], out);
    if (told->more)
        text_addf(out, "\nand %zu more row%s with this raw cell\n", told->more,
                  told->more == 1 ? "" : "s");
    if (!told->count)
        text_add(out, "\nno row of the export has this unique_id today\n");
}

static void json_steps(struct json_writer *json, const struct job_explained *row,
                       const struct trace_field *field)
{
    struct text value = {0};
    json_put_key(json, "steps");
    json_open_array(json);
    for (size_t i = 0; i < field->count; i++) {
        text_reset(&value);
        add_value(row, field->field, field->steps[i].value ? field->steps[i].value : "", &value);
        json_open_object(json);
        json_put_member(json, "what", field->steps[i].what);
        json_put_member(json, "value", text_string(&value));
        json_close_object(json);
    }
    json_close_array(json);
    text_clear(&value);
}

static void json_row(struct json_writer *json, const struct job_explained *row)
{
    json_open_object(json);
    json_put_count(json, "line", row->line);
    json_put_member(json, "found_by", row->by_raw_cell ? "raw cell" : "unique_id");
    json_put_member(json, "action", action_name(row->action));
    json_put_member(json, "reason", row->reason);
    json_put_key(json, "fields");
    json_open_array(json);
    for (size_t i = 0; i < row->trace.count; i++) {
        const struct trace_field *field = &row->trace.fields[i];
        json_open_object(json);
        json_put_member(json, "field", field_info(field->field)->name);
        json_put_key(json, "differs");
        json_put_bool(json, (row->fields & FIELD_BIT(field->field)) != 0);
        json_put_key(json, "sent");
        json_put_bool(json, (row->sent & FIELD_BIT(field->field)) != 0);
        if (row->not_sent[field->field])
            json_put_member(json, "not_sent", row->not_sent[field->field]);
        json_put_count(json, "mapping_line", (int64_t)field->line);
        json_steps(json, row, field);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

static void write_json(const struct job_explanation *told, const char *id, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out, 2);
    json_open_object(&json);
    json_put_member(&json, "schema", "opspush-explain-1");
    json_put_member(&json, "unique_id", id);
    json_put_member(&json, "feed", told->feed);
    json_put_member(&json, "target", told->target);
    json_put_member(&json, "history", text_string(&told->history));
    json_put_key(&json, "rows");
    json_open_array(&json);
    for (size_t i = 0; i < told->count; i++)
        json_row(&json, &told->rows[i]);
    json_close_array(&json);
    json_put_count(&json, "more_rows", (int64_t)told->more);
    json_close_object(&json);
    text_add(out, "\n");
}

int command_explain(struct call *call)
{
    struct job_explanation told;
    struct fault fault;
    struct text out = {0};
    char *path = cli_export(call, call->arguments[0], &fault);
    if (!path)
        return cli_fail(&fault);
    int done = job_explain(&call->settings, path, call->settings.id, &call->world, &told, &fault);
    progress_end();
    if (done < 0 || !call->settings.quiet)
        cli_print_error(&told.warnings);
    if (done == 0 || told.history.length) {
        (call->settings.json ? write_json : write_text)(&told, call->settings.id, &out);
        cli_print(&out);
    }
    job_explanation_clear(&told);
    text_clear(&out);
    free(path);
    return done == 0 ? 0 : cli_fail(&fault);
}
