#include "plan/saved.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/utf8.h"
#include "saved_form.h"
#include "json/write.h"

/* A plan on its way to its file, line by line. */
struct sheet {
    struct file_draft draft;
    struct digest_stream digest;
    struct text line;
    struct json_writer json; /* writes to 'line' */
};

static void sheet_flush(struct sheet *sheet)
{
    fwrite(sheet->line.bytes, 1, sheet->line.length, sheet->draft.stream);
    digest_stream_add(&sheet->digest, sheet->line.bytes, sheet->line.length);
    text_reset(&sheet->line);
}

/* Begins a line with these words, for one JSON value behind them. */
static struct json_writer *line_begin(struct sheet *sheet, const char *words)
{
    text_add(&sheet->line, words);
    json_writer_init(&sheet->json, &sheet->line, 0);
    return &sheet->json;
}

static void line_end(struct sheet *sheet, const char *words)
{
    text_add(&sheet->line, words);
    text_add_byte(&sheet->line, '\n');
    sheet_flush(sheet);
}

static void binding_write(struct sheet *sheet, const struct plan_binding *binding)
{
    struct json_writer *json = line_begin(sheet, " \"binding\": ");
    json_open_object(json);
    json_put_member(json, "export", binding->export_digest);
    json_put_member(json, "mapping", binding->mapping_digest);
    json_put_member(json, "target", binding->target);
    json_put_member(json, "feed", binding->feed);
    json_put_member(json, "state", binding->state_identity);
    json_put_count(json, "run_counter", (int64_t)binding->run_counter);
    json_put_member(json, "options", binding->options);
    json_close_object(json);
    line_end(sheet, ",");
}

static void string_write(struct sheet *sheet, const char *words, const char *string)
{
    json_put_string(line_begin(sheet, words), string);
    line_end(sheet, ",");
}

static void counts_write(struct sheet *sheet, const struct counts *counts)
{
    struct json_writer *json = line_begin(sheet, " \"counts\": ");
    json_open_object(json);
    json_put_count(json, "rows", (int64_t)counts->rows);
    for (int i = 0; i < ACTION_COUNT; i++)
        json_put_count(json, action_name((enum action)i), (int64_t)counts->action[i]);
    json_put_count(json, "gone", (int64_t)counts->gone);
    json_put_count(json, "known", (int64_t)counts->known);
    json_close_object(json);
    line_end(sheet, ",");
}

static void verdict_write(struct sheet *sheet, const struct saved_plan *plan, enum guard guard)
{
    const struct guard_verdict *verdict = &plan->guards.of[guard];
    guard_set bit = (guard_set)1 << guard;
    struct json_writer *json = line_begin(sheet, "  ");
    json_open_object(json);
    json_put_member(json, "name", guard_name(guard));
    json_put_key(json, "value");
    json_put_decimal(json, verdict->value, 6);
    json_put_key(json, "limit");
    json_put_decimal(json, verdict->limit, 6);
    json_put_key(json, "applies");
    json_put_bool(json, verdict->applies);
    json_put_key(json, "passed");
    json_put_bool(json, verdict->passed);
    json_put_key(json, "ignored");
    json_put_bool(json, verdict->ignored);
    json_put_key(json, "tripped");
    json_put_bool(json, plan->guards.tripped & bit);
    json_put_key(json, "approved");
    json_put_bool(json, plan->approved & bit);
    json_put_member(json, "text", verdict->text);
    json_close_object(json);
    line_end(sheet, guard + 1 < GUARD_COUNT ? "," : "");
}

static void reason_write(struct sheet *sheet, const struct reason *reason, bool is_last)
{
    struct json_writer *json = line_begin(sheet, "  ");
    json_open_object(json);
    json_put_member(json, "action", action_name(reason->action));
    json_put_member(json, "code", reason->code);
    json_put_member(json, "field",
                    reason->field < 0 ? NULL : field_info((enum field)reason->field)->name);
    json_put_member(json, "message", reason->message);
    json_put_member(json, "fix", reason->fix);
    json_close_object(json);
    line_end(sheet, is_last ? "" : ",");
}

static void row_fields_write(struct json_writer *json, field_set fields)
{
    json_put_key(json, "fields");
    json_open_array(json);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (fields & FIELD_BIT(field))
            json_put_string(json, field_info((enum field)field)->name);
    json_close_array(json);
}

static void row_flags_write(struct json_writer *json, unsigned flags)
{
    json_put_key(json, "flags");
    json_open_array(json);
    for (int i = 0; i < FORM_FLAGS; i++)
        if (flags >> i & 1)
            json_put_string(json, form_flags[i]);
    json_close_array(json);
}

static void row_write(struct sheet *sheet, const struct saved_row *row, bool is_last)
{
    struct json_writer *json = line_begin(sheet, "  ");
    json_open_object(json);
    json_put_count(json, "line", row->line);
    json_put_member(json, "action", action_name(row->action));
    if (row->reason != UINT32_MAX)
        json_put_count(json, "reason", row->reason);
    if (row->fields)
        row_fields_write(json, row->fields);
    if (row->flags)
        row_flags_write(json, row->flags);
    if (row->digest[0])
        json_put_member(json, "digest", row->digest);
    if (row->sealed_id)
        json_put_member(json, "id", row->sealed_id);
    json_close_object(json);
    line_end(sheet, is_last ? "" : ",");
}

static void lists_write(struct sheet *sheet, const struct saved_plan *plan)
{
    line_begin(sheet, " \"guards\": [");
    line_end(sheet, "");
    for (enum guard guard = 0; guard < GUARD_COUNT; guard++)
        verdict_write(sheet, plan, guard);
    line_begin(sheet, " ],\n \"reasons\": [");
    line_end(sheet, "");
    for (size_t i = 0; i < plan->reason_count; i++)
        reason_write(sheet, &plan->reasons[i], i + 1 == plan->reason_count);
    line_begin(sheet, " ],\n" FORM_ROWS);
    line_end(sheet, "");
    for (size_t i = 0; i < plan->row_count; i++)
        row_write(sheet, &plan->rows[i], i + 1 == plan->row_count);
    line_begin(sheet, " ]");
    line_end(sheet, ",");
}

static void plan_write(struct sheet *sheet, const struct saved_plan *plan)
{
    char digest[65];
    line_begin(sheet, "{");
    line_end(sheet, "");
    string_write(sheet, " \"schema\": ", FORM_SCHEMA);
    string_write(sheet, " \"created\": ", plan->created);
    binding_write(sheet, &plan->binding);
    string_write(sheet, " \"export_path\": ", plan->export_path);
    string_write(sheet, " \"mapping_path\": ", plan->mapping_path);
    counts_write(sheet, &plan->counts);
    lists_write(sheet, plan);
    digest_stream_hex(&sheet->digest, digest);
    text_addf(&sheet->line, FORM_DIGEST "%s" FORM_TAIL, digest);
    sheet_flush(sheet);
}

static int path_check(const char *path, struct fault *fault)
{
    size_t length = path ? strlen(path) : 0;
    if (utf8_valid_prefix(path ? path : "", length) == length)
        return 0;
    return fault_set(
        fault, FAULT_FAILED,
        "a plan cannot hold a path that is not UTF-8: rename the export or the mapping");
}

int saved_plan_write(const char *path, const struct saved_plan *plan, struct fault *fault)
{
    struct sheet sheet = {.line = {0}};
    bool to_stdout = strcmp(path, "-") == 0;
    if (path_check(plan->export_path, fault) < 0 || path_check(plan->mapping_path, fault) < 0)
        return -1;
    if (to_stdout)
        sheet.draft.stream = stdout;
    else if (file_draft_open(&sheet.draft, path, FAULT_FAILED, fault) < 0)
        return -1;
    digest_stream_init(&sheet.digest);
    plan_write(&sheet, plan);
    text_clear(&sheet.line);
    if (!to_stdout)
        return file_draft_publish(&sheet.draft, FAULT_FAILED, fault);
    if (fflush(stdout) != 0 || ferror(stdout))
        return fault_set(fault, FAULT_FAILED, "the plan could not be written to standard output");
    return 0;
}
