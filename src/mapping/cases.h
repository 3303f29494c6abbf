#ifndef OPSPUSH_MAPPING_CASES_H
#define OPSPUSH_MAPPING_CASES_H

#include "loader.h"

/* The cases of a mapping: NAME.cases.jsonc beside NAME.jsonc; mappings/banner-students.cases.jsonc tells what may stand in it. */

enum outcome { OUTCOME_GIVES, OUTCOME_REFUSED, OUTCOME_LEFT_OUT, OUTCOME_STOPS, OUTCOME_COUNT };

/* What a case may say of its row: the key it says it with, words for people. */
struct outcome_words {
    const char *key, *words;
    enum row_verdict verdict;
};
extern const struct outcome_words case_outcomes[OUTCOME_COUNT];

struct cases {
    struct loader
        loader; /* of the cases' document, with a copy of the mapping, bound to a heading of its own */
    const struct json_value *usual; /* or NULL */
    struct export_cell *cells;      /* of the row at hand */
    size_t cell_count;
    struct mapper *mapper;
    struct date today;
};

/* cases_judge.c: tells whatever is not as the case says. */
void judge_gives(struct cases *cases, const struct json_value *example,
                 const struct json_value *gives, const struct mapped_row *row);
/* Refused, left out or stopped: for the reason that the case gives? */
void judge_reason(struct cases *cases, const struct json_value *example, enum outcome outcome,
                  const struct json_value *wanted, const struct mapped_row *row);

#endif
