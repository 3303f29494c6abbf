#include "journal.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    FILE *stream;
    const char *token;
    pthread_mutex_t guard;
};

struct journal *journal_open(const char *path, const char *token)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return NULL;
    journal->stream = fopen(path, "we");
    if (!journal->stream) {
        free(journal);
        return NULL;
    }
    journal->token = token;
    pthread_mutex_init(&journal->guard, NULL);
    return journal;
}

static void line_begin(struct journal *journal)
{
    pthread_mutex_lock(&journal->guard);
    fputc('{', journal->stream);
}

static void line_end(struct journal *journal)
{
    fputs("}\n", journal->stream);
    fflush(journal->stream);
    pthread_mutex_unlock(&journal->guard);
}

void journal_note(struct journal *journal, const char *words, ...)
{
    va_list arguments;
    line_begin(journal);
    va_start(arguments, words);
    vfprintf(journal->stream, words, arguments);
    va_end(arguments);
    line_end(journal);
}

static bool token_stands_at(const struct journal *journal, const char *at, size_t left)
{
    size_t length = strlen(journal->token);
    return length && left >= length && memcmp(at, journal->token, length) == 0;
}

/* A JSON string, bytes above 0x7f as they are, the token replaced. Returns whether the token was there. */
static bool string_write(struct journal *journal, const char *bytes, size_t length)
{
    bool found = false;
    fputc('"', journal->stream);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (token_stands_at(journal, bytes + i, length - i)) {
            fputs("(token)", journal->stream);
            i += strlen(journal->token) - 1;
            found = true;
        } else if (byte < ' ' || byte == '"' || byte == '\\') {
            fprintf(journal->stream, "\\u%04x", byte);
        } else {
            fputc(byte, journal->stream);
        }
    }
    fputc('"', journal->stream);
    return found;
}

void journal_request(struct journal *journal, unsigned number, unsigned connection,
                     const char *bytes, size_t head_length, size_t length)
{
    line_begin(journal);
    fprintf(journal->stream,
            "\"event\": \"request\", \"n\": %u, \"connection\": %u, \"bytes\": %zu, ", number,
            connection, length);
    fputs("\"head\": ", journal->stream);
    string_write(journal, bytes, head_length);
    fputs(", \"body\": ", journal->stream);
    bool has_token = string_write(journal, bytes + head_length, length - head_length);
    fprintf(journal->stream, ", \"token\": %s", has_token ? "true" : "false");
    line_end(journal);
}
