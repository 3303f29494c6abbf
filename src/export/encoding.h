#ifndef OPSPUSH_EXPORT_ENCODING_H
#define OPSPUSH_EXPORT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "export/export.h"

#define NOWHERE SIZE_MAX

/* How an encoding lays out ASCII: bytes a unit, and which byte of it is the lower one. */
struct unit_shape {
    unsigned width, low;
};

struct unit_shape encoding_shape(enum export_encoding encoding);

static inline uint32_t unit_at(struct unit_shape shape, const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    return shape.width == 1 ? at[0] : (uint32_t)at[1 - shape.low] << 8 | at[shape.low];
}

/* The first undecodable unit of a record: its place in the file's bytes and in the decoded text; NOWHERE: all is well. */
struct undecodable {
    size_t raw, decoded;
};

/* Sets 'out' to the UTF-8 of 'raw', with U+FFFD for what the encoding does not have. */
struct undecodable encoding_decode(enum export_encoding encoding, const char *raw, size_t bytes,
                                   struct text *out);
/* Where in 'raw' the character stands that was decoded to place 'decoded' of encoding_decode's text. */
size_t encoding_raw_place(enum export_encoding encoding, const char *raw, size_t bytes,
                          size_t decoded);
/* Do the bytes end in the middle of a character? */
bool encoding_is_cut(enum export_encoding encoding, const char *raw, size_t bytes);

/* The length of the byte-order mark at the beginning, and what it stands for (an enum export_encoding, or -1: UTF-32). */
size_t encoding_mark(const char *bytes, size_t length, int *encoding);
/* What UTF-16 without a mark looks like by its NULs: ENCODING_UTF_16LE or _16BE; -1: not like that. */
int encoding_by_nuls(const char *bytes, size_t length);

#endif
