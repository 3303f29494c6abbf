#ifndef OPSPUSH_EXPORT_NOISE_H
#define OPSPUSH_EXPORT_NOISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* The 'not_rows' of a mapping: which records are no rows. */
struct noise;

/* NULL and FAULT_CONFIG when a pattern is no regular expression. */
struct noise *noise_new(const char *const patterns[], size_t count, struct fault *fault) MUST_CHECK;
void noise_free(struct noise *noise);
/*
 * Can any pattern match? Cheap, exact in "no", and true more often than 'noise_matches'. For records of an encoding
 * whose bytes below 0x80 are ASCII.
 */
bool noise_may_match(const struct noise *noise, const char *bytes, size_t length);
/* Does any pattern match the text? A record with a NUL is never noise. */
bool noise_matches(const struct noise *noise, const char *string, size_t length);

/* The count that a line such as "12,845 rows selected." or "1 ligne sélectionnée." states; -1: none. */
long noise_feedback(const char *string);

#endif
