/* The parts of a run, each alone: pace, breaker, retry, the set of persons, the queues. */
#include <stdlib.h>
#include <string.h>

#include "../../../src/push/breaker.h"
#include "../../../src/push/pace.h"
#include "../../../src/push/persons.h"
#include "../../../src/push/queue.h"
#include "../../../src/push/retry.h"
#include "base/memory.h"
#include "unit.h"

/* ---------------------------------------------------------------- pace */

START_TEST(V8_the_bucket_holds_one_request)
{
    struct pace pace;
    pace_init(&pace, 4, 1000);
    ck_assert_int_eq(pace_wait_ms(&pace, 1000), 0);
    pace_take(&pace, 1000);
    ck_assert_int_eq(pace_wait_ms(&pace, 1000), 250);
    ck_assert_int_eq(pace_wait_ms(&pace, 9000), 0);
    pace_take(&pace, 9000);
    ck_assert_int_eq(pace_wait_ms(&pace, 9000), 248); /* 2 ms of room for waking up late */
}
END_TEST

START_TEST(N8_a_cut_comes_at_most_once_a_second_and_never_below_a_tenth)
{
    struct pace pace;
    pace_init(&pace, 10, 0);
    pace_slow(&pace, 500);
    ck_assert_double_eq_tol(pace.rate, 7, 1e-9);
    pace_slow(&pace, 1499);
    ck_assert_double_eq_tol(pace.rate, 7, 1e-9);
    pace_slow(&pace, 1500);
    ck_assert_double_eq_tol(pace.rate, 4.9, 1e-9);
    for (int64_t now = 2500; now < 60000; now += 1000)
        pace_slow(&pace, now);
    ck_assert_double_eq_tol(pace.rate, 1, 1e-9);
}
END_TEST

START_TEST(N8_it_recovers_evenly_to_the_ceiling_and_not_above)
{
    struct pace pace;
    pace_init(&pace, 10, 0);
    for (int64_t now = 1000; now < 60000; now += 1000)
        pace_slow(&pace, now);
    double before = pace.rate;
    for (int64_t now = 60000; now < 90000; now += 100) {
        pace_answer(&pace, now, 20);
        ck_assert_double_le(pace.rate - before, 0.167);
        before = pace.rate;
    }
    ck_assert_double_eq_tol(pace.rate, 6, 0.3);
    for (int64_t now = 90000; now < 200000; now += 100)
        pace_answer(&pace, now, 20);
    ck_assert_double_eq(pace.rate, 10);
}
END_TEST

START_TEST(N8_without_a_ceiling_it_slows_from_what_it_did_and_not_below_two)
{
    struct pace pace;
    pace_init(&pace, 0, 0);
    for (int64_t now = 0; now < 3000; now += 10) {
        ck_assert_int_eq(pace_wait_ms(&pace, now), 0);
        pace_take(&pace, now);
    }
    pace_slow(&pace, 3000);
    ck_assert_double_eq_tol(pace.rate, 70, 1);
    for (int64_t now = 4000; now < 60000; now += 1000)
        pace_slow(&pace, now);
    ck_assert_double_eq(pace.rate, 2);
    for (int64_t now = 60000; now < 400000; now += 1000)
        pace_answer(&pace, now, 20);
    ck_assert_double_eq(pace.rate, 0);
}
END_TEST

START_TEST(N8_rising_answer_times_slow_it)
{
    struct pace pace;
    pace_init(&pace, 10, 0);
    for (int64_t now = 0; now < 50000; now += 100)
        pace_answer(&pace, now, 50);
    ck_assert_double_eq(pace.rate, 10);
    pace_answer(&pace, 50000, 900); /* one slow answer is nothing */
    ck_assert_double_eq(pace.rate, 10);
    for (int64_t now = 50100; now < 52000; now += 100)
        pace_answer(&pace, now, 3000);
    ck_assert_double_lt(pace.rate, 10);
}
END_TEST

START_TEST(N9_a_pause_is_never_shortened_and_goes_below_any_rate)
{
    struct pace pace;
    pace_init(&pace, 0, 0);
    pace_pause(&pace, 9000);
    pace_pause(&pace, 5000);
    ck_assert_int_eq(pace_wait_ms(&pace, 1000), 8000);
    ck_assert_int_eq(pace_wait_ms(&pace, 9000), 0);
}
END_TEST

/* ---------------------------------------------------------------- breaker */

START_TEST(N7_ten_failures_in_a_row_open_the_breaker_and_one_success_closes_it)
{
    struct breaker breaker = {0};
    for (int i = 0; i < 9; i++)
        breaker_bad(&breaker, false, 100);
    breaker_good(&breaker);
    for (int i = 0; i < 9; i++)
        breaker_bad(&breaker, false, 100);
    ck_assert_int_eq(breaker_wait_ms(&breaker, 100), 0);
    breaker_bad(&breaker, false, 100);
    ck_assert_int_eq(breaker_wait_ms(&breaker, 100), 15000);
    breaker_bad(&breaker, false, 5000); /* was in flight when it opened: changes nothing */
    ck_assert_int_eq(breaker_wait_ms(&breaker, 100), 15000);
    ck_assert_int_eq(breaker_wait_ms(&breaker, 15100), 0);
    ck_assert(breaker_take(&breaker));
    ck_assert_int_eq(breaker_wait_ms(&breaker, 15100), -1);
    breaker_bad(&breaker, true, 15200);
    ck_assert_int_eq(breaker_wait_ms(&breaker, 15200), 30000);
    breaker_good(&breaker);
    ck_assert_int_eq(breaker_wait_ms(&breaker, 15200), 0);
    ck_assert(!breaker_take(&breaker));
}
END_TEST

/* ---------------------------------------------------------------- retry */

START_TEST(V8_the_budget_is_a_tenth_and_at_least_ten)
{
    static const uint64_t cases[][2] = {{0, 10}, {99, 10}, {110, 11}, {40000, 4000}};
    for (size_t i = 0; i < 4; i++) {
        struct retry retry = {0};
        uint64_t granted = 0;
        while (retry_grant(&retry, cases[i][0]))
            granted++;
        ck_assert_uint_eq(granted, cases[i][1]);
        retry_refund(&retry);
        ck_assert(retry_grant(&retry, cases[i][0]) && !retry_grant(&retry, cases[i][0]));
    }
}
END_TEST

START_TEST(the_jitter_is_full_and_capped)
{
    static const int64_t most[] = {1000, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct retry retry = {.random = 7};
    for (int failures = 0; failures < 9; failures++) {
        int64_t low = INT64_MAX, high = 0;
        for (int i = 0; i < 5000; i++) {
            int64_t delay = retry_delay_ms(&retry, failures);
            low = delay < low ? delay : low;
            high = delay > high ? delay : high;
        }
        ck_assert_int_le(high, most[failures]);
        ck_assert_int_ge(high, most[failures] * 99 / 100);
        ck_assert_int_le(low, most[failures] / 100);
    }
    ck_assert_int_le(retry_delay_ms(&retry, 1000), 60000);
}
END_TEST

/* ---------------------------------------------------------------- the set and the queues */

START_TEST(V7_the_set_of_persons_agrees_with_a_plain_table)
{
    enum { RANGE = 500 };
    struct persons persons = {0};
    bool table[RANGE] = {0};
    size_t wrong = 0;
    persons_remove(&persons, 1);
    for (uint64_t step = 0, random = 1; step < 200000; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t person = (random >> 40) % RANGE, key = person * 0x100000000u;
        if (random >> 63) {
            wrong += persons_add(&persons, key) == table[person];
            table[person] = true;
        } else {
            persons_remove(&persons, key);
            table[person] = false;
        }
    }
    for (uint64_t person = 0; person < RANGE; person++)
        wrong += persons_add(&persons, person * 0x100000000u) == table[person];
    ck_assert_uint_eq(wrong, 0);
    persons_clear(&persons);
}
END_TEST

static struct work *work_due(uint64_t id, int64_t due_ms)
{
    struct work *work = mem_new(sizeof *work);
    work->id = id;
    work->due_ms = due_ms;
    return work;
}

START_TEST(the_heap_gives_works_by_time_and_then_by_id)
{
    struct heap heap = {0};
    int64_t last_due = -1;
    uint64_t last_id = 0;
    for (uint64_t id = 0; id < 300; id++)
        heap_push(&heap, work_due(id, (int64_t)(id * 7919 % 50)));
    for (int i = 0; i < 290; i++) {
        struct work *work = heap_pop(&heap);
        ck_assert(work->due_ms > last_due || (work->due_ms == last_due && work->id > last_id));
        last_due = work->due_ms;
        last_id = work->id;
        work_free(work);
    }
    heap_clear(&heap);
    ck_assert_ptr_null(heap_first(&heap));
    ck_assert_ptr_null(heap_pop(&heap));
}
END_TEST

START_TEST(the_queue_keeps_its_order_while_it_grows)
{
    struct queue queue = {0};
    uint64_t in = 0, out = 0;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 5; i++)
            queue_push(&queue, work_due(in++, 0));
        for (int i = 0; i < 3; i++) {
            struct work *work = queue_pop(&queue);
            ck_assert_uint_eq(work->id, out++);
            work_free(work);
        }
    }
    ck_assert_uint_eq(queue_first(&queue)->id, out);
    queue_clear(&queue);
    ck_assert_ptr_null(queue_pop(&queue));
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, V8_the_bucket_holds_one_request);
    tcase_add_test(c, N8_a_cut_comes_at_most_once_a_second_and_never_below_a_tenth);
    tcase_add_test(c, N8_it_recovers_evenly_to_the_ceiling_and_not_above);
    tcase_add_test(c, N8_without_a_ceiling_it_slows_from_what_it_did_and_not_below_two);
    tcase_add_test(c, N8_rising_answer_times_slow_it);
    tcase_add_test(c, N9_a_pause_is_never_shortened_and_goes_below_any_rate);
    tcase_add_test(c, N7_ten_failures_in_a_row_open_the_breaker_and_one_success_closes_it);
    tcase_add_test(c, V8_the_budget_is_a_tenth_and_at_least_ten);
    tcase_add_test(c, the_jitter_is_full_and_capped);
    tcase_add_test(c, V7_the_set_of_persons_agrees_with_a_plain_table);
    tcase_add_test(c, the_heap_gives_works_by_time_and_then_by_id);
    tcase_add_test(c, the_queue_keeps_its_order_while_it_grows);
}

int main(void)
{
    return unit_run("push/parts", all);
}
