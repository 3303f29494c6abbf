#ifndef OPSPUSH_BASE_TEXT_H
#define OPSPUSH_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing run of bytes with a NUL behind it. Zeroed is a valid empty text. */
struct text {
    char *bytes; /* NULL while nothing was added */
    size_t length;
    size_t capacity;
};

void text_clear(struct text *text); /* frees; the text is empty and usable again */
void text_reset(struct text *text); /* keeps the memory, drops the content */
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_add_byte(struct text *text, char byte);
void text_addf(struct text *text, const char *words, ...) __attribute__((format(printf, 2, 3)));
/* Appends it as one word of a POSIX shell, in quotes where it needs them. */
void text_add_shell_word(struct text *text, const char *word);
void text_add_integer(struct text *text, int64_t number);
void text_add_count(struct text *text, uint64_t number); /* "12,345" */
void text_addv(struct text *text, const char *words, va_list arguments)
    __attribute__((format(printf, 2, 0)));
void text_reserve(struct text *text, size_t more); /* room for 'more' bytes behind the content */
const char *text_string(const struct text *text);  /* never NULL; lent until the next change */
char *text_take(struct text *text);                /* hands over the bytes (free()); never NULL */

/* Behind the next line end: LF, CR LF, or CR alone; NULL when there is none before 'end'. */
const char *text_next_line(const char *at, const char *end);

bool text_is(const char *a, const char *b);        /* both may be NULL */
bool text_is_folded(const char *a, const char *b); /* ASCII case ignored */
/* Edit distance with ASCII case and '_'/' ' folded; for "did you mean". */
size_t text_distance(const char *a, const char *b);
/* The nearest of 'count' names (a distance of at most a third of the length), or NULL. */
const char *text_nearest(const char *wanted, const char *const names[], size_t count);

static inline bool byte_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

#endif
