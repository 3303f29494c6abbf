#include "load_field.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

static void load_from(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->pick = PICK_FROM;
    loader_columns(loader, value, true, true, &rule->columns, &rule->column_count);
}

static void load_join(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->pick = PICK_JOIN;
    loader_columns(loader, value, false, true, &rule->columns, &rule->column_count);
}

static void load_with(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->separator = loader_text(loader, value);
    if (rule->separator)
        rule->with = span_of_string(rule->separator);
}

static void load_value(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->pick = PICK_VALUE;
    rule->constant = loader_string(loader, value);
    if (rule->constant)
        rule->value = span_of_string(rule->constant);
}

static void load_when(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->when = mem_new(sizeof *rule->when);
    load_rule(loader, value, true, rule->when);
}

/* What a step pads with is one character as it is written, too: a letter with its accent behind it is two. */
static bool pad_is_plain(const struct step *step, const char *as_written)
{
    return step->kind != STEP_PAD || utf8_count(step->written, strlen(step->written)) ==
                                         utf8_count(as_written, strlen(as_written));
}

static void load_step(struct loader *loader, const struct json_value *value,
                      struct field_rule *rule)
{
    char *written = loader_text(loader, value);
    if (!written)
        return;
    struct text why = {0}, hint = {0};
    struct step step;
    bool is_good = step_compile(&step, written, &why, &hint);
    if (is_good && !pad_is_plain(&step, json_string(value))) {
        text_add(&why, "in \"pad N X\" X is one character: this is a letter and an accent");
        step_clear(&step);
        is_good = false;
    }
    if (is_good) {
        step.message = mem_format("%s: the step \"%s\" does not apply",
                                  field_info(rule->field)->name, written);
        rule->steps = mem_resize(rule->steps, rule->step_count + 1, sizeof *rule->steps);
        rule->steps[rule->step_count++] = step;
        rule->has_excel_guards = rule->has_excel_guards || step.kind == STEP_EXCEL_GUARDS;
    } else {
        loader_error(loader, value, hint.length ? text_string(&hint) : NULL, "%s",
                     text_string(&why));
    }
    text_clear(&why);
    text_clear(&hint);
    free(written);
}

static void load_do(struct loader *loader, const struct json_value *value, void *into)
{
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        load_step(loader, item, into);
}

static void load_list_name(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    if (!loader_expect(loader, value, JSON_STRING))
        return;
    struct mapping *mapping = loader->mapping;
    struct code_list *list = loader_list(loader, json_string(value));
    if (list) {
        list->is_used = true;
        rule->list = list;
        return;
    }
    const char **names = mem_array(mapping->list_count + 1, sizeof *names);
    for (size_t i = 0; i < mapping->list_count; i++)
        names[i] = mapping->lists[i].name;
    char *hint = loader_nearest(json_string(value), names, mapping->list_count);
    loader_error(loader, value, hint, "there is no list called \"%s\"", json_string(value));
    free(hint);
    free(names);
}

static void load_type(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"email", "date"};
    struct field_rule *rule = into;
    int word = loader_word(loader, value, "type", names, COUNT_OF(names));
    if (word >= 0)
        rule->type = word == 0 ? TYPE_EMAIL : TYPE_DATE;
}

static void load_field_written(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    loader_written(loader, value, &rule->dates);
}

static void load_field_youngest(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    loader_youngest(loader, value, &rule->dates);
}

static void load_between(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    if (json_kind(value) != JSON_ARRAY || json_count(value) != 2) {
        loader_error(loader, value, "for example [\"1900-01-01\", \"today\"]",
                     "this must be the first and the last day that are right");
        return;
    }
    const struct json_value *first = json_first(value);
    bool is_good = loader_bound(loader, first, &rule->from);
    is_good = loader_bound(loader, json_next(first), &rule->to) && is_good;
    if (is_good && !rule->from.is_today && !rule->to.is_today &&
        date_days(rule->from.date) > date_days(rule->to.date))
        loader_error(loader, value, NULL, "the last day lies before the first");
}

static void load_never(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    loader_words(loader, value, true, &rule->never);
}

static void load_pattern(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    rule->pattern = loader_regex(loader, value, true);
    rule->pattern_written = mem_string(json_string(value));
}

static void load_required(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    loader_bool(loader, value, &rule->required);
}

static void load_private(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    loader_bool(loader, value, &rule->is_private);
}

static void load_send(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"always", "new people only"};
    struct field_rule *rule = into;
    rule->new_only = loader_word(loader, value, "way to send", names, COUNT_OF(names)) == 1;
}

static void load_policy(struct loader *loader, const struct json_value *value,
                        enum when_policy when, enum policy *out)
{
    int policy = loader_policy(loader, value, when);
    if (policy >= 0)
        *out = (enum policy)policy;
}

static void load_if_empty(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    load_policy(loader, value, WHEN_EMPTY, &rule->if_empty);
}

static void load_if_wrong(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    load_policy(loader, value, WHEN_WRONG, &rule->if_wrong);
}

static void load_if_long(struct loader *loader, const struct json_value *value, void *into)
{
    struct field_rule *rule = into;
    load_policy(loader, value, WHEN_LONG, &rule->if_long);
}

static const struct loader_key field_keys[] = {
    {"from", load_from},
    {"join", load_join},
    {"with", load_with},
    {"value", load_value},
    {"when", load_when},
    {"do", load_do},
    {"list", load_list_name},
    {"type", load_type},
    {"written", load_field_written},
    {"youngest", load_field_youngest},
    {"between", load_between},
    {"never", load_never},
    {"pattern", load_pattern},
    {"required", load_required},
    {"private", load_private},
    {"send", load_send},
    {"if_empty", load_if_empty},
    {"if_wrong", load_if_wrong},
    {"if_long", load_if_long},
};

static void check_pick(struct loader *loader, const struct json_value *member)
{
    int picks = (json_member(member, "from") != NULL) + (json_member(member, "join") != NULL) +
                (json_member(member, "value") != NULL);
    if (picks != 1)
        loader_error(loader, member, NULL,
                     "%s needs exactly one of \"from\", \"join\" and \"value\"", json_key(member));
    if (json_member(member, "with") && !json_member(member, "join"))
        loader_error(loader, json_member(member, "with"), NULL, "\"with\" belongs to \"join\"");
}

static void check_dates(struct loader *loader, const struct json_value *member,
                        const struct field_rule *rule)
{
    static const char *const keys[] = {"written", "youngest", "between"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct json_value *value = json_member(member, keys[i]);
        if (value && rule->type != TYPE_DATE)
            loader_error(loader, value, NULL, "\"%s\" is for \"type\": \"date\" alone", keys[i]);
    }
    loader_dates(loader, member, &rule->dates);
}

static void check_policies(struct loader *loader, const struct json_value *member,
                           const struct field_rule *rule)
{
    const struct json_value *if_empty = json_member(member, "if_empty");
    if (rule->required && if_empty && rule->if_empty != POLICY_REJECT)
        loader_error(loader, if_empty, "take out one of the two",
                     "\"required\" says that an empty value rejects the person, this says "
                     "something else");
    if (!field_info(rule->field)->required)
        return;
    static const char *const keys[] = {"if_empty", "if_wrong", "if_long"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct json_value *value = json_member(member, keys[i]);
        if (value && !text_is(json_string(value), policy_name(POLICY_REJECT)) &&
            !text_is(json_string(value), policy_name(POLICY_STOP)))
            loader_error(loader, value, "\"reject person\" or \"stop run\"",
                         "OPS-COM takes nobody without %s", json_key(member));
    }
    if (json_member(member, "when"))
        loader_error(loader, json_member(member, "when"), NULL,
                     "%s goes with every person: it can have no \"when\"", json_key(member));
    if (rule->new_only)
        loader_error(loader, json_member(member, "send"), NULL,
                     "%s goes with every push: it cannot be sent to new people only",
                     json_key(member));
}

/* A constant that nothing changes must fit as it stands. */
static void check_constant(struct loader *loader, const struct json_value *member,
                           const struct field_rule *rule)
{
    if (!rule->constant || rule->step_count || rule->list || !rule->limit)
        return;
    size_t count = utf8_count(rule->constant, strlen(rule->constant));
    if (count > rule->limit)
        loader_error(loader, json_member(member, "value"), NULL, "%s is over %u characters (%zu)",
                     field_info(rule->field)->name, rule->limit, count);
}

static bool field_is_two_letters(enum field field)
{
    return field_info(field)->limit == 2;
}

/* What holds where the mapping says nothing. */
static void field_rule_init(struct loader *loader, const struct json_value *member,
                            enum field field, struct field_rule *rule)
{
    const struct mapping *mapping = loader->mapping;
    const struct field_info *info = field_info(field);
    *rule = (struct field_rule){.field = field,
                                .place = member,
                                .with = {.bytes = " ", .length = 1, .ascii = true},
                                .limit = info->limit,
                                .is_private = info->is_private,
                                .if_empty = mapping->if_empty,
                                .if_wrong = mapping->if_wrong,
                                .if_long = mapping->if_long};
    if (field == FIELD_DATE_OF_BIRTH)
        rule->type = TYPE_DATE;
    else if (field_is_two_letters(field))
        rule->type = TYPE_TWO_LETTERS;
    rule->is_id = field == FIELD_UNIQUE_ID || field == FIELD_STUDENT_NO || field == FIELD_EMPLOY_NO;
    rule->is_name = field == FIELD_FIRST_NAME || field == FIELD_LAST_NAME;
    if (!info->required)
        return;
    if (mapping->if_empty != POLICY_STOP)
        rule->if_empty = POLICY_REJECT;
    if (mapping->if_wrong != POLICY_STOP)
        rule->if_wrong = POLICY_REJECT;
    if (mapping->if_long != POLICY_STOP)
        rule->if_long = POLICY_REJECT;
}

void load_field(struct loader *loader, const struct json_value *member, enum field field,
                struct field_rule *rule)
{
    field_rule_init(loader, member, field, rule);
    loader_keys(loader, member, field_keys, COUNT_OF(field_keys), rule);
    if (json_kind(member) == JSON_OBJECT) {
        check_pick(loader, member);
        check_dates(loader, member, rule);
        check_policies(loader, member, rule);
        check_constant(loader, member, rule);
    }
    if (rule->required)
        rule->if_empty = POLICY_REJECT;
    trouble_prepare(rule);
}

void field_rule_clear(struct field_rule *rule)
{
    free(rule->columns);
    free(rule->constant);
    free(rule->separator);
    if (rule->when)
        rule_clear(rule->when);
    free(rule->when);
    for (size_t i = 0; i < rule->step_count; i++)
        step_clear(&rule->steps[i]);
    free(rule->steps);
    date_reader_clear(&rule->dates);
    codes_clear(&rule->never);
    regex_free(rule->pattern);
    free(rule->pattern_written);
    free(rule->messages);
    *rule = (struct field_rule){0};
}
