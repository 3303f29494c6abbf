#ifndef OPSPUSH_PROFILE_PROFILE_H
#define OPSPUSH_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/text.h"
#include "profile/field.h"

/*
 * What one person's push says. A value is absent (not sent), present (sent, may be the empty string), or cleared:
 * empty, and sent as "" only when the last delivered value was not empty (policy 'clear').
 */
enum value_state { VALUE_ABSENT, VALUE_PRESENT, VALUE_CLEARED };

struct profile_value {
    const char *bytes; /* UTF-8, NFC; lent by whoever filled the profile */
    uint32_t length;
    enum value_state state;
};

struct profile {
    struct profile_value values[FIELD_COUNT];
    field_set
        new_only; /* fields that go until the first acceptance and never later; not in the digest */
};

/*
 * The keyed digest of the fields that go with every push: over a format version and, for each field that is not absent
 * and not new_only, its number, its form and its length-prefixed value. A cleared value has one form. The token is
 * never in it. Absent, empty and cleared differ.
 */
void profile_digest(const struct profile *profile, const struct keys *keys, struct digest *out);

/* What is kept of a delivered profile: enough to name the fields that differ, not enough to know a value. */
struct fingerprints {
    field_set
        present; /* fields that went out at the last delivery with a value (also an empty one) */
    field_set empty; /* of them, those whose value was the empty string */
    uint64_t of[FIELD_COUNT];
};

/*
 * Fingerprints of the fields in the digest. A cleared value counts as present and empty. 'new_only' fields are left out.
 */
void profile_fingerprints(const struct profile *profile, const struct keys *keys,
                          struct fingerprints *out);
/* Fields in which two deliveries differ (absent against present, or another value). */
field_set fingerprints_differ(const struct fingerprints *before, const struct fingerprints *now);
/* Of those that differ, the ones that had a value before and have none now. */
field_set fingerprints_emptied(const struct fingerprints *before, const struct fingerprints *now);
/* The stored form: a version byte, then for each present field its number and 8 bytes. */
void fingerprints_encode(const struct fingerprints *prints, struct text *out);
int fingerprints_decode(const void *bytes, size_t length,
                        struct fingerprints *out); /* -1: not that */

/*
 * The fields that a push to this person would carry: all that are present; cleared ones where 'before' had a value that
 * was not empty; new_only ones where 'first' (never accepted before). 'before' may be NULL.
 */
field_set profile_sent(const struct profile *profile, bool first,
                       const struct fingerprints *before);
/* Appends the JSON body: apiToken (none where 'token' is NULL), then the fields of 'sent' in the table's order, all strings. */
void profile_body(const struct profile *profile, field_set sent, const char *token,
                  struct text *out);

/* The keyed digest of a unique_id: the person's tag. */
void person_tag(const char *unique_id, size_t length, const struct keys *keys, struct digest *out);
/* Appends field names of a set, joined by 'separator'. */
void field_set_names(field_set fields, const char *separator, struct text *out);

#endif
