#include "json/document.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/memory.h"
#include "scan.h"

enum { DEPTH_RELAXED = 32, DEPTH_MOST = 512 };

struct json_value {
    struct place place;
    const cJSON *node;
    const char *number; /* its digits in the document's bytes; NULL when it is none */
};

struct json_document {
    char *name;         /* as shown; NULL when strict */
    struct text source; /* as it was read; empty when strict */
    struct text bytes;  /* what cJSON read; a NUL behind each number */
    cJSON *tree;
    struct json_value *values; /* in the order of the text */
    size_t count;
};

/* Gives each value its node: both trees are walked in the order of the text. */
static size_t values_pair(struct json_value *values, size_t next, const cJSON *node)
{
    values[next++].node = node;
    for (const cJSON *child = node->child; child; child = child->next) {
        next = values_pair(values, next, child);
    }
    return next;
}

/* Ends each number in 'bytes' with a NUL: what stands behind it was read already. */
static void numbers_end(struct json_document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        struct json_value *value = &document->values[i];
        if (cJSON_IsNumber(value->node)) {
            char *start = document->bytes.bytes + value->place.start;
            start[value->place.length] = '\0';
            value->number = start;
        }
    }
}

/* Builds the values of a text that the scanner found good; -1 when cJSON does not. */
static int document_build(struct json_document *document, const struct scan *scan)
{
    cJSON_Hooks hooks = {.malloc_fn = mem_new, .free_fn = free};
    cJSON_InitHooks(&hooks);
    document->tree = cJSON_ParseWithLengthOpts(document->bytes.bytes, document->bytes.length + 1,
                                               NULL, cJSON_True);
    if (!document->tree) {
        return -1;
    }
    document->count = scan->count;
    document->values = mem_array(scan->count, sizeof *document->values);
    for (size_t i = 0; i < scan->count; i++) {
        document->values[i].place = scan->places[i];
    }
    values_pair(document->values, 0, document->tree);
    numbers_end(document);
    return 0;
}

struct json_document *json_relaxed(const char *name, const char *bytes, size_t length,
                                   struct problems *problems)
{
    struct json_document *document = mem_new(sizeof *document);
    document->name = mem_string(name);
    text_reserve(&document->bytes, length);
    text_add_bytes(&document->bytes, bytes, length);
    text_reserve(&document->source, length);
    text_add_bytes(&document->source, bytes, length);
    struct scan scan = {.bytes = document->bytes.bytes,
                        .length = length,
                        .max_depth = DEPTH_RELAXED,
                        .relaxed = true,
                        .name = name,
                        .source = &document->source,
                        .problems = problems};
    int result = scan_text(&scan);
    if (result == 0 && document_build(document, &scan) != 0) {
        result = -1;
        problems_add(problems, true, name, NULL, 0, 0, NULL, "this JSON cannot be read");
    }
    free(scan.places);
    if (result != 0) {
        json_free(document);
        return NULL;
    }
    return document;
}

struct json_document *json_strict(const char *bytes, size_t length, int max_depth, const char **why)
{
    struct json_document *document = mem_new(sizeof *document);
    text_reserve(&document->bytes, length);
    text_add_bytes(&document->bytes, bytes, length);
    struct scan scan = {.bytes = document->bytes.bytes,
                        .length = length,
                        .max_depth = max_depth < DEPTH_MOST ? max_depth : DEPTH_MOST};
    int result = scan_text(&scan);
    if (result == 0 && document_build(document, &scan) != 0) {
        result = -1;
        scan.why = "this JSON cannot be read";
    }
    free(scan.places);
    if (result != 0) {
        *why = scan.why;
        json_free(document);
        return NULL;
    }
    return document;
}

void json_free(struct json_document *document)
{
    if (!document) {
        return;
    }
    cJSON_Delete(document->tree);
    free(document->values);
    free(document->name);
    text_clear(&document->source);
    text_clear(&document->bytes);
    free(document);
}

const struct json_value *json_root(const struct json_document *document)
{
    return &document->values[0];
}

enum json_kind json_kind(const struct json_value *value)
{
    const cJSON *node = value->node;
    return cJSON_IsString(node)   ? JSON_STRING
           : cJSON_IsObject(node) ? JSON_OBJECT
           : cJSON_IsNumber(node) ? JSON_NUMBER
           : cJSON_IsArray(node)  ? JSON_ARRAY
           : cJSON_IsBool(node)   ? JSON_BOOL
                                  : JSON_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",       [JSON_BOOL] = "true or false", [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",     [JSON_OBJECT] = "an object"};
    return names[kind];
}

const char *json_string(const struct json_value *value)
{
    return value ? cJSON_GetStringValue(value->node) : NULL;
}

bool json_bool(const struct json_value *value)
{
    return value && cJSON_IsTrue(value->node);
}

double json_number(const struct json_value *value)
{
    return json_number_text(value) ? value->node->valuedouble : 0;
}

const char *json_number_text(const struct json_value *value)
{
    return value ? value->number : NULL;
}

/* A number written with a point or an exponent, such as 1e3: whole only where a double is exact. */
static bool number_whole(double number, long *out)
{
    const double exact = 9007199254740992.0;
    if (!(number >= -exact && number <= exact)) {
        return false;
    }
    *out = (long)number;
    return (double)*out >= number && (double)*out <= number;
}

bool json_integer(const struct json_value *value, long min, long max, long *out)
{
    const char *text = json_number_text(value);
    if (!text) {
        return false;
    }
    long number;
    if (text[strcspn(text, ".eE")] != '\0') {
        if (!number_whole(value->node->valuedouble, &number)) {
            return false;
        }
    } else {
        errno = 0;
        number = strtol(text, NULL, 10);
        if (errno != 0) {
            return false;
        }
    }
    if (number < min || number > max) {
        return false;
    }
    *out = number;
    return true;
}

size_t json_count(const struct json_value *value)
{
    size_t count = 0;
    for (const cJSON *child = value ? value->node->child : NULL; child; child = child->next) {
        count++;
    }
    return count;
}

const struct json_value *json_first(const struct json_value *value)
{
    return value && value->node->child ? value + 1 : NULL;
}

const struct json_value *json_next(const struct json_value *value)
{
    return value->node->next ? value + value->place.subtree : NULL;
}

const char *json_key(const struct json_value *member)
{
    return member->node->string;
}

const struct json_value *json_member(const struct json_value *object, const char *key)
{
    const struct json_value *member = json_first(object);
    while (member && !text_is(json_key(member), key)) {
        member = json_next(member);
    }
    return member;
}

PRINTF_LIKE(8, 0)
static void problem_add(const struct json_document *document, struct problems *problems,
                        bool is_error, const struct json_value *value, size_t start, size_t length,
                        const char *hint, const char *words, va_list arguments)
{
    struct text said = {0};
    text_addv(&said, words, arguments);
    problems_add(problems, is_error, document->name, value ? &document->source : NULL, start,
                 length, hint, "%s", text_string(&said));
    text_clear(&said);
}

void json_problem(const struct json_document *document, struct problems *problems, bool is_error,
                  const struct json_value *value, const char *hint, const char *words, ...)
{
    va_list arguments;
    va_start(arguments, words);
    problem_add(document, problems, is_error, value, value ? value->place.start : 0,
                value ? value->place.length : 0, hint, words, arguments);
    va_end(arguments);
}

void json_problem_key(const struct json_document *document, struct problems *problems,
                      bool is_error, const struct json_value *value, const char *hint,
                      const char *words, ...)
{
    bool has_key = value && value->place.key_length > 0;
    size_t start = has_key ? value->place.key_start : value ? value->place.start : 0;
    size_t length = has_key ? value->place.key_length : value ? value->place.length : 0;
    va_list arguments;
    va_start(arguments, words);
    problem_add(document, problems, is_error, value, start, length, hint, words, arguments);
    va_end(arguments);
}

size_t json_line(const struct json_document *document, const struct json_value *value)
{
    size_t line = 1;
    const char *at = text_string(&document->source);
    const char *end = at + (value->place.start < document->source.length ? value->place.start : 0);
    while ((at = text_next_line(at, end)) != NULL) {
        line++;
    }
    return line;
}

const struct text *json_source(const struct json_document *document)
{
    return &document->source;
}

void json_versions(struct text *out)
{
    text_addf(out, "cJSON %s", cJSON_Version());
}
