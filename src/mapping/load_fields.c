#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "load_field.h"

int loader_field(struct loader *loader, const struct json_value *member)
{
    int field = field_find(json_key(member));
    if (field >= 0)
        return field;
    const char *near = field_nearest(json_key(member));
    char *hint = near ? mem_format("did you mean \"%s\"?", near)
                      : mem_string("'opspush help fields' lists them");
    json_problem_key(loader->document, loader->problems, true, member, hint,
                     "there is no field called \"%s\"", json_key(member));
    free(hint);
    return -1;
}

int loader_policy(struct loader *loader, const struct json_value *value, enum when_policy when)
{
    static const unsigned allowed[] = {
        [WHEN_EMPTY] = 1U << POLICY_REJECT | 1U << POLICY_LEAVE_OUT | 1U << POLICY_SEND_EMPTY |
                       1U << POLICY_CLEAR | 1U << POLICY_STOP,
        [WHEN_WRONG] = 1U << POLICY_REJECT | 1U << POLICY_LEAVE_OUT | 1U << POLICY_SEND_EMPTY |
                       1U << POLICY_CLEAR | 1U << POLICY_SEND_ANYWAY | 1U << POLICY_STOP,
        [WHEN_LONG] = 1U << POLICY_REJECT | 1U << POLICY_LEAVE_OUT | 1U << POLICY_SEND_EMPTY |
                      1U << POLICY_CLEAR | 1U << POLICY_CUT | 1U << POLICY_SEND_ANYWAY |
                      1U << POLICY_STOP,
    };
    const char *names[POLICY_STOP + 1];
    size_t count = 0;
    for (int policy = 0; policy <= POLICY_STOP; policy++) {
        bool is_meant = text_is(policy_name((enum policy)policy), json_string(value));
        if (allowed[when] >> policy & 1U) {
            if (is_meant)
                return policy;
            names[count++] = policy_name((enum policy)policy);
        } else if (is_meant) {
            loader_error(loader, value, NULL, "\"%s\" makes no sense for %s", json_string(value),
                         json_key(value));
            return -1;
        }
    }
    loader_word(loader, value, "policy", names, count);
    return -1;
}

static void load_default(struct loader *loader, const struct json_value *value,
                         enum when_policy when, enum policy *out)
{
    int policy = loader_policy(loader, value, when);
    if (policy >= 0)
        *out = (enum policy)policy;
}

static void load_default_empty(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    load_default(loader, value, WHEN_EMPTY, &loader->mapping->if_empty);
}

static void load_default_wrong(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    load_default(loader, value, WHEN_WRONG, &loader->mapping->if_wrong);
}

static void load_default_long(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    load_default(loader, value, WHEN_LONG, &loader->mapping->if_long);
}

void load_otherwise(struct loader *loader, const struct json_value *value, void *into)
{
    static const struct loader_key keys[] = {
        {"if_empty", load_default_empty},
        {"if_wrong", load_default_wrong},
        {"if_long", load_default_long},
    };
    loader_keys(loader, value, keys, COUNT_OF(keys), into);
}

static int rule_order(const void *a, const void *b)
{
    const struct field_rule *left = a, *right = b;
    return (left->field > right->field) - (left->field < right->field);
}

static void check_required(struct loader *loader, const struct json_value *fields)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct field_info *info = field_info((enum field)field);
        if (info->required && !(loader->mapping->fields & FIELD_BIT(field)))
            json_problem_key(loader->document, loader->problems, true, fields, NULL,
                             "the field %s is missing: OPS-COM takes nobody without it",
                             info->name);
    }
}

static void load_one(struct loader *loader, const struct json_value *member)
{
    int field = loader_field(loader, member);
    if (field < 0)
        return;
    struct mapping *mapping = loader->mapping;
    const struct field_rule *above = mapping_rule(mapping, (enum field)field);
    if (above) {
        json_problem_key(loader->document, loader->problems, true, member, "keep one of the two",
                         "\"%s\" is another name of \"%s\", which is filled already",
                         json_key(member), json_key(above->place));
        return;
    }
    mapping->fields |= FIELD_BIT(field);
    mapping->rules = mem_resize(mapping->rules, mapping->rule_count + 1, sizeof *mapping->rules);
    load_field(loader, member, (enum field)field, &mapping->rules[mapping->rule_count++]);
}

void load_fields(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    struct mapping *mapping = loader->mapping;
    if (!loader_expect(loader, value, JSON_OBJECT))
        return;
    for (const struct json_value *member = json_first(value); member; member = json_next(member))
        load_one(loader, member);
    if (mapping->rule_count)
        qsort(mapping->rules, mapping->rule_count, sizeof *mapping->rules, rule_order);
    check_required(loader, value);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (!(mapping->fields & FIELD_BIT(field)) && field_info((enum field)field)->is_private)
            mapping->private_fields |= FIELD_BIT(field);
    }
    for (size_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].is_private)
            mapping->private_fields |= FIELD_BIT(mapping->rules[i].field);
    }
}
