#ifndef OPSPUSH_SRC_PLAN_PEOPLE_H
#define OPSPUSH_SRC_PLAN_PEOPLE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "plan/plan.h"

/*
 * Everybody who is known to the state or has a row today: one array of small entries in the order
 * in which they came, and an index over it. A person is named by their number, their place in the
 * array; 0 is nobody.
 */

/* 96 bits of a person's tag: two people of a million share them once in 10^17 plans. */
struct short_tag {
    uint32_t word[3];
};

/* What today's rows make of a person. The last four come from a valid row. */
enum standing {
    STANDING_ABSENT,  /* no row */
    STANDING_PRESENT, /* rows that do not compete: left out or held by the mapping */
    STANDING_INVALID, /* the row that counts is rejected */
    STANDING_NEW,
    STANDING_CHANGED,
    STANDING_UNCHANGED,
    STANDING_HELD
};

enum {
    OFFSET_BITS = 40,
    BYTES_BITS = 21,
    PERSON_FIELDS = 24,
    PERSON_BYTES = 56 /* what the whole layout is about */
};

struct person {
    struct short_tag tag;
    person_handle handle;
    struct digest delivered;
    uint64_t
        payload; /* of the row that counts (see payload_of); without one, its reason's number */
    uint64_t offset : OFFSET_BITS;
    uint64_t fields : PERSON_FIELDS; /* that differ from the last delivery */
    uint32_t line;
    uint32_t bytes : BYTES_BITS;
    uint32_t standing : 3;
    uint32_t is_delivered : 1;
    uint32_t is_gone : 1;         /* before this run */
    uint32_t is_marked : 1;       /* there is a 'struct mark' */
    uint32_t is_to_refresh : 1;   /* if nothing else is to be said */
    uint32_t is_by_mapping : 1;   /* the old mapping would have found no difference */
    uint32_t is_emptied : 1;      /* there is a 'struct emptied' */
    uint32_t is_contradicted : 1; /* rows of equal rank differ, and that rejects them all */
};
static_assert(sizeof(struct person) == PERSON_BYTES, "the memory law of plan.h");
static_assert((int)FIELD_COUNT <= PERSON_FIELDS, "a bit for each field");

struct people {
    struct person *items; /* [0] is nobody */
    uint32_t count;       /* with nobody */
    uint32_t capacity;
    uint32_t last;   /* found last: the next row's person probably stands behind it */
    uint32_t *slots; /* NULL until somebody is looked for; a number, above it bits of the tag */
    uint32_t slot_count;
    uint32_t limit;       /* the slots are made for numbers below it */
    uint32_t number_mask; /* the bits of a slot that are the number */
};

void people_init(struct people *people);
void people_clear(struct people *people);
/* Appends somebody who is not there; returns their number. */
uint32_t people_add(struct people *people, const struct digest *tag);
/*
 * The number of a person, or 0. Quick where people are looked for in the order in which they were
 * added.
 */
uint32_t people_find(struct people *people, const struct short_tag *tag);
/* Asks memory for the place of the index where this person will be looked for. */
void people_expect(const struct people *people, const struct short_tag *tag);
/* Frees the index; it is built again when somebody is looked for. */
void people_seal(struct people *people);

static inline struct short_tag tag_short(const struct digest *tag)
{
    struct short_tag out;
    static_assert(sizeof out < sizeof *tag, "a beginning of the tag");
    memcpy(&out, tag, sizeof out);
    return out;
}

/* 64 bits of a digest, to tell one person's payloads apart. */
static inline uint64_t payload_of(const struct digest *digest)
{
    uint64_t out;
    memcpy(&out, digest, sizeof out);
    return out;
}

static inline bool person_is_known(const struct person *person)
{
    return person->is_delivered && !person->is_gone;
}

static inline bool person_is_valid(const struct person *person)
{
    return person->standing > STANDING_INVALID;
}

#endif
