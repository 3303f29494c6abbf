#include "loader.h"
#include "mapping/survey.h"

static struct date bound_day(const struct date_bound *bound, struct date today)
{
    return bound->is_today ? today : bound->date;
}

static void bound_words(const struct date_bound *bound, struct date today, struct text *out)
{
    char day[11];
    date_write_iso(bound_day(bound, today), day);
    text_addf(out, bound->is_today ? "today (%s)" : "%s", day);
}

static void check_rule(struct loader *loader, const struct field_rule *rule, struct date today)
{
    if (!rule->from.is_given || date_compare(bound_day(&rule->from, today), &rule->to, today) <= 0)
        return;
    struct text words = {0};
    text_add(&words, "no day lies between ");
    bound_words(&rule->from, today, &words);
    text_add(&words, " and ");
    bound_words(&rule->to, today, &words);
    loader_error(loader, json_member(rule->place, "between"), "the first day stands first", "%s",
                 text_string(&words));
    text_clear(&words);
}

void mapping_check_day(const struct mapping *mapping, struct date today, struct problems *problems)
{
    struct loader loader = {.document = mapping->document, .problems = problems};
    for (size_t i = 0; i < mapping->rule_count; i++)
        check_rule(&loader, &mapping->rules[i], today);
}
