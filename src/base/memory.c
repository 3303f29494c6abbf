#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

/* The allocation that fails, counted down; 0 is never. Tests alone set it. */
static long fail_countdown;

static _Noreturn void memory_exhausted(void)
{
    static const char message[] = "opspush: out of memory\n";
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(1);
}

static void *memory_checked(void *block)
{
    if (fail_countdown > 0 && --fail_countdown == 0) {
        memory_exhausted();
    }
    if (!block) {
        memory_exhausted();
    }
    return block;
}

void *mem_new(size_t size)
{
    return memory_checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    if (count == 0 || size == 0) {
        return mem_new(1);
    }
    return memory_checked(calloc(count, size));
}

void *mem_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        memory_exhausted();
    }
    size_t bytes = count * size;
    return memory_checked(realloc(old, bytes ? bytes : 1));
}

char *mem_string(const char *text)
{
    return text ? mem_bytes(text, strlen(text)) : NULL;
}

char *mem_bytes(const void *bytes, size_t length)
{
    if (length == SIZE_MAX) {
        memory_exhausted();
    }
    char *copy = memory_checked(malloc(length + 1));
    if (length) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    return copy;
}

char *mem_format(const char *words, ...)
{
    va_list arguments, again;
    va_start(arguments, words);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, words, arguments);
    va_end(arguments);
    char *out = mem_array(length < 0 ? 1 : (size_t)length + 1, 1);
    if (length > 0) {
        vsnprintf(out, (size_t)length + 1, words, again);
    }
    va_end(again);
    return out;
}

void mem_wipe(void *bytes, size_t length)
{
    sodium_memzero(bytes, length);
}

void mem_fail_at(long nth)
{
    fail_countdown = nth;
}
