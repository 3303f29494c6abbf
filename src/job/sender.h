#ifndef OPSPUSH_SRC_SENDER_H
#define OPSPUSH_SRC_SENDER_H

#include "job_private.h"

/* What sending (send.c), settling (settle.c) and masking (mask.c) share. */

enum { GROUP_MAX = 64 };

/* What must be known of a person until their outcome is settled. */
struct flight {
    struct intent intent; /* unique_id lent by 'id' */
    struct fingerprints prints;
    uint64_t aliases[3];
    size_t alias_count;
    char *id;
};

struct sender {
    struct job *job;
    uint32_t *order; /* plan rows, in the order of sending */
    size_t count, next;
    struct flight **flights;     /* by plan row */
    uint32_t pending[GROUP_MAX]; /* settled, not durable yet */
    struct sent pending_sent[GROUP_MAX];
    size_t pending_count;
    bool in_group;
};

void flight_free(struct flight *flight); /* NULL is none */
/* Where a copy of 'words' stands in job->words; 0 for "". */
uint32_t keep_words(struct job *job, const char *words);
/* Masks the values of this row's person in a server's words. */
void sender_mask(void *self, uint64_t id, char *message);
/* Makes what was settled durable, then counts it. */
struct push_sink settling(struct sender *sender);

#endif
