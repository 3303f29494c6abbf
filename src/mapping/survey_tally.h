#ifndef OPSPUSH_MAPPING_SURVEY_TALLY_H
#define OPSPUSH_MAPPING_SURVEY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "mapping/mapping.h"

/* What happened how often, and on which lines first. What is remembered has a ceiling. */
enum { TALLY_LINES = 5 };

struct tally {
    int field; /* enum field, or -1 */
    enum policy policy;
    char *words, *fix;
    uint64_t count;
    uint32_t lines[TALLY_LINES];
};

struct tallies {
    struct tally *items;
    size_t count;
    uint64_t beyond; /* happened, but there were too many kinds */
};

void tallies_clear(struct tallies *tallies);
/* Counts one of the kind that field, message and policy make; 'most' is how many kinds are told apart. */
void tallies_add(struct tallies *tallies, size_t most, const struct finding *kind,
                 enum policy policy, uint32_t line);
/* Counts one more of a kind. */
void tally_add(struct tally *tally, uint32_t line);
/* The most frequent first; equal ones as they came. */
void tallies_sort(struct tallies *tallies);
/* "line 4" or "lines 4, 5, 9, 12, 40, ..." */
void tally_add_lines(const struct tally *tally, struct text *out);

/* How many different ones there are, by keyed hash, up to a ceiling. Zeroed is empty. */
struct distinct {
    uint64_t *slots;
    size_t slot_count, count;
    bool is_over; /* more than the ceiling: nothing is remembered any more */
};

void distinct_clear(struct distinct *distinct);
/* False when that hash was there already. */
bool distinct_add(struct distinct *distinct, size_t ceiling, uint64_t hash);

#endif
