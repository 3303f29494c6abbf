#ifndef OPSPUSH_SANDBOX_JOURNAL_H
#define OPSPUSH_SANDBOX_JOURNAL_H

#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "mischief.h"
#include "people.h"
#include "json/write.h"

/* Every push that came: what became of it, in the order of arrival; and the counts over all of them. */

enum fate {
    FATE_ACCEPTED,  /* stored; the answer may still have been spoilt */
    FATE_REFUSED,   /* an error of OPS-COM */
    FATE_MISBEHAVED /* not looked at: the misbehaviour came first */
};
const char *fate_name(enum fate fate);

struct entry {
    uint64_t number; /* from 1 */
    int64_t ms;      /* since the start */
    uint64_t connection;
    const char *unique_id; /* lent by the people; "" when it could not be read */
    enum fate fate;
    int status;                      /* HTTP; 0: no answer */
    int code;                        /* OPS-COM's; 0: none */
    const struct mischief *mischief; /* NULL: none; lent by the plan */
};

struct tally {
    uint64_t requests, accepted, refused, misbehaved; /* pushes */
    uint64_t types_lists, other_requests, redirects_followed;
    uint64_t connections;
    uint64_t alias_pairs, unknown_fields;
    uint64_t in_flight, most_in_flight;
    uint64_t overlaps; /* pushes of a person while another of that person was not answered */
    uint64_t by_status[600];
    uint64_t by_code[1000]; /* of 9000 to 9999 */
};

enum { JOURNAL_ENTRIES_MAX = 2000000 };

struct journal {
    struct tally tally;
    struct entry *entries;
    size_t count, capacity;
    uint64_t dropped; /* over JOURNAL_ENTRIES_MAX: counted, not kept */
    FILE *file;       /* one JSON line a request, or NULL */
};

/* Opens the file of --log, 0600; "-" is standard error. */
int journal_open(struct journal *journal, const char *path, struct fault *fault) MUST_CHECK;
void journal_close(struct journal *journal);
void journal_reset(struct journal *journal);
/* Counts the entry, and no more. */
void journal_count(struct journal *journal, const struct entry *entry);
/* Keeps and counts the entry; 'submission' (NULL: unreadable) goes to the file with it: the token is not part of it. */
void journal_add(struct journal *journal, const struct entry *entry,
                 const struct submission *submission);

/* Writes an object: an entry, the counts. */
void entry_write(const struct entry *entry, struct json_writer *writer);
void tally_write(const struct journal *journal, size_t people, struct json_writer *writer);

#endif
