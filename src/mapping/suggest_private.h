#ifndef OPSPUSH_MAPPING_SUGGEST_PRIVATE_H
#define OPSPUSH_MAPPING_SUGGEST_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "export/export.h"

/* What a heading seems to be about. */
enum role {
    ROLE_NONE,
    ROLE_SECRET,   /* looks like a social security number: never mapped */
    ROLE_NO_FIELD, /* well known, but OPS-COM has no field for it */
    ROLE_ID,
    ROLE_OTHER_ID, /* could be the id where there is no better one */
    ROLE_PIDM,
    ROLE_LOGIN_SOURCE,
    ROLE_FIRST_NAME,
    ROLE_PREFERRED_FIRST,
    ROLE_LAST_NAME,
    ROLE_PREFERRED_LAST,
    ROLE_SURNAME_PREFIX,
    ROLE_WHOLE_NAME,
    ROLE_USER_NAME,
    ROLE_EMAIL,
    ROLE_PERSONAL_EMAIL,
    ROLE_STREET,
    ROLE_CITY,
    ROLE_STATE,
    ROLE_ZIP,
    ROLE_AREA,
    ROLE_PHONE,
    ROLE_CELL_AREA,
    ROLE_CELL,
    ROLE_OTHER_AREA,
    ROLE_OTHER_PHONE,
    ROLE_WORK_AREA,
    ROLE_WORK_PHONE,
    ROLE_STUDENT_NO,
    ROLE_EMPLOY_NO,
    ROLE_USER_TYPE,
    ROLE_TYPE_CODE, /* part of what decides about the user type */
    ROLE_BIRTH,
    ROLE_LICENCE,
    ROLE_LICENCE_STATE,
    ROLE_STUDENT_STATUS,
    ROLE_STAFF_STATUS,
    ROLE_TERM,
    ROLE_CONFIDENTIAL,
    ROLE_DECEASED,
    ROLE_ENTITY,
    ROLE_CHANGE,
    ROLE_ADDRESS_TYPE,
    ROLE_SEQUENCE,
    ROLE_END_DATE
};

/* Of which address a heading speaks ("Perm_City"); better ones to send first come first. */
enum place { PLACE_MAILING, PLACE_PLAIN, PLACE_LOCAL, PLACE_CAMPUS, PLACE_HOME, PLACE_PERMANENT };

struct meaning {
    enum role role;
    enum place place;
    unsigned number; /* that the heading ends in: 2 of STREET_LINE2; 0: none */
};

/* What a heading means, whatever its case, its "_", blanks and table names (SPRIDEN_ID, spriden.spriden_id). */
struct meaning heading_meaning(const char *heading);
/* suggest_meanings.c: the role of a heading by its capitals alone, without accents, blanks and signs: "PRENOMUSUEL". */
enum role key_role(const char *key);

/* A column of the export, as a draft may name it. */
struct draft_column {
    char *heading; /* trimmed */
    char *folded;  /* as headings are compared */
    char *name;    /* what a mapping calls it: City, City#2, col(5); NULL where it has no name */
    struct meaning meaning;
    unsigned address; /* of street, city, state and zip: 0 the first address, 1 the second, ... */
    bool is_used;
};

struct draft {
    struct draft_column *columns;
    size_t count;
};

void draft_init(struct draft *draft, const struct export_record *heading);
void draft_clear(struct draft *draft);
/* The first column in a role that has a name, or NULL. */
struct draft_column *draft_find(struct draft *draft, enum role role);
/* The column of an address with that role and number (0: any), or NULL. */
struct draft_column *draft_find_address(struct draft *draft, enum role role, unsigned address,
                                        unsigned number);

/* A draft as it is written. */
struct writer {
    struct draft draft;
    struct text *out;
};

/* suggest.c: a string as JSON has it; a line that is complete. */
void draft_put_string(struct text *out, const char *string);
void draft_put_line(struct writer *writer, const char *line);
/* suggest_fields.c: the fields, without what closes them. */
void draft_put_fields(struct writer *writer);

#endif
