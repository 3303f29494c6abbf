#include <regex.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loader.h"

enum { ROWS_MAX = 100 * 1000 * 1000, HOURS_MAX = 24 * 366 };

static void load_encoding(struct loader *loader, const struct json_value *value, void *into)
{
    const char *names[ENCODING_COUNT];
    (void)into;
    for (int i = 0; i < ENCODING_COUNT; i++)
        names[i] = encoding_name((enum export_encoding)i);
    int word = loader_word(loader, value, "encoding", names, ENCODING_COUNT);
    if (word >= 0)
        loader->mapping->dialect.encoding = (enum export_encoding)word;
}

static void load_delimiter(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {",", ";", "|", "tab", "\t"};
    static const char bytes[] = {',', ';', '|', '\t', '\t'};
    (void)into;
    if (!loader_expect(loader, value, JSON_STRING))
        return;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (text_is(json_string(value), names[i])) {
            loader->mapping->dialect.delimiter = bytes[i];
            return;
        }
    }
    loader_error(loader, value, "one of \",\", \";\", \"|\" or \"tab\"",
                 "cells cannot be separated by \"%s\"", json_string(value));
}

static void load_columns_needed(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    loader_needed_columns(loader, value);
}

static void load_other_columns(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"ignore", "warn", "refuse"};
    (void)into;
    int word = loader_word(loader, value, "way to treat other columns", names, COUNT_OF(names));
    if (word >= 0)
        loader->mapping->other_columns = (enum other_columns)word;
}

static void load_empty_means(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    struct mapping *mapping = loader->mapping;
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        char *word = loader_text(loader, item);
        struct span trimmed = word ? span_trim(span_of_string(word)) : (struct span){0};
        if (trimmed.length && codes_add(&mapping->empty_means, trimmed, (struct span){0})) {
            mapping->empty_lengths |= UINT64_C(1) << (trimmed.length < 63 ? trimmed.length : 63);
            mapping->empty_firsts[(unsigned char)trimmed.bytes[0]] = true;
        }
        free(word);
    }
}

/* The reader of rows has regcomp alone, which is narrower than the mapping's own engine. */
static bool reader_takes(const char *pattern)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    regfree(&compiled);
    return true;
}

static void load_not_rows(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    struct mapping *mapping = loader->mapping;
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        struct regex *regex = loader_regex(loader, item, false);
        if (!regex)
            continue;
        if (regex_matches(regex, "", 0) && text_is(json_string(item), ""))
            loader_error(loader, item, NULL, "an empty expression takes every row");
        if (!reader_takes(json_string(item)))
            loader_error(loader, item, "name the letters one by one, or use a class as [[:alpha:]]",
                         "not_rows can have no range between letters beyond ASCII");
        regex_free(regex);
        mapping->not_rows =
            mem_resize(mapping->not_rows, mapping->not_rows_count + 1, sizeof *mapping->not_rows);
        mapping->not_rows[mapping->not_rows_count++] = mem_string(json_string(item));
    }
}

static void load_rows_between(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    long min, max;
    if (json_kind(value) == JSON_ARRAY && json_count(value) == 2 &&
        json_integer(json_first(value), 0, ROWS_MAX, &min) &&
        json_integer(json_next(json_first(value)), 0, ROWS_MAX, &max)) {
        loader->mapping->limits.rows_min = min;
        loader->mapping->limits.rows_max = max;
        if (min > max)
            loader_error(loader, value, "the fewest rows stand first",
                         "the most rows (%ld) are fewer than the fewest (%ld)", max, min);
        return;
    }
    loader_error(loader, value, "for example [5000, 60000]",
                 "this must be the fewest and the most rows, two whole numbers");
}

static void load_max_age(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    if (!json_integer(value, 1, HOURS_MAX, &loader->mapping->limits.max_age_hours))
        loader_error(loader, value, NULL, "this must be a whole number of hours from 1 to %d",
                     HOURS_MAX);
}

static void load_same_file(struct loader *loader, const struct json_value *value, void *into)
{
    static const char *const names[] = {"notice", "refuse"};
    (void)into;
    int word = loader_word(loader, value, "way to treat the same file", names, COUNT_OF(names));
    loader->mapping->limits.same_file_refused = word == 1;
}

static void load_must_hold(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    struct mapping *mapping = loader->mapping;
    load_rules(loader, value, &mapping->must_hold);
    for (size_t i = 0; i < mapping->must_hold.count; i++) {
        struct row_rule *rule = &mapping->must_hold.items[i];
        rule->broken = mem_format("\"must_hold\" does not hold: %s (column %s)", rule->because,
                                  mapping->columns[rule->column].written);
    }
}

void load_file(struct loader *loader, const struct json_value *value, void *into)
{
    static const struct loader_key keys[] = {
        {"encoding", load_encoding},
        {"delimiter", load_delimiter},
        {"columns_needed", load_columns_needed},
        {"other_columns", load_other_columns},
        {"empty_means", load_empty_means},
        {"not_rows", load_not_rows},
        {"rows_between", load_rows_between},
        {"max_age_hours", load_max_age},
        {"same_file", load_same_file},
        {"must_hold", load_must_hold},
    };
    loader_keys(loader, value, keys, COUNT_OF(keys), into);
    struct mapping *mapping = loader->mapping;
    mapping->dialect.not_rows = (const char *const *)mapping->not_rows;
    mapping->dialect.not_rows_count = mapping->not_rows_count;
}
