#include "cases.h"

#include <stdlib.h>

#include "base/memory.h"

const struct outcome_words case_outcomes[OUTCOME_COUNT] = {
    [OUTCOME_GIVES] = {"gives", "is sent", ROW_VALID},
    [OUTCOME_REFUSED] = {"refused", "is rejected", ROW_REJECTED},
    [OUTCOME_LEFT_OUT] = {"left_out", "is left out", ROW_LEFT_OUT},
    [OUTCOME_STOPS] = {"stops", "stops the run", ROW_STOP},
};

/* The case's own words for people, in front of a problem. free(). */
static char *case_words(const struct json_value *example)
{
    const char *name = json_string(json_member(example, "name"));
    return name ? mem_format("case \"%s\": ", name) : mem_string("");
}

static void case_fails(struct cases *cases, const struct json_value *example,
                       const struct json_value *at, const char *words, ...) PRINTF_LIKE(4, 5);

static void case_fails(struct cases *cases, const struct json_value *example,
                       const struct json_value *at, const char *words, ...)
{
    struct text said = {0};
    va_list list;
    char *name = case_words(example);
    va_start(list, words);
    text_addv(&said, words, list);
    va_end(list);
    loader_error(&cases->loader, at, NULL, "%s%s", name, text_string(&said));
    text_clear(&said);
    free(name);
}

/* A row that came out in another way than its case says. */
static void tell_verdict(struct cases *cases, const struct json_value *example,
                         const struct json_value *at, const struct mapped_row *row)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (case_outcomes[i].verdict != row->verdict)
            continue;
        if (row->verdict == ROW_VALID)
            case_fails(cases, example, at, "the row %s", case_outcomes[i].words);
        else
            case_fails(cases, example, at, "the row %s: %s (%s)", case_outcomes[i].words,
                       row->findings[0].message, row->findings[0].code);
    }
}

static bool value_is(const struct profile_value *value, const char *wanted)
{
    if (!wanted)
        return value->state == VALUE_ABSENT;
    return value->state != VALUE_ABSENT && value->length == strlen(wanted) &&
           memcmp(value->length ? value->bytes : "", wanted, value->length) == 0;
}

static void judge_value(struct cases *cases, const struct json_value *example,
                        const struct json_value *member, const struct mapped_row *row)
{
    int field = loader_field(&cases->loader, member);
    bool is_null = json_kind(member) == JSON_NULL;
    if (field < 0 || (!is_null && !loader_expect(&cases->loader, member, JSON_STRING)))
        return;
    const struct profile_value *value = &row->profile.values[field];
    if (value_is(value, is_null ? NULL : json_string(member)))
        return;
    if (value->state == VALUE_ABSENT)
        case_fails(cases, example, member, "%s is not sent", json_key(member));
    else if (mapping_private(cases->loader.mapping) & FIELD_BIT(field))
        case_fails(cases, example, member, "%s comes out otherwise", json_key(member));
    else
        case_fails(cases, example, member, "%s comes out as \"%.*s\"", json_key(member),
                   (int)value->length, value->bytes ? value->bytes : "");
}

/* The fields of which a value was there and could not be sent as it was. */
static field_set row_warnings(const struct mapped_row *row)
{
    field_set fields = 0;
    for (size_t i = 0; i < row->note_count; i++) {
        const struct finding *finding = &row->notes[i].finding;
        if (finding->field >= 0 && !text_is(finding->code, "empty"))
            fields |= FIELD_BIT(finding->field);
    }
    return fields;
}

/* The field that a string names; -1 with the problem told. */
static int field_named(struct cases *cases, const struct json_value *value)
{
    if (!loader_expect(&cases->loader, value, JSON_STRING))
        return -1;
    int field = field_find(json_string(value));
    if (field < 0) {
        const char *near = field_nearest(json_string(value));
        char *hint = near ? mem_format("did you mean \"%s\"?", near) : NULL;
        loader_error(&cases->loader, value, hint, "there is no field called \"%s\"",
                     json_string(value));
        free(hint);
    }
    return field;
}

static void judge_warnings(struct cases *cases, const struct json_value *example,
                           const struct mapped_row *row)
{
    const struct json_value *warns = json_member(example, "warns");
    if (!warns || !loader_expect(&cases->loader, warns, JSON_ARRAY))
        return;
    field_set wanted = 0, found = row_warnings(row);
    for (const struct json_value *item = json_first(warns); item; item = json_next(item)) {
        int field = field_named(cases, item);
        if (field < 0)
            return;
        wanted |= FIELD_BIT(field);
    }
    if (wanted == found)
        return;
    struct text names = {0};
    field_set_names(found, ", ", &names);
    case_fails(cases, example, warns, "the row warns of %s",
               found ? text_string(&names) : "nothing");
    text_clear(&names);
}

void judge_gives(struct cases *cases, const struct json_value *example,
                 const struct json_value *gives, const struct mapped_row *row)
{
    if (!loader_expect(&cases->loader, gives, JSON_OBJECT))
        return;
    if (row->verdict != ROW_VALID) {
        tell_verdict(cases, example, gives, row);
        return;
    }
    for (const struct json_value *member = json_first(gives); member; member = json_next(member))
        judge_value(cases, example, member, row);
    judge_warnings(cases, example, row);
}

/* "stops" names the field of the policy that stopped the run, or says the "because" of the rule that did. */
static bool row_stops_by(const struct mapping *mapping, const struct finding *finding,
                         const char *wanted)
{
    if (finding->field >= 0)
        return field_find(wanted) == finding->field;
    for (size_t i = 0; i < mapping->must_hold.count; i++) {
        const struct row_rule *rule = &mapping->must_hold.items[i];
        if (rule->broken == finding->message)
            return text_is(rule->because, wanted);
    }
    return false;
}

void judge_reason(struct cases *cases, const struct json_value *example, enum outcome outcome,
                  const struct json_value *wanted, const struct mapped_row *row)
{
    const struct json_value *field_wanted = json_member(example, "field");
    int field = field_wanted ? field_named(cases, field_wanted) : -1;
    if (!loader_expect(&cases->loader, wanted, JSON_STRING) || (field_wanted && field < 0))
        return;
    const struct finding *finding = &row->findings[0];
    bool is_met = row->verdict == case_outcomes[outcome].verdict;
    if (is_met && outcome == OUTCOME_REFUSED)
        is_met = text_is(finding->code, json_string(wanted));
    else if (is_met)
        is_met = text_is(finding->message, json_string(wanted)) ||
                 (outcome == OUTCOME_STOPS &&
                  row_stops_by(cases->loader.mapping, finding, json_string(wanted)));
    if (!is_met)
        tell_verdict(cases, example, wanted, row);
    else if (field_wanted && finding->field != field)
        tell_verdict(cases, example, field_wanted, row);
}
