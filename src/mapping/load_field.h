#ifndef OPSPUSH_MAPPING_LOAD_FIELD_H
#define OPSPUSH_MAPPING_LOAD_FIELD_H

#include "loader.h"

enum when_policy { WHEN_EMPTY, WHEN_WRONG, WHEN_LONG };

/* A policy that makes sense there; -1 with the problem told. */
int loader_policy(struct loader *loader, const struct json_value *value, enum when_policy when);
/* Reads the rule of one field; 'out' is always one that can be freed. */
void load_field(struct loader *loader, const struct json_value *member, enum field field,
                struct field_rule *out);
void field_rule_clear(struct field_rule *rule);

#endif
