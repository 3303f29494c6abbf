#ifndef OPSPUSH_TESTS_PLAN_CROWD_H
#define OPSPUSH_TESTS_PLAN_CROWD_H

#include "stage.h"

/* A closed plan of so many people of each kind, and the guards over it with the built-in limits. */
struct crowd {
    unsigned unchanged, changed, emptied, by_mapping, gone, fresh, rejected;
    bool partial, id_unreadable;
};

struct bench {
    struct limits limits;
    struct baseline baseline;
    struct guard_facts facts;
    struct guard_judgement judgement;
};

static inline void bench_init(struct bench *bench)
{
    *bench = (struct bench){.limits = {.rows_min = -1,
                                       .rows_max = -1,
                                       .max_age_hours = -1,
                                       .rows_fewer_percent = 10,
                                       .new_percent = 10,
                                       .changed_percent = 25,
                                       .gone_percent = 10,
                                       .rejected_percent = 5,
                                       .mapping_percent = 10},
                            .facts.age_ms = -1};
    for (int field = 0; field < FIELD_COUNT; field++) {
        bench->limits.field_changed_percent[field] = 20;
        bench->limits.field_emptied_percent[field] = 10;
    }
}

/* Everybody of one kind: known with one sample before, with another one now. */
static inline void crowd_known(struct stage *stage, unsigned from, unsigned count)
{
    for (unsigned who = from; who < from + count; who++) {
        know_delivered(stage, who, 1);
        stage->delivered[who + 1] = (struct sample){"a@example.edu", "Ogden"};
    }
}

static inline void crowd_rows(struct stage *stage, unsigned from, unsigned count, struct sample now,
                              uint64_t what, bool by_mapping)
{
    struct digest before = payload(1);
    struct profile profile;
    profile_fill(&profile, now);
    for (unsigned who = from; who < from + count; who++) {
        struct plan_input row = row_of(stage, who);
        row.digest = payload(what);
        row.profile = &profile;
        row.digest_by_old_mapping = by_mapping ? &before : NULL;
        plan_add(stage->plan, &row);
    }
}

static inline struct stage *crowd_plan(struct crowd crowd)
{
    struct stage *stage = stage_new((struct plan_settings){.partial = crowd.partial});
    struct sample before = {"a@example.edu", "Ogden"};
    unsigned kinds[] = {crowd.unchanged, crowd.changed, crowd.emptied, crowd.by_mapping};
    struct sample now[] = {
        before, {"b@example.edu", "Ogden"}, {"a@example.edu", NULL}, {"a@example.edu", "Provo"}};
    unsigned present = crowd.unchanged + crowd.changed + crowd.emptied + crowd.by_mapping, who = 0;
    crowd_known(stage, 0, present + crowd.gone);
    for (unsigned kind = 0; kind < 4; who += kinds[kind++])
        crowd_rows(stage, who, kinds[kind], now[kind], 1 + kind, kind == 3);
    crowd_rows(stage, present + crowd.gone, crowd.fresh, before, 9, false);
    for (unsigned i = 0; i < crowd.rejected; i++)
        add_found(stage, present + crowd.gone + crowd.fresh + i, ACTION_REJECTED, "required");
    plan_close(stage->plan);
    return stage;
}

static inline const struct guard_judgement *bench_judge(struct bench *bench, struct crowd crowd)
{
    struct stage *stage = crowd_plan(crowd);
    guards_judge(&bench->limits, stage->plan, &bench->baseline, &bench->facts, &bench->judgement);
    stage_free(stage);
    return &bench->judgement;
}

static inline void assert_tripped(const struct guard_judgement *judgement, guard_set expected,
                                  size_t number)
{
    for (int guard = 0; guard < GUARD_COUNT; guard++) {
        guard_set bit = (guard_set)1 << guard;
        ck_assert_msg((judgement->tripped & bit) == (expected & bit), "case %zu, %s: %s", number,
                      guard_name((enum guard)guard), judgement->of[guard].text);
    }
}

#define BIT(guard) ((guard_set)1 << (guard))

#endif
