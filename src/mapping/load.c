#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "load_field.h"
#include "loader.h"

enum { MAPPING_BYTES_MAX = 4 << 20, MAPPING_VERSION = 1, NAME_MAX_CHARACTERS = 100 };

static void load_version(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    long version;
    if (!json_integer(value, 1, 1000000, &version))
        loader_error(loader, value, NULL, "the version of a mapping is a whole number: 1");
    else if (version > MAPPING_VERSION)
        loader_error(loader, value, "a newer opspush reads it",
                     "this mapping has version %ld, and this program knows version %d", version,
                     MAPPING_VERSION);
}

static void load_name(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    char *name = loader_string(loader, value);
    if (name && utf8_count(name, strlen(name)) > NAME_MAX_CHARACTERS)
        loader_error(loader, value, NULL, "the name is over %d characters", NAME_MAX_CHARACTERS);
    free(loader->mapping->name);
    loader->mapping->name = name;
}

static void load_remark(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    loader_expect(loader, value, JSON_STRING);
}

/*
 * The sections, in the order in which they need each other (the file may have them in any): lists and policies come
 * before the fields that use them.
 */
static const struct loader_key sections[] = {
    {"$schema", load_remark},  {"owner", load_remark},        {"notes", load_remark},
    {"version", load_version}, {"name", load_name},           {"file", load_file},
    {"lists", load_lists},     {"otherwise", load_otherwise}, {"people", load_people},
    {"fields", load_fields},   {"stop_if", load_stop},
};

static void load_sections(struct loader *loader, const struct json_value *root)
{
    static const char *const needed[] = {"version", "name", "fields"};
    struct loader_key names[COUNT_OF(sections)];
    for (size_t i = 0; i < COUNT_OF(sections); i++)
        names[i] = (struct loader_key){.name = sections[i].name};
    loader_keys(loader, root, names, COUNT_OF(sections), NULL);
    if (json_kind(root) != JSON_OBJECT)
        return;
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        const struct json_value *section = json_member(root, sections[i].name);
        if (section)
            sections[i].load(loader, section, NULL);
    }
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (!json_member(root, needed[i]))
            loader_error(loader, NULL, NULL, "\"%s\" is missing in this mapping", needed[i]);
    }
    for (size_t i = 0; i < loader->mapping->list_count; i++) {
        const struct code_list *list = &loader->mapping->lists[i];
        if (!list->is_used)
            json_problem_key(loader->document, loader->problems, false, list->place, NULL,
                             "no field uses the list \"%s\"", list->name);
    }
}

/* Compiles a parsed mapping; takes the document over. */
static struct mapping *mapping_compile(const char *path, struct json_document *document,
                                       const struct json_value *lists, struct problems *problems)
{
    size_t errors = problems->errors;
    struct mapping *mapping = mem_new(sizeof *mapping);
    mapping->path = mem_string(path);
    mapping->document = document;
    mapping->line_column = -1;
    mapping->dialect.delimiter = ',';
    mapping->if_empty = POLICY_LEAVE_OUT;
    mapping->if_wrong = mapping->if_long = POLICY_REJECT;
    stop_defaults(&mapping->limits);
    struct loader loader = {
        .mapping = mapping, .document = document, .problems = problems, .lists = lists};
    load_sections(&loader, json_root(document));
    if (problems->errors > errors) {
        mapping_free(mapping);
        return NULL;
    }
    bundle_digest(mapping);
    return mapping;
}

struct mapping *mapping_load(const char *path, struct problems *problems)
{
    struct fault fault = {0};
    struct text bytes = {0};
    if (file_read(path, MAPPING_BYTES_MAX, &bytes, FAULT_CONFIG, &fault) < 0) {
        problems_add(problems, true, path, NULL, 0, 0, NULL, "%s", fault.text);
        return NULL;
    }
    struct json_document *document =
        json_relaxed(path, text_string(&bytes), bytes.length, problems);
    text_clear(&bytes);
    return document ? mapping_compile(path, document, NULL, problems) : NULL;
}

static struct mapping *mapping_from_bundle(const struct json_value *bundle,
                                           struct problems *problems)
{
    const char *path = json_string(json_member(bundle, "path"));
    const char *text = json_string(json_member(bundle, "mapping"));
    const struct json_value *lists = json_member(bundle, "lists");
    if (!path || !text || !lists || json_kind(lists) != JSON_OBJECT)
        return NULL;
    struct json_document *document = json_relaxed(path, text, strlen(text), problems);
    return document ? mapping_compile(path, document, lists, problems) : NULL;
}

struct mapping *mapping_load_bundle(const char *bytes, size_t length)
{
    const char *why;
    struct json_document *bundle = json_strict(bytes, length, 8, &why);
    if (!bundle)
        return NULL;
    struct problems problems = {0};
    struct mapping *mapping = NULL;
    if (json_kind(json_root(bundle)) == JSON_OBJECT)
        mapping = mapping_from_bundle(json_root(bundle), &problems);
    problems_clear(&problems);
    json_free(bundle);
    return mapping;
}

static void rules_clear(struct row_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        rule_clear(&rules->items[i]);
    free(rules->items);
}

static void mapping_free_arrays(struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->not_rows_count; i++)
        free(mapping->not_rows[i]);
    for (size_t i = 0; i < mapping->prefer_count; i++)
        codes_clear(&mapping->prefer[i].order);
    for (size_t i = 0; i < mapping->list_count; i++)
        list_clear(&mapping->lists[i]);
    for (size_t i = 0; i < mapping->rule_count; i++)
        field_rule_clear(&mapping->rules[i]);
    for (size_t i = 0; i < mapping->column_count; i++) {
        free(mapping->columns[i].written);
        free(mapping->columns[i].name);
    }
    free(mapping->not_rows);
    free(mapping->prefer);
    free(mapping->lists);
    free(mapping->rules);
    free(mapping->columns);
    free(mapping->same_person_columns);
}

void mapping_free(struct mapping *mapping)
{
    if (!mapping)
        return;
    mapping_free_arrays(mapping);
    mapping_unbind(mapping);
    rules_clear(&mapping->keep);
    rules_clear(&mapping->leave_out);
    rules_clear(&mapping->must_hold);
    codes_clear(&mapping->empty_means);
    json_free(mapping->document);
    free(mapping->path);
    free(mapping->name);
    free(mapping);
}
