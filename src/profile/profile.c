#include "profile/profile.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "json/write.h"

/*
 * What is digested: a format version, then for each field its number, its form, the length of its value (32 bits,
 * little-endian) and the value. Lengths in front make it unambiguous; another layout needs another version.
 */
enum {
    FORMAT_VERSION = 1,
    FORM_PRESENT = 1,
    FORM_CLEARED = 2,
    HEAD_BYTES = 6,
    COMMON_BYTES = 4096
};

static bool value_is_digested(const struct profile *profile, int field)
{
    return profile->values[field].state != VALUE_ABSENT && !(profile->new_only & FIELD_BIT(field));
}

static uint32_t value_length(const struct profile_value *value)
{
    return value->state == VALUE_PRESENT ? value->length : 0;
}

static char *value_layout(char *to, int field, const struct profile_value *value)
{
    uint32_t length = value_length(value), little = htole32(length);
    to[0] = (char)field;
    to[1] = value->state == VALUE_PRESENT ? FORM_PRESENT : FORM_CLEARED;
    memcpy(to + 2, &little, sizeof little);
    if (length)
        memcpy(to + HEAD_BYTES, value->bytes, length);
    return to + HEAD_BYTES + length;
}

/* Bytes that the layout takes at most. */
static size_t profile_layout_room(const struct profile *profile)
{
    size_t bytes = 1 + FIELD_COUNT * HEAD_BYTES;
    for (int f = 0; f < FIELD_COUNT; f++)
        bytes += profile->values[f].length;
    return bytes;
}

void profile_digest(const struct profile *profile, const struct keys *keys, struct digest *out)
{
    char common[COMMON_BYTES];
    struct text large = {0};
    size_t room = profile_layout_room(profile);
    char *start = common;
    if (room > sizeof common) {
        text_reserve(&large, room);
        start = large.bytes;
    }
    char *to = start;
    *to++ = FORMAT_VERSION;
    for (int f = 0; f < FIELD_COUNT; f++)
        if (value_is_digested(profile, f))
            to = value_layout(to, f, &profile->values[f]);
    assert((size_t)(to - start) <= room);
    digest_keyed(keys, KEY_PROFILE, start, (size_t)(to - start), out);
    text_clear(&large);
}

field_set profile_sent(const struct profile *profile, bool first, const struct fingerprints *before)
{
    field_set had_value = before ? before->present & ~before->empty : 0;
    field_set sent = 0;
    for (int f = 0; f < FIELD_COUNT; f++) {
        enum value_state state = profile->values[f].state;
        if (state == VALUE_PRESENT || (state == VALUE_CLEARED && (had_value & FIELD_BIT(f))))
            sent |= FIELD_BIT(f);
    }
    return first ? sent : sent & ~profile->new_only;
}

void profile_body(const struct profile *profile, field_set sent, const char *token,
                  struct text *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    json_open_object(&writer);
    if (token)
        json_put_member(&writer, "apiToken", token);
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!(sent & FIELD_BIT(f)))
            continue;
        const struct profile_value *value = &profile->values[f];
        uint32_t length = value_length(value);
        json_put_key(&writer, field_info((enum field)f)->name);
        json_put_bytes(&writer, length ? value->bytes : "", length);
    }
    json_close_object(&writer);
}

void person_tag(const char *unique_id, size_t length, const struct keys *keys, struct digest *out)
{
    digest_short(keys, KEY_PERSON, unique_id, length, out);
}

void field_set_names(field_set fields, const char *separator, struct text *out)
{
    const char *between = "";
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!(fields & FIELD_BIT(f)))
            continue;
        text_add(out, between);
        text_add(out, field_info((enum field)f)->name);
        between = separator;
    }
}
