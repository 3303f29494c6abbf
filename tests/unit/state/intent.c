#include "room.h"

#include <signal.h>
#include <sys/wait.h>

static struct room room;

static void start(void)
{
    room_init(&room);
    room_open(&room, STATE_CREATE);
}

static void stop(void)
{
    room_clear(&room);
}

static bool is_payload(const struct digest *digest, unsigned number, const char *payload)
{
    struct intent intent = intent_of(&room, number, payload);
    return digest_equal(digest, &intent.digest);
}

static void state_is(unsigned number, const char *delivered, const char *intent,
                     const char *refused)
{
    struct plan_known known = known_one(&room, number);
    ck_assert_int_eq(known.is_delivered, delivered != NULL);
    ck_assert_int_eq(known.intent_open, intent != NULL);
    ck_assert_int_eq(known.is_refused, refused != NULL);
    ck_assert(!delivered || is_payload(&known.delivered, number, delivered));
    ck_assert(!intent || is_payload(&known.intent, number, intent));
    ck_assert(!refused || is_payload(&known.refused, number, refused));
    ck_assert(!known.is_damaged);
}

START_TEST(an_acceptance_is_delivered_and_closes_intent_and_refusal)
{
    run_begin(&room);
    push_one(&room, 1, "a", OUTCOME_REFUSED);
    state_is(1, NULL, NULL, "a");
    intend(&room, 1, "b");
    state_is(1, NULL, "b", "a");
    settle(&room, 1, "b", OUTCOME_ACCEPTED);
    state_is(1, "b", NULL, NULL);
}
END_TEST

START_TEST(the_last_delivered_payload_stays_until_the_next_acceptance)
{
    deliver(&room, 1);
    run_begin(&room);
    intend(&room, 1, "b");
    state_is(1, "a", "b", NULL);
    settle(&room, 1, "b", OUTCOME_REFUSED);
    state_is(1, "a", NULL, "b");
}
END_TEST

START_TEST(an_unknown_outcome_leaves_the_intent_open)
{
    run_begin(&room);
    push_one(&room, 1, "a", OUTCOME_UNKNOWN);
    state_is(1, NULL, "a", NULL);
    ck_assert_uint_eq(state_open_intents(room.state, room.people), 1);
}
END_TEST

START_TEST(an_intent_that_never_left_is_withdrawn)
{
    run_begin(&room);
    person_handle handle = intend(&room, 1, "a");
    GOOD(state_withdraw(room.state, handle, fault));
    state_is(1, NULL, NULL, NULL);
    ck_assert_uint_eq(state_open_intents(room.state, room.people), 0);
}
END_TEST

/* A, then B without an answer, then C refused: what the server holds is A or B, so that A must be sent again. */
START_TEST(V1_an_earlier_intent_without_an_answer_outlives_a_later_refusal)
{
    deliver(&room, 1);
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    run_end(&room);
    run_begin(&room);
    push_one(&room, 1, "c", OUTCOME_REFUSED);
    state_is(1, "a", "b", "c");
    push_one(&room, 1, "a", OUTCOME_ACCEPTED);
    state_is(1, "a", NULL, NULL);
}
END_TEST

START_TEST(V1_an_earlier_intent_without_an_answer_outlives_a_later_withdrawal)
{
    deliver(&room, 1);
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    run_end(&room);
    run_begin(&room);
    GOOD(state_withdraw(room.state, intend(&room, 1, "c"), fault));
    state_is(1, "a", "b", NULL);
}
END_TEST

START_TEST(V2_a_refusal_leaves_an_earlier_try_of_the_same_payload_in_doubt)
{
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    push_one(&room, 1, "b", OUTCOME_REFUSED);
    state_is(1, NULL, "b", "b");
    push_one(&room, 1, "c", OUTCOME_ACCEPTED);
    state_is(1, "c", NULL, NULL);
}
END_TEST

/* Refused, sent again on demand and killed: nobody knows what the server holds, so that nothing may hold them back. */
START_TEST(V2_those_refused_after_a_try_in_doubt_are_counted_apart_among_the_unsettled)
{
    struct person_detail detail;
    run_begin(&room);
    for (unsigned number = 1; number <= 4; number++)
        intend(&room, number, "a");
    struct settlement doubtful = settlement_of(&room, 2, "a", OUTCOME_REFUSED);
    doubtful.was_doubtful = true;
    GOOD(state_settle(room.state, &doubtful, fault));
    settle(&room, 3, "a", OUTCOME_REFUSED);
    push_one(&room, 4, "b",
             OUTCOME_REFUSED); /* its earlier intent is open again, of another payload */
    ck_assert_uint_eq(state_open_intents(room.state, room.people), 3);
    ck_assert_uint_eq(state_held_intents(room.state, room.people), 1);
    for (unsigned number = 1; number <= 4; number++) {
        GOOD(state_person(room.state, room.people, handle_of(&room, number), &detail, fault));
        ck_assert(detail.intent_held == (number == 2));
        person_detail_clear(&detail);
    }
    push_one(&room, 2, "b", OUTCOME_UNKNOWN);
    ck_assert_uint_eq(state_open_intents(room.state, room.people), 3);
    ck_assert_uint_eq(state_held_intents(room.state, room.people), 0);
}
END_TEST

START_TEST(V1_an_intent_lifts_an_earlier_refusal_of_the_same_payload)
{
    struct person_detail detail;
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_REFUSED);
    run_end(&room);
    run_begin(&room);
    intend(&room, 1, "b");
    state_is(1, NULL, "b", NULL);
    settle(&room, 1, "b", OUTCOME_UNKNOWN);
    state_is(1, NULL, "b", NULL);
    GOOD(state_person(room.state, room.people, 1, &detail, fault));
    ck_assert(detail.intent_open && !detail.is_refused);
    person_detail_clear(&detail);
    push_one(&room, 1, "c", OUTCOME_REFUSED);
    state_is(1, NULL, "b", "c");
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    state_is(1, NULL, "b", "c");
    push_one(&room, 1, "c", OUTCOME_UNKNOWN);
    state_is(1, NULL, "c", NULL);
}
END_TEST

START_TEST(V6_a_withdrawal_brings_back_the_refusal_that_its_intent_lifted)
{
    deliver(&room, 1);
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_REFUSED);
    GOOD(state_withdraw(room.state, intend(&room, 1, "b"), fault));
    state_is(1, "a", NULL, "b");
    GOOD(state_withdraw(room.state, intend(&room, 1, "c"), fault));
    state_is(1, "a", NULL, "b");
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    GOOD(state_withdraw(room.state, intend(&room, 1, "c"), fault));
    state_is(1, "a", "b", NULL);
    GOOD(state_withdraw(room.state, intend(&room, 1, "b"), fault));
    state_is(1, "a", "b", NULL);
    push_one(&room, 1, "b", OUTCOME_REFUSED);
    GOOD(state_withdraw(room.state, intend(&room, 1, "b"), fault));
    state_is(1, "a", "b", "b");
    push_one(&room, 1, "b", OUTCOME_ACCEPTED);
    GOOD(state_withdraw(room.state, intend(&room, 1, "c"), fault));
    state_is(1, "b", NULL, NULL);
}
END_TEST

START_TEST(V2_a_withdrawal_leaves_an_earlier_try_of_the_same_payload_in_doubt)
{
    deliver(&room, 1);
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    intend(&room, 1, "b");
    GOOD(state_withdraw(room.state, handle_of(&room, 1), fault));
    state_is(1, "a", "b", NULL);
}
END_TEST

START_TEST(a_group_that_is_abandoned_leaves_nothing)
{
    run_begin(&room);
    GOOD(state_group_begin(room.state, fault));
    intend(&room, 1, "a");
    state_group_abandon(room.state);
    ck_assert_uint_eq(handle_of(&room, 1), 0);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 0);
    intend(&room, 2, "a");
    ck_assert_uint_eq(handle_of(&room, 2), 1);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 1);
}
END_TEST

START_TEST(people_are_handed_out_in_the_order_in_which_they_came)
{
    static struct known_list list;
    deliver(&room, 40);
    room_reopen(&room, STATE_WRITE);
    run_begin(&room);
    push_one(&room, 7, "b", OUTCOME_ACCEPTED);
    push_one(&room, 41, "a", OUTCOME_ACCEPTED);
    known_all(&room, &list);
    ck_assert_uint_eq(list.count, 41);
    for (unsigned i = 0; i < 41; i++) {
        ck_assert_uint_eq(list.items[i].handle, i + 1);
        struct digest tag = intent_of(&room, i + 1, "").tag;
        ck_assert(digest_equal(&list.items[i].tag, &tag));
    }
}
END_TEST

START_TEST(two_populations_do_not_see_each_other)
{
    population staff;
    deliver(&room, 3);
    population students = room.people;
    GOOD(state_population(room.state, "staff", "https://one.example/api", true, &staff, fault));
    ck_assert_uint_ne(staff, students);
    room.people = staff;
    ck_assert_uint_eq(handle_of(&room, 1), 0);
    ck_assert_uint_eq(state_shared_people(room.state, staff), 0);
    deliver(&room, 2);
    ck_assert_uint_eq(state_shared_people(room.state, staff), 2);
    ck_assert_uint_eq(state_shared_people(room.state, students), 2);
    ck_assert_uint_eq(state_known(room.state, students), 3);
    ck_assert_uint_eq(state_known(room.state, staff), 2);
}
END_TEST

START_TEST(C6_another_target_is_another_population)
{
    population other;
    deliver(&room, 1);
    GOOD(state_population(room.state, "students", "https://two.example/api", true, &other, fault));
    ck_assert_uint_ne(other, room.people);
    ck_assert_uint_eq(state_shared_people(room.state, room.people), 0);
    GOOD(state_population(room.state, "students", "https://three.example/api", false, &other,
                          fault));
    ck_assert_uint_eq(other, 0);
}
END_TEST

START_TEST(fingerprints_reference_and_id_are_given_back)
{
    struct fingerprints prints;
    struct person_detail detail;
    deliver(&room, 1);
    ck_assert(state_fingerprints(room.state, room.people, 1, &prints));
    ck_assert_uint_eq(prints.present, 3);
    ck_assert_uint_eq(prints.of[1], 22);
    ck_assert(!state_fingerprints(room.state, room.people, 2, &prints));
    GOOD(state_person(room.state, room.people, 1, &detail, fault));
    ck_assert_str_eq(detail.unique_id, "A00000001");
    ck_assert_str_eq(detail.reference_id, "4711");
    ck_assert_str_eq(detail.delivered_run, "20261122T012000Z-0001");
    ck_assert_int_eq(detail.delivered_ms, NOW);
    ck_assert(detail.is_delivered && !detail.is_adopted && !detail.intent_open);
    person_detail_clear(&detail);
}
END_TEST

START_TEST(a_refusal_is_told_with_its_words_and_nights)
{
    struct person_detail detail;
    run_begin(&room);
    intend(&room, 1, "a");
    struct settlement settlement = settlement_of(&room, 1, "a", OUTCOME_REFUSED);
    settlement.row.code = "9016";
    settlement.row.message = "the e-mail belongs to somebody else";
    GOOD(state_settle(room.state, &settlement, fault));
    run_end(&room);
    room.now += DAY;
    run_begin(&room);
    intend(&room, 1, "a"); /* on demand, and refused once more: still since the first night */
    settlement.wall_ms = room.now;
    GOOD(state_settle(room.state, &settlement, fault));
    run_end(&room);
    GOOD(state_person(room.state, room.people, 1, &detail, fault));
    ck_assert_str_eq(detail.refused_code, "9016");
    ck_assert_str_eq(detail.refused_message, "the e-mail belongs to somebody else");
    ck_assert_int_eq(detail.refused_ms, NOW);
    ck_assert_uint_eq(detail.refused_runs, 2);
    person_detail_clear(&detail);
}
END_TEST

START_TEST(an_alias_is_owned_by_a_delivered_person_with_another_tag)
{
    deliver(&room, 1);
    struct digest one = intent_of(&room, 1, "").tag, two = intent_of(&room, 2, "").tag;
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1001, &two), 1);
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1001, &one), 0);
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1003, &two), 0);
    uint64_t now = 1003;
    run_begin(&room);
    intend(&room, 1, "b");
    struct settlement settlement = settlement_of(&room, 1, "b", OUTCOME_ACCEPTED);
    settlement.aliases = &now;
    settlement.alias_count = 1;
    GOOD(state_settle(room.state, &settlement, fault));
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1001, &two), 0);
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1003, &two), 1);
}
END_TEST

START_TEST(adopted_people_are_delivered_unverified_and_refreshed_first)
{
    struct person_detail detail;
    person_handle oldest[8];
    deliver(&room, 2);
    run_begin(&room);
    uint64_t moved = state_run_counter(room.state, room.people);
    struct intent third = intent_of(&room, 3, "a");
    struct fingerprints prints = {.present = 1};
    GOOD(state_adopt_begin(room.state, fault));
    GOOD(state_adopt(room.state, &third, &prints, NULL, 0, room.now, fault));
    ck_assert_uint_eq(state_run_counter(room.state, room.people), moved + 1);
    state_is(3, "a", NULL, NULL);
    GOOD(state_person(room.state, room.people, 3, &detail, fault));
    ck_assert(detail.is_adopted && detail.delivered_ms == 0);
    person_detail_clear(&detail);
    ck_assert_uint_eq(state_longest_unrefreshed(room.state, room.people, oldest, 8), 3);
    ck_assert_uint_eq(oldest[0], 3);
    push_one(&room, 3, "a", OUTCOME_ACCEPTED);
    GOOD(state_person(room.state, room.people, 3, &detail, fault));
    ck_assert(!detail.is_adopted);
    person_detail_clear(&detail);
}
END_TEST

START_TEST(adopt_settles_what_was_open_and_leaves_alone_what_is_the_same)
{
    struct fingerprints prints = {.present = 1};
    deliver(&room, 1);
    run_begin(&room);
    struct intent same = intent_of(&room, 1, "a");
    same.handle = 1;
    GOOD(state_adopt(room.state, &same, &prints, NULL, 0, room.now, fault));
    struct person_detail detail;
    GOOD(state_person(room.state, room.people, 1, &detail, fault));
    ck_assert(!detail.is_adopted);
    person_detail_clear(&detail);
    push_one(&room, 1, "b", OUTCOME_UNKNOWN);
    struct intent other = intent_of(&room, 1, "b");
    other.handle = 1;
    GOOD(state_adopt(room.state, &other, &prints, NULL, 0, room.now, fault));
    state_is(1, "b", NULL, NULL);
}
END_TEST

START_TEST(the_run_counter_moves_once_a_run_and_only_with_an_intent)
{
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 0);
    run_begin(&room);
    run_end(&room);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 0);
    deliver(&room, 3);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 1);
    deliver(&room, 1);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 2);
}
END_TEST

/* ---------------------------------------------------------------- kills */

static void killed_after(void (*act)(void))
{
    room_close(&room);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        room_open(&room, STATE_WRITE);
        run_begin(&room);
        act();
        raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    room.runs++;
    room_open(&room, STATE_WRITE);
}

static void intend_durably(void)
{
    GOOD(state_group_begin(room.state, fault));
    intend(&room, 1, "b");
    intend(&room, 2, "a");
    GOOD(state_group_commit(room.state, fault));
}

static void settle_without_commit(void)
{
    intend_durably();
    GOOD(state_group_begin(room.state, fault));
    settle(&room, 1, "b", OUTCOME_ACCEPTED);
}

START_TEST(D1_a_killed_run_leaves_its_committed_intents_open)
{
    struct run_record *records;
    size_t count;
    deliver(&room, 1);
    killed_after(intend_durably);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "cut off"));
    state_is(1, "a", "b", NULL);
    state_is(2, NULL, "a", NULL);
    run_begin(&room);
    GOOD(state_runs(room.state, room.people, 10, &records, &count, fault));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(records[1].verdict, "incomplete");
    ck_assert_int_eq(records[1].exit, -1);
    ck_assert_int_eq(records[1].ended_ms, 0);
    run_records_free(records, count);
    state_is(1, "a", "b", NULL);
}
END_TEST

START_TEST(D1_a_settlement_that_was_not_committed_is_not_believed)
{
    deliver(&room, 1);
    killed_after(settle_without_commit);
    state_is(1, "a", "b", NULL);
    run_begin(&room);
    push_one(&room, 1, "b", OUTCOME_ACCEPTED);
    run_end(&room);
    room_reopen(&room, STATE_WRITE);
    ck_assert_ptr_null(state_warning(room.state));
    state_is(1, "b", NULL, NULL);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, an_acceptance_is_delivered_and_closes_intent_and_refusal);
    tcase_add_test(c, the_last_delivered_payload_stays_until_the_next_acceptance);
    tcase_add_test(c, an_unknown_outcome_leaves_the_intent_open);
    tcase_add_test(c, an_intent_that_never_left_is_withdrawn);
    tcase_add_test(c, V1_an_earlier_intent_without_an_answer_outlives_a_later_refusal);
    tcase_add_test(c, V1_an_earlier_intent_without_an_answer_outlives_a_later_withdrawal);
    tcase_add_test(c, V2_a_refusal_leaves_an_earlier_try_of_the_same_payload_in_doubt);
    tcase_add_test(c, V2_those_refused_after_a_try_in_doubt_are_counted_apart_among_the_unsettled);
    tcase_add_test(c, V1_an_intent_lifts_an_earlier_refusal_of_the_same_payload);
    tcase_add_test(c, V6_a_withdrawal_brings_back_the_refusal_that_its_intent_lifted);
    tcase_add_test(c, V2_a_withdrawal_leaves_an_earlier_try_of_the_same_payload_in_doubt);
    tcase_add_test(c, a_group_that_is_abandoned_leaves_nothing);
    tcase_add_test(c, people_are_handed_out_in_the_order_in_which_they_came);
    tcase_add_test(c, two_populations_do_not_see_each_other);
    tcase_add_test(c, C6_another_target_is_another_population);
    tcase_add_test(c, fingerprints_reference_and_id_are_given_back);
    tcase_add_test(c, a_refusal_is_told_with_its_words_and_nights);
    tcase_add_test(c, an_alias_is_owned_by_a_delivered_person_with_another_tag);
    tcase_add_test(c, adopted_people_are_delivered_unverified_and_refreshed_first);
    tcase_add_test(c, adopt_settles_what_was_open_and_leaves_alone_what_is_the_same);
    tcase_add_test(c, the_run_counter_moves_once_a_run_and_only_with_an_intent);
    tcase_add_test(c, D1_a_killed_run_leaves_its_committed_intents_open);
    tcase_add_test(c, D1_a_settlement_that_was_not_committed_is_not_believed);
}

int main(void)
{
    return unit_run("state/intent", all);
}
