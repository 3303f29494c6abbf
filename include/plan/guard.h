#ifndef OPSPUSH_PLAN_GUARD_H
#define OPSPUSH_PLAN_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapping/limits.h"
#include "plan/plan.h"

enum guard {
    GUARD_ROWS,
    GUARD_AGE,
    GUARD_SAME,
    GUARD_FIRST_LOAD,
    GUARD_NEW,
    GUARD_CHANGED,
    GUARD_GONE,
    GUARD_REJECTED,
    GUARD_FIELD,
    GUARD_MAPPING,
    GUARD_COUNT
};
const char *guard_name(enum guard guard); /* "first-load" */
int guard_find(const char *name);         /* -1: none */
typedef uint32_t guard_set;               /* bit n is guard n */

enum { BAND_RUNS = 14 };

/* What earlier finished runs of this feed to this target looked like. */
struct baseline {
    bool first_load;         /* no finished run and no adopt yet */
    uint64_t rows;           /* of the last finished run */
    char digest[65];         /* of its export; "" none */
    char mapping_digest[65]; /* of its mapping; "" none */
    size_t runs; /* how many of the following are set: the last finished runs, at most BAND_RUNS */
    struct {
        uint64_t valid;                /* valid rows of that run */
        uint64_t filled[FIELD_COUNT];  /* of them, rows with a value in the field */
        uint64_t changed[FIELD_COUNT]; /* people whose field differed */
        uint64_t known;
    } run[BAND_RUNS];
};

/* What is judged beside the plan. */
struct guard_facts {
    int64_t age_ms; /* of the export; -1 unknown (standard input) */
    char digest[65];
    char mapping_digest[65]; /* "" unknown; fill rates under another mapping do not count */
    uint64_t valid;          /* valid rows and, by field, those with a value */
    uint64_t filled[FIELD_COUNT];
    bool partial;            /* exempt from rows, age, same, gone, rejected */
    bool first_load_allowed; /* --first-load */
    bool adopting;           /* judge rows, age and rejected alone */
    bool only_data;          /* --only-data: what the mapping alone would change is not sent */
    guard_set ignored;       /* --ignore */
    guard_set approved;      /* recorded by a saved plan that a person looked at */
};

struct guard_verdict {
    double value, limit;
    bool passed;  /* within its limit, or it does not apply */
    bool ignored; /* outside, but passed by --ignore or by a saved plan */
    bool applies;
    char text
        [600]; /* its figures in words; when it trips also how to go on; for 'same' the notice */
};

struct guard_judgement {
    struct guard_verdict of[GUARD_COUNT];
    guard_set tripped; /* neither passed nor ignored */
};

/* Pure: same figures, same judgement. */
void guards_judge(const struct limits *limits, const struct plan *plan,
                  const struct baseline *baseline, const struct guard_facts *facts,
                  struct guard_judgement *out);

#endif
