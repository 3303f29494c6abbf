#ifndef OPSPUSH_MAPPING_DAMAGE_H
#define OPSPUSH_MAPPING_DAMAGE_H

#include "regex.h"
#include "span.h"

/* What exports and spreadsheets do to values, named for what it is. */

/* UTF-8 that was taken for windows-1252 and encoded again: accents have become two signs. */
bool damage_is_twice(struct span value);
/* A replacement character, U+FFFD: letters are lost. */
bool damage_is_lost(struct span value);
/* 1.23457E+11: a number that a spreadsheet shortened. */
bool damage_is_power(struct span value);
/* ="000123", and for ids '000123. */
bool damage_is_guarded(struct span value, bool is_id);
/* All digits, and with zeros in front it would have the one length that the pattern asks for. */
bool damage_is_short_of_zeros(struct span value, const struct regex *pattern);

#endif
