#ifndef OPSPUSH_JSON_DOCUMENT_H
#define OPSPUSH_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/problem.h"
#include "base/text.h"

/*
 * A parsed JSON text whose values know where they stand. Two readers give one: the relaxed one for files that people
 * write (comments, trailing commas, every problem named with its place) and the strict one for answers of a server.
 * One scanner checks what cJSON lets through (RFC 8259: duplicate keys, leading zeros, invalid UTF-8, raw control
 * characters in strings, \u0000, lone surrogates, text after the end, depth); cJSON builds the values.
 */

struct json_document;
struct json_value; /* lent by its document */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/*
 * Relaxed: // and block comments and trailing commas are allowed. 'name' is the file as shown. Takes a copy of the bytes. NULL when there
 * are errors; they are added to 'problems'. Depth at most 32.
 */
struct json_document *json_relaxed(const char *name, const char *bytes, size_t length,
                                   struct problems *problems) MUST_CHECK;
/* Strict RFC 8259: the whole of the bytes is one value, nothing else but JSON white space. NULL with the reason in
 * 'why' (static words) when it is not. */
struct json_document *json_strict(const char *bytes, size_t length, int max_depth,
                                  const char **why) MUST_CHECK;
void json_free(struct json_document *document);

const struct json_value *json_root(const struct json_document *document);
enum json_kind json_kind(const struct json_value *value);
const char *json_kind_name(enum json_kind kind); /* "a string", "an object" */
/* These take NULL, as json_member may give it, for a value of no kind. */
/* NUL-terminated (a string cannot hold U+0000); NULL when it is no string. Lent. */
const char *json_string(const struct json_value *value);
bool json_bool(const struct json_value *value);
double json_number(const struct json_value *value);
/* A number exactly as it was written ("44", "1e3"); NULL when it is none. Lent. */
const char *json_number_text(const struct json_value *value);
/* A whole number in a range; false when the value is anything else. */
bool json_integer(const struct json_value *value, long min, long max, long *out);

/* Members and elements, in the order in which they stand. */
size_t json_count(const struct json_value *value);
const struct json_value *json_first(const struct json_value *value);
const struct json_value *json_next(const struct json_value *value);
const char *json_key(const struct json_value *member); /* NULL for an element */
const struct json_value *json_member(const struct json_value *object,
                                     const char *key); /* exact case; or NULL */

/*
 * Adds a problem at a value (or at its key) of a relaxed document. Value NULL: about the file.
 */
void json_problem(const struct json_document *document, struct problems *problems, bool is_error,
                  const struct json_value *value, const char *hint, const char *words, ...)
    PRINTF_LIKE(6, 7);
void json_problem_key(const struct json_document *document, struct problems *problems,
                      bool is_error, const struct json_value *value, const char *hint,
                      const char *words, ...) PRINTF_LIKE(6, 7);
/* Line (1-based) at which the value stands; for traces. */
size_t json_line(const struct json_document *document, const struct json_value *value);
/* The source text of a relaxed document, for showing lines; a strict one keeps none. Lent. */
const struct text *json_source(const struct json_document *document);

/* Appends the name and version of the library behind this room. */
void json_versions(struct text *out);

#endif
