#include <stdlib.h>

#include "base/memory.h"
#include "loader.h"

static void load_percent(struct loader *loader, const struct json_value *value, double *out)
{
    if (!loader_expect(loader, value, JSON_NUMBER))
        return;
    double percent = json_number(value);
    if (percent >= 0 && percent <= 100)
        *out = percent;
    else
        loader_error(loader, value, "100 turns it off", "a percentage lies between 0 and 100");
}

/* One number for every field, or a number for each field that is named. */
static void load_field_percent(struct loader *loader, const struct json_value *value,
                               double out[FIELD_COUNT])
{
    if (json_kind(value) != JSON_OBJECT) {
        double percent = out[0];
        load_percent(loader, value, &percent);
        for (int field = 0; field < FIELD_COUNT; field++)
            out[field] = percent;
        return;
    }
    field_set seen = 0;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        int field = loader_field(loader, member);
        if (field < 0)
            continue;
        if (seen & FIELD_BIT(field))
            json_problem_key(loader->document, loader->problems, true, member, NULL,
                             "%s stands here by two of its names",
                             field_info((enum field)field)->name);
        seen |= FIELD_BIT(field);
        load_percent(loader, member, &out[field]);
    }
}

/* The keys by what they set. */
#define PERCENT_KEY(name)                                                                          \
    static void load_##name(struct loader *loader, const struct json_value *value, void *into)     \
    {                                                                                              \
        struct limits *limits = into;                                                              \
        load_percent(loader, value, &limits->name);                                                \
    }
PERCENT_KEY(rows_fewer_percent)
PERCENT_KEY(new_percent)
PERCENT_KEY(changed_percent)
PERCENT_KEY(gone_percent)
PERCENT_KEY(rejected_percent)
PERCENT_KEY(mapping_percent)
#undef PERCENT_KEY

static void load_field_changed(struct loader *loader, const struct json_value *value, void *into)
{
    struct limits *limits = into;
    load_field_percent(loader, value, limits->field_changed_percent);
}

static void load_field_emptied(struct loader *loader, const struct json_value *value, void *into)
{
    struct limits *limits = into;
    load_field_percent(loader, value, limits->field_emptied_percent);
}

void load_stop(struct loader *loader, const struct json_value *value, void *into)
{
    static const struct loader_key keys[] = {
        {"rows_fewer_over_percent", load_rows_fewer_percent},
        {"new_over_percent", load_new_percent},
        {"changed_over_percent", load_changed_percent},
        {"gone_over_percent", load_gone_percent},
        {"rejected_over_percent", load_rejected_percent},
        {"mapping_over_percent", load_mapping_percent},
        {"field_changed_over_percent", load_field_changed},
        {"field_emptied_over_percent", load_field_emptied},
    };
    (void)into;
    loader_keys(loader, value, keys, COUNT_OF(keys), &loader->mapping->limits);
}

void stop_defaults(struct limits *limits)
{
    *limits = (struct limits){.rows_min = -1,
                              .rows_max = -1,
                              .max_age_hours = -1,
                              .rows_fewer_percent = 10,
                              .new_percent = 10,
                              .changed_percent = 25,
                              .gone_percent = 10,
                              .rejected_percent = 5,
                              .mapping_percent = 10};
    for (int field = 0; field < FIELD_COUNT; field++) {
        limits->field_changed_percent[field] = 20;
        limits->field_emptied_percent[field] = 10;
    }
}
