#ifndef OPSPUSH_MAPPING_SURVEY_PRIVATE_H
#define OPSPUSH_MAPPING_SURVEY_PRIVATE_H

#include "base/digest.h"
#include "mapper.h"
#include "mapping/survey.h"
#include "survey_tally.h"

/* Ceilings on what is remembered: kinds of reasons, codes, and hashes of values. */
enum {
    SURVEY_KINDS_MAX = 500,
    SURVEY_CODES_MAX = 50,
    SURVEY_DISTINCT_MAX = 1000,
    SURVEY_IDS_MAX = 1 << 20,
    SURVEY_CODE_CHARACTERS = 40,
    SURVEY_ID_DIGITS = 32
};

/* How a column of the export is used: it decides what may be shown of it. */
enum column_use {
    USE_NONE,
    USE_RULES,  /* a rule on rows, prefer, same_person */
    USE_VALUES, /* its content may go out */
    USE_CODES, /* it feeds lists of fields that are not private, and nothing else: its codes are shown */
    USE_SECRET /* looks like a social security number: never looked at */
};

struct column_survey {
    enum column_use use;
    uint64_t filled;
    struct distinct distinct;
    struct tallies codes;
};

struct survey {
    const struct mapping *mapping;
    char **headings;
    struct column_survey *columns;
    size_t column_count;
    struct keys keys;      /* of this survey alone: a hash is worth nothing outside of it */
    struct mapper *mapper; /* finds out which code a list does not have */

    bool has_facts;
    uint64_t noise;
    long feedback_rows;

    uint64_t rows, sound, valid, left_out, rejected, stopping;
    uint64_t filled[FIELD_COUNT]; /* people who get a value */
    struct tallies left, reasons, stops, policies, damages, missing;
    bool has_damaged_id;
    struct distinct ids;
    struct tally repeated;
    struct tally id_lengths[SURVEY_ID_DIGITS]; /* of ids that are all digits, by how many */
    bool watches_lengths;                      /* nothing else would find lost zeros */
};

/* survey_columns.c */
void survey_columns_init(struct survey *survey, const struct export_record *heading);
void survey_columns_add(struct survey *survey, const struct export_record *record);
/* Whether the codes of a field may be shown. */
bool survey_shows_codes(const struct survey *survey, const struct field_rule *rule);

#endif
