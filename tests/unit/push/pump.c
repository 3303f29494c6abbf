/* A run on a good day, its stops, and what it does with each answer. Bad days are in outage.c. */
#include "world.h"

static struct reply_rule good(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)n, (void)id, (void)k;
    return (struct reply_rule){0};
}

static struct reply_rule status_rule(int status, const char *body)
{
    return (struct reply_rule){.status = status, .body = body ? body : "no"};
}

/* ---------------------------------------------------------------- a good day */

START_TEST(V3_everybody_is_intended_sent_once_and_settled)
{
    struct world *world = world_new(500, good);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    world_all_accepted(world);
    ck_assert_uint_eq(world->requests, 500);
    ck_assert_uint_eq(world->figures.retries, 0);
    ck_assert_uint_eq(world->figures.by_status[200], 500);
    ck_assert_uint_le(world->flying_max, 2);
    ck_assert_uint_eq(world->progress.done, 500);
    ck_assert_uint_eq(world->progress.accepted, 500);
    ck_assert_str_eq(world->result[7].answer.reference_id, "1");
    free(world);
}
END_TEST

START_TEST(an_empty_source_ends_at_once)
{
    struct world *world = world_new(0, good);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world->requests, 0);
    ck_assert_int_eq(world->intends, 0);
    free(world);
}
END_TEST

START_TEST(the_first_new_and_the_first_changed_person_go_alone)
{
    struct world *world = world_new(40, good);
    world->settings.rate = 0;
    world->settings.connections = 8;
    world->is_new[20] = world->is_new[21] = world->is_new[30] = true;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    for (size_t alone = 0; alone <= 20; alone += 20)
        for (size_t other = 0; other < 40; other++)
            if (other != alone)
                ck_assert_int_ge(labs(world->log[other].at_ms - world->log[alone].at_ms), 20);
    ck_assert_uint_eq(world->flying_max, 8);
    free(world);
}
END_TEST

START_TEST(V8_no_second_holds_more_than_the_rate_and_one)
{
    static const double rates[] = {0.5, 1, 2.5, 2.99, 5, 7, 10, 33, 50, 99.5, 100, 200};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct world *world = world_new(400, good);
        world->settings.rate = rates[i];
        world->settings.connections = 16;
        ck_assert_int_eq(world_run(world), PUMP_DONE);
        world_all_accepted(world);
        ck_assert_msg((double)world_busiest_second(world) <= rates[i] + 1, "rate %g: %zu", rates[i],
                      world_busiest_second(world));
        double seconds = (double)(world->log[399].at_ms - world->log[0].at_ms) / 1000;
        ck_assert_msg(seconds <= 399 / rates[i] * 1.06 + 0.2, "rate %g takes %g s", rates[i],
                      seconds);
        free(world);
    }
}
END_TEST

START_TEST(intents_go_in_batches_of_at_most_64_and_the_first_alone)
{
    struct world *world = world_new(1000, good);
    world->settings.rate = 0;
    world->settings.connections = 50;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_le(world->batch_max, 64);
    ck_assert_int_le(world->intends, 40);
    free(world);
    world = world_new(2, good);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world->batch_max, 1);
    free(world);
}
END_TEST

START_TEST(V7_two_jobs_of_one_person_follow_each_other)
{
    struct world *world = world_new(30, good);
    world->settings.rate = 0;
    world->settings.connections = 8;
    world->person_of[10] = world->person_of[11] = world->person_of[25] = 77;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    world_all_accepted(world);
    ck_assert_uint_eq(world->requests, 30);
    ck_assert_uint_eq(world->log[28].id, 11);
    ck_assert_uint_eq(world->log[29].id, 25);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- about a person */

static struct reply_rule some_refused(struct world *world, size_t n, uint64_t id, int k)
{
    static const int statuses[] = {400, 409, 413, 422};
    (void)world, (void)n, (void)k;
    return id % 5 == 3 ? status_rule(statuses[id / 5 % 4], NULL) : (struct reply_rule){0};
}

START_TEST(N13_a_refusal_is_final_and_not_repeated)
{
    struct world *world = world_new(100, some_refused);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 20);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 80);
    ck_assert_uint_eq(world->requests, 100);
    free(world);
}
END_TEST

static struct reply_rule clash(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)n;
    bool clashes = (id == 3 && k == 1) || id == 5;
    return clashes ? status_rule(400, id == 3 ? "{\"ErrorCode\":9019}" : "{\"ErrorCode\":9020}")
                   : (struct reply_rule){0};
}

START_TEST(a_clash_is_tried_once_more_at_the_end_of_the_run)
{
    struct world *world = world_new(50, clash);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world->requests, 52);
    ck_assert_uint_eq(world->log[50].id, 3);
    ck_assert_uint_eq(world->log[51].id, 5);
    ck_assert_int_eq(world->outcome[3], OUTCOME_ACCEPTED);
    ck_assert_int_eq(world->outcome[5], OUTCOME_REFUSED);
    ck_assert_int_eq(world->result[5].answer.opscom_code, 9020);
    ck_assert_int_eq(world->result[5].attempts, 2);
    ck_assert_uint_eq(world->figures.deferred, 2);
    free(world);
}
END_TEST

START_TEST(a_clash_that_was_not_tried_again_is_not_reached)
{
    struct world *world = world_new(50, clash);
    world->signal_at = 20;
    ck_assert_int_eq(world_run(world), PUMP_SIGNAL);
    ck_assert_int_eq(world->outcome[3], OUTCOME_NOT_REACHED);
    ck_assert_int_eq(world->outcome[5], OUTCOME_NOT_REACHED);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- about the run */

static struct reply_rule unauthorised(struct world *world, size_t n, uint64_t id, int k)
{
    (void)id, (void)k;
    return n >= (size_t)world->random ? status_rule(401, NULL) : (struct reply_rule){0};
}

START_TEST(N11_a_wrong_token_costs_one_request)
{
    struct world *world = world_new(200, unauthorised);
    world->settings.rate = 0;
    world->settings.connections = 16;
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_int_eq(world->fault.kind, FAULT_AUTH);
    ck_assert_uint_eq(world->requests, 1);
    ck_assert_int_eq(world->outcome[0], OUTCOME_NOT_REACHED);
    free(world);
}
END_TEST

START_TEST(N11_a_token_that_dies_in_the_run_costs_what_is_in_flight)
{
    struct world *world = world_new(200, unauthorised);
    world->random = 60;
    world->settings.rate = 0;
    world->settings.connections = 16;
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_uint_le(world->requests, 60 + 16);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 60);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 0);
    ck_assert_uint_eq(world_count(world, OUTCOME_UNKNOWN), 0);
    free(world);
}
END_TEST

static struct reply_rule forbidden(struct world *world, size_t n, uint64_t id, int k)
{
    (void)n, (void)k;
    return id >= world->random && id < world->random + 2 ? status_rule(403, NULL)
                                                         : (struct reply_rule){0};
}

START_TEST(N12_two_403_in_a_row_stop_the_run_and_refuse_nobody)
{
    for (uint64_t first = 0; first < 30; first += 29) {
        struct world *world = world_new(100, forbidden);
        world->random = first;
        ck_assert_int_eq(world_run(world), PUMP_STOPPED);
        ck_assert_int_eq(world->fault.kind, FAULT_AUTH);
        ck_assert_uint_le(world->requests, first + 3);
        ck_assert_int_eq(world->outcome[first], OUTCOME_NOT_REACHED);
        ck_assert_int_eq(world->outcome[first + 1], OUTCOME_NOT_REACHED);
        ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 0);
        free(world);
    }
}
END_TEST

static struct reply_rule forbidden_one(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)n, (void)k;
    return id % 10 == 4 ? status_rule(403, NULL) : (struct reply_rule){0};
}

START_TEST(N12_a_403_between_others_refuses_the_person)
{
    struct world *world = world_new(100, forbidden_one);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 10);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 90);
    free(world);
    world = world_new(5, forbidden_one); /* the last one: nothing follows that could tell */
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_int_eq(world->outcome[4], OUTCOME_REFUSED);
    free(world);
}
END_TEST

static struct reply_rule from_random(struct world *world, size_t n, uint64_t id, int k)
{
    (void)id, (void)k;
    return n >= world->random % 1000 ? status_rule((int)(world->random / 1000), NULL)
                                     : (struct reply_rule){0};
}

START_TEST(N13_a_404_at_the_beginning_stops_and_later_refuses)
{
    static const uint64_t statuses[] = {404, 405, 415};
    for (size_t i = 0; i < 3; i++) {
        struct world *world = world_new(40, from_random);
        world->random = statuses[i] * 1000;
        ck_assert_int_eq(world_run(world), PUMP_STOPPED);
        ck_assert_int_eq(world->fault.kind, FAULT_CONFIG);
        ck_assert_uint_eq(world->requests, 1);
        ck_assert_int_eq(world->outcome[0], OUTCOME_NOT_REACHED);
        free(world);
        world = world_new(40, from_random);
        world->random = statuses[i] * 1000 + 30;
        ck_assert_int_eq(world_run(world), PUMP_DONE);
        ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 10);
        free(world);
    }
}
END_TEST

START_TEST(N13_when_everybody_is_refused_the_run_stops)
{
    struct world *world = world_new(1000, from_random);
    world->random = 422000;
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_int_eq(world->fault.kind, FAULT_CONFIG);
    ck_assert_uint_le(world->requests, 102);
    free(world);
    world = world_new(300, from_random); /* somebody was accepted: the rest is about them */
    world->random = 422001;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 299);
    free(world);
}
END_TEST

static struct reply_rule redirect(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)n, (void)id, (void)k;
    return status_rule(308, NULL);
}

START_TEST(N14_a_redirect_stops_the_run)
{
    struct world *world = world_new(40, redirect);
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_int_eq(world->fault.kind, FAULT_CONFIG);
    ck_assert_uint_eq(world->requests, 1);
    free(world);
}
END_TEST

static struct reply_rule login_source(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)n, (void)id, (void)k;
    return status_rule(400, "{\"ErrorCode\":9015}");
}

START_TEST(a_constant_login_source_that_is_wrong_stops_the_run)
{
    struct world *world = world_new(20, login_source);
    world->settings.constant_login_source = true;
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_int_eq(world->fault.kind, FAULT_CONFIG);
    ck_assert_uint_eq(world->requests, 1);
    free(world);
    world = world_new(20, login_source);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 20);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- stops */

START_TEST(the_limit_takes_the_first_n_and_leaves_the_rest)
{
    for (uint64_t limit = 0; limit <= 60; limit += 20) {
        struct world *world = world_new(50, good);
        world->settings.limit = limit;
        ck_assert_int_eq(world_run(world), limit > 50 ? PUMP_DONE : PUMP_LIMIT);
        ck_assert_uint_eq(world->requests, limit > 50 ? 50 : limit);
        ck_assert_uint_eq(world->next, limit > 50 ? 50 : limit);
        free(world);
    }
}
END_TEST

START_TEST(N22_a_signal_settles_what_is_in_flight_and_withdraws_the_rest)
{
    for (size_t at = 1; at < 60; at++) {
        struct world *world = world_new(60, good);
        world->settings.rate = 0;
        world->settings.connections = 4;
        world->signal_at = at;
        ck_assert_int_eq(world_run(world), PUMP_SIGNAL);
        ck_assert_uint_le(world->requests, at + 4);
        ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), world->requests);
        free(world);
    }
}
END_TEST

START_TEST(a_signal_when_all_is_done_changes_nothing)
{
    struct world *world = world_new(1, good);
    world->signal_at = 0;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    free(world);
}
END_TEST

static struct reply_rule unauthorised_late(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)id, (void)k;
    return n == 9 ? status_rule(401, NULL) : (struct reply_rule){0};
}

START_TEST(of_a_signal_and_a_fatal_answer_the_answer_is_told)
{
    struct world *world = world_new(60, unauthorised_late);
    world->signal_at = 10;
    ck_assert_int_eq(world_run(world), PUMP_STOPPED);
    ck_assert_int_eq(world->fault.kind, FAULT_AUTH);
    free(world);
}
END_TEST

START_TEST(V13_the_time_limit_ends_the_run_cleanly)
{
    struct world *world = world_new(1000, good);
    world->settings.max_duration_ms = 10000;
    ck_assert_int_eq(world_run(world), PUMP_DEADLINE);
    ck_assert_uint_ge(world->requests, 45);
    ck_assert_uint_le(world->requests, 51);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), world->requests);
    ck_assert_int_le(world->now_ms - 5000000, 10100);
    free(world);
}
END_TEST

static struct reply_rule last_one_is_slow(struct world *world, size_t n, uint64_t id, int k)
{
    (void)n, (void)k;
    bool is_last =
        id + 1 == (world->settings.limit < world->people ? world->settings.limit : world->people);
    return is_last ? (struct reply_rule){.latency_ms = 20000} : (struct reply_rule){0};
}

START_TEST(V10_time_that_is_up_while_the_last_answer_is_under_way_leaves_nobody)
{
    struct world *world = world_new(20, last_one_is_slow);
    world->settings.max_duration_ms = 10000;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    world_all_accepted(world);
    free(world);
    world = world_new(20, last_one_is_slow);
    world->settings.max_duration_ms = 10000;
    world->settings.limit = 10;
    ck_assert_int_eq(world_run(world), PUMP_LIMIT);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 10);
    free(world);
}
END_TEST

static struct reply_rule never_answers(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)id, (void)k;
    return n == 5 ? (struct reply_rule){.latency_ms = 1000000000} : (struct reply_rule){0};
}

START_TEST(V13_an_answer_that_never_comes_does_not_hold_up_the_end)
{
    struct world *world = world_new(20, never_answers);
    world->settings.max_duration_ms = 10000;
    ck_assert_int_eq(world_run(world), PUMP_DEADLINE);
    ck_assert_uint_eq(world_count(world, OUTCOME_UNKNOWN), 1);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 19);
    ck_assert_int_le(world->now_ms - 5000000, 10000 + 120000);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- faults of ours */

static struct reply_rule mixed(struct world *world, size_t n, uint64_t id, int k)
{
    (void)id, (void)k;
    return n % 7 == 3 && world ? status_rule(500, NULL) : (struct reply_rule){0};
}

START_TEST(D13_a_failing_state_is_not_touched_again)
{
    for (int which = 0; which < 3; which++)
        for (int at = 1; at < 40; at++) {
            struct world *world = world_new(40, mixed);
            int *fails[] = {&world->intend_fails, &world->settle_fails, &world->flush_fails};
            *fails[which] = at;
            enum pump_end end = world_run(world);
            if (world->sink_failed) {
                ck_assert_int_eq(end, PUMP_FAULT);
                ck_assert_int_eq(world->fault.kind, FAULT_STATE);
            }
            free(world);
        }
}
END_TEST

START_TEST(a_failing_source_or_transport_ends_the_run_cleanly)
{
    for (int which = 0; which < 4; which++)
        for (int at = 1; at < 40; at++) {
            struct world *world = world_new(40, mixed);
            int *fails[] = {&world->next_fails, &world->again_fails, &world->start_fails,
                            &world->wait_fails};
            *fails[which] = at;
            enum pump_end end = world_run(world);
            ck_assert(end == PUMP_FAULT || end == PUMP_DONE);
            ck_assert_int_eq(end == PUMP_FAULT, world->fault.kind != FAULT_NONE);
            ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 0);
            free(world);
        }
}
END_TEST

/* ---------------------------------------------------------------- figures */

static struct reply_rule slow(struct world *world, size_t n, uint64_t id, int k)
{
    (void)world, (void)id, (void)k;
    return (struct reply_rule){.latency_ms = (int64_t)n + 1};
}

START_TEST(percentiles_of_the_answer_times_are_right_to_a_few_percent)
{
    struct world *world = world_new(1000, slow);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_double_eq_tol(latency_percentile_ms(&world->figures, 50), 500, 15);
    ck_assert_double_eq_tol(latency_percentile_ms(&world->figures, 95), 950, 25);
    ck_assert_double_eq(latency_percentile_ms(&world->figures, 100), 1000);
    ck_assert_int_eq(world->figures.latency_max_ms, 1000);
    uint64_t requests = 0;
    for (size_t minute = 0; minute < MINUTE_SLOTS; minute++)
        requests += world->figures.minute[minute].requests;
    ck_assert_uint_eq(requests, 1000);
    free(world);
    struct push_figures none = {0};
    ck_assert_double_eq(latency_percentile_ms(&none, 95), 0);
    ck_assert_double_ge(latency_slot_ms(LATENCY_SLOTS - 1), 60000);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, V3_everybody_is_intended_sent_once_and_settled);
    tcase_add_test(c, an_empty_source_ends_at_once);
    tcase_add_test(c, the_first_new_and_the_first_changed_person_go_alone);
    tcase_add_test(c, V8_no_second_holds_more_than_the_rate_and_one);
    tcase_add_test(c, intents_go_in_batches_of_at_most_64_and_the_first_alone);
    tcase_add_test(c, V7_two_jobs_of_one_person_follow_each_other);
    tcase_add_test(c, N13_a_refusal_is_final_and_not_repeated);
    tcase_add_test(c, a_clash_is_tried_once_more_at_the_end_of_the_run);
    tcase_add_test(c, a_clash_that_was_not_tried_again_is_not_reached);
    tcase_add_test(c, N11_a_wrong_token_costs_one_request);
    tcase_add_test(c, N11_a_token_that_dies_in_the_run_costs_what_is_in_flight);
    tcase_add_test(c, N12_two_403_in_a_row_stop_the_run_and_refuse_nobody);
    tcase_add_test(c, N12_a_403_between_others_refuses_the_person);
    tcase_add_test(c, N13_a_404_at_the_beginning_stops_and_later_refuses);
    tcase_add_test(c, N13_when_everybody_is_refused_the_run_stops);
    tcase_add_test(c, N14_a_redirect_stops_the_run);
    tcase_add_test(c, a_constant_login_source_that_is_wrong_stops_the_run);
    tcase_add_test(c, the_limit_takes_the_first_n_and_leaves_the_rest);
    tcase_add_test(c, N22_a_signal_settles_what_is_in_flight_and_withdraws_the_rest);
    tcase_add_test(c, a_signal_when_all_is_done_changes_nothing);
    tcase_add_test(c, of_a_signal_and_a_fatal_answer_the_answer_is_told);
    tcase_add_test(c, V13_the_time_limit_ends_the_run_cleanly);
    tcase_add_test(c, V10_time_that_is_up_while_the_last_answer_is_under_way_leaves_nobody);
    tcase_add_test(c, V13_an_answer_that_never_comes_does_not_hold_up_the_end);
    tcase_add_test(c, D13_a_failing_state_is_not_touched_again);
    tcase_add_test(c, a_failing_source_or_transport_ends_the_run_cleanly);
    tcase_add_test(c, percentiles_of_the_answer_times_are_right_to_a_few_percent);
}

int main(void)
{
    return unit_run("push/pump", all);
}
