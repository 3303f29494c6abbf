#ifndef OPSPUSH_SRC_PLAN_INSIDE_H
#define OPSPUSH_SRC_PLAN_INSIDE_H

#include "base/text.h"
#include "people.h"
#include "plan/plan.h"
#include "reasons.h"

/*
 * What the files of this room share. plan.c takes the rows in and lets a person's rows compete;
 * judge.c says what a valid row is; close.c makes actions, figures and the order of it; near.c
 * counts ids that differ only in case.
 */

/* What stands beside a person's last delivery; of several the first of these holds. */
enum mark_kind {
    MARK_DAMAGED, /* what the state says of them is not believed */
    MARK_INTENT,
    MARK_REFUSED
};

struct mark {
    uint32_t person;
    enum mark_kind kind;
    bool is_refused;
    uint64_t payload; /* intended or refused */
    uint64_t refused;
};

/* Rows that are not the one that counts for a person. */
enum other_kind {
    OTHER_VALID, /* lost to another row of the person: until close repeated, left out or rejected */
    OTHER_INVALID, /* the same, of a rejected row */
    OTHER_LEFT_OUT,
    OTHER_REJECTED,
    OTHER_REPEATED,
    OTHER_HELD
};

struct other_row {
    uint32_t offset_low;
    uint32_t offset_high : OFFSET_BITS - 32;
    uint32_t bytes : BYTES_BITS;
    uint32_t kind : 3;
    uint32_t line;
    uint32_t person;  /* 0: nobody of the plan's */
    uint64_t payload; /* OTHER_VALID; else the reason's number */
};
static_assert(sizeof(struct other_row) == 24, "the memory law of plan.h");

struct emptied {
    uint32_t person;
    field_set fields;
};

struct held {
    uint32_t person;
    uint32_t reason;
};

/* A growing array of small records of one type. */
#define LIST(type)                                                                                 \
    struct {                                                                                       \
        type *items;                                                                               \
        uint32_t count, capacity;                                                                  \
    }
/* The place for one more. */
#define LIST_ADD(list)                                                                             \
    ((list)->count == (list)->capacity                                                             \
         ? (void)((list)->items =                                                                  \
                      list_grow((list)->items, &(list)->capacity, sizeof *(list)->items))          \
         : (void)0,                                                                                \
     &(list)->items[(list)->count++])
void *list_grow(void *items, uint32_t *capacity, size_t size);

struct plan {
    struct plan_settings settings;
    struct plan_world world;
    struct people *people;
    LIST(struct mark) marks; /* by person */
    LIST(struct other_row) others;
    LIST(struct emptied) emptied; /* the last of a person holds */
    LIST(struct held) held;
    LIST(struct short_tag) folded; /* see near.c */
    struct reasons reasons;
    struct text rank; /* of the row that counts for the person 'ranked' */
    uint32_t ranked;
    bool has_rows, is_closed;
    struct counts counts;
    struct plan_figures figures;
    uint32_t *order; /* after close, by line: a person's number, or ORDER_OTHER and an index */
    size_t order_count;
};

#define ORDER_OTHER UINT32_C(0x80000000)

const struct mark *person_mark(const struct plan *plan, uint32_t number); /* NULL: none */
/* Sets standing and differences of a person from the valid row that counts for them from now on. */
void person_judge(struct plan *plan, uint32_t number, const struct plan_input *input);

void near_note(struct plan *plan, const struct plan_input *input);
/*
 * How many ids equal another one but for the case of their letters, the first of each not counted.
 */
uint64_t near_count(const struct plan *plan);

#endif
