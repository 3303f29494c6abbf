#ifndef OPSPUSH_JSON_WRITE_H
#define OPSPUSH_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * The one writer of JSON: bodies, run documents, saved plans. Commas and nesting are its business; strings must be
 * valid UTF-8 and are escaped (control characters, quote, backslash, DEL and U+2028/2029). Independent of the locale.
 */
struct json_writer {
    struct text *out;
    int indent; /* spaces a level; 0 writes on one line */
    int depth;
    bool fresh; /* nothing stands yet at this level */
    bool after_key;
};

void json_writer_init(struct json_writer *writer, struct text *out, int indent);
void json_open_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer);
void json_close_object(struct json_writer *writer);
void json_close_array(struct json_writer *writer);
void json_put_key(struct json_writer *writer, const char *key);
void json_put_string(struct json_writer *writer, const char *string); /* NULL writes null */
void json_put_bytes(struct json_writer *writer, const char *bytes, size_t length);
void json_put_integer(struct json_writer *writer, int64_t number);
void json_put_decimal(struct json_writer *writer, double number, int decimals);
void json_put_bool(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);
/* key and value in one */
void json_put_member(struct json_writer *writer, const char *key, const char *string);
void json_put_count(struct json_writer *writer, const char *key, int64_t number);

#endif
