#include "plan/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "saved_form.h"
#include "json/document.h"

/*
 * The digest at the end is held against the bytes first: from there on the lines are those of the
 * writer, and a plan of a million rows is read a row at a time. What a hand wrote with a digest of
 * its own is still read with care.
 */

enum { PLAN_BYTES_MAX = 1 << 30, JSON_DEPTH = 8, DIGEST_DIGITS = 64 };

/* Bytes that are looked at, from first to last. */
struct span {
    const char *bytes;
    size_t length;
};

static bool span_begins(struct span span, const char *with)
{
    size_t length = strlen(with);
    return span.length >= length && memcmp(span.bytes, with, length) == 0;
}

/* ---------------------------------------------------------------- is it a plan, and whole? */

static const size_t end_length =
    sizeof FORM_DIGEST - 1 + (size_t)DIGEST_DIGITS + sizeof FORM_TAIL - 1;

/* What stands where the digest belongs; empty when the end is not a plan's. */
static struct span digest_span(struct span all)
{
    struct span none = {"", 0};
    if (all.length < end_length)
        return none;
    struct span end = {all.bytes + all.length - end_length, end_length};
    const char *digits = end.bytes + sizeof FORM_DIGEST - 1;
    if (!span_begins(end, FORM_DIGEST) ||
        memcmp(digits + DIGEST_DIGITS, FORM_TAIL, sizeof FORM_TAIL - 1) != 0)
        return none;
    return (struct span){digits, DIGEST_DIGITS};
}

static int plan_verify(struct span all, struct fault *fault)
{
    struct span said = digest_span(all);
    char digest[65];
    if (!said.length && !span_begins(all, FORM_HEAD))
        return fault_set(fault, FAULT_INPUT,
                         "this is no saved plan: `opspush plan EXPORT --out FILE` makes one");
    if (said.length) {
        digest_plain_hex(all.bytes, all.length - end_length, digest);
        if (memcmp(digest, said.bytes, said.length) == 0)
            return 0;
    }
    return fault_set(fault, FAULT_STALE,
                     "the plan was changed after it was written (or was cut short): plan again");
}

/*
 * ---------------------------------------------------------------- values; NULL or false: not as a
 * plan has them
 */

static char *string_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_member(object, key);
    return value ? mem_string(json_string(value)) : NULL;
}

static bool flag_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_member(object, key);
    return value && json_bool(value);
}

static double decimal_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_member(object, key);
    return value && json_kind(value) == JSON_NUMBER ? json_number(value) : 0;
}

static bool count_of(const struct json_value *object, const char *key, uint64_t *out)
{
    const struct json_value *value = json_member(object, key);
    long number;
    if (!value || !json_integer(value, 0, INT64_MAX, &number))
        return false;
    *out = (uint64_t)number;
    return true;
}

static bool action_of(const struct json_value *object, enum action *out)
{
    const struct json_value *value = json_member(object, "action");
    int action = value ? action_find(json_string(value)) : -1;
    if (action >= 0)
        *out = (enum action)action;
    return action >= 0;
}

static bool binding_read(const struct json_value *object, struct plan_binding *out)
{
    if (!object)
        return false;
    out->export_digest = string_of(object, "export");
    out->mapping_digest = string_of(object, "mapping");
    out->target = string_of(object, "target");
    out->feed = string_of(object, "feed");
    out->state_identity = string_of(object, "state");
    out->options = string_of(object, "options");
    return out->export_digest && out->mapping_digest && out->target && out->feed &&
           out->state_identity && out->options &&
           count_of(object, "run_counter", &out->run_counter);
}

static bool counts_read(const struct json_value *object, struct counts *out)
{
    if (!object)
        return false;
    for (int i = 0; i < ACTION_COUNT; i++)
        if (!count_of(object, action_name((enum action)i), &out->action[i]))
            return false;
    return count_of(object, "rows", &out->rows) && count_of(object, "gone", &out->gone) &&
           count_of(object, "known", &out->known) && counts_add_up(out, false);
}

static bool verdict_read(const struct json_value *object, struct saved_plan *plan)
{
    char *name = string_of(object, "name"), *text = string_of(object, "text");
    int guard = name ? guard_find(name) : -1;
    if (guard >= 0 && text) {
        struct guard_verdict *verdict = &plan->guards.of[guard];
        guard_set bit = (guard_set)1 << guard;
        verdict->value = decimal_of(object, "value");
        verdict->limit = decimal_of(object, "limit");
        verdict->applies = flag_of(object, "applies");
        verdict->passed = flag_of(object, "passed");
        verdict->ignored = flag_of(object, "ignored");
        plan->guards.tripped |= flag_of(object, "tripped") ? bit : 0;
        plan->approved |= flag_of(object, "approved") ? bit : 0;
        snprintf(verdict->text, sizeof verdict->text, "%s", text);
    }
    bool is_read = guard >= 0 && text;
    free(name);
    free(text);
    return is_read;
}

static bool guards_read(const struct json_value *array, struct saved_plan *plan)
{
    if (!array || json_kind(array) != JSON_ARRAY || json_count(array) != GUARD_COUNT)
        return false;
    for (const struct json_value *at = json_first(array); at; at = json_next(at))
        if (!verdict_read(at, plan))
            return false;
    return true;
}

static bool reason_read(const struct json_value *object, struct reason *out)
{
    char *field = string_of(object, "field");
    out->field = field ? field_find(field) : -1;
    bool is_known = !field || out->field >= 0;
    free(field);
    out->code = string_of(object, "code");
    out->message = string_of(object, "message");
    out->fix = string_of(object, "fix");
    return is_known && action_of(object, &out->action) && out->code && out->message;
}

static bool reasons_read(const struct json_value *array, struct saved_plan *plan)
{
    if (!array || json_kind(array) != JSON_ARRAY)
        return false;
    plan->reasons = mem_array(json_count(array), sizeof *plan->reasons);
    for (const struct json_value *at = json_first(array); at; at = json_next(at))
        if (!reason_read(at, &plan->reasons[plan->reason_count++]))
            return false;
    return true;
}

static bool head_read(const struct json_value *root, struct saved_plan *plan)
{
    const struct json_value *schema = json_member(root, "schema");
    if (!schema || !text_is(json_string(schema), FORM_SCHEMA))
        return false;
    plan->created = string_of(root, "created");
    plan->export_path = string_of(root, "export_path");
    plan->mapping_path = string_of(root, "mapping_path");
    return plan->created && plan->export_path && plan->mapping_path &&
           binding_read(json_member(root, "binding"), &plan->binding) &&
           counts_read(json_member(root, "counts"), &plan->counts) &&
           guards_read(json_member(root, "guards"), plan) &&
           reasons_read(json_member(root, "reasons"), plan);
}

/* ---------------------------------------------------------------- rows */

static bool row_fields_read(const struct json_value *array, field_set *out)
{
    for (const struct json_value *at = array ? json_first(array) : NULL; at; at = json_next(at)) {
        int field = json_string(at) ? field_find(json_string(at)) : -1;
        if (field < 0)
            return false;
        *out |= FIELD_BIT(field);
    }
    return true;
}

static bool row_flags_read(const struct json_value *array, unsigned *out)
{
    for (const struct json_value *at = array ? json_first(array) : NULL; at; at = json_next(at)) {
        int flag = 0;
        while (flag < FORM_FLAGS && !text_is(json_string(at), form_flags[flag]))
            flag++;
        if (flag == FORM_FLAGS)
            return false;
        *out |= 1U << flag;
    }
    return true;
}

static bool row_digest_read(const struct json_value *value, char out[33])
{
    struct digest digest;
    if (!value)
        return true;
    if (!json_string(value) || !digest_from_hex(json_string(value), &digest))
        return false;
    digest_hex(&digest, out);
    return true;
}

static bool row_read(const struct json_value *object, size_t reasons, struct saved_row *out)
{
    uint64_t line, reason = UINT32_MAX;
    if (!count_of(object, "line", &line) || line > UINT32_MAX ||
        (json_member(object, "reason") &&
         (!count_of(object, "reason", &reason) || reason >= reasons)))
        return false;
    out->line = (uint32_t)line;
    out->reason = (uint32_t)reason;
    out->sealed_id = string_of(object, "id");
    return action_of(object, &out->action) &&
           row_fields_read(json_member(object, "fields"), &out->fields) &&
           row_flags_read(json_member(object, "flags"), &out->flags) &&
           row_digest_read(json_member(object, "digest"), out->digest);
}

/* The first line of what is left, which then begins behind it; without its line end. */
static struct span line_next(struct span *left)
{
    const char *end = memchr(left->bytes, '\n', left->length);
    struct span line = {left->bytes, end ? (size_t)(end - left->bytes) : left->length};
    size_t step = line.length + (end ? 1 : 0);
    *left = (struct span){left->bytes + step, left->length - step};
    return line;
}

static bool line_read(struct span line, struct saved_plan *plan)
{
    const char *why;
    size_t length =
        line.length && line.bytes[line.length - 1] == ',' ? line.length - 1 : line.length;
    struct json_document *document = json_strict(line.bytes, length, JSON_DEPTH, &why);
    bool is_read = document && row_read(json_root(document), plan->reason_count,
                                        &plan->rows[plan->row_count++]);
    json_free(document);
    return is_read;
}

static size_t lines_count(struct span span)
{
    size_t count = 0;
    while (span.length) {
        line_next(&span);
        count++;
    }
    return count;
}

static bool rows_read(struct span rows, struct saved_plan *plan)
{
    plan->rows = mem_array(lines_count(rows), sizeof *plan->rows);
    while (rows.length) {
        struct span line = line_next(&rows);
        if (span_begins(line, " ]"))
            return true;
        if (!line_read(line, plan))
            return false;
    }
    return false;
}

/* ---------------------------------------------------------------- the whole */

/*
 * Parts the bytes into the JSON before the rows, closed with a brace of its own, and the lines from
 * the first row on.
 */
static bool plan_part(struct span all, struct text *head, struct span *rows)
{
    *rows = all;
    while (rows->length) {
        struct span line = line_next(rows);
        if (line.length != sizeof FORM_ROWS - 1 || !span_begins(line, FORM_ROWS))
            continue;
        size_t length = (size_t)(line.bytes - all.bytes);
        while (length && (all.bytes[length - 1] == '\n' || all.bytes[length - 1] == ','))
            length--;
        text_add_bytes(head, all.bytes, length);
        text_add(head, "}");
        return true;
    }
    return false;
}

static bool plan_parse(struct span all, struct saved_plan *plan)
{
    struct text head = {0};
    struct span rows;
    const char *why;
    struct json_document *document = NULL;
    if (plan_part(all, &head, &rows))
        document = json_strict(head.bytes, head.length, JSON_DEPTH, &why);
    bool is_read = document && head_read(json_root(document), plan) && rows_read(rows, plan);
    json_free(document);
    text_clear(&head);
    return is_read;
}

struct saved_plan *saved_plan_read(const char *path, struct fault *fault)
{
    struct text bytes = {0};
    struct saved_plan *plan = NULL;
    if (file_read(path, PLAN_BYTES_MAX, &bytes, FAULT_INPUT, fault) < 0)
        return NULL;
    struct span all = {text_string(&bytes), bytes.length};
    if (plan_verify(all, fault) < 0) {
        fault_place(fault, "%s", path);
        goto out;
    }
    plan = mem_new(sizeof *plan);
    if (!plan_parse(all, plan)) {
        saved_plan_free(plan);
        plan = NULL;
        fault_set(fault, FAULT_INPUT, "%s: this plan was not written by opspush %s: plan again",
                  path, OPSPUSH_VERSION);
    }
out:
    text_clear(&bytes);
    return plan;
}
