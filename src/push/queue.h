#ifndef OPSPUSH_PUSH_QUEUE_H
#define OPSPUSH_PUSH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "push/answer.h"

/* One job from the moment it is taken from the source until it is settled or withdrawn. */
struct work {
    uint64_t id, person;
    bool is_new;
    bool owns_person;  /* it is the one that stands for its person in the set */
    bool was_deferred; /* 9019, 9020: this is the second time */
    bool has_grant;    /* its next attempt comes out of the retry budget */
    bool was_doubtful; /* an attempt had no clear answer, whatever came later */
    bool maybe_sent;   /* an attempt is without a clear answer: the server may have it */
    bool was_forgiven; /* its failures were part of an outage: that happens to a work once */
    int attempts;      /* requests that were started */
    int charged;       /* failures that count towards the five */
    uint64_t streak;   /* of its first charged failure: see 'struct pump' */
    int64_t due_ms;    /* waiting: not before */
    struct text body;  /* empty while it waits: the source makes it again */
    struct answer last;
};

void work_free(struct work *work); /* wipes the body: it holds the token */

/* First in, first out. Zeroed is empty. Holds the works: 'queue_clear' frees those that are left. */
struct queue {
    struct work **items;
    size_t head, count, capacity;
};
void queue_push(struct queue *queue, struct work *work);
struct work *queue_first(const struct queue *queue); /* or NULL */
struct work *queue_pop(struct queue *queue);         /* or NULL */
void queue_clear(struct queue *queue);

/* By 'due_ms', then by id. Zeroed is empty. */
struct heap {
    struct work **items;
    size_t count, capacity;
};
void heap_push(struct heap *heap, struct work *work);
struct work *heap_first(const struct heap *heap); /* or NULL */
struct work *heap_pop(struct heap *heap);         /* or NULL */
void heap_clear(struct heap *heap);

#endif
