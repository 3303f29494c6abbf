#ifndef OPSPUSH_REPORT_TALLY_H
#define OPSPUSH_REPORT_TALLY_H

#include "report/report.h"

/* Reasons beyond so many different ones are counted as one for each action and outcome: no input grows a report without end. */
enum { REASONS_MAX = 4000, NOTES_MAX = 1000 };

/* Is this reason by outcome, and of which name? "rejected", "refused". */
const char *reason_kind(const struct report_reason *reason);

/* The reasons with most rows first; among equals the one that was met first. Lent elements; free() the array. */
const struct report_reason **reasons_sorted(const struct report *report);
/* Notes on values that were lost or changed before those on empty fields. */
const struct report_note **notes_sorted(const struct report *report);
bool note_lost_value(const struct report_note *note);

/*
 * Reasons as they may be shown to anybody: a server's own words are not among them (they may repeat what was sent), only
 * what its code means. Reasons that read the same are one cause.
 */
struct cause {
    const struct report_reason *reason; /* the first of them */
    char *words;
    uint64_t count;
    uint32_t lines[REASON_LINES];
    size_t line_count;
};
struct causes {
    struct cause *items;
    size_t count;
};
/* Most rows first; what somebody must mend before what a rule or another row decided. */
void causes_make(const struct report *report, struct causes *out);
void causes_clear(struct causes *causes);
/* Rejected, held, refused, unknown, not reached: somebody is not delivered. */
bool cause_needs_work(const struct cause *cause);

/* Appends "5, 18, 44 and 12 more": the lines of 'count' rows of which 'known' are kept, at most 'most'. */
void lines_add(struct text *out, const uint32_t lines[], size_t known, uint64_t count, size_t most);

#endif
