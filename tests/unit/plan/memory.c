#include "stage.h"

#include <unistd.h>

/*
 * The memory law: a plan of a million people takes at most 64 bytes a person, whether they are
 * known or new, in order or not. Measured as the growth of the resident set's peak; not under
 * sanitizers, whose memory is another.
 */
#if defined(__SANITIZE_ADDRESS__)
#define IS_INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_INSTRUMENTED 1
#endif
#endif
#ifndef IS_INSTRUMENTED
#define IS_INSTRUMENTED 0
#endif

enum { MILLION = 1000000, BYTES_A_PERSON = 64, SLACK_BYTES = 256 * 1024 };

static size_t peak_bytes(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lu", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib * 1024;
}

static void million_plan(bool is_known, bool is_shuffled, bool is_changed)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    size_t before = peak_bytes();
    for (uint32_t i = 0; is_known && i < MILLION; i++)
        know_delivered(stage, i, 1);
    for (uint32_t i = 0; i < MILLION; i++) {
        uint64_t who = is_shuffled ? i * UINT64_C(611953) % MILLION : i;
        struct plan_input row = {.offset = i * UINT64_C(200),
                                 .bytes = 200,
                                 .line = i + 2,
                                 .has_tag = true,
                                 .tag = person(who),
                                 .digest = payload(is_changed ? 2 : 1)};
        plan_add(stage->plan, &row);
    }
    plan_close(stage->plan);
    const struct counts *counts = plan_counts(stage->plan);
    enum action expected = !is_known ? ACTION_NEW : is_changed ? ACTION_CHANGED : ACTION_UNCHANGED;
    ck_assert_uint_eq(counts->action[expected], MILLION);
    for (uint32_t i = 0; expected != ACTION_UNCHANGED && i < MILLION; i += 1000)
        ck_assert_uint_eq(plan_row_at(stage->plan, i).line, i + 2);
    size_t bytes = peak_bytes() - before;
    if (before && !IS_INSTRUMENTED)
        ck_assert_msg(bytes <= (size_t)MILLION * BYTES_A_PERSON + SLACK_BYTES,
                      "%.2f bytes a person", (double)bytes / MILLION);
    stage_free(stage);
}

START_TEST(I30_a_million_people_take_at_most_64_bytes_each)
{
    million_plan(_i & 1, _i & 2, _i & 4);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_loop_test(c, I30_a_million_people_take_at_most_64_bytes_each, 0, 8);
}

int main(void)
{
    return unit_run("plan/memory", all);
}
