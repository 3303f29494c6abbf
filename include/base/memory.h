#ifndef OPSPUSH_BASE_MEMORY_H
#define OPSPUSH_BASE_MEMORY_H

#include <stddef.h>

/*
 * Memory that never comes back empty: when there is none left, one message is written to standard error and the
 * program ends with exit 1 (safe: everything durable is in a transaction). All of it is freed with free().
 */

void *mem_new(size_t size);                             /* zeroed */
void *mem_array(size_t count, size_t size);             /* zeroed; the product is checked */
void *mem_resize(void *old, size_t count, size_t size); /* as realloc; the product is checked */
char *mem_string(const char *text);                     /* NULL gives NULL */
char *mem_bytes(const void *bytes, size_t length);      /* a copy with a NUL behind it */
char *mem_format(const char *words, ...) __attribute__((format(printf, 1, 2)));

/* Overwrites in a way that the compiler keeps. */
void mem_wipe(void *bytes, size_t length);

/* One allocation in 'nth' fails from now on (tests): 0 switches it off. */
void mem_fail_at(long nth);

#endif
