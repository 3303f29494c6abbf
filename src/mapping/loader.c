#include "loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { WORDS_MAX = 1024, BEGINNING_LEAST = 3 };

PRINTF_LIKE(5, 0)
static void loader_tell(struct loader *loader, bool is_error, const struct json_value *at,
                        const char *hint, const char *words, va_list list)
{
    char text[WORDS_MAX];
    vsnprintf(text, sizeof text, words, list);
    json_problem(loader->document, loader->problems, is_error, at, hint, "%s", text);
}

void loader_error(struct loader *loader, const struct json_value *at, const char *hint,
                  const char *words, ...)
{
    va_list list;
    va_start(list, words);
    loader_tell(loader, true, at, hint, words, list);
    va_end(list);
}

void loader_warning(struct loader *loader, const struct json_value *at, const char *hint,
                    const char *words, ...)
{
    va_list list;
    va_start(list, words);
    loader_tell(loader, false, at, hint, words, list);
    va_end(list);
}

static bool name_begins(const char *name, const char *beginning)
{
    while (*beginning && byte_lower(*name) == byte_lower(*beginning)) {
        name++;
        beginning++;
    }
    return *beginning == '\0';
}

/* The only name that begins so, or NULL. */
static const char *name_completed(const char *beginning, const char *const names[], size_t count)
{
    const char *found = NULL;
    if (strlen(beginning) < BEGINNING_LEAST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!name_begins(names[i], beginning))
            continue;
        if (found)
            return NULL;
        found = names[i];
    }
    return found;
}

char *loader_nearest(const char *wanted, const char *const names[], size_t count)
{
    const char *near = text_nearest(wanted, names, count);
    if (!near)
        near = name_completed(wanted, names, count);
    return near ? mem_format("did you mean \"%s\"?", near) : NULL;
}

static void loader_unknown_key(struct loader *loader, const struct json_value *member,
                               const struct loader_key *keys, size_t count)
{
    const char **names = mem_array(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = keys[i].name;
    char *hint = loader_nearest(json_key(member), names, count);
    json_problem_key(loader->document, loader->problems, true, member, hint,
                     "there is no key called \"%s\" here", json_key(member));
    free(hint);
    free(names);
}

void loader_keys(struct loader *loader, const struct json_value *object,
                 const struct loader_key *keys, size_t count, void *into)
{
    if (!loader_expect(loader, object, JSON_OBJECT))
        return;
    for (const struct json_value *member = json_first(object); member; member = json_next(member)) {
        size_t i = 0;
        while (i < count && !text_is(keys[i].name, json_key(member)))
            i++;
        if (i == count)
            loader_unknown_key(loader, member, keys, count);
        else if (keys[i].load)
            keys[i].load(loader, member, into);
    }
}

bool loader_expect(struct loader *loader, const struct json_value *value, enum json_kind kind)
{
    if (json_kind(value) == kind)
        return true;
    const char *hint =
        kind == JSON_STRING && json_kind(value) == JSON_NUMBER ? "put it in quotation marks" : NULL;
    loader_error(loader, value, hint, "this must be %s, not %s", json_kind_name(kind),
                 json_kind_name(json_kind(value)));
    return false;
}

static bool string_has_controls(const char *string)
{
    for (const char *at = string; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return true;
    }
    return false;
}

char *loader_text(struct loader *loader, const struct json_value *value)
{
    if (!loader_expect(loader, value, JSON_STRING))
        return NULL;
    const char *string = json_string(value);
    if (string_has_controls(string)) {
        loader_error(loader, value, NULL, "there is a control character in this text");
        return NULL;
    }
    struct text text = {0};
    utf8_nfc(string, strlen(string), &text);
    return text_take(&text);
}

char *loader_string(struct loader *loader, const struct json_value *value)
{
    char *string = loader_text(loader, value);
    if (string && span_trim(span_of_string(string)).length == 0) {
        loader_error(loader, value, NULL, "this is empty");
        free(string);
        return NULL;
    }
    return string;
}

bool loader_bool(struct loader *loader, const struct json_value *value, bool *out)
{
    if (!loader_expect(loader, value, JSON_BOOL))
        return false;
    *out = json_bool(value);
    return true;
}

int loader_word(struct loader *loader, const struct json_value *value, const char *what,
                const char *const words[], size_t count)
{
    if (!loader_expect(loader, value, JSON_STRING))
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (text_is(words[i], json_string(value)))
            return (int)i;
    }
    char *hint = loader_nearest(json_string(value), words, count);
    if (!hint) {
        struct text all = {0};
        text_add(&all, "one of");
        for (size_t i = 0; i < count; i++)
            text_addf(&all, "%s \"%s\"", i ? "," : "", words[i]);
        hint = text_take(&all);
    }
    loader_error(loader, value, hint, "there is no %s called \"%s\"", what, json_string(value));
    free(hint);
    return -1;
}

static void loader_add_word(struct loader *loader, const struct json_value *value,
                            struct codes *out)
{
    char *word = loader_text(loader, value);
    if (word && !codes_add(out, span_of_string(word), (struct span){0}))
        loader_error(loader, value, NULL, "\"%s\" stands here twice", word);
    free(word);
}

void loader_words(struct loader *loader, const struct json_value *value, bool one_too,
                  struct codes *out)
{
    if (one_too && json_kind(value) == JSON_STRING) {
        loader_add_word(loader, value, out);
        return;
    }
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    if (json_count(value) == 0)
        loader_error(loader, value, NULL, "this list is empty");
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        loader_add_word(loader, item, out);
}

struct regex *loader_regex(struct loader *loader, const struct json_value *value, bool whole)
{
    if (!loader_expect(loader, value, JSON_STRING))
        return NULL;
    struct text why = {0}, pattern = {0};
    utf8_nfc(json_string(value), strlen(json_string(value)), &pattern);
    struct regex *regex = regex_new(text_string(&pattern), whole, &why);
    if (!regex)
        loader_error(loader, value, "POSIX extended regular expressions, without back-references",
                     "this regular expression cannot be used: %s", text_string(&why));
    text_clear(&why);
    text_clear(&pattern);
    return regex;
}

bool loader_bound(struct loader *loader, const struct json_value *value, struct date_bound *out)
{
    if (!loader_expect(loader, value, JSON_STRING))
        return false;
    *out = (struct date_bound){.is_given = true, .is_today = text_is(json_string(value), "today")};
    if (out->is_today || date_read_iso(span_of_string(json_string(value)), &out->date))
        return true;
    loader_error(loader, value, "write a day as YYYY-MM-DD, or \"today\"", "\"%s\" is no such day",
                 json_string(value));
    return false;
}

static void loader_mask(struct loader *loader, const struct json_value *value,
                        struct date_reader *out)
{
    if (!loader_expect(loader, value, JSON_STRING))
        return;
    struct text why = {0};
    struct date_mask mask;
    if (date_mask_compile(&mask, json_string(value), &why)) {
        out->masks = mem_resize(out->masks, out->count + 1, sizeof *out->masks);
        out->masks[out->count++] = mask;
    } else {
        bool has_rounded_year = strstr(json_string(value), "RR") != NULL;
        loader_error(loader, value,
                     has_rounded_year
                         ? "write YY for RR, and say with \"youngest\" which century is meant"
                         : "for example DD-MON-YYYY, MM/DD/YYYY or YYYY-MM-DD HH24:MI:SS",
                     "%s", text_string(&why));
    }
    text_clear(&why);
}

void loader_written(struct loader *loader, const struct json_value *value, struct date_reader *out)
{
    if (json_kind(value) == JSON_STRING) {
        loader_mask(loader, value, out);
        return;
    }
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    if (json_count(value) == 0)
        loader_error(loader, value, NULL, "this list is empty");
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        loader_mask(loader, item, out);
    size_t one, other;
    if (date_reader_ambiguous(out, &one, &other))
        loader_error(loader, value, "keep the one that the export uses",
                     "%s and %s read one text as two different days", out->masks[one].written,
                     out->masks[other].written);
}

void loader_youngest(struct loader *loader, const struct json_value *value, struct date_reader *out)
{
    long youngest;
    if (json_integer(value, 0, 120, &youngest))
        out->youngest = (int)youngest;
    else
        loader_error(loader, value, NULL, "this must be a whole number of years from 0 to 120");
}

static size_t masks_written(const struct json_value *written)
{
    if (!written)
        return 0;
    return json_kind(written) == JSON_ARRAY ? json_count(written) : 1;
}

/* Says nothing while a mask is one that cannot be used: who knows what it would have needed. */
void loader_dates(struct loader *loader, const struct json_value *owner,
                  const struct date_reader *reader)
{
    bool has_short_year = false;
    for (size_t i = 0; i < reader->count; i++)
        has_short_year = has_short_year || reader->masks[i].has_short_year;
    const struct json_value *youngest = json_member(owner, "youngest");
    const struct json_value *written = json_member(owner, "written");
    if (reader->count < masks_written(written))
        return;
    if (has_short_year && !youngest)
        loader_error(
            loader, written,
            "for example \"youngest\": 14: the latest century that gives at least that age",
            "a year of two digits (YY) needs \"youngest\"");
    else if (youngest && !has_short_year)
        loader_error(loader, youngest, NULL, "\"youngest\" is for masks with YY alone");
}
