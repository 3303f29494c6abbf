/* What needs the character tables of utf8proc; the rest of base/utf8.h is in utf8.c. */
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "base/memory.h"

void utf8_nfc(const char *bytes, size_t length, struct text *out)
{
    if (utf8_is_composed(bytes, length)) {
        text_add_bytes(out, bytes, length);
        return;
    }
    const utf8proc_uint8_t *from = (const utf8proc_uint8_t *)bytes;
    utf8proc_option_t form = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t points = utf8proc_decompose(from, (utf8proc_ssize_t)length, NULL, 0, form);
    assert(points >= 0);
    utf8proc_int32_t *buffer = mem_array((size_t)points + 1, sizeof *buffer);
    points = utf8proc_decompose(from, (utf8proc_ssize_t)length, buffer, points, form);
    utf8proc_ssize_t size = utf8proc_reencode(buffer, points, form);
    assert(size >= 0);
    text_add_bytes(out, buffer, (size_t)size);
    free(buffer);
}

static void add_point(struct text *out, utf8proc_int32_t point)
{
    char encoded[4];
    text_add_bytes(out, encoded, utf8_encode((uint32_t)point, encoded));
}

void utf8_upper(const char *bytes, size_t length, struct text *out)
{
    for (size_t i = 0; i < length;) {
        uint32_t point;
        i += utf8_decode(bytes + i, length - i, &point);
        if (point < 0x80) {
            text_add_byte(out, (char)(point >= 'a' && point <= 'z' ? point - 'a' + 'A' : point));
        } else if (point == 0xDF) {
            text_add(out, "SS");
        } else {
            add_point(out, utf8proc_toupper((utf8proc_int32_t)point));
        }
    }
}

void utf8_lower(const char *bytes, size_t length, struct text *out)
{
    for (size_t i = 0; i < length;) {
        uint32_t point;
        i += utf8_decode(bytes + i, length - i, &point);
        if (point < 0x80) {
            text_add_byte(out, (char)(point >= 'A' && point <= 'Z' ? point - 'A' + 'a' : point));
        } else {
            add_point(out, utf8proc_tolower((utf8proc_int32_t)point));
        }
    }
}

void utf8_fold(const char *bytes, size_t length, struct text *out)
{
    struct text composed = {0};
    utf8_nfc(bytes, length, &composed);
    utf8_lower(text_string(&composed), composed.length, out);
    text_clear(&composed);
}

bool utf8_is_letter(uint32_t point)
{
    if (point < 0x80) {
        return (point >= 'A' && point <= 'Z') || (point >= 'a' && point <= 'z');
    }
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool utf8_is_space(uint32_t point)
{
    return point == ' ' || point == '\t' || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x202F || point == 0x205F ||
           point == 0x3000;
}

size_t utf8_columns(const char *bytes, size_t length)
{
    if (utf8_is_ascii(bytes, length)) {
        return length;
    }
    size_t columns = 0;
    for (size_t i = 0; i < length;) {
        uint32_t point;
        i += utf8_decode(bytes + i, length - i, &point);
        columns += (size_t)utf8proc_charwidth((utf8proc_int32_t)point);
    }
    return columns;
}
