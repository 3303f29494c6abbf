#include <stdlib.h>

#include "base/memory.h"
#include "loader.h"

static void load_rule_column(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    int column = loader_column(loader, value, false);
    if (column >= 0)
        rule->column = (size_t)column;
}

static void load_is(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_IS;
    if (loader_expect(loader, value, JSON_STRING))
        loader_words(loader, value, true, &rule->words);
}

static void load_in(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_IN;
    loader_words(loader, value, false, &rule->words);
}

static void load_not_in(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_NOT_IN;
    loader_words(loader, value, false, &rule->words);
}

static void load_matches(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_MATCHES;
    rule->regex = loader_regex(loader, value, false);
    rule->pattern = mem_string(json_string(value));
}

static void load_empty(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_EMPTY;
    loader_bool(loader, value, &rule->wants_empty);
}

static void load_before(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_BEFORE;
    loader_bound(loader, value, &rule->bound);
}

static void load_after(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->test = RULE_AFTER;
    loader_bound(loader, value, &rule->bound);
}

static void load_rule_written(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    loader_written(loader, value, &rule->dates);
}

static void load_rule_youngest(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    loader_youngest(loader, value, &rule->dates);
}

static void load_because(struct loader *loader, const struct json_value *value, void *into)
{
    struct row_rule *rule = into;
    rule->because = loader_string(loader, value);
}

static const struct loader_key rule_keys[] = {
    {"column", load_rule_column},     {"is", load_is},           {"in", load_in},
    {"not_in", load_not_in},          {"matches", load_matches}, {"empty", load_empty},
    {"before", load_before},          {"after", load_after},     {"written", load_rule_written},
    {"youngest", load_rule_youngest}, {"because", load_because},
};

/* How many of the keys that ask something a rule has. */
static size_t rule_tests(const struct json_value *value)
{
    static const char *const tests[] = {"is",    "in",     "not_in", "matches",
                                        "empty", "before", "after"};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        count += json_member(value, tests[i]) != NULL;
    return count;
}

static void rule_check(struct loader *loader, const struct json_value *value, bool is_when,
                       const struct row_rule *rule)
{
    if (!json_member(value, "column"))
        loader_error(loader, value, NULL, "this rule does not say which \"column\" it looks at");
    if (rule_tests(value) != 1)
        loader_error(loader, value, "is, in, not_in, matches, empty, before or after",
                     "a rule asks exactly one thing of its column");
    if (!is_when && !json_member(value, "because"))
        loader_error(loader, value, "for example \"because\": \"not a current student\"",
                     "this rule does not say \"because\", which the reports show");
    bool is_date = rule->test == RULE_BEFORE || rule->test == RULE_AFTER;
    if (json_member(value, "written") && !is_date)
        loader_error(loader, json_member(value, "written"), NULL,
                     "\"written\" is for \"before\" and \"after\" alone");
    loader_dates(loader, value, &rule->dates);
}

/* The words for a date that cannot be read. */
static void rule_prepare(const struct mapping *mapping, struct row_rule *rule)
{
    if (rule->test != RULE_BEFORE && rule->test != RULE_AFTER)
        return;
    struct text text = {0};
    text_addf(&text, "%s is not a date written ", mapping->columns[rule->column].written);
    for (size_t i = 0; i < rule->dates.count; i++)
        text_addf(&text, "%s%s", i ? " or " : "", rule->dates.masks[i].written);
    if (rule->dates.count == 0)
        text_add(&text, "YYYY-MM-DD");
    rule->unreadable = text_take(&text);
}

bool load_rule(struct loader *loader, const struct json_value *value, bool is_when,
               struct row_rule *out)
{
    size_t errors = loader->problems->errors;
    *out = (struct row_rule){.place = value};
    loader_keys(loader, value, rule_keys, COUNT_OF(rule_keys), out);
    if (json_kind(value) == JSON_OBJECT)
        rule_check(loader, value, is_when, out);
    if (loader->problems->errors > errors)
        return false;
    rule_prepare(loader->mapping, out);
    return true;
}

void load_rules(struct loader *loader, const struct json_value *value, struct row_rules *out)
{
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        struct row_rule rule;
        if (!load_rule(loader, item, false, &rule)) {
            rule_clear(&rule);
            continue;
        }
        out->items = mem_resize(out->items, out->count + 1, sizeof *out->items);
        out->items[out->count++] = rule;
    }
}

void rule_clear(struct row_rule *rule)
{
    codes_clear(&rule->words);
    regex_free(rule->regex);
    free(rule->pattern);
    date_reader_clear(&rule->dates);
    free(rule->because);
    free(rule->unreadable);
    free(rule->broken);
    *rule = (struct row_rule){0};
}
