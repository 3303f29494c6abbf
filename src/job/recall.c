#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "json/document.h"
#include "json/write.h"

/*
 * What a finished run leaves in the state for the next one to compare with: how many people each user type had, and since when a cause has
 * been there.
 */

enum { DOCUMENT_DEPTH = 16 };

static void recall_types(struct census *census, const struct json_value *types)
{
    if (!types || json_kind(types) != JSON_OBJECT)
        return;
    for (const struct json_value *type = json_first(types); type; type = json_next(type)) {
        long count;
        struct report_type *slot = census_type(census, json_key(type), strlen(json_key(type)));
        if (slot && json_integer(type, 0, 2000000000, &count))
            slot->before = (uint64_t)count;
    }
}

static const char *kind_key(const struct report_reason *reason)
{
    return reason->outcome >= 0 ? "outcome" : "action";
}

static const char *kind_name(const struct report_reason *reason)
{
    return reason->outcome >= 0  ? outcome_name((enum outcome)reason->outcome)
           : reason->action >= 0 ? action_name((enum action)reason->action)
                                 : "";
}

static const char *field_name(const struct report_reason *reason)
{
    return reason->field >= 0 ? field_info((enum field)reason->field)->name : NULL;
}

static bool is_same(const struct report_reason *reason, const struct json_value *before)
{
    return text_is(json_string(json_member(before, kind_key(reason))), kind_name(reason)) &&
           text_is(json_string(json_member(before, "code")), reason->code) &&
           text_is(json_string(json_member(before, "field")), field_name(reason)) &&
           text_is(json_string(json_member(before, "message")), reason->message);
}

static void recall_reason(struct report_reason *reason, const struct json_value *reasons)
{
    if (!reasons || json_kind(reasons) != JSON_ARRAY)
        return;
    for (const struct json_value *before = json_first(reasons); before;
         before = json_next(before)) {
        long nights;
        const char *since = json_string(json_member(before, "since"));
        if (json_kind(before) != JSON_OBJECT || !since || !is_same(reason, before) ||
            !json_integer(json_member(before, "nights"), 1, 1000000, &nights))
            continue;
        reason->since = mem_string(since);
        reason->nights = (uint32_t)nights + 1;
        return;
    }
}

static void begin_reason(const struct job *job, struct report_reason *reason)
{
    char today[32];
    clock_utc(job->started_wall_ms, today);
    today[10] = '\0';
    reason->since = mem_string(today);
    reason->nights = 1;
}

static struct json_document *last_document(struct job *job)
{
    struct text text = {0};
    struct fault ignored;
    const char *why;
    struct json_document *document = NULL;
    if (job->night_count &&
        state_document(job->feed.state, job->nights[0].number, &text, &ignored) == 0 && text.length)
        document = json_strict(text.bytes, text.length, DOCUMENT_DEPTH, &why);
    text_clear(&text);
    return document;
}

void job_recall(struct job *job)
{
    struct json_document *document = last_document(job);
    const struct json_value *root = document ? json_root(document) : NULL;
    bool usable = root && json_kind(root) == JSON_OBJECT;
    if (usable)
        recall_types(&job->reading.census, json_member(root, "user_types"));
    for (size_t i = 0; i < job->report.reason_count; i++) {
        struct report_reason *reason = &job->report.reasons[i];
        if (usable && !reason->since)
            recall_reason(reason, json_member(root, "reasons"));
        if (!reason->since)
            begin_reason(job, reason);
    }
    job->report.types = job->reading.census.types;
    job->report.type_count = job->reading.census.type_count;
    json_free(document);
}

static void put_reason(struct json_writer *json, const struct report_reason *reason)
{
    json_open_object(json);
    json_put_member(json, kind_key(reason), kind_name(reason));
    json_put_member(json, "code", reason->code);
    json_put_member(json, "field", field_name(reason));
    json_put_member(json, "message", reason->message);
    json_put_member(json, "since", reason->since);
    json_put_count(json, "nights", reason->nights);
    json_close_object(json);
}

void job_remember(const struct job *job, struct text *out)
{
    const struct report *report = &job->report;
    bool is_private = report->mapping.private_fields & FIELD_BIT(FIELD_USER_TYPE_ID);
    struct json_writer json;
    json_writer_init(&json, out, 0);
    json_open_object(&json);
    json_put_key(&json, "user_types");
    json_open_object(&json);
    for (size_t i = 0; i < report->type_count && !is_private; i++)
        if (report->types[i].now)
            json_put_count(&json, report->types[i].type, (int64_t)report->types[i].now);
    json_close_object(&json);
    json_put_key(&json, "reasons");
    json_open_array(&json);
    for (size_t i = 0; i < report->reason_count; i++)
        put_reason(&json, &report->reasons[i]);
    json_close_array(&json);
    json_close_object(&json);
}
