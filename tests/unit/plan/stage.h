#ifndef OPSPUSH_TESTS_PLAN_STAGE_H
#define OPSPUSH_TESTS_PLAN_STAGE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "mapping/mapping.h"
#include "plan/guard.h"
#include "plan/plan.h"
#include "unit.h"

/*
 * A small world around a plan: people and payloads are numbers, ranks stand by line, deliveries by
 * handle.
 */

enum { STAGE_LINES = 8192, STAGE_HANDLES = 4096 };

/* A payload's fields, as far as these tests look at them. NULL: absent. */
struct sample {
    const char *email, *city;
};

struct stage {
    struct plan *plan;
    struct keys keys;
    char ranks[STAGE_LINES][2];
    struct text rank;
    int rank_calls;
    struct sample delivered[STAGE_HANDLES];
    uint32_t line;
};

static inline struct digest number_digest(uint64_t kind, uint64_t number)
{
    struct digest out;
    uint64_t words[2];
    for (int i = 0; i < 2; i++) {
        uint64_t x = (number + 1) * 0x9e3779b97f4a7c15U + kind * 0xd1342543de82ef95U + (uint64_t)i;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
        x = (x ^ x >> 27) * 0x94d049bb133111ebU;
        words[i] = x ^ x >> 31;
    }
    memcpy(&out, words, sizeof out);
    return out;
}

static inline struct digest person(uint64_t number)
{
    return number_digest(1, number);
}

static inline struct digest payload(uint64_t number)
{
    return number_digest(2, number);
}

static inline void profile_fill(struct profile *profile, struct sample sample)
{
    *profile = (struct profile){.new_only = 0};
    struct profile_value *email = &profile->values[FIELD_EMAIL],
                         *city = &profile->values[FIELD_CITY];
    if (sample.email)
        *email =
            (struct profile_value){sample.email, (uint32_t)strlen(sample.email), VALUE_PRESENT};
    if (sample.city)
        *city = (struct profile_value){sample.city, (uint32_t)strlen(sample.city), VALUE_PRESENT};
}

static inline bool stage_fingerprints(void *self, person_handle handle, struct fingerprints *out)
{
    struct stage *stage = self;
    struct profile profile;
    if (handle == 0 || handle >= STAGE_HANDLES)
        return false;
    profile_fill(&profile, stage->delivered[handle]);
    profile_fingerprints(&profile, &stage->keys, out);
    return true;
}

static inline const struct text *stage_rank(void *self, uint64_t offset, uint32_t bytes,
                                            uint32_t line)
{
    struct stage *stage = self;
    ck_assert_uint_eq(offset, line * UINT64_C(100));
    ck_assert_uint_eq(bytes, 50);
    stage->rank_calls++;
    text_reset(&stage->rank);
    text_add(&stage->rank, stage->ranks[line]);
    return &stage->rank;
}

static inline struct stage *stage_new(struct plan_settings settings)
{
    struct stage *stage = mem_new(sizeof *stage);
    static const uint8_t master[KEY_BYTES] = "a key for tests";
    keys_derive(&stage->keys, master);
    stage->line = 1;
    stage->plan = plan_new(
        &settings,
        (struct plan_world){.fingerprints = stage_fingerprints, .rank = stage_rank, .self = stage});
    return stage;
}

static inline void stage_free(struct stage *stage)
{
    plan_free(stage->plan);
    text_clear(&stage->rank);
    free(stage);
}

/* The next row, complete but for its action. */
static inline struct plan_input row_of(struct stage *stage, uint64_t who)
{
    uint32_t line = ++stage->line;
    ck_assert_uint_lt(line, STAGE_LINES);
    return (struct plan_input){.offset = line * UINT64_C(100),
                               .bytes = 50,
                               .line = line,
                               .keys = &stage->keys,
                               .has_tag = true,
                               .tag = person(who)};
}

static inline void add_valid(struct stage *stage, uint64_t who, uint64_t what)
{
    struct plan_input row = row_of(stage, who);
    row.action = ACTION_NEW;
    row.digest = payload(what);
    plan_add(stage->plan, &row);
}

static inline void add_found(struct stage *stage, uint64_t who, enum action action,
                             const char *code)
{
    struct plan_input row = row_of(stage, who);
    row.action = action;
    row.reason = plan_reason(stage->plan, action, code, -1, code, NULL);
    plan_add(stage->plan, &row);
}

static inline void know_delivered(struct stage *stage, uint64_t who, uint64_t what)
{
    struct plan_known known = {.tag = person(who),
                               .delivered = payload(what),
                               .handle = (person_handle)who + 1,
                               .is_delivered = true};
    plan_know(stage->plan, &known);
}

/* "line action[:code] flags" of each row, for comparing at a glance. */
static inline const char *rows_text(const struct plan *plan, struct text *out)
{
    static const char *const flags[] = {"unsettled", "refresh", "full", "mapping"};
    text_reset(out);
    for (size_t i = 0; i < plan_row_count(plan); i++) {
        struct plan_row row = plan_row_at(plan, i);
        text_addf(out, "%s%u %s", i ? "; " : "", row.line, action_name(row.action));
        if (row.reason != UINT32_MAX)
            text_addf(out, ":%s", plan_reason_at(plan, row.reason)->code);
        for (unsigned bit = 0; bit < 4; bit++)
            if (row.flags >> bit & 1)
                text_addf(out, " %s", flags[bit]);
    }
    return text_string(out);
}

static inline void assert_rows(struct stage *stage, const char *expected)
{
    struct text text = {0};
    ck_assert_str_eq(rows_text(stage->plan, &text), expected);
    ck_assert(counts_add_up(plan_counts(stage->plan), false));
    text_clear(&text);
}

static inline void close_and_assert(struct stage *stage, const char *expected)
{
    plan_close(stage->plan);
    assert_rows(stage, expected);
}

#endif
