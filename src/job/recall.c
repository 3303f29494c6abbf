#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "json/document.h"

/*
 * What the last finished run says of itself, for comparison: how many people each user type had, and since when a cause has been there. Its own
 * document (run.json, kept in the state) is the source.
 */

enum { LOOK_BACK = 60, DOCUMENT_DEPTH = 16 };

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

static bool is_same(const struct report_reason *reason, const struct json_value *before)
{
    const char *kind = reason->outcome >= 0  ? outcome_name((enum outcome)reason->outcome)
                       : reason->action >= 0 ? action_name((enum action)reason->action)
                                             : "";
    const char *field = reason->field >= 0 ? field_info((enum field)reason->field)->name : NULL;
    return text_is(json_string(json_member(before, reason->outcome >= 0 ? "outcome" : "action")),
                   kind) &&
           text_is(json_string(json_member(before, "code")), reason->code) &&
           text_is(json_string(json_member(before, "field")), field) &&
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

static int last_text(struct job *job, struct text *out)
{
    struct run_record *runs = NULL;
    size_t count = 0, at = 0;
    struct fault ignored;
    if (!job->feed.people ||
        state_runs(job->feed.state, job->feed.people, LOOK_BACK, &runs, &count, &ignored) < 0)
        return -1;
    while (at < count && !runs[at].finished)
        at++;
    int done = at < count ? state_document(job->feed.state, runs[at].id, out, &ignored) : -1;
    run_records_free(runs, count);
    return done;
}

static struct json_document *last_document(struct job *job)
{
    struct text text = {0};
    const char *why;
    struct json_document *document = NULL;
    if (last_text(job, &text) == 0 && text.length)
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
