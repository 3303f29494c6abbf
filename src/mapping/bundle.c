#include "base/digest.h"
#include "mapping_private.h"
#include "json/write.h"

static void bundle_codes(const struct code_list *list, struct json_writer *writer)
{
    json_open_object(writer);
    for (size_t i = 0; i < list->codes.count; i++) {
        const struct code *code = &list->codes.items[i];
        json_put_key(writer, code->code.bytes);
        json_put_bytes(writer, code->gives.bytes, code->gives.length);
    }
    json_close_object(writer);
}

/* The lists that come from files, with what was read from them. */
static void bundle_lists(const struct mapping *mapping, struct json_writer *writer)
{
    json_put_key(writer, "lists");
    json_open_object(writer);
    for (size_t i = 0; i < mapping->list_count; i++) {
        if (!mapping->lists[i].file)
            continue;
        json_put_key(writer, mapping->lists[i].name);
        bundle_codes(&mapping->lists[i], writer);
    }
    json_close_object(writer);
}

void mapping_bundle(const struct mapping *mapping, struct text *out)
{
    const struct text *source = json_source(mapping->document);
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    json_open_object(&writer);
    json_put_member(&writer, "path", mapping->path);
    json_put_key(&writer, "mapping");
    json_put_bytes(&writer, source->bytes, source->length);
    bundle_lists(mapping, &writer);
    json_close_object(&writer);
}

/* Remarks for people, which change nothing. */
static bool member_is_remark(const struct json_value *member, int depth)
{
    const char *key = json_key(member);
    return depth == 1 && key &&
           (text_is(key, "$schema") || text_is(key, "owner") || text_is(key, "notes"));
}

static void canon_value(const struct json_value *value, int depth, struct json_writer *writer);

static void canon_children(const struct json_value *value, int depth, struct json_writer *writer)
{
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        if (member_is_remark(child, depth + 1))
            continue;
        if (json_key(child))
            json_put_key(writer, json_key(child));
        canon_value(child, depth + 1, writer);
    }
}

/* Depth is bounded: the reader of mappings allows 32. */
static void canon_value(const struct json_value *value, int depth, struct json_writer *writer)
{
    switch (json_kind(value)) {
    case JSON_NULL:
        json_put_null(writer);
        return;
    case JSON_BOOL:
        json_put_bool(writer, json_bool(value));
        return;
    case JSON_NUMBER:
        json_put_string(writer, json_number_text(value));
        return;
    case JSON_STRING:
        json_put_string(writer, json_string(value));
        return;
    case JSON_ARRAY:
        json_open_array(writer);
        canon_children(value, depth, writer);
        json_close_array(writer);
        return;
    case JSON_OBJECT:
        json_open_object(writer);
        canon_children(value, depth, writer);
        json_close_object(writer);
        return;
    }
}

void bundle_digest(struct mapping *mapping)
{
    struct text canon = {0};
    struct json_writer writer;
    json_writer_init(&writer, &canon, 0);
    json_open_array(&writer);
    canon_value(json_root(mapping->document), 0, &writer);
    json_open_object(&writer);
    bundle_lists(mapping, &writer);
    json_close_object(&writer);
    json_close_array(&writer);
    digest_plain_hex(text_string(&canon), canon.length, mapping->digest);
    text_reset(&canon);
    const struct text *source = json_source(mapping->document);
    text_add_bytes(&canon, source->bytes, source->length);
    text_add_byte(&canon, '\0');
    text_add(&canon, mapping->digest);
    digest_plain_hex(text_string(&canon), canon.length, mapping->bytes_digest);
    text_clear(&canon);
}
