#ifndef FAULTS_JOURNAL_H
#define FAULTS_JOURNAL_H

#include <stdarg.h>
#include <stddef.h>

/*
 * What the fault server saw, as JSON lines in the order in which it happened. The token is replaced wherever it stands, so
 * that the journal itself passes the search for secrets. Safe to call from any thread.
 */
struct journal;

/* For the life of the program; NULL with errno. */
struct journal *journal_open(const char *path, const char *token);

/* One line: the members that 'words' and what follows make, without braces. They hold no text that came over the wire. */
void journal_note(struct journal *journal, const char *words, ...)
    __attribute__((__format__(__printf__, 2, 3)));

/* A whole request: its number, its connection, its head and its body as strings. */
void journal_request(struct journal *journal, unsigned number, unsigned connection,
                     const char *bytes, size_t head_length, size_t length);

#endif
