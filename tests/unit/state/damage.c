#include "room.h"

#include <sqlite3.h>

/* Rows that were changed by hand or by the disk: never believed. */

enum { PEOPLE = 40, MUTATIONS = 10000 };

static struct room room;

static void start(void)
{
    room_init(&room);
    room_open(&room, STATE_CREATE);
    deliver(&room, PEOPLE);
    run_begin(&room);
    for (unsigned number = 1; number <= 6; number++)
        push_one(&room, number, "b", number % 2 ? OUTCOME_UNKNOWN : OUTCOME_REFUSED);
    run_end(&room);
    room_close(&room);
}

static void stop(void)
{
    room_clear(&room);
}

static void by_hand(const char *statement)
{
    sqlite3 *db;
    char *words = NULL;
    ck_assert_int_eq(sqlite3_open(room.path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, statement, NULL, NULL, &words) == SQLITE_OK, "%s", words);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void damage_is_seen(unsigned number)
{
    struct known_list list;
    room_open(&room, STATE_READ);
    ck_assert_ptr_null(state_warning(room.state));
    known_all(&room, &list);
    ck_assert_ptr_nonnull(
        strstr(state_warning(room.state), "damaged rows of people in the state: 1 "));
    for (size_t i = 0; i < list.count; i++)
        ck_assert_int_eq(list.items[i].is_damaged, list.items[i].handle == number);
    room_close(&room);
}

START_TEST(O7_a_row_edited_by_hand_is_not_believed)
{
    static const char *const edits[] = {
        "UPDATE person SET delivered = randomblob(16) WHERE true",
        "UPDATE person SET delivered = p.delivered FROM person p WHERE p.id = person.id - 1",
        "UPDATE person SET delivered = NULL WHERE true",
        "UPDATE person SET delivered = x'00' WHERE true",
        "UPDATE person SET intent = delivered WHERE true",
        "UPDATE person SET refused = delivered WHERE true",
        "UPDATE person SET row_tag = row_tag + 1 WHERE true"};
    file_copy(room.path, beside(&room, ".kept"));
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        file_copy(beside(&room, ".kept"), room.path);
        char *edit = mem_format("%s AND person.id & 0xffffffff = 9", edits[i]);
        by_hand(edit);
        free(edit);
        damage_is_seen(9);
    }
}
END_TEST

START_TEST(O7_an_intent_or_refusal_taken_away_by_hand_is_noticed)
{
    by_hand("UPDATE person SET intent = NULL WHERE id & 0xffffffff = 1");
    damage_is_seen(1);
    by_hand("DELETE FROM intent; DELETE FROM refusal");
    room_open(&room, STATE_READ);
    ck_assert(known_one(&room, 3).intent_open);
    ck_assert(known_one(&room, 2).is_refused);
}
END_TEST

START_TEST(O7_a_row_copied_to_another_place_is_nobodys)
{
    struct known_list list;
    by_hand("INSERT INTO person SELECT id + 100, tag, delivered, intent, refused, row_tag, "
            "delivered_ms FROM person WHERE id & 0xffffffff = 9");
    room_open(&room, STATE_READ);
    known_all(&room, &list);
    ck_assert_uint_eq(list.count, PEOPLE);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "in the state: 1 "));
}
END_TEST

START_TEST(O7_the_rows_of_two_people_exchanged_are_not_believed)
{
    struct known_list list;
    by_hand("UPDATE person SET id = -1 WHERE id & 0xffffffff = 8;"
            "UPDATE person SET id = id - 1 WHERE id & 0xffffffff = 9;"
            "UPDATE person SET id = (SELECT max(id) - 40 + 9 FROM person) WHERE id = -1");
    room_open(&room, STATE_READ);
    known_all(&room, &list);
    ck_assert_uint_eq(list.count, PEOPLE - 2);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "in the state: 2 "));
}
END_TEST

START_TEST(H12_a_damaged_person_is_healed_by_the_next_acceptance_alone)
{
    by_hand("UPDATE person SET delivered = randomblob(16) WHERE id & 0xffffffff = 9");
    room_open(&room, STATE_WRITE);
    run_begin(&room);
    struct intent intent = intent_of(&room, 9, "a");
    intent.handle = 9;
    GOOD(state_intend(room.state, &intent, fault));
    struct plan_known known = known_one(&room, 9);
    ck_assert(known.intent_open && known.is_delivered);
    ck_assert(!digest_equal(&known.delivered, &intent.digest));
    settle(&room, 9, "a", OUTCOME_REFUSED);
    known = known_one(&room, 9);
    ck_assert(known.intent_open); /* what it was before is not known: it stays open */
    push_one(&room, 9, "a", OUTCOME_ACCEPTED);
    known = known_one(&room, 9);
    ck_assert(!known.is_damaged && !known.intent_open && !known.is_refused);
    ck_assert(digest_equal(&known.delivered, &intent.digest));
    ck_assert_ptr_null(state_warning(room.state));
}
END_TEST

START_TEST(H12_fingerprints_that_were_changed_are_not_given_out)
{
    struct fingerprints prints;
    by_hand("UPDATE person_detail SET prints = (SELECT prints FROM person_detail WHERE person & "
            "0xffffffff = 9), prints_tag = (SELECT prints_tag FROM person_detail WHERE person & "
            "0xffffffff = 9) WHERE person & 0xffffffff = 10;"
            "UPDATE person_detail SET prints = zeroblob(10) WHERE person & 0xffffffff = 11");
    room_open(&room, STATE_READ);
    ck_assert(state_fingerprints(room.state, room.people, 9, &prints));
    ck_assert(!state_fingerprints(room.state, room.people, 10, &prints));
    ck_assert(!state_fingerprints(room.state, room.people, 11, &prints));
}
END_TEST

START_TEST(the_check_of_doctor_counts_damaged_rows)
{
    struct text report = {0};
    struct fault fault;
    by_hand("UPDATE person SET delivered = randomblob(16) WHERE id & 0xffffffff IN (9, 10)");
    room_open(&room, STATE_READ);
    ck_assert_int_eq(state_check(room.state, &report, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    ck_assert_ptr_nonnull(strstr(fault.text, ": 2 (changed by hand"));
    ck_assert_ptr_nonnull(strstr(report.bytes, "every page is whole"));
    text_clear(&report);
}
END_TEST

START_TEST(the_check_of_doctor_passes_a_sound_state)
{
    struct text report = {0};
    room_open(&room, STATE_READ);
    GOOD(state_check(room.state, &report, fault));
    ck_assert_ptr_nonnull(strstr(report.bytes, "40 people, 3 open intents, 0 damaged rows"));
    text_clear(&report);
}
END_TEST

/* ---------------------------------------------------------------- every byte */

static uint64_t chance = 20261122;
static uint64_t draw(uint64_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance % below;
}

static bool is_same_person(const struct plan_known *a, const struct plan_known *b)
{
    return a->handle == b->handle && a->is_delivered == b->is_delivered &&
           a->intent_open == b->intent_open && a->is_refused == b->is_refused &&
           digest_equal(&a->tag, &b->tag) &&
           (!a->is_delivered || digest_equal(&a->delivered, &b->delivered)) &&
           (!a->intent_open || digest_equal(&a->intent, &b->intent)) &&
           (!a->is_refused || digest_equal(&a->refused, &b->refused));
}

static bool is_one_of(const struct known_list *all, const struct plan_known *person)
{
    for (size_t i = 0; i < all->count; i++)
        if (is_same_person(&all->items[i], person))
            return true;
    return false;
}

struct scan {
    const struct known_list *true_people;
    unsigned believed, disbelieved;
};
static void scan_person(void *self, const struct plan_known *known)
{
    struct scan *scan = self;
    if (known->is_damaged) {
        scan->disbelieved++;
        return;
    }
    scan->believed++;
    ck_assert_msg(is_one_of(scan->true_people, known), "a false person was believed");
}

/* Opens what is left of the state, and reads and writes as far as it goes; 1 when it was refused. */
static unsigned survive(enum state_mode mode, const struct known_list *people)
{
    struct fault fault;
    struct scan scan = {.true_people = people};
    population students = 0;
    struct state *state = room_try(&room, mode, &fault);
    if (!state)
        return 1;
    int done =
        state_population(state, "students", "https://one.example/api", false, &students, &fault);
    if (done == 0 && students)
        done = state_each_person(state, students, scan_person, &scan, &fault);
    for (person_handle handle = 1; done == 0 && handle <= PEOPLE; handle++) {
        struct person_detail detail;
        struct fingerprints prints;
        (void)state_fingerprints(state, students, handle, &prints);
        if (state_person(state, students, handle, &detail, &fault) == 0)
            ck_assert(!detail.unique_id || detail.unique_id[0] == 'A');
        person_detail_clear(&detail);
    }
    state_close(state);
    return done < 0;
}

static void true_people_read(struct known_list *out)
{
    room_open(&room, STATE_READ);
    known_all(&room, out);
    room_close(&room);
    ck_assert_uint_eq(out->count, PEOPLE);
}

START_TEST(D7_no_changed_byte_makes_a_false_person)
{
    struct known_list people;
    struct text good = {0};
    unsigned refused = 0;
    true_people_read(&people);
    file_load(room.path, &good);
    for (unsigned i = 0; i < MUTATIONS; i++) {
        size_t at = draw(good.length);
        char was = good.bytes[at];
        good.bytes[at] = (char)(was ^ (char)(1 + draw(255)));
        file_store(room.path, good.bytes, good.length);
        refused += survive(i % 8 ? STATE_READ : STATE_WRITE, &people);
        good.bytes[at] = was;
        unlink(beside(&room, "-wal"));
        unlink(beside(&room, "-shm"));
    }
    ck_assert_uint_gt(refused, 0);
    file_store(room.path, good.bytes, good.length);
    ck_assert_uint_eq(survive(STATE_WRITE, &people), 0);
    text_clear(&good);
}
END_TEST

START_TEST(D7_a_state_cut_or_zeroed_anywhere_makes_no_false_person)
{
    struct known_list people;
    struct text good = {0};
    true_people_read(&people);
    file_load(room.path, &good);
    for (size_t at = 0; at < good.length; at += 512) {
        file_store(room.path, good.bytes, at);
        survive(at % 1024 ? STATE_READ : STATE_WRITE, &people);
        char kept[512];
        memcpy(kept, good.bytes + at, sizeof kept);
        memset(good.bytes + at, 0, sizeof kept);
        file_store(room.path, good.bytes, good.length);
        survive(at % 1024 ? STATE_WRITE : STATE_READ, &people);
        memcpy(good.bytes + at, kept, sizeof kept);
        unlink(beside(&room, "-wal"));
        unlink(beside(&room, "-shm"));
    }
    text_clear(&good);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, O7_a_row_edited_by_hand_is_not_believed);
    tcase_add_test(c, O7_an_intent_or_refusal_taken_away_by_hand_is_noticed);
    tcase_add_test(c, O7_a_row_copied_to_another_place_is_nobodys);
    tcase_add_test(c, O7_the_rows_of_two_people_exchanged_are_not_believed);
    tcase_add_test(c, H12_a_damaged_person_is_healed_by_the_next_acceptance_alone);
    tcase_add_test(c, H12_fingerprints_that_were_changed_are_not_given_out);
    tcase_add_test(c, the_check_of_doctor_counts_damaged_rows);
    tcase_add_test(c, the_check_of_doctor_passes_a_sound_state);
    tcase_add_test(c, D7_no_changed_byte_makes_a_false_person);
    tcase_add_test(c, D7_a_state_cut_or_zeroed_anywhere_makes_no_false_person);
}

int main(void)
{
    return unit_run("state/damage", all);
}
