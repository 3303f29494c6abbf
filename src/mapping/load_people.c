#include <stdlib.h>

#include "base/memory.h"
#include "loader.h"

static void load_keep(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    load_rules(loader, value, &loader->mapping->keep);
}

static void load_leave_out(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    load_rules(loader, value, &loader->mapping->leave_out);
}

static void load_same_person_columns(struct loader *loader, const struct json_value *value,
                                     void *into)
{
    (void)into;
    loader_columns(loader, value, true, false, &loader->mapping->same_person_columns,
                   &loader->mapping->same_person_count);
}

static void load_same_person_then(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"hold", "report"};
    (void)into;
    int word = loader_word(loader, value, "way to treat the same person", names, COUNT_OF(names));
    if (word >= 0)
        loader->mapping->same_person = word == 0 ? SAME_PERSON_HOLD : SAME_PERSON_REPORT;
}

static void load_same_person(struct loader *loader, const struct json_value *value, void *into)
{
    static const struct loader_key keys[] = {
        {"columns", load_same_person_columns},
        {"then", load_same_person_then},
    };
    loader->mapping->same_person = SAME_PERSON_HOLD;
    if (json_kind(value) != JSON_OBJECT) {
        load_same_person_columns(loader, value, into);
        return;
    }
    loader_keys(loader, value, keys, COUNT_OF(keys), into);
    if (!json_member(value, "columns"))
        loader_error(loader, value, NULL, "\"columns\" is missing here");
}

static void load_repeated_id(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"reject", "first", "last"};
    (void)into;
    int word = loader_word(loader, value, "way to treat a repeated id", names, COUNT_OF(names));
    if (word >= 0)
        loader->mapping->repeated_id = (enum repeated_id)word;
}

static void load_prefer_column(struct loader *loader, const struct json_value *value, void *into)
{
    struct prefer *prefer = into;
    int column = loader_column(loader, value, false);
    if (column >= 0)
        prefer->column = (size_t)column;
}

static void load_prefer_order(struct loader *loader, const struct json_value *value, void *into)
{
    struct prefer *prefer = into;
    prefer->by_order = true;
    loader_words(loader, value, false, &prefer->order);
}

static void load_prefer_take(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"highest", "lowest"};
    struct prefer *prefer = into;
    prefer->takes_highest = loader_word(loader, value, "end to take", names, COUNT_OF(names)) == 0;
}

static void load_preference(struct loader *loader, const struct json_value *value)
{
    static const struct loader_key keys[] = {
        {"column", load_prefer_column},
        {"order", load_prefer_order},
        {"take", load_prefer_take},
    };
    struct mapping *mapping = loader->mapping;
    mapping->prefer =
        mem_resize(mapping->prefer, mapping->prefer_count + 1, sizeof *mapping->prefer);
    struct prefer *prefer = &mapping->prefer[mapping->prefer_count++];
    *prefer = (struct prefer){0};
    loader_keys(loader, value, keys, COUNT_OF(keys), prefer);
    if (json_kind(value) != JSON_OBJECT)
        return;
    if (!json_member(value, "column"))
        loader_error(loader, value, NULL, "\"column\" is missing here");
    if (!json_member(value, "order") == !json_member(value, "take"))
        loader_error(loader, value, NULL, "this needs either \"order\" or \"take\"");
}

static void load_prefer(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        load_preference(loader, item);
}

void load_people(struct loader *loader, const struct json_value *value, void *into)
{
    static const struct loader_key keys[] = {
        {"keep", load_keep},
        {"leave_out", load_leave_out},
        {"same_person", load_same_person},
        {"repeated_id", load_repeated_id},
        {"prefer", load_prefer},
    };
    loader_keys(loader, value, keys, COUNT_OF(keys), into);
}
