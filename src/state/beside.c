#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* The key and the mirror of the run counter, beside the state; and what marks this machine. */

enum { KEY_FILE_MOST = 256, MIRROR_FILE_MOST = 256, HOST_FILE_MOST = 256 };

char *key_path(const char *path)
{
    return mem_format("%s.key", path);
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int key_from_hex(const struct text *text, uint8_t master[KEY_BYTES])
{
    size_t length = text->length;
    while (length && (text->bytes[length - 1] == '\n' || text->bytes[length - 1] == '\r'))
        length--;
    if (length != 2 * KEY_BYTES)
        return -1;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        int high = hex_digit(text->bytes[2 * i]), low = hex_digit(text->bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        master[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

static int key_missing(const char *path, const char *key, struct fault *fault)
{
    return fault_set(
        fault, FAULT_CONFIG,
        "the key file %s is missing, and without it the state %s cannot be used: bring "
        "it back from a backup. If it is lost, move the state aside; then 'opspush adopt "
        "EXPORT' or 'opspush push --first-load' starts anew",
        key, path);
}

int key_read(const char *path, uint8_t master[KEY_BYTES], struct fault *fault)
{
    char *key = key_path(path);
    struct text text = {0};
    int result = file_exists(key) ? file_check_private(key, fault) : key_missing(path, key, fault);
    if (result == 0)
        result = file_read(key, KEY_FILE_MOST, &text, FAULT_CONFIG, fault);
    if (result == 0 && key_from_hex(&text, master) < 0)
        result = fault_set(fault, FAULT_CONFIG,
                           "the key file %s is not one line of %d hex digits: bring it back from a "
                           "backup",
                           key, 2 * KEY_BYTES);
    if (text.bytes)
        mem_wipe(text.bytes, text.capacity);
    text_clear(&text);
    free(key);
    return result;
}

int key_make(const char *path, uint8_t master[KEY_BYTES], struct fault *fault)
{
    char *key = key_path(path);
    if (file_exists(key)) { /* of a state that was moved aside: it serves again */
        free(key);
        return key_read(path, master, fault);
    }
    char line[2 * KEY_BYTES + 1];
    random_bytes(master, KEY_BYTES);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        line[2 * i] = "0123456789abcdef"[master[i] >> 4];
        line[2 * i + 1] = "0123456789abcdef"[master[i] & 15];
    }
    line[sizeof line - 1] = '\n';
    int result = file_write(key, line, sizeof line, FAULT_CONFIG, fault);
    mem_wipe(line, sizeof line);
    free(key);
    return result;
}

/* ---------------------------------------------------------------- the mirror */

static char *mirror_path(const char *path)
{
    return mem_format("%s.counter", path);
}

/* "1 IDENTITY COUNTER\n" */
static int mirror_scan(const char *line, struct mirror *out)
{
    unsigned long long counter;
    char rest;
    if (sscanf(line, "1 %32[0-9a-f] %20llu%c", out->identity, &counter, &rest) != 3 ||
        rest != '\n' || strlen(out->identity) != 2 * DIGEST_BYTES)
        return -1;
    out->counter = counter;
    return 0;
}

int mirror_read(const char *path, struct mirror *out, struct fault *fault)
{
    char *mirror = mirror_path(path);
    struct text text = {0};
    int result = 0;
    *out = (struct mirror){.exists = file_exists(mirror)};
    if (out->exists)
        result = file_read(mirror, MIRROR_FILE_MOST, &text, FAULT_STATE, fault);
    if (out->exists && result == 0 && mirror_scan(text_string(&text), out) < 0)
        result = fault_set(fault, FAULT_STATE,
                           "%s, which tells whether the state is the newest copy, is damaged: make "
                           "sure that %s was not restored from a backup, then move %s away",
                           mirror, path, mirror);
    text_clear(&text);
    free(mirror);
    return result;
}

int mirror_write(const char *path, const char *identity, uint64_t counter, struct fault *fault)
{
    char *mirror = mirror_path(path);
    char *line = mem_format("1 %s %llu\n", identity, (unsigned long long)counter);
    int result = file_write(mirror, line, strlen(line), FAULT_STATE, fault);
    free(line);
    free(mirror);
    return result;
}

/* ---------------------------------------------------------------- the machine */

int64_t host_mark(const struct keys *keys)
{
    struct text id = {0};
    struct fault ignored;
    int64_t mark = 0;
    if (file_read("/etc/machine-id", HOST_FILE_MOST, &id, FAULT_STATE, &ignored) == 0 && id.length)
        mark = (int64_t)fingerprint_of(keys, KEY_CHECK, id.bytes, id.length);
    text_clear(&id);
    return mark;
}
