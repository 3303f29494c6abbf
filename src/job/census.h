#ifndef OPSPUSH_SRC_JOB_CENSUS_H
#define OPSPUSH_SRC_JOB_CENSUS_H

#include "mapping/mapping.h"
#include "report/report.h"

enum { TYPE_SLOTS = 64 };

/* The policy that fired last on a field, and how often since it was another: the mapping lends its words. */
struct run_of_notes {
    enum policy policy;
    const char *code, *message;
    uint64_t count;
};

/* What is counted of the rows while they are read, beside the plan. Zeroed is a valid empty one. */
struct census {
    uint64_t rows, broken, damaged_ids, left_out, valid;
    uint64_t filled[FIELD_COUNT];         /* valid rows with a value in the field */
    struct report_type types[TYPE_SLOTS]; /* user types of the valid rows */
    size_t type_count;
    struct run_of_notes last[FIELD_COUNT]; /* not among 'notes' yet */
    struct report notes; /* policies that fired on valid rows; its notes alone are used */
};

void census_add(struct census *census, const struct export_record *record,
                const struct mapped_row *mapped);
/* Counts alone the policies that fired on a valid row. */
void census_add_notes(struct census *census, const struct mapped_row *mapped);
/* Those policies, as a report's notes; lent. */
const struct report *census_notes(struct census *census);
/* Adds what another one counted, and clears it. The mapping must still be there. */
void census_merge(struct census *census, struct census *other);
void census_clear(struct census *census);
/* The slot of a user type, a new one where it is not there yet; NULL when all are taken. */
struct report_type *census_type(struct census *census, const char *type, size_t length);

#endif
