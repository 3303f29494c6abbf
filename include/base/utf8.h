#ifndef OPSPUSH_BASE_UTF8_H
#define OPSPUSH_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* UTF-8 as Unicode 15 table 3-7 has it: no overlong forms, no surrogates, nothing over U+10FFFF. */

/* The length of the valid beginning; 'length' when all is valid. Fast on ASCII. */
size_t utf8_valid_prefix(const char *bytes, size_t length);
bool utf8_is_ascii(const char *bytes, size_t length);
/* Code points in valid UTF-8. */
size_t utf8_count(const char *bytes, size_t length);
/* Bytes that the first 'points' code points of valid UTF-8 take. */
size_t utf8_cut(const char *bytes, size_t length, size_t points);
/* Decodes one code point of valid UTF-8; returns its bytes (1 to 4). */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *point);
size_t utf8_encode(uint32_t point, char out[4]);
/* Is it surely in normal form C? Quick: true for all that has no character over U+02FF. */
bool utf8_is_composed(const char *bytes, size_t length);
/* Appends the value in normal form C; pure ASCII is copied. Input must be valid. */
void utf8_nfc(const char *bytes, size_t length, struct text *out);
/* One code point for one, as UnicodeData.txt maps them, but for U+00DF, whose upper form is SS; final sigma is not known. */
void utf8_upper(const char *bytes, size_t length, struct text *out);
void utf8_lower(const char *bytes, size_t length, struct text *out);
/* Normal form C in lower case: names that fold to the same are one name, case apart. */
void utf8_fold(const char *bytes, size_t length, struct text *out);
bool utf8_is_letter(uint32_t point);
bool utf8_is_space(
    uint32_t point); /* blanks of any script: space, tab, NBSP, U+2000..200A, 202F, 205F, 3000 */
/* Cells a terminal needs for valid UTF-8 (wide characters 2, combining 0). */
size_t utf8_columns(const char *bytes, size_t length);
/*
 * Appends what may be shown on a terminal or in a log: control characters (C0, DEL, C1), bidi controls, line and
 * paragraph separators and invalid bytes become U+FFFD; at most 'max_bytes' of input are looked at ("..." then follows).
 */
void utf8_add_clean(struct text *out, const char *bytes, size_t length, size_t max_bytes);

#endif
