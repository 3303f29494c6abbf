#ifndef OPSPUSH_PLAN_SAVED_H
#define OPSPUSH_PLAN_SAVED_H

#include "base/fault.h"
#include "base/text.h"
#include "plan/guard.h"
#include "plan/plan.h"

/*
 * A plan on disk: bound to the content of export and mapping, the target, the state's identity and its run counter. Holds
 * sealed ids and fingerprints, no values. JSON (schema opspush-plan-1), one row a line, with a digest over all bytes before it as its
 * last member: any byte changed by chance is noticed; it is no signature.
 */
struct plan_binding {
    char *export_digest; /* of the bytes */
    char *mapping_digest;
    char *target; /* base URL, normalised */
    char *feed;
    char *state_identity; /* hex; "none" without a state yet */
    uint64_t run_counter; /* 0 without a state */
    char *options;        /* --full, --only ... that shape what is sent, canonical text */
};
void plan_binding_clear(struct plan_binding *binding);
/* The first difference in words ("the export changed since ..."), or NULL when both are the same. Static. */
const char *plan_binding_differs(const struct plan_binding *saved, const struct plan_binding *now);

struct saved_row {
    uint32_t line;
    enum action action;
    uint32_t reason;
    unsigned flags;
    field_set fields;
    char digest[33]; /* of the payload that will be sent; new and changed rows */
    char *sealed_id; /* the sealed unique_id as text (see saved_bytes_text), or NULL */
};

struct saved_plan {
    struct plan_binding binding;
    char *created; /* UTC */
    char *export_path, *mapping_path;
    struct counts counts;
    guard_set approved; /* guards that had tripped: pushing this plan passes them */
    struct guard_judgement guards;
    struct reason *reasons;
    size_t reason_count;
    struct saved_row *rows; /* not unchanged, by line */
    size_t row_count;
};
/* To a file, or to standard output for "-". */
int saved_plan_write(const char *path, const struct saved_plan *plan,
                     struct fault *fault) MUST_CHECK;
/* FAULT_STALE when the file was changed by a single byte; FAULT_INPUT when it is no plan at all. */
struct saved_plan *saved_plan_read(const char *path, struct fault *fault) MUST_CHECK;
void saved_plan_free(struct saved_plan *plan);

/* Bytes (a sealed id) as text for a plan: lower-case hex; free(). */
char *saved_bytes_text(const void *bytes, size_t length);
/* Appends the bytes of such a text; -1 when it is none. */
int saved_bytes_from(const char *text, struct text *out) MUST_CHECK;

#endif
