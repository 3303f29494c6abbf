#include "mapping_private.h"

static const char *const policy_names[] = {
    [POLICY_REJECT] = "reject person",  [POLICY_LEAVE_OUT] = "leave out field",
    [POLICY_SEND_EMPTY] = "send empty", [POLICY_CLEAR] = "clear",
    [POLICY_CUT] = "cut to fit",        [POLICY_SEND_ANYWAY] = "send anyway and warn",
    [POLICY_STOP] = "stop run",
};

const char *policy_name(enum policy policy)
{
    return policy_names[policy];
}

const char *mapping_name(const struct mapping *mapping)
{
    return mapping->name;
}

const char *mapping_path(const struct mapping *mapping)
{
    return mapping->path;
}

const char *mapping_digest(const struct mapping *mapping)
{
    return mapping->digest;
}

const char *mapping_bytes_digest(const struct mapping *mapping)
{
    return mapping->bytes_digest;
}

const struct export_dialect *mapping_dialect(const struct mapping *mapping)
{
    return &mapping->dialect;
}

const struct limits *mapping_limits(const struct mapping *mapping)
{
    return &mapping->limits;
}

field_set mapping_fields(const struct mapping *mapping)
{
    return mapping->fields;
}

bool mapping_is_constant(const struct mapping *mapping, enum field field)
{
    for (size_t i = 0; i < mapping->rule_count; i++)
        if (mapping->rules[i].field == field)
            return mapping->rules[i].pick == PICK_VALUE;
    return false;
}

field_set mapping_private(const struct mapping *mapping)
{
    return mapping->private_fields;
}

enum repeated_id mapping_repeated_id(const struct mapping *mapping)
{
    return mapping->repeated_id;
}

enum same_person mapping_same_person(const struct mapping *mapping)
{
    return mapping->same_person;
}

bool mapping_has_prefer(const struct mapping *mapping)
{
    return mapping->prefer_count > 0;
}

bool mapping_is_refed(const struct mapping *mapping)
{
    return mapping->is_refed;
}

int mapping_line_column(const struct mapping *mapping)
{
    return mapping->line_column;
}

bool mapping_makes_id(const struct mapping *mapping, size_t column)
{
    const struct field_rule *rule = &mapping->rules[0];
    for (size_t i = 0; i < rule->column_count; i++)
        if (mapping->columns[rule->columns[i]].index == (int)column)
            return true;
    return false;
}

const struct field_rule *mapping_rule(const struct mapping *mapping, enum field field)
{
    for (size_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].field == field)
            return &mapping->rules[i];
    }
    return NULL;
}
