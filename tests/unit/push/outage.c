/* Bad days: failures that are not about a person, in every pattern, and the days after. */
#include "world.h"

static const struct reply_rule failures[] = {
    {.end = EXCHANGE_NOT_SENT},
    {.end = EXCHANGE_BROKEN},
    {.end = EXCHANGE_BROKEN, .latency_ms = 60000},
    {.status = 500, .body = "no"},
    {.status = 503, .body = "no"},
    {.status = 524, .body = "no"},
    {.status = 408, .body = "no"},
    {.status = 429, .body = "no"},
    {.status = 200, .body = "<html>login</html>"},
};
enum { FAILURES = sizeof failures / sizeof *failures };

static const int64_t hour = 3600 * 1000;

/* 'random' is what the rules below go by: the kind of failure, and when it begins and ends. */
static struct reply_rule always_down(struct world *world, size_t n, uint64_t id, int k)
{
    (void)n, (void)id, (void)k;
    return failures[world->random];
}

static size_t probes_in(int64_t ms)
{
    size_t probes = 0;
    for (int64_t at = 15000, delay = 15000; at <= ms; probes++) {
        delay = delay * 2 < 600000 ? delay * 2 : 600000;
        at += delay;
    }
    return probes;
}

START_TEST(N7_a_whole_night_of_failure_costs_ten_requests_the_connections_and_the_probes)
{
    for (size_t kind = 0; kind < FAILURES; kind++)
        for (int connections = 1; connections <= 16; connections += 5) {
            struct world *world = world_new(2000, always_down);
            world->random = kind;
            world->settings.connections = connections;
            world->settings.rate = connections == 1 ? 0 : 20;
            world->settings.max_duration_ms = 8 * hour;
            ck_assert_int_eq(world_run(world), PUMP_UNAVAILABLE);
            ck_assert_int_eq(world->fault.kind, FAULT_UNAVAILABLE);
            ck_assert_uint_le(world->requests, 10 + (size_t)connections + probes_in(8 * hour));
            ck_assert_uint_ge(world->requests, 40);
            ck_assert_int_le(world->now_ms - 5000000, 8 * hour + 120000);
            ck_assert_int_le(world->waits, 10000);
            ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 0);
            ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED), 0);
            bool was_sent = failures[kind].end != EXCHANGE_NOT_SENT && failures[kind].status != 429;
            ck_assert_uint_eq(world_count(world, was_sent ? OUTCOME_NOT_REACHED : OUTCOME_UNKNOWN),
                              0);
            free(world);
        }
}
END_TEST

static struct reply_rule down_from_to(struct world *world, size_t n, uint64_t id, int k)
{
    size_t from = world->random / 1000 % 1000, count = world->random / 1000000;
    (void)id, (void)k;
    return n >= from && n < from + count ? failures[world->random % 1000] : (struct reply_rule){0};
}

START_TEST(N7_with_a_healthy_server_again_everybody_is_delivered_within_the_run)
{
    static const size_t counts[] = {1, 5, 9, 10, 11, 12, 20, 40, 60};
    static const size_t begins[] = {0, 1, 2, 30, 150, 280};
    for (size_t kind = 0; kind < FAILURES; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t b = 0; b < sizeof begins / sizeof *begins; b++)
                for (int fast = 0; fast < 2; fast++) {
                    struct world *world = world_new(300, down_from_to);
                    world->random = kind + 1000 * begins[b] + 1000000 * counts[c];
                    world->settings.rate = fast ? 0 : 5;
                    world->settings.connections = fast ? 8 : 2;
                    world->settings.max_duration_ms = 24 * hour;
                    ck_assert_msg(world_run(world) == PUMP_DONE, "kind %zu, %zu from %zu", kind,
                                  counts[c], begins[b]);
                    ck_assert_msg(world_count(world, OUTCOME_ACCEPTED) == 300,
                                  "kind %zu, %zu from %zu, fast %d: %zu", kind, counts[c],
                                  begins[b], fast, world_count(world, OUTCOME_ACCEPTED));
                    ck_assert_uint_eq(world->requests, 300 + counts[c]);
                    free(world);
                }
}
END_TEST

START_TEST(N7_the_probes_come_after_15_seconds_doubling_to_ten_minutes)
{
    struct world *world = world_new(100, always_down);
    world->settings.connections = 1;
    world->settings.max_duration_ms = 2 * hour;
    ck_assert_int_eq(world_run(world), PUMP_UNAVAILABLE);
    int64_t delay = 15000;
    for (size_t n = 10; n < world->requests; n++) {
        int64_t gap = world->log[n].at_ms - world->log[n - 1].at_ms - 20;
        ck_assert_int_eq(gap, delay);
        delay = delay * 2 < 600000 ? delay * 2 : 600000;
    }
    ck_assert_int_eq(delay, 600000);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- one person, a few people */

static struct reply_rule poison(struct world *world, size_t n, uint64_t id, int k)
{
    (void)n, (void)k;
    return id % 100 < world->random ? (struct reply_rule){.status = 500, .body = "x"}
                                    : (struct reply_rule){0};
}

START_TEST(N10_a_person_that_always_fails_gets_five_attempts_and_is_unknown)
{
    struct world *world = world_new(100, poison);
    world->random = 1;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_int_eq(world->outcome[0], OUTCOME_UNKNOWN);
    ck_assert_int_eq(world->result[0].attempts, 5);
    ck_assert_str_eq(world->result[0].answer.code, "http_500");
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 99);
    free(world);
    for (size_t people = 1; people <= 2; people++) { /* and when there is nobody else */
        world = world_new(people, always_down);
        world->random = 3;
        ck_assert_int_eq(world_run(world), PUMP_DONE);
        ck_assert_uint_eq(world->requests, 5 * people);
        ck_assert_uint_eq(world_count(world, OUTCOME_UNKNOWN), people);
        free(world);
    }
}
END_TEST

START_TEST(a_person_never_sent_to_the_end_is_not_reached)
{
    struct world *world = world_new(1, always_down);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_int_eq(world->outcome[0], OUTCOME_NOT_REACHED);
    ck_assert_int_eq(world->result[0].attempts, 5);
    free(world);
}
END_TEST

static struct reply_rule broken_then_refused_to_connect(struct world *world, size_t n, uint64_t id,
                                                        int k)
{
    (void)world, (void)n, (void)id;
    return failures[k == 2 ? 1 : 0];
}

START_TEST(an_attempt_that_may_have_arrived_keeps_the_outcome_unknown)
{
    struct world *world = world_new(1, broken_then_refused_to_connect);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_int_eq(world->outcome[0], OUTCOME_UNKNOWN);
    free(world);
}
END_TEST

START_TEST(V13_many_poisoned_people_do_not_keep_the_run_going)
{
    struct world *world = world_new(1000, poison);
    world->random = 8;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_UNKNOWN), 80);
    ck_assert_uint_eq(world_count(world, OUTCOME_ACCEPTED), 920);
    ck_assert_uint_le(world->requests, 1000 + 100 + 10);
    free(world);
}
END_TEST

START_TEST(A11_a_second_attempt_waits_its_turn_and_goes_alone)
{
    struct world *world = world_new(200, poison); /* the world asserts that no two overlap */
    world->random = 20;
    world->settings.rate = 0;
    world->settings.connections = 32;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    for (size_t later = 1; later < world->requests; later++)
        for (size_t before = 0; before < later; before++)
            if (world->log[later].id == world->log[before].id)
                ck_assert_int_ge(world->log[later].at_ms, world->log[before].at_ms + 20);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- the budget */

static struct reply_rule half_fail(struct world *world, size_t n, uint64_t id, int k)
{
    (void)id, (void)k;
    return n % 2 ? failures[world->random] : (struct reply_rule){0};
}

START_TEST(V8_retries_stay_within_a_tenth_and_first_attempts_go_on)
{
    for (size_t kind = 0; kind < FAILURES; kind++)
        for (size_t people = 20; people <= 2000; people *= 10) {
            struct world *world = world_new(people, half_fail);
            world->random = kind;
            world->settings.rate = 50;
            world->settings.max_duration_ms = 48 * hour;
            ck_assert_int_eq(world_run(world), PUMP_DONE);
            size_t budget = people / 10 > 10 ? people / 10 : 10;
            ck_assert_uint_le(world->requests, people + budget);
            ck_assert_uint_eq(world->figures.retries, world->requests - people);
            ck_assert_uint_ge(world_count(world, OUTCOME_ACCEPTED), people / 2);
            free(world);
        }
}
END_TEST

/* ---------------------------------------------------------------- 429 and Retry-After */

START_TEST(N8_a_storm_of_429_refuses_nobody_and_slows_to_a_tenth)
{
    struct world *world = world_new(2000, half_fail);
    world->random = 7;
    world->settings.rate = 20;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_uint_eq(world_count(world, OUTCOME_REFUSED) + world_count(world, OUTCOME_UNKNOWN), 0);
    ck_assert_uint_gt(world_count(world, OUTCOME_NOT_REACHED), 0);
    double seconds = (double)(world->log[world->requests - 1].at_ms - world->log[100].at_ms) / 1000;
    double rate = (double)(world->requests - 101) / seconds;
    ck_assert_msg(rate > 1.9 && rate < 4, "%g a second", rate);
    uint64_t throttled = 0;
    for (size_t minute = 0; minute < MINUTE_SLOTS; minute++)
        throttled += world->figures.minute[minute].throttled;
    ck_assert_uint_eq(throttled, world->figures.by_status[429]);
    free(world);
}
END_TEST

static struct reply_rule wishes(struct world *world, size_t n, uint64_t id, int k)
{
    static const char *const values[] = {"7", "120", "3600", "Sun, 22 Nov 2026 03:20:00 GMT"};
    (void)id, (void)k;
    return n == 50 ? (struct reply_rule){.status = world->random < 4 ? 429 : 503,
                                         .body = "x",
                                         .retry_after = values[world->random % 4]}
                   : (struct reply_rule){0};
}

START_TEST(N9_retry_after_is_honoured_by_the_whole_run)
{
    for (uint64_t which = 0; which < 8; which++) {
        struct world *world = world_new(100, wishes);
        world->random = which;
        world->settings.connections = 4;
        ck_assert_int_eq(world_run(world), PUMP_DONE);
        world_all_accepted(world);
        static const int64_t waits[] = {7000, 120000, 3600000, 0};
        int64_t asked_ms = world->log[50].at_ms + 20, wanted_ms = waits[which % 4];
        for (size_t n = 51; n < world->requests && wanted_ms; n++)
            ck_assert(world->log[n].at_ms < asked_ms ||
                      world->log[n].at_ms >= asked_ms + wanted_ms);
        ck_assert_int_eq(world->figures.not_before_wall_ms, 0);
        free(world);
    }
}
END_TEST

START_TEST(N9_a_wait_longer_than_the_time_left_stops_the_run_and_is_remembered)
{
    struct world *world = world_new(100, wishes);
    world->random = 2;
    world->settings.max_duration_ms = 30 * 60 * 1000;
    ck_assert_int_eq(world_run(world), PUMP_DEADLINE);
    ck_assert_uint_le(world->requests, 52);
    ck_assert_int_le(world->now_ms, world->log[50].at_ms + 1000);
    int64_t until = world_wall(world) - world->now_ms + world->log[50].at_ms + 20 + hour;
    ck_assert_int_eq(world->figures.not_before_wall_ms, until);
    ck_assert_int_eq(world->fault.kind, FAULT_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(world->fault.text, "wait until"));
    ck_assert_int_eq(world->outcome[world->log[50].id], OUTCOME_NOT_REACHED);
    free(world);
}
END_TEST

START_TEST(V8_nothing_goes_before_not_before)
{
    struct world *world = world_new(10, down_from_to);
    world->settings.not_before_ms = world->now_ms + 90000;
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    ck_assert_int_eq(world->log[0].at_ms, 5090000);
    free(world);
    world = world_new(10, down_from_to);
    world->settings.not_before_ms = world->now_ms + 7 * hour;
    ck_assert_int_eq(world_run(world), PUMP_DEADLINE);
    ck_assert_uint_eq(world->requests, 0);
    ck_assert_int_eq(world->intends, 0);
    ck_assert_int_eq(world->now_ms, 5000000);
    ck_assert_int_eq(world->figures.not_before_wall_ms, world_wall(world) + 7 * hour);
    free(world);
}
END_TEST

static struct reply_rule wild_clock(struct world *world, size_t n, uint64_t id, int k)
{
    static const int64_t jumps[] = {1000, -1000, 3600000, -3600000, 630720000000, -630720000000};
    (void)id, (void)k;
    world->wall_ms = 1795310400000 + jumps[n % 6];
    return n == 20 ? (struct reply_rule){.status = 429, .body = "x", .retry_after = "30"}
                   : (struct reply_rule){0};
}

START_TEST(N20_a_jumping_wall_clock_changes_nothing)
{
    struct world *world = world_new(60, wild_clock);
    ck_assert_int_eq(world_run(world), PUMP_DONE);
    world_all_accepted(world);
    ck_assert_int_le(world->now_ms - 5000000, 60 * 200 + 30000 + 20000);
    free(world);
}
END_TEST

/* ---------------------------------------------------------------- any weather */

/* Weather changes every few requests: fine, flapping, storms, brown-outs, refusals, slow answers. */
static struct reply_rule weather(struct world *world, size_t n, uint64_t id, int k)
{
    (void)n, (void)id, (void)k;
    uint64_t dice = world_random(world) % 1000, day = world->random >> 50 & 7;
    uint64_t bad = day < 3 ? 5 : day < 5 ? 150 : day < 7 ? 500 : 950;
    if (dice < bad) {
        struct reply_rule rule = failures[world_random(world) % FAILURES];
        if (dice % 17 == 0 && rule.status)
            rule.retry_after = "45";
        return rule;
    }
    if (dice > 990)
        return (struct reply_rule){
            .status = 400, .body = dice % 2 ? "{\"ErrorCode\":9019}" : "{\"ErrorCode\":9017}"};
    return (struct reply_rule){.latency_ms = 1 + (int64_t)(world_random(world) % 400)};
}

static struct world *weather_run(uint64_t seed)
{
    static const double rates[] = {0, 2.5, 5, 50};
    struct world *world = world_new(60 + seed % 200, weather);
    world->random = seed * 0x9e3779b97f4a7c15u;
    world->settings.seed = seed;
    world->settings.rate = rates[seed % 4];
    world->settings.connections = 1 + (int)(seed % 9);
    world->settings.max_duration_ms = (int64_t)(seed % 5 + 1) * 600000;
    for (size_t id = 0; id < world->people; id++)
        world->is_new[id] = (id * 7 + seed) % 3 == 0;
    world->signal_at = seed % 11 == 0 ? 70 : 0;
    enum pump_end end = world_run(world);
    ck_assert(end != PUMP_FAULT && end != PUMP_LIMIT);
    return world;
}

START_TEST(V13_every_run_in_any_weather_ends_in_time_with_one_outcome_each)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct world *world = weather_run(seed);
        int64_t took = world->now_ms - 5000000;
        ck_assert_msg(took <= world->settings.max_duration_ms + 120000, "seed %d", (int)seed);
        double rate = world->settings.rate;
        ck_assert_msg(rate == 0 || (double)world_busiest_second(world) <= rate + 1, "seed %d",
                      (int)seed);
        ck_assert_uint_le(world->flying_max, (size_t)world->settings.connections);
        free(world);
    }
}
END_TEST

START_TEST(V14_the_same_seed_gives_the_same_run)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world *one = weather_run(seed), *two = weather_run(seed);
        ck_assert_uint_eq(one->requests, two->requests);
        ck_assert_mem_eq(one->log, two->log, one->requests * sizeof *one->log);
        ck_assert_mem_eq(one->outcome, two->outcome, sizeof one->outcome);
        free(one);
        free(two);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c,
                   N7_a_whole_night_of_failure_costs_ten_requests_the_connections_and_the_probes);
    tcase_add_test(c, N7_with_a_healthy_server_again_everybody_is_delivered_within_the_run);
    tcase_add_test(c, N7_the_probes_come_after_15_seconds_doubling_to_ten_minutes);
    tcase_add_test(c, N10_a_person_that_always_fails_gets_five_attempts_and_is_unknown);
    tcase_add_test(c, a_person_never_sent_to_the_end_is_not_reached);
    tcase_add_test(c, an_attempt_that_may_have_arrived_keeps_the_outcome_unknown);
    tcase_add_test(c, V13_many_poisoned_people_do_not_keep_the_run_going);
    tcase_add_test(c, A11_a_second_attempt_waits_its_turn_and_goes_alone);
    tcase_add_test(c, V8_retries_stay_within_a_tenth_and_first_attempts_go_on);
    tcase_add_test(c, N8_a_storm_of_429_refuses_nobody_and_slows_to_a_tenth);
    tcase_add_test(c, N9_retry_after_is_honoured_by_the_whole_run);
    tcase_add_test(c, N9_a_wait_longer_than_the_time_left_stops_the_run_and_is_remembered);
    tcase_add_test(c, V8_nothing_goes_before_not_before);
    tcase_add_test(c, N20_a_jumping_wall_clock_changes_nothing);
    tcase_add_test(c, V13_every_run_in_any_weather_ends_in_time_with_one_outcome_each);
    tcase_add_test(c, V14_the_same_seed_gives_the_same_run);
}

int main(void)
{
    return unit_run("push/outage", all);
}
