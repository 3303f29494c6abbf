/*
 * The relaxed reader over any bytes: it gives a document or at least one error, never both; what it gives can be
 * walked, every value lies within the text, and what the strict reader takes the relaxed one takes too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(int holds)
{
    if (!holds) {
        abort();
    }
}

static void walk(const struct json_document *document, const struct json_value *value)
{
    size_t count = 0;
    must(json_line(document, value) >= 1);
    must((json_kind(value) == JSON_STRING) == (json_string(value) != NULL));
    must((json_kind(value) == JSON_NUMBER) == (json_number_text(value) != NULL));
    for (const struct json_value *part = json_first(value); part; part = json_next(part)) {
        const char *key = json_key(part);
        must((key != NULL) == (json_kind(value) == JSON_OBJECT));
        must(!key || json_member(value, key) == part);
        walk(document, part);
        count++;
    }
    must(count == json_count(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct problems problems = {0};
    struct text shown = {0};
    const char *why = NULL;
    struct json_document *relaxed = json_relaxed("f", (const char *)bytes, length, &problems);
    struct json_document *strict = json_strict((const char *)bytes, length, 32, &why);
    must((relaxed != NULL) == (problems.errors == 0));
    must((strict != NULL) == (why == NULL));
    must(relaxed || !strict);
    if (relaxed) {
        walk(relaxed, json_root(relaxed));
        json_problem(relaxed, &problems, true, json_root(relaxed), "hint", "words");
    }
    if (strict) {
        walk(strict, json_root(strict));
    }
    problems_print(&problems, &shown);
    must(utf8_valid_prefix(shown.bytes, shown.length) == shown.length);
    text_clear(&shown);
    problems_clear(&problems);
    json_free(relaxed);
    json_free(strict);
    return 0;
}
