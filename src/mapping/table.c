#include "mapping/survey.h"
#include "mapping_private.h"
#include "survey_grid.h"

/* ---------------------------------------------------------------- rules on rows */

static void add_words(struct text *out, const struct codes *words)
{
    for (size_t i = 0; i < words->count; i++)
        text_addf(out, "%s%s", i ? ", " : "", words->items[i].code.bytes);
}

static void add_bound(struct text *out, const struct date_bound *bound)
{
    char day[11];
    date_write_iso(bound->date, day);
    text_add(out, bound->is_today ? "today" : day);
}

/* "STST_CODE is AS or RE" */
static void add_rule(struct text *out, const struct mapping *mapping, const struct row_rule *rule)
{
    text_add(out, mapping->columns[rule->column].written);
    switch (rule->test) {
    case RULE_IS:
        text_add(out, " is ");
        add_words(out, &rule->words);
        break;
    case RULE_IN:
        text_add(out, " is one of ");
        add_words(out, &rule->words);
        break;
    case RULE_NOT_IN:
        text_add(out, " is none of ");
        add_words(out, &rule->words);
        break;
    case RULE_MATCHES:
        text_addf(out, " matches %s", rule->pattern);
        break;
    case RULE_EMPTY:
        text_add(out, rule->wants_empty ? " is empty" : " is not empty");
        break;
    case RULE_BEFORE:
    case RULE_AFTER:
        text_add(out, rule->test == RULE_BEFORE ? " is before " : " is after ");
        add_bound(out, &rule->bound);
        break;
    }
}

static void table_rules(struct grid *grid, const struct mapping *mapping, const char *title,
                        const struct row_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct text text = {0};
        add_rule(&text, mapping, &rules->items[i]);
        grid_add(grid, "%s", title);
        grid_add(grid, "%s", text_string(&text));
        grid_add(grid, "%s", rules->items[i].because);
        text_clear(&text);
    }
}

static void add_columns(struct text *out, const struct mapping *mapping, const size_t *columns,
                        size_t count, const char *between)
{
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%s%s", i ? between : "", mapping->columns[columns[i]].written);
}

static void table_same_person(struct grid *grid, const struct mapping *mapping)
{
    if (mapping->same_person == SAME_PERSON_NONE)
        return;
    struct text text = {0};
    add_columns(&text, mapping, mapping->same_person_columns, mapping->same_person_count, " + ");
    grid_add(grid, "same person");
    grid_add(grid, "same %s, another unique_id", text_string(&text));
    grid_add(grid, "%s",
             mapping->same_person == SAME_PERSON_HOLD ? "held, and reported" : "reported");
    text_clear(&text);
}

static void table_prefer(struct grid *grid, const struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->prefer_count; i++) {
        const struct prefer *prefer = &mapping->prefer[i];
        struct text text = {0};
        add_words(&text, &prefer->order);
        const char *column = mapping->columns[prefer->column].written;
        grid_add(grid, "prefer");
        if (prefer->by_order)
            grid_add(grid, "%s in the order %s", column, text_string(&text));
        else
            grid_add(grid, "the %s %s", prefer->takes_highest ? "highest" : "lowest", column);
        grid_add(grid, "of several rows of one person");
        text_clear(&text);
    }
}

static void table_people(const struct mapping *mapping, struct text *out)
{
    static const char *const repeated[] = {[REPEATED_REJECT] = "all of them are rejected",
                                           [REPEATED_FIRST] = "the first row counts",
                                           [REPEATED_LAST] = "the last row counts"};
    struct grid grid = {.shape = "lll", .widest = {0, 60, 40}};
    table_rules(&grid, mapping, "must hold", &mapping->must_hold);
    table_rules(&grid, mapping, "keep if", &mapping->keep);
    table_rules(&grid, mapping, "leave out if", &mapping->leave_out);
    table_same_person(&grid, mapping);
    table_prefer(&grid, mapping);
    grid_add(&grid, "repeated id");
    grid_add(&grid, "rows of one unique_id that differ");
    grid_add(&grid, "%s", repeated[mapping->repeated_id]);
    text_add(out, "\npeople\n");
    grid_print(&grid, out);
    grid_clear(&grid);
}

/* ---------------------------------------------------------------- fields */

static void table_from(struct grid *grid, const struct mapping *mapping,
                       const struct field_rule *rule)
{
    struct text text = {0};
    switch (rule->pick) {
    case PICK_FROM:
        add_columns(&text, mapping, rule->columns, rule->column_count, ", or ");
        break;
    case PICK_JOIN:
        add_columns(&text, mapping, rule->columns, rule->column_count, " + ");
        text_addf(&text, " with \"%.*s\"", (int)rule->with.length, rule->with.bytes);
        break;
    case PICK_VALUE:
        text_addf(&text, "always \"%s\"", rule->constant);
        break;
    }
    if (rule->when) {
        text_add(&text, ", when ");
        add_rule(&text, mapping, rule->when);
    }
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

static void table_steps(struct grid *grid, const struct field_rule *rule)
{
    struct text text = {0};
    for (size_t i = 0; i < rule->step_count; i++)
        text_addf(&text, "%s%s", i ? ", " : "", rule->steps[i].written);
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

static void rules_word(struct text *out, const char *words)
{
    text_addf(out, "%s%s", out->length ? "; " : "", words);
}

static void add_date_rules(struct text *out, const struct field_rule *rule)
{
    rules_word(out, "date ");
    for (size_t i = 0; i < rule->dates.count; i++)
        text_addf(out, "%s%s", i ? " or " : "", rule->dates.masks[i].written);
    if (rule->dates.count == 0)
        text_add(out, "YYYY-MM-DD");
    if (!rule->from.is_given)
        return;
    rules_word(out, "between ");
    add_bound(out, &rule->from);
    text_add(out, " and ");
    add_bound(out, &rule->to);
}

static void table_checks(struct grid *grid, const struct field_rule *rule)
{
    struct text text = {0};
    if (rule->is_private)
        rules_word(&text, "private");
    if (rule->list) {
        rules_word(&text, "list ");
        text_add(&text, rule->list->name);
    }
    if (rule->type == TYPE_DATE)
        add_date_rules(&text, rule);
    else if (rule->type == TYPE_EMAIL)
        rules_word(&text, "an e-mail address");
    else if (rule->type == TYPE_TWO_LETTERS)
        rules_word(&text, "two letters");
    if (rule->never.count) {
        rules_word(&text, "never ");
        add_words(&text, &rule->never);
    }
    if (rule->pattern) {
        rules_word(&text, "pattern ");
        text_add(&text, rule->pattern_written);
    }
    if (rule->limit && rule->type == TYPE_TEXT) {
        rules_word(&text, "");
        text_addf(&text, "at most %u", rule->limit);
        if (rule->if_long != POLICY_REJECT)
            text_addf(&text, ", else %s", policy_name(rule->if_long));
    }
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

static void table_field(struct grid *grid, const struct mapping *mapping,
                        const struct field_rule *rule)
{
    grid_add(grid, "%s", field_info(rule->field)->name);
    table_from(grid, mapping, rule);
    table_steps(grid, rule);
    table_checks(grid, rule);
    grid_add(grid, "%s", rule->pick == PICK_VALUE ? "" : policy_name(rule->if_empty));
    grid_add(grid, "%s", policy_name(rule->if_wrong));
    grid_add(grid, "%s", rule->new_only ? "new people only" : "always");
}

static void table_fields(const struct mapping *mapping, struct text *out)
{
    static const char *const titles[] = {"field",      "from",       "steps", "rules",
                                         "when empty", "when wrong", "sent"};
    struct grid grid = {.shape = "lllllll", .widest = {0, 24, 20, 22, 10, 10, 10}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        grid_add(&grid, "%s", titles[i]);
    for (size_t i = 0; i < mapping->rule_count; i++)
        table_field(&grid, mapping, &mapping->rules[i]);
    text_add(out, "\nfields\n");
    grid_print(&grid, out);
    grid_clear(&grid);
}

/* ---------------------------------------------------------------- the whole */

static void table_lists(const struct mapping *mapping, struct text *out)
{
    struct grid grid = {.shape = "lrl"};
    for (size_t i = 0; i < mapping->list_count; i++) {
        const struct code_list *list = &mapping->lists[i];
        grid_add(&grid, "%s", list->name);
        grid_add_count(&grid, list->codes.count);
        if (list->file)
            grid_add(&grid, "codes, from %s (%s gives %s)", list->file, list->find, list->give);
        else
            grid_add(&grid, "codes");
    }
    if (grid.count)
        text_add(out, "\ncode lists\n");
    grid_print(&grid, out);
    grid_clear(&grid);
}

void mapping_table(const struct mapping *mapping, struct text *out)
{
    struct grid grid = {.shape = "ll"};
    const char delimiter[] = {mapping->dialect.delimiter, '\0'};
    grid_add(&grid, "mapping");
    grid_add(&grid, "%s", mapping->name);
    grid_add(&grid, "file");
    grid_add(&grid, "%s, cells separated by %s", encoding_name(mapping->dialect.encoding),
             delimiter[0] == '\t' ? "tab" : delimiter);
    grid_print(&grid, out);
    grid_clear(&grid);
    table_people(mapping, out);
    table_lists(mapping, out);
    table_fields(mapping, out);
}
