#ifndef OPSPUSH_PLAN_PLAN_H
#define OPSPUSH_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "plan/counts.h"
#include "profile/profile.h"

/*
 * The comparison of an export with what was delivered. It is told who is known, then row after row what the mapping
 * made of it, then closed; after that every row has its action and the rows can be walked in the order of their lines.
 * It sends nothing and knows no file: reading a person's fingerprints or a row again is asked of 'struct plan_world'.
 * Memory: at most 64 bytes for each person known or new; 24 for each further row (repeated, left out, without an id); 8 for
 * each person with a field that became empty, 32 for each open intent or refusal.
 */

struct plan;

typedef uint32_t person_handle; /* the state's name for a person it holds; 0: not in the state */

/* A person as the state has them. */
struct plan_known {
    struct digest tag;
    struct digest delivered; /* of the last delivered profile */
    person_handle handle;
    bool
        is_delivered; /* accepted or adopted at least once: else only an intent or a refusal stands there */
    bool is_gone; /* missing since an earlier finished run */
    bool intent_open;
    struct digest intent;
    bool is_refused;
    struct digest refused;
    bool is_damaged; /* the row's tag in the state is wrong: never believed, sent again */
};

struct plan_world {
    /* The fingerprints of the last delivery of a known person; false: none can be had. */
    bool (*fingerprints)(void *self, person_handle handle, struct fingerprints *out);
    /*
     * Rank (see mapped_row) of the row at this place, for 'prefer'; lent until the next call. Asked only when a person has
     * several rows that do not stand together, in the midst of plan_add: what its input lends must not move. NULL: no rank.
     */
    const struct text *(*rank)(void *self, uint64_t offset, uint32_t bytes, uint32_t line);
    void *self;
};

struct plan_settings {
    int repeated_id; /* enum repeated_id of mapping.h */
    bool has_prefer;
    bool full;          /* --full */
    bool retry_refused; /* --retry-refused */
    bool partial;       /* --only, or a re-fed rejects file: nobody is gone */
};

struct plan *plan_new(const struct plan_settings *settings, struct plan_world world);
void plan_free(struct plan *plan);
void plan_know(struct plan *plan,
               const struct plan_known *known); /* all of them before the first row */

/* Why a row has its action; kept once for all rows that share it. */
struct reason {
    enum action action;
    char *code;
    int field; /* -1: the row */
    char *message;
    char *fix;
};
/* The number of a reason, kept once; strings are copied. */
uint32_t plan_reason(struct plan *plan, enum action action, const char *code, int field,
                     const char *message, const char *fix);
const struct reason *plan_reason_at(const struct plan *plan, uint32_t number);
size_t plan_reason_count(const struct plan *plan);

/* What the mapping made of one row. */
struct plan_input {
    uint64_t offset;
    uint32_t bytes;
    uint32_t line;
    enum action
        action; /* ACTION_NEW for a valid row (the plan decides what it is); LEFT_OUT, REJECTED, HELD as found; */
    uint32_t reason; /* for those */
    bool has_tag;    /* the unique_id could be read */
    struct digest tag;
    struct digest digest; /* of the profile; valid rows */
    const struct profile
        *profile; /* valid rows; lent for the call: fingerprints are taken when it differs */
    const struct keys *keys;
    const struct text *rank; /* of this row, or NULL */
    const struct digest
        *digest_by_old_mapping; /* or NULL: what the last finished run's mapping makes of the row */
    /* Or NULL: of the unique_id in capitals, where that differs from it (near_duplicates); takes 12 bytes. */
    const struct digest *folded_tag;
};
/*
 * Several rows of one person: the preferred one counts, of equal ones the payload decides (the same: repeated), else 'repeated_id'. A
 * rejected row with a readable id takes part as one that equals no other; left out and held rows take no part.
 */
void plan_add(struct plan *plan, const struct plan_input *input);
/* A row of this person comes soon: asks memory for what will be looked at, and changes nothing. */
void plan_expect(const struct plan *plan, const struct digest *tag);
/*
 * What plan_add would compare a valid row with: 1 with the delivered digest where the person is known and delivered,
 * else 0 (also of a damaged one); the handle is set in any case. Lets the caller map with the old mapping only the rows that differ.
 */
int plan_peek(const struct plan *plan, const struct digest *tag, struct digest *delivered,
              person_handle *handle);

/*
 * Makes the first 'most' of these people that are unchanged changed, with reason 'refresh' (the state names them, the longest-unrefreshed
 * first). Before close.
 */
void plan_refresh(struct plan *plan, const person_handle *handles, size_t count, size_t most);
/* Puts on hold a valid row that would be new: probably a known person under a new id. Before close. */
void plan_hold(struct plan *plan, const struct digest *tag, uint32_t reason);
/* Resolves repetitions, preferences, holds and the gone; after it nothing can be added. */
void plan_close(struct plan *plan);

const struct counts *plan_counts(const struct plan *plan); /* outcomes 0 */

/* A row that is not unchanged, in the order of the lines. */
enum {
    PLAN_UNSETTLED = 1,
    PLAN_REFRESH = 2,
    PLAN_FULL = 4,
    PLAN_MAPPING_ONLY = 8, /* never of an unsettled one: that goes again whatever the mapping */
    PLAN_DELIVERED_BEFORE = 16,
    PLAN_LOST = 32 /* left out, of somebody in the state of whom another row competes */
};
struct plan_row {
    uint64_t offset;
    uint32_t bytes;
    uint32_t line;
    enum action action;
    uint32_t reason;      /* a number for plan_reason_at; UINT32_MAX: none */
    person_handle handle; /* 0: not in the state */
    field_set fields;     /* that differ from the last delivery; changed rows */
    unsigned flags;       /* PLAN_... */
};
size_t plan_row_count(const struct plan *plan);
struct plan_row plan_row_at(const struct plan *plan, size_t index); /* sorted by line */

/* Figures for guards and reports, from differences to the last delivered payload among the known. */
struct plan_figures {
    uint64_t known;
    uint64_t fresh; /* new people as the guard counts them: not unsettled */
    uint64_t
        changed; /* differ from the last delivered payload (no refresh, no --full, no unsettled equal to their intent) */
    uint64_t changed_by_mapping; /* of them, those that the old mapping would leave unchanged */
    uint64_t gone;
    uint64_t returned;                   /* were gone, have a row again */
    uint64_t field_changed[FIELD_COUNT]; /* without those changed by the mapping alone */
    uint64_t field_emptied[FIELD_COUNT]; /* the same */
    uint64_t fields_sent
        [FIELD_COUNT]; /* people whose push carries a difference in the field: 'fields_changed' of run.json */
    uint64_t rejected_again;  /* rejected rows beyond the first of their person */
    uint64_t near_duplicates; /* ids that differ only in case */
    bool id_unreadable;       /* a rejected row's id could not be read: nobody counts as gone */
};
const struct plan_figures *plan_figures(const struct plan *plan);

/* The gone and the returned, for the state: calls back with each handle. 'present_again' false: missing today (newly or still). */
void plan_each_gone(const struct plan *plan,
                    void (*each)(void *self, person_handle handle, bool newly), void *self);
void plan_each_returned(const struct plan *plan, void (*each)(void *self, person_handle handle),
                        void *self);
/* Open intents of people without a valid row today. */
void plan_each_stranded(const struct plan *plan, void (*each)(void *self, person_handle handle),
                        void *self);

#endif
