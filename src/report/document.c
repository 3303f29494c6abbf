#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tally.h"
#include "json/write.h"

/* run.json, schema opspush-run-1 (interface.md). Members of its own stand behind those that the schema names. */

static void put_optional(struct json_writer *json, const char *key, const char *string)
{
    json_put_member(json, key, string && *string ? string : NULL);
}

static void put_time(struct json_writer *json, const char *key, int64_t wall_ms)
{
    char utc[32];
    clock_utc(wall_ms, utc);
    json_put_member(json, key, wall_ms ? utc : NULL);
}

static void put_number(struct json_writer *json, const char *key, double number)
{
    json_put_key(json, key);
    if (!isfinite(number))
        json_put_null(json);
    else if (fabs(number) < 9e15 && floor(number) == number)
        json_put_integer(json, (int64_t)number);
    else
        json_put_decimal(json, number, 3);
}

static void put_count(struct json_writer *json, const char *key, uint64_t count)
{
    json_put_count(json, key, (int64_t)count);
}

static void put_run(struct json_writer *json, const struct report *report)
{
    json_put_member(json, "schema", "opspush-run-1");
    json_put_member(json, "version", report->version);
    json_put_member(json, "command", report->command);
    put_optional(json, "run", report->run);
    json_put_count(json, "exit", report->exit);
    json_put_member(json, "verdict", report->verdict);
    put_time(json, "started", report->started_ms);
    put_time(json, "ended", report->ended_ms);
}

static void put_sources(struct json_writer *json, const struct report *report)
{
    json_put_key(json, "input");
    json_open_object(json);
    put_optional(json, "path", report->input.path);
    put_count(json, "bytes", report->input.bytes);
    put_count(json, "rows", report->input.rows);
    put_optional(json, "digest", report->input.digest);
    put_time(json, "modified", report->input.modified_ms);
    json_close_object(json);
    json_put_key(json, "mapping");
    json_open_object(json);
    put_optional(json, "path", report->mapping.path);
    put_optional(json, "name", report->mapping.name);
    put_optional(json, "digest", report->mapping.digest);
    json_close_object(json);
    json_put_key(json, "target");
    json_open_object(json);
    put_optional(json, "url", report->target);
    json_close_object(json);
}

static void put_counts(struct json_writer *json, const struct report *report)
{
    const struct counts *counts = &report->counts;
    json_put_key(json, "counts");
    json_open_object(json);
    put_count(json, "rows", counts->rows);
    for (int i = 0; i < ACTION_COUNT; i++)
        put_count(json, action_name((enum action)i), counts->action[i]);
    for (int i = 0; i < OUTCOME_COUNT && report->is_push; i++)
        put_count(json, outcome_name((enum outcome)i), counts->outcome[i]);
    put_count(json, "gone", counts->gone);
    put_count(json, "known", counts->known);
    json_close_object(json);
}

static void put_fields_changed(struct json_writer *json, const struct plan_figures *figures)
{
    json_put_key(json, "fields_changed");
    json_open_object(json);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (figures->fields_sent[i])
            put_count(json, field_info((enum field)i)->name, figures->fields_sent[i]);
    json_close_object(json);
}

static void put_field(struct json_writer *json, int field)
{
    json_put_member(json, "field", field >= 0 ? field_info((enum field)field)->name : NULL);
}

static void put_reason(struct json_writer *json, const struct report_reason *reason)
{
    json_open_object(json);
    json_put_member(json, reason->outcome >= 0 ? "outcome" : "action", reason_kind(reason));
    json_put_member(json, "code", reason->code);
    put_field(json, reason->field);
    json_put_member(json, "message", reason->message);
    put_count(json, "count", reason->count);
    json_put_key(json, "lines");
    json_open_array(json);
    for (size_t i = 0; i < reason->line_count; i++)
        json_put_integer(json, reason->lines[i]);
    json_close_array(json);
    if (reason->fix)
        json_put_member(json, "fix", reason->fix);
    if (reason->since)
        json_put_member(json, "since", reason->since);
    if (reason->nights)
        put_count(json, "nights", reason->nights);
    json_close_object(json);
}

static void put_reasons(struct json_writer *json, const struct report *report)
{
    const struct report_reason **sorted = reasons_sorted(report);
    json_put_key(json, "reasons");
    json_open_array(json);
    for (size_t i = 0; i < report->reason_count; i++)
        put_reason(json, sorted[i]);
    json_close_array(json);
    free(sorted);
}

static void put_guards(struct json_writer *json, const struct report *report)
{
    json_put_key(json, "guards");
    json_open_array(json);
    for (int i = 0; i < GUARD_COUNT && report->has_guards; i++) {
        const struct guard_verdict *verdict = &report->guards.of[i];
        json_open_object(json);
        json_put_member(json, "name", guard_name((enum guard)i));
        put_number(json, "value", verdict->value);
        put_number(json, "limit", verdict->limit);
        json_put_key(json, "passed");
        json_put_bool(json, verdict->passed);
        json_put_key(json, "ignored");
        json_put_bool(json, verdict->ignored);
        put_optional(json, "text", verdict->text);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_seconds(struct json_writer *json, const struct push_figures *figures)
{
    bool known = figures && figures->requests > 0;
    json_put_key(json, "seconds");
    json_open_object(json);
    put_number(json, "p50", known ? latency_percentile_ms(figures, 50) / 1000 : 0);
    put_number(json, "p95", known ? latency_percentile_ms(figures, 95) / 1000 : 0);
    put_number(json, "max", known ? (double)figures->latency_max_ms / 1000 : 0);
    json_close_object(json);
}

static void put_http(struct json_writer *json, const struct push_figures *figures)
{
    json_put_key(json, "http");
    json_open_object(json);
    put_count(json, "requests", figures ? figures->requests : 0);
    put_count(json, "retries", figures ? figures->retries : 0);
    json_put_key(json, "by_status");
    json_open_object(json);
    for (int status = 0; figures && status < STATUS_SLOTS; status++) {
        char key[16];
        if (!figures->by_status[status])
            continue;
        snprintf(key, sizeof key, "%d", status);
        put_count(json, key, figures->by_status[status]);
    }
    json_close_object(json);
    put_seconds(json, figures);
    json_close_object(json);
}

static void put_types(struct json_writer *json, const struct report *report)
{
    json_put_key(json, "user_types");
    json_open_object(json);
    bool masked = report->mapping.private_fields & FIELD_BIT(FIELD_USER_TYPE_ID);
    for (size_t i = 0; i < report->type_count && !masked; i++)
        if (report->types[i].now)
            put_count(json, report->types[i].type, report->types[i].now);
    json_close_object(json);
}

static void put_notes(struct json_writer *json, const struct report *report)
{
    const struct report_note **sorted = notes_sorted(report);
    json_put_key(json, "notes");
    json_open_array(json);
    for (size_t i = 0; i < report->note_count; i++) {
        json_open_object(json);
        json_put_member(json, "code", sorted[i]->code);
        json_put_member(json, "policy", sorted[i]->policy);
        put_field(json, sorted[i]->field);
        json_put_member(json, "message", sorted[i]->message);
        put_count(json, "count", sorted[i]->count);
        json_close_object(json);
    }
    json_close_array(json);
    json_put_key(json, "warnings");
    json_open_array(json);
    for (size_t i = 0; i < report->warning_count; i++)
        json_put_string(json, report->warnings[i]);
    json_close_array(json);
    free(sorted);
}

void run_document_write(const struct report *report, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out, 2);
    json_open_object(&json);
    put_run(&json, report);
    put_sources(&json, report);
    put_counts(&json, report);
    put_fields_changed(&json, &report->figures);
    put_reasons(&json, report);
    put_guards(&json, report);
    put_http(&json, report->push);
    put_optional(&json, "headline", report->headline);
    put_types(&json, report);
    put_notes(&json, report);
    json_close_object(&json);
    text_add_byte(out, '\n');
}
