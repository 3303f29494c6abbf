#include "base/utf8.h"
#include "damage.h"
#include "mapper.h"
#include "types.h"

/* What is wrong with a value, and the words where a step has its own. */
struct verdict {
    enum trouble trouble;
    const char *message;
};

static const struct span nothing = {.bytes = "", .ascii = true};

static struct step_room mapper_room(struct mapper *mapper)
{
    return (struct step_room){.arena = &mapper->arena, .scratch = &mapper->scratch};
}

static const char *column_written(const struct mapper *mapper, size_t column)
{
    return mapper->mapping->columns[column].written;
}

static struct span pick_from(struct mapper *mapper, const struct field_rule *rule)
{
    for (size_t i = 0; i < rule->column_count; i++) {
        const struct cell_view *cell = &mapper->cells[rule->columns[i]];
        if (cell->is_empty && rule->column_count > 1)
            TRACE(mapper, cell->raw, "%s is empty", column_written(mapper, rule->columns[i]));
        if (cell->is_empty)
            continue;
        TRACE(mapper, cell->raw, "from %s", column_written(mapper, rule->columns[i]));
        return cell->raw;
    }
    return nothing;
}

static struct span span_joined(struct mapper *mapper, struct span a, struct span with,
                               struct span b)
{
    size_t length = (size_t)a.length + with.length + b.length;
    char *bytes = arena_take(&mapper->arena, length);
    memcpy(bytes, a.bytes, a.length);
    memcpy(bytes + a.length, with.bytes, with.length);
    memcpy(bytes + a.length + with.length, b.bytes, b.length);
    return (struct span){
        .bytes = bytes, .length = (uint32_t)length, .ascii = a.ascii && with.ascii && b.ascii};
}

static struct span pick_join(struct mapper *mapper, const struct field_rule *rule)
{
    struct span joined = nothing;
    size_t found = 0;
    for (size_t i = 0; i < rule->column_count; i++) {
        const struct cell_view *cell = &mapper->cells[rule->columns[i]];
        if (cell->is_empty)
            continue;
        TRACE(mapper, cell->raw, "from %s", column_written(mapper, rule->columns[i]));
        joined = found++ ? span_joined(mapper, joined, rule->with, cell->raw) : cell->raw;
    }
    if (found > 1)
        TRACE(mapper, joined, "join with \"%s\"", rule->separator ? rule->separator : " ");
    return joined;
}

static struct span field_pick(struct mapper *mapper, const struct field_rule *rule)
{
    switch (rule->pick) {
    case PICK_FROM:
        return pick_from(mapper, rule);
    case PICK_JOIN:
        return pick_join(mapper, rule);
    case PICK_VALUE:
        TRACE(mapper, rule->value, "value");
        return rule->value;
    }
    return nothing;
}

/* Damage is looked for in the value as it was picked: steps may hide it. */
static enum trouble value_damage(const struct field_rule *rule, struct span value)
{
    if (rule->pick == PICK_VALUE)
        return TROUBLE_NONE;
    if (!value.ascii && damage_is_lost(value))
        return TROUBLE_LOST;
    if (!value.ascii && damage_is_twice(value))
        return TROUBLE_TWICE;
    struct span trimmed = span_trim(value);
    if (trimmed.length == 0 || (trimmed.bytes[0] != '=' && !rule->is_id))
        return TROUBLE_NONE;
    if (!rule->has_excel_guards && damage_is_guarded(trimmed, rule->is_id))
        return TROUBLE_GUARD;
    return rule->is_id && damage_is_power(trimmed) ? TROUBLE_POWER : TROUBLE_NONE;
}

/* Steps from left to right; false with the step that does not apply. An empty value stays empty. */
static const struct step *value_steps(struct mapper *mapper, const struct field_rule *rule,
                                      struct span *value)
{
    for (size_t i = 0; i < rule->step_count && value->length; i++) {
        if (!step_run(&rule->steps[i], mapper_room(mapper), value))
            return &rule->steps[i];
        TRACE(mapper, *value, "%s", rule->steps[i].written);
    }
    return NULL;
}

static void value_compose(struct mapper *mapper, struct span *value)
{
    if (value->ascii || utf8_is_composed(value->bytes, value->length))
        return;
    text_reset(&mapper->scratch);
    utf8_nfc(value->bytes, value->length, &mapper->scratch);
    struct span composed = {.bytes = text_string(&mapper->scratch),
                            .length = (uint32_t)mapper->scratch.length};
    if (span_equals(composed, *value))
        return;
    step_keep_scratch(mapper_room(mapper), value);
    TRACE(mapper, *value, "normal form C");
}

static bool value_look_up(struct mapper *mapper, const struct field_rule *rule, struct span *value)
{
    if (!rule->list)
        return true;
    const struct code *code = list_find(rule->list, *value, &mapper->arena);
    if (!code)
        return false;
    *value = code->gives;
    TRACE(mapper, *value, "list %s", rule->list->name);
    return true;
}

/* The type, and what a date must lie between. A date becomes YYYY-MM-DD. */
static enum trouble value_type(struct mapper *mapper, const struct field_rule *rule,
                               struct span *value, struct date *date)
{
    switch (rule->type) {
    case TYPE_TEXT:
        return TROUBLE_NONE;
    case TYPE_EMAIL:
        return email_is_good(*value) ? TROUBLE_NONE : TROUBLE_TYPE;
    case TYPE_TWO_LETTERS:
        return two_letters_are_good(*value) ? TROUBLE_NONE : TROUBLE_TYPE;
    case TYPE_DATE: {
        if (!date_read(&rule->dates, span_trim(*value), mapper->today, date))
            return TROUBLE_TYPE;
        char *bytes = arena_take(&mapper->arena, 11);
        date_write_iso(*date, bytes);
        *value = (struct span){.bytes = bytes, .length = 10, .ascii = true};
        TRACE(mapper, *value, "date");
        return TROUBLE_NONE;
    }
    }
    return TROUBLE_NONE;
}

static bool date_is_between(const struct mapper *mapper, const struct field_rule *rule,
                            struct date date)
{
    if (!rule->from.is_given || rule->type != TYPE_DATE)
        return true;
    return date_compare(date, &rule->from, mapper->today) >= 0 &&
           date_compare(date, &rule->to, mapper->today) <= 0;
}

/* The checks that change nothing, in the order of mapping.md. */
static enum trouble value_check(const struct mapper *mapper, const struct field_rule *rule,
                                struct span value, struct date date)
{
    if (rule->never.count && codes_find(&rule->never, value))
        return TROUBLE_NEVER;
    if (rule->pattern && !regex_matches(rule->pattern, value.bytes, value.length))
        return damage_is_short_of_zeros(value, rule->pattern) ? TROUBLE_ZEROS : TROUBLE_PATTERN;
    if (!date_is_between(mapper, rule, date))
        return TROUBLE_BETWEEN;
    if (rule->field == FIELD_UNIQUE_ID && bytes_have_control(value.bytes, value.length))
        return TROUBLE_KEY;
    return TROUBLE_NONE;
}

/* From the picked value to the one that goes out, as far as it gets. */
static struct verdict value_make(struct mapper *mapper, const struct field_rule *rule,
                                 struct span *value)
{
    struct verdict verdict = {.trouble = value_damage(rule, *value)};
    if (verdict.trouble)
        return verdict;
    const struct step *step = value_steps(mapper, rule, value);
    if (step)
        return (struct verdict){.trouble = TROUBLE_STEP, .message = step->message};
    if (value->length)
        value_compose(mapper, value);
    if (value->length && !value_look_up(mapper, rule, value))
        return (struct verdict){.trouble = TROUBLE_LIST};
    if (span_trim(*value).length == 0) {
        *value = nothing;
        return verdict;
    }
    struct date date = {0};
    verdict.trouble = value_type(mapper, rule, value, &date);
    if (!verdict.trouble)
        verdict.trouble = value_check(mapper, rule, *value, date);
    return verdict;
}

static void field_set_value(struct mapper *mapper, const struct field_rule *rule, struct span value,
                            enum value_state state)
{
    mapper->row.profile.values[rule->field] =
        (struct profile_value){.bytes = value.bytes, .length = value.length, .state = state};
    if (rule->new_only)
        mapper->row.profile.new_only |= FIELD_BIT(rule->field);
}

static struct span value_cut(struct span value, unsigned limit)
{
    size_t length = value.ascii ? limit : utf8_cut(value.bytes, value.length, limit);
    return span_part(value, 0, length);
}

/* Does what a policy says about a troubled value; true when the value goes on. */
static bool policy_apply(struct mapper *mapper, const struct field_rule *rule, enum policy policy,
                         const char *key, struct verdict verdict, struct span *value)
{
    const struct trouble_words *words = &rule->words[verdict.trouble];
    struct finding finding = {.code = trouble_code(verdict.trouble),
                              .field = (int)rule->field,
                              .message = verdict.message ? verdict.message : words->message,
                              .fix = words->fix};
    bool sends_nothing = policy == POLICY_SEND_EMPTY || policy == POLICY_CLEAR;
    if (policy == POLICY_CUT)
        *value = value_cut(*value, rule->limit);
    TRACE(mapper, sends_nothing ? nothing : *value, "%s: %s (%s)", key, policy_name(policy),
          finding.message);
    if (policy == POLICY_REJECT) {
        row_reject(mapper, finding);
        return false;
    }
    if (policy == POLICY_STOP) {
        row_stop(mapper, finding);
        return false;
    }
    row_note(mapper, policy, finding);
    if (policy == POLICY_SEND_EMPTY)
        field_set_value(mapper, rule, nothing, VALUE_PRESENT);
    else if (policy == POLICY_CLEAR)
        field_set_value(mapper, rule, nothing, VALUE_CLEARED);
    return policy == POLICY_CUT || policy == POLICY_SEND_ANYWAY;
}

static void field_is_empty(struct mapper *mapper, const struct field_rule *rule)
{
    struct span value = nothing;
    bool rejects = rule->if_empty == POLICY_REJECT;
    policy_apply(mapper, rule, rule->if_empty, rule->required ? "required" : "if_empty",
                 (struct verdict){.trouble = rejects ? TROUBLE_MISSING : TROUBLE_EMPTY}, &value);
}

static bool value_is_long(const struct field_rule *rule, struct span value)
{
    if (rule->limit == 0 || value.length <= rule->limit)
        return false;
    return value.ascii || utf8_count(value.bytes, value.length) > rule->limit;
}

/* The field's 'when'; false when the field is left out, or the date that it asks for cannot be read. */
static bool field_is_wanted(struct mapper *mapper, const struct field_rule *rule)
{
    if (!rule->when)
        return true;
    enum rule_answer answer = rule_ask(mapper, rule->when);
    if (answer == RULE_YES)
        return true;
    struct span value = nothing;
    if (answer == RULE_NO)
        TRACE(mapper, value, "when: not for this row");
    else
        policy_apply(mapper, rule,
                     rule->if_wrong == POLICY_SEND_ANYWAY ? POLICY_LEAVE_OUT : rule->if_wrong,
                     "if_wrong", (struct verdict){.trouble = TROUBLE_WHEN}, &value);
    return false;
}

/* A question mark in a name may be a lost accent: it goes out, and is told. */
static void name_look_at(struct mapper *mapper, const struct field_rule *rule, struct span value)
{
    if (!memchr(value.bytes, '?', value.length))
        return;
    policy_apply(mapper, rule, POLICY_SEND_ANYWAY, "note",
                 (struct verdict){.trouble = TROUBLE_QUESTION}, &value);
}

void field_fill(struct mapper *mapper, const struct field_rule *rule)
{
    if (mapper->trace)
        trace_field_begin(mapper, rule);
    struct span value = field_pick(mapper, rule);
    if (!field_is_wanted(mapper, rule))
        return;
    if (value.length == 0) {
        field_is_empty(mapper, rule);
        return;
    }
    struct verdict verdict = value_make(mapper, rule, &value);
    if (value.length == 0) {
        field_is_empty(mapper, rule);
        return;
    }
    if (verdict.trouble && !policy_apply(mapper, rule, rule->if_wrong, "if_wrong", verdict, &value))
        return;
    if (value_is_long(rule, value) &&
        !policy_apply(mapper, rule, rule->if_long, "if_long",
                      (struct verdict){.trouble = TROUBLE_LONG}, &value))
        return;
    if (rule->is_name)
        name_look_at(mapper, rule, value);
    field_set_value(mapper, rule, value, VALUE_PRESENT);
}
