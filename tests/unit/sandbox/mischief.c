#include "../../../src/sandbox/mischief.h"

#include <string.h>

#include "unit.h"

static struct mischief_plan *plan_of(uint64_t seed, bool by_person, const char *list)
{
    struct fault fault = {0};
    struct mischief_plan *plan = mischief_plan_new(seed, by_person);
    ck_assert_msg(mischief_plan_add(plan, list, &fault) == 0, "%s", fault.text);
    return plan;
}

static struct mischief_plan *script_of(const char *lines)
{
    struct fault fault = {0};
    struct text text = {0};
    struct mischief_plan *plan = mischief_plan_new(1, false);
    text_add(&text, lines);
    ck_assert_msg(mischief_plan_script(plan, "script", &text, &fault) == 0, "%s", fault.text);
    text_clear(&text);
    return plan;
}

static const char *name_at(struct mischief_plan *plan, uint64_t number, const char *id)
{
    const struct mischief *mischief = mischief_choose(plan, number, id, 0);
    return mischief ? mischief->name : "-";
}

START_TEST(the_same_seed_gives_the_same_misbehaviour_and_another_seed_another)
{
    struct mischief_plan *one = plan_of(7, false, "429=5%:retry-after=1,500=5%");
    struct mischief_plan *same = plan_of(7, false, "429=5%:retry-after=1,500=5%");
    struct mischief_plan *other = plan_of(8, false, "429=5%:retry-after=1,500=5%");
    int differ = 0;
    for (uint64_t number = 1; number <= 2000; number++) {
        ck_assert_str_eq(name_at(one, number, "A"), name_at(same, number, "B"));
        differ += strcmp(name_at(one, number, "A"), name_at(other, number, "A")) != 0;
    }
    ck_assert_int_gt(differ, 50);
    mischief_plan_free(one);
    mischief_plan_free(same);
    mischief_plan_free(other);
}
END_TEST

START_TEST(shares_are_kept)
{
    struct mischief_plan *plan = plan_of(3, false, "429=5%,reset-after=10%,stall=0%");
    int throttled = 0, reset = 0, stalled = 0;
    for (uint64_t number = 1; number <= 100000; number++) {
        const char *name = name_at(plan, number, "");
        throttled += !strcmp(name, "429");
        reset += !strcmp(name, "reset-after");
        stalled += !strcmp(name, "stall");
    }
    ck_assert_int_ge(throttled, 4700);
    ck_assert_int_le(throttled, 5300);
    ck_assert_int_ge(reset, 9600);
    ck_assert_int_le(reset, 10400);
    ck_assert_int_eq(stalled, 0);
    mischief_plan_free(plan);
}
END_TEST

START_TEST(drawn_by_person_the_order_of_requests_does_not_matter_but_the_try_does)
{
    struct mischief_plan *plan = plan_of(3, true, "500=50%");
    const struct mischief *first = mischief_choose(plan, 1, "A001", 0);
    ck_assert_ptr_eq(mischief_choose(plan, 99, "A001", 0), first);
    int changes = 0;
    for (uint64_t earlier = 0; earlier < 100; earlier++)
        changes += mischief_choose(plan, 1, "A001", earlier) != first;
    ck_assert_int_gt(changes, 20);
    ck_assert_int_lt(changes, 80);
    mischief_plan_free(plan);
}
END_TEST

START_TEST(a_script_speaks_of_numbers_ranges_and_people)
{
    struct mischief_plan *plan = script_of("# a night\n"
                                           "\n"
                                           "2 429:retry-after=Wed, 21 Oct 2026 07:28:00 GMT\r\n"
                                           "4-5 reset-before\n"
                                           "id=A7 9022 2\n"
                                           "id=A8 503:applied\n"
                                           "  100-   stall:ms=5\n");
    ck_assert_str_eq(name_at(plan, 1, ""), "-");
    const struct mischief *second = mischief_choose(plan, 2, "", 0);
    ck_assert_str_eq(second->retry_after, "Wed, 21 Oct 2026 07:28:00 GMT");
    ck_assert_str_eq(name_at(plan, 3, ""), "-");
    ck_assert_str_eq(name_at(plan, 4, ""), "reset-before");
    ck_assert_str_eq(name_at(plan, 5, ""), "reset-before");
    ck_assert_str_eq(name_at(plan, 6, "A7"), "9022");
    ck_assert_str_eq(name_at(plan, 7, "A7"), "9022");
    ck_assert_str_eq(name_at(plan, 8, "A7"), "-");
    ck_assert(mischief_choose(plan, 9, "A8", 0)->applied);
    ck_assert_int_eq(mischief_choose(plan, 1000000, "", 0)->wait_ms, 5);
    mischief_plan_rewind(plan);
    ck_assert_str_eq(name_at(plan, 8, "A7"), "9022");
    mischief_plan_free(plan);
}
END_TEST

START_TEST(what_is_no_misbehaviour_is_refused_by_name)
{
    static const struct {
        const char *list, *words;
    } cases[] = {
        {"429", "\"429\" needs its share of the requests, as in 429=5%"},
        {"429=5", "\"429=5\" needs its share of the requests, as in 429=5%"},
        {"429=101%", "\"429=101%\" needs its share of the requests, as in 429=5%"},
        {"429=nan%", "\"429=nan%\" needs its share of the requests, as in 429=5%"},
        {"429=60%,500=60%", "the shares add up to 120 %, over 100 %"},
        {"199=1%", "there is no misbehaviour called \"199\"; "},
        {"600=1%", "there is no misbehaviour called \"600\"; "},
        {"sulk=1%", "there is no misbehaviour called \"sulk\"; "},
        {"429=1%:after=1", "there is no \":after=1\"; "},
        {"late=1%:ms=-4", "there is no \":ms=-4\"; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        struct mischief_plan *plan = mischief_plan_new(1, false);
        ck_assert_int_eq(mischief_plan_add(plan, cases[i].list, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_msg(!strncmp(fault.text, cases[i].words, strlen(cases[i].words)), "%s: %s",
                      cases[i].list, fault.text);
        mischief_plan_free(plan);
    }
}
END_TEST

START_TEST(a_wrong_line_of_a_script_is_named)
{
    static const struct {
        const char *lines, *place;
    } cases[] = {
        {"1 429\nx 429\n", "script:2: \"x\" is neither"},
        {"0 429\n", "script:1: \"0\" is neither"},
        {"3-x 429\n", "script:1: \"3-x\" is neither"},
        {"id= 429\n", "script:1: \"id=\" is neither"},
        {"# fine\n\n5\n", "script:3: there is no misbehaviour called \"\""},
        {"5 nothing\n", "script:1: there is no misbehaviour called \"nothing\""},
        {"id=A 429 many\n", "script:1: there is no misbehaviour called \"429 many\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        struct text text = {0};
        struct mischief_plan *plan = mischief_plan_new(1, false);
        text_add(&text, cases[i].lines);
        ck_assert_int_eq(mischief_plan_script(plan, "script", &text, &fault), -1);
        ck_assert_msg(!strncmp(fault.text, cases[i].place, strlen(cases[i].place)), "%s",
                      fault.text);
        text_clear(&text);
        mischief_plan_free(plan);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, the_same_seed_gives_the_same_misbehaviour_and_another_seed_another);
    tcase_add_test(c, shares_are_kept);
    tcase_add_test(c, drawn_by_person_the_order_of_requests_does_not_matter_but_the_try_does);
    tcase_add_test(c, a_script_speaks_of_numbers_ranges_and_people);
    tcase_add_test(c, what_is_no_misbehaviour_is_refused_by_name);
    tcase_add_test(c, a_wrong_line_of_a_script_is_named);
}

int main(void)
{
    return unit_run("sandbox/mischief", all);
}
