#ifndef OPSPUSH_PUSH_WORDS_H
#define OPSPUSH_PUSH_WORDS_H

#include <stddef.h>

/*
 * Writes a server's words as they may be shown: the token masked wherever it stands (in any case of letters, as it is or
 * escaped as JSON does), then cleaned (utf8_add_clean), cut to fit 'size' bytes with the NUL at a whole character.
 */
void words_set(char *out, size_t size, const char *words, size_t length, const char *token);

#endif
