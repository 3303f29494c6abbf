#ifndef OPSPUSH_SANDBOX_PEOPLE_H
#define OPSPUSH_SANDBOX_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "profile/field.h"

/*
 * What the stand-in holds of the people that were pushed to it, in memory alone: the values of each, by unique_id, and
 * who has which e-mail address and user name.
 */

/* What a push says of one person: a value is NULL when its field is not in the body. Lent. */
struct submission {
    const char *values[FIELD_COUNT];
};

struct person {
    long reference_id; /* given at the first push, kept for good */
    unsigned long posts;
    uint64_t first_request, last_request; /* numbers of requests */
    uint64_t received; /* requests that named this person, whatever became of them */
    unsigned in_flight;
    field_set have;   /* fields that hold a value, maybe an empty one */
    field_set pushed; /* fields of the last push */
    char *
        block; /* the values of 'have' in the table's order, each with its NUL; NULL: never accepted */
    char *unique_id;
};

struct people;
struct people *people_new(void);
void people_free(struct people *people);
void people_reset(struct people *people);

size_t people_count(const struct people *people);              /* accepted at least once */
size_t people_seen(const struct people *people);               /* named at least once */
struct person *people_at(struct people *people, size_t place); /* in the order of first sight */
/* The person of this unique_id, made when there is none. Lent until the next reset. */
struct person *people_find(struct people *people, const char *unique_id);
/* Stores the values of a push: those it names replace what was there, the others stay. */
void people_store(struct people *people, struct person *person, const struct submission *submission,
                  uint64_t request);
/* The value of a field, or NULL. Lent until the next store. */
const char *person_value(const struct person *person, enum field field);
/* Does another person hold this value of FIELD_EMAIL or FIELD_USER_NAME (ASCII case ignored)? */
bool people_taken(const struct people *people, enum field field, const char *value,
                  const struct person *by_other_than);

#endif
