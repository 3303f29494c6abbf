#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "loader.h"

struct code_list *loader_list(struct loader *loader, const char *name)
{
    for (size_t i = 0; i < loader->mapping->list_count; i++) {
        if (text_is(loader->mapping->lists[i].name, name))
            return &loader->mapping->lists[i];
    }
    return NULL;
}

void load_code(struct loader *loader, struct code_list *list, const struct json_value *at,
               struct span code, struct span gives, unsigned long line)
{
    struct text place = {0};
    if (line)
        text_addf(&place, " (line %lu of %s)", line, list->file);
    switch (list_add(list, code, gives)) {
    case LIST_ADDED:
        break;
    case LIST_TWICE:
        loader_error(loader, at, NULL, "list \"%s\" has the code \"%.*s\" twice%s", list->name,
                     (int)code.length, code.bytes, text_string(&place));
        break;
    case LIST_TOO_MANY_SHAPES:
        loader_error(loader, at, NULL, "list \"%s\" has too many kinds of \"*\" codes%s",
                     list->name, text_string(&place));
        break;
    }
    text_clear(&place);
}

static void load_inline(struct loader *loader, struct code_list *list,
                        const struct json_value *codes, const struct json_value *at)
{
    for (const struct json_value *member = json_first(codes); member; member = json_next(member)) {
        struct text code = {0};
        utf8_nfc(json_key(member), strlen(json_key(member)), &code);
        char *gives = at ? mem_string(json_string(member)) : loader_text(loader, member);
        if (gives)
            load_code(loader, list, at ? at : member, span_of(text_string(&code), code.length),
                      span_of_string(gives), 0);
        free(gives);
        text_clear(&code);
    }
}

static void load_list_path(struct loader *loader, const struct json_value *value, void *into)
{
    struct code_list *list = into;
    list->file = loader_string(loader, value);
}

static void load_list_find(struct loader *loader, const struct json_value *value, void *into)
{
    struct code_list *list = into;
    list->find = loader_string(loader, value);
}

static void load_list_give(struct loader *loader, const struct json_value *value, void *into)
{
    struct code_list *list = into;
    list->give = loader_string(loader, value);
}

static void load_outside(struct loader *loader, struct code_list *list,
                         const struct json_value *value)
{
    static const struct loader_key keys[] = {
        {"file", load_list_path},
        {"find", load_list_find},
        {"give", load_list_give},
    };
    loader_keys(loader, value, keys, COUNT_OF(keys), list);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!json_member(value, keys[i].name))
            loader_error(loader, value, "\"file\", \"find\" and \"give\" belong together",
                         "\"%s\" is missing here", keys[i].name);
    }
    if (!list->file || !list->find || !list->give)
        return;
    const struct json_value *kept = loader->lists ? json_member(loader->lists, list->name) : NULL;
    if (kept)
        load_inline(loader, list, kept, value);
    else
        load_list_file(loader, list, value);
}

/* A list that names a file rather than codes: two of the keys, or nothing else. */
static bool list_is_outside(const struct json_value *value)
{
    bool has_file = json_member(value, "file") != NULL;
    bool has_find = json_member(value, "find") != NULL;
    bool has_give = json_member(value, "give") != NULL;
    size_t count = (size_t)has_file + has_find + has_give;
    return (has_file && count > 1) || (count > 0 && count == json_count(value));
}

static void load_list(struct loader *loader, const struct json_value *value)
{
    struct mapping *mapping = loader->mapping;
    if (!loader_expect(loader, value, JSON_OBJECT))
        return;
    mapping->lists = mem_resize(mapping->lists, mapping->list_count + 1, sizeof *mapping->lists);
    struct code_list *list = &mapping->lists[mapping->list_count++];
    *list = (struct code_list){.name = mem_string(json_key(value)), .place = value};
    if (json_count(value) == 0)
        loader_error(loader, value, NULL, "this list is empty");
    if (list_is_outside(value))
        load_outside(loader, list, value);
    else
        load_inline(loader, list, value, NULL);
}

void load_lists(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    if (!loader_expect(loader, value, JSON_OBJECT))
        return;
    for (const struct json_value *member = json_first(value); member; member = json_next(member))
        load_list(loader, member);
}
