#ifndef OPSPUSH_MAPPING_MAPPING_H
#define OPSPUSH_MAPPING_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/problem.h"
#include "base/text.h"
#include "export/export.h"
#include "mapping/limits.h"
#include "profile/profile.h"

/*
 * The mapping file: from a record to a profile, by rules that a registrar can read (mapping.md, version 1).
 * It knows neither state nor network nor clock: today's date is handed in.
 */

struct mapping;

/* Reads and checks the file and the lists it names; all that is wrong goes to 'problems'. NULL when there are errors. */
struct mapping *mapping_load(const char *path, struct problems *problems) MUST_CHECK;
/* The mapping with its lists as one text (JSON), and back, for comparing with the mapping of an earlier run. */
void mapping_bundle(const struct mapping *mapping, struct text *out);
struct mapping *mapping_load_bundle(const char *bytes,
                                    size_t length) MUST_CHECK; /* NULL when it cannot be used */
void mapping_free(struct mapping *mapping);

const char *mapping_name(const struct mapping *mapping); /* the feed */
const char *mapping_path(const struct mapping *mapping);
const char *
mapping_digest(const struct mapping *mapping); /* hex, over the bundle's meaning-bearing bytes */
/* hex, over the mapping's bytes and its lists: a comment that changes changes it. For binding a saved plan. */
const char *mapping_bytes_digest(const struct mapping *mapping);
const struct export_dialect *mapping_dialect(const struct mapping *mapping); /* lent */
const struct limits *mapping_limits(const struct mapping *mapping);
field_set mapping_fields(const struct mapping *mapping); /* that it fills */
/* Is the field filled by 'value', the same for everybody? */
bool mapping_is_constant(const struct mapping *mapping, enum field field);
field_set mapping_private(const struct mapping *mapping); /* that are masked */
enum repeated_id { REPEATED_REJECT, REPEATED_FIRST, REPEATED_LAST };
enum repeated_id mapping_repeated_id(const struct mapping *mapping);
enum same_person { SAME_PERSON_NONE, SAME_PERSON_HOLD, SAME_PERSON_REPORT };
enum same_person mapping_same_person(const struct mapping *mapping);
bool mapping_has_prefer(const struct mapping *mapping);

/*
 * Finds the columns in an export's heading. Problems: missing (with the nearest heading), repeated and used bare,
 * columns_needed, other_columns. -1 when there are errors. Binding again to another heading is allowed.
 */
int mapping_bind(struct mapping *mapping, const struct export_record *heading,
                 struct problems *problems) MUST_CHECK;
/* After bind: the heading bears _line and _reason, so this is a rejects file that was fed again (a partial file). */
bool mapping_is_refed(const struct mapping *mapping);
/* After bind: the 0-based column of "_line" in a re-fed file; -1 otherwise. The five columns _line to _fix are last. */
int mapping_line_column(const struct mapping *mapping);
/* After bind: is the unique_id made from this column, 0-based? */
bool mapping_makes_id(const struct mapping *mapping, size_t column);

/* Something to say about a row: a code for machines, a field or -1, words for people without any value, and the mend. */
struct finding {
    const char *
        code; /* static. A field: required, empty, step, list, type, never, pattern, between, too_long, key, damaged.
                 A row: keep, leave_out, must_hold, type (a rule's date), ragged, encoding, nul, control, quote. */
    int field; /* enum field, or -1 for the row as a whole */
    const char *
        message; /* e.g. "email is missing"; lent until the next apply, a note's by the mapping; few different ones a mapping */
    const char *fix; /* what to do, ASCII; static or lent as the message */
};

enum row_verdict {
    ROW_VALID,
    ROW_LEFT_OUT, /* findings[0].message is the rule's 'because' */
    ROW_REJECTED, /* findings: all that is wrong, first the one to count it by */
    ROW_STOP /* must_hold failed or a 'stop run' policy fired: findings[0] says what; nothing may be sent */
};

enum policy {
    POLICY_REJECT,
    POLICY_LEAVE_OUT,
    POLICY_SEND_EMPTY,
    POLICY_CLEAR,
    POLICY_CUT,
    POLICY_SEND_ANYWAY,
    POLICY_STOP
};
const char *policy_name(enum policy policy);

struct mapped_row {
    enum row_verdict verdict;
    struct profile
        profile; /* complete when valid; else unique_id alone, present where it could be read; lent until the next apply, and
                    until the next split of the record's export: values may lie in its cells */
    size_t finding_count;
    struct finding findings[FIELD_COUNT + 4];
    /* policies that fired on a valid row other than 'reject person': no silent loss */
    size_t note_count;
    struct {
        enum policy policy;
        struct finding finding;
    } notes[2 * FIELD_COUNT];
    struct text
        rank; /* 'prefer' as bytes: of two rows of a person the one with the greater (memcmp) rank wins; empty without prefer */
    struct text
        person; /* the cells of same_person, length-prefixed; empty when one is missing or none is named */
};

/* A mapper holds the scratch memory of one reader; several may share one bound mapping (none is changed by it). */
struct mapper;
struct mapper *mapper_new(const struct mapping *mapping, struct date today);
void mapper_free(struct mapper *mapper);
/*
 * Maps one split record. The result is lent until the next call with the same mapper. Never fails; damage that the reader
 * found (record->damage) gives ROW_REJECTED with the unique_id where its cell can be read.
 */
const struct mapped_row *mapper_apply(struct mapper *mapper, const struct export_record *record);

#endif
