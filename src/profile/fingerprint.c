#include <string.h>

#include "profile/profile.h"

enum { STORED_VERSION = 1, STORED_EMPTY = 0x80, STORED_FIELD_BYTES = 9, COMMON_BYTES = 512 };

/* Over the field's number and its value, so that one value in two fields does not show. */
static uint64_t value_fingerprint(const struct keys *keys, int field, const char *bytes,
                                  size_t length)
{
    char common[COMMON_BYTES];
    struct text large = {0};
    char *start = common;
    if (length >= sizeof common) {
        text_reserve(&large, length + 1);
        start = large.bytes;
    }
    start[0] = (char)field;
    if (length)
        memcpy(start + 1, bytes, length);
    uint64_t print = fingerprint_of(keys, KEY_FIELD, start, length + 1);
    text_clear(&large);
    return print;
}

void profile_fingerprints(const struct profile *profile, const struct keys *keys,
                          struct fingerprints *out)
{
    memset(out, 0, sizeof *out);
    for (int f = 0; f < FIELD_COUNT; f++) {
        const struct profile_value *value = &profile->values[f];
        if (value->state == VALUE_ABSENT || (profile->new_only & FIELD_BIT(f)))
            continue;
        uint32_t length = value->state == VALUE_PRESENT ? value->length : 0;
        out->present |= FIELD_BIT(f);
        if (!length)
            out->empty |= FIELD_BIT(f);
        out->of[f] = value_fingerprint(keys, f, value->bytes, length);
    }
}

field_set fingerprints_differ(const struct fingerprints *before, const struct fingerprints *now)
{
    field_set differ = before->present ^ now->present;
    field_set both = before->present & now->present;
    for (int f = 0; f < FIELD_COUNT; f++)
        if ((both & FIELD_BIT(f)) && before->of[f] != now->of[f])
            differ |= FIELD_BIT(f);
    return differ;
}

field_set fingerprints_emptied(const struct fingerprints *before, const struct fingerprints *now)
{
    field_set had = before->present & ~before->empty;
    field_set have = now->present & ~now->empty;
    return had & ~have;
}

void fingerprints_encode(const struct fingerprints *prints, struct text *out)
{
    text_add_byte(out, STORED_VERSION);
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!(prints->present & FIELD_BIT(f)))
            continue;
        unsigned number = (unsigned)f | (prints->empty & FIELD_BIT(f) ? STORED_EMPTY : 0);
        text_add_byte(out, (char)(unsigned char)number);
        for (int i = 0; i < 8; i++)
            text_add_byte(out, (char)(unsigned char)(prints->of[f] >> (8 * i)));
    }
}

static uint64_t stored_number(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

int fingerprints_decode(const void *bytes, size_t length, struct fingerprints *out)
{
    const unsigned char *at = bytes;
    memset(out, 0, sizeof *out);
    if (length < 1 || (length - 1) % STORED_FIELD_BYTES || at[0] != STORED_VERSION)
        return -1;
    const unsigned char *end = at + length;
    int last = -1;
    for (at++; at < end; at += STORED_FIELD_BYTES) {
        int field = at[0] & ~STORED_EMPTY;
        if (field >= FIELD_COUNT || field <= last)
            return -1;
        out->present |= FIELD_BIT(field);
        if (at[0] & STORED_EMPTY)
            out->empty |= FIELD_BIT(field);
        out->of[field] = stored_number(at + 1);
        last = field;
    }
    return 0;
}
