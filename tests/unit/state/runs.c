#include "room.h"

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

/* ---------------------------------------------------------------- records */

START_TEST(a_run_is_remembered_with_its_counts_and_document)
{
    struct run_record *records;
    size_t count;
    run_begin(&room);
    struct run_finish finish = finish_of(&room);
    finish.exit = 3;
    finish.verdict = "partial";
    finish.counts = (struct counts){.rows = 28,
                                    .action = {1, 2, 3, 4, 5, 6, 7},
                                    .outcome = {1, 1, 1, 0},
                                    .gone = 8,
                                    .known = 9};
    GOOD(state_run_end(room.state, &finish, NULL, fault));
    room_reopen(&room, STATE_READ);
    GOOD(state_runs(room.state, room.people, 10, &records, &count, fault));
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(records[0].id, "20261122T012000Z-0001");
    ck_assert_str_eq(records[0].command, "push");
    ck_assert_str_eq(records[0].verdict, "partial");
    struct text document = {0};
    GOOD(state_document(room.state, 1, &document, fault));
    ck_assert_str_eq(text_string(&document), finish.document);
    text_clear(&document);
    ck_assert_str_eq(records[0].feed, "students");
    ck_assert_str_eq(records[0].target, "https://one.example/api");
    ck_assert_str_eq(records[0].export_digest, "e1");
    ck_assert_str_eq(records[0].mapping_digest, "m1");
    ck_assert_int_eq(records[0].exit, 3);
    ck_assert_int_eq(records[0].started_ms, NOW);
    ck_assert_int_eq(records[0].ended_ms, NOW + 1000);
    ck_assert(records[0].finished);
    ck_assert_int_eq(memcmp(&records[0].counts, &finish.counts, sizeof finish.counts), 0);
    run_records_free(records, count);
}
END_TEST

START_TEST(runs_come_newest_first_and_no_more_than_asked_for)
{
    struct run_record *records;
    size_t count;
    for (int i = 0; i < 5; i++)
        deliver(&room, 1);
    GOOD(state_runs(room.state, 0, 2, &records, &count, fault));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(records[0].id, "20261122T012000Z-0005");
    ck_assert_str_eq(records[1].id, "20261122T012000Z-0004");
    run_records_free(records, count);
    GOOD(state_runs(room.state, 99, 2, &records, &count, fault));
    ck_assert_uint_eq(count, 0);
    run_records_free(records, count);
}
END_TEST

static int row_check(void *self, const struct run_row *row)
{
    static const char *const ids[] = {"A00000001", "Z9", NULL};
    unsigned *seen = self;
    ck_assert_uint_lt(*seen, 3);
    ck_assert(text_is(row->unique_id, ids[*seen]));
    ck_assert_uint_eq(row->line, *seen + 2);
    if (*seen == 0) {
        ck_assert_int_eq(row->outcome, OUTCOME_REFUSED);
        ck_assert_int_eq(row->http_status, 400);
        ck_assert_int_eq(row->opscom_code, 9019);
        ck_assert_uint_eq(row->handle, 1);
        ck_assert_str_eq(row->message, "in use");
        ck_assert_uint_eq(row->fields, 6);
        ck_assert_uint_eq(row->flags, 16);
    } else {
        ck_assert_int_eq(row->outcome, -1);
        ck_assert_int_eq(row->action, ACTION_REJECTED);
        ck_assert_int_eq(row->field, *seen == 1 ? FIELD_EMAIL : -1);
        ck_assert_str_eq(row->code, "pattern");
    }
    ++*seen;
    return 0;
}

START_TEST(the_rows_of_a_run_are_given_back_by_line)
{
    unsigned seen = 0;
    run_begin(&room);
    struct run_row row = {.line = 4,
                          .action = ACTION_REJECTED,
                          .outcome = -1,
                          .field = -1,
                          .code = "pattern",
                          .message = "no id"};
    GOOD(state_add_row(room.state, &row, fault));
    row.line = 3;
    row.unique_id = "Z9";
    row.field = FIELD_EMAIL;
    GOOD(state_add_row(room.state, &row, fault));
    intend(&room, 1, "a");
    struct settlement settlement = settlement_of(&room, 1, "a", OUTCOME_REFUSED);
    settlement.row.http_status = 400;
    settlement.row.opscom_code = 9019;
    settlement.row.fields = 6;
    settlement.row.flags = 16;
    settlement.row.message = "in use";
    GOOD(state_settle(room.state, &settlement, fault));
    run_end(&room);
    deliver(&room, 1);
    room_reopen(&room, STATE_READ);
    GOOD(state_each_row(room.state, "20261122T012000Z-0001", row_check, &seen, fault));
    ck_assert_uint_eq(seen, 3);
    GOOD(state_each_row(room.state, "no such run", row_check, &seen, fault));
}
END_TEST

START_TEST(the_last_row_of_a_line_counts)
{
    struct run_record *records;
    size_t count;
    run_begin(&room);
    push_one(&room, 1, "a", OUTCOME_UNKNOWN);
    push_one(&room, 1, "a", OUTCOME_ACCEPTED);
    push_one(&room, 2, "a", OUTCOME_REFUSED);
    room_reopen(&room, STATE_WRITE); /* as after a kill: the run has no end */
    GOOD(state_runs(room.state, room.people, 2, &records, &count, fault));
    ck_assert(records[0].is_open);
    ck_assert_uint_eq(records[0].counts.outcome[OUTCOME_ACCEPTED], 1);
    ck_assert_uint_eq(records[0].counts.outcome[OUTCOME_REFUSED], 1);
    ck_assert_uint_eq(records[0].counts.outcome[OUTCOME_UNKNOWN], 0);
    run_records_free(records, count);
    run_begin(&room);
    GOOD(state_runs(room.state, room.people, 2, &records, &count, fault));
    ck_assert_str_eq(records[1].verdict, "incomplete");
    ck_assert(records[0].is_open && !records[1].is_open);
    ck_assert_uint_eq(records[1].counts.outcome[OUTCOME_ACCEPTED], 1);
    ck_assert_uint_eq(records[1].counts.outcome[OUTCOME_UNKNOWN], 0);
    run_records_free(records, count);
}
END_TEST

/* ---------------------------------------------------------------- baselines */

static void finished_run(uint64_t rows, bool finished, int exit_code)
{
    run_begin(&room);
    struct run_finish finish = finish_of(&room);
    char bundle[32];
    snprintf(bundle, sizeof bundle, "{\"rows\": %u}", (unsigned)rows);
    finish.finished = finished;
    finish.exit = exit_code;
    finish.counts.rows = rows;
    finish.counts.known = rows + 1;
    finish.valid = rows - 1;
    finish.filled[FIELD_EMAIL] = rows - 2;
    finish.field_changed[FIELD_EMAIL] = 7;
    finish.mapping_bundle = bundle;
    GOOD(state_run_end(room.state, &finish, NULL, fault));
    room.now += DAY;
}

START_TEST(baselines_are_those_of_the_last_fourteen_finished_runs)
{
    struct baseline baseline;
    baseline = baseline_of(&room);
    ck_assert(baseline.first_load && baseline.runs == 0 && baseline.rows == 0);
    for (unsigned i = 1; i <= 20; i++)
        finished_run(100 + i, i % 5 != 0, 0);
    baseline = baseline_of(&room);
    ck_assert(!baseline.first_load);
    ck_assert_uint_eq(baseline.runs, BAND_RUNS);
    ck_assert_uint_eq(baseline.rows, 119);
    ck_assert_str_eq(baseline.digest, "e1");
    ck_assert_str_eq(baseline.mapping_digest, "m1");
    ck_assert_uint_eq(baseline.run[0].valid, 118);
    ck_assert_uint_eq(baseline.run[0].known, 120);
    ck_assert_uint_eq(baseline.run[0].filled[FIELD_EMAIL], 117);
    ck_assert_uint_eq(baseline.run[0].changed[FIELD_EMAIL], 7);
    ck_assert_uint_eq(baseline.run[0].filled[FIELD_CITY], 0);
    ck_assert_uint_eq(baseline.run[13].valid, 102);
}
END_TEST

START_TEST(an_adopt_that_ended_well_ends_the_first_load_and_keeps_its_mapping)
{
    struct baseline baseline;
    struct text bundle = {0};
    struct run_start begin = {.id = "x", .command = "adopt", .started_ms = NOW};
    for (int ended_well = 0; ended_well <= 1; ended_well++) {
        GOOD(state_run_begin(room.state, room.people, &begin, fault));
        struct run_finish finish = finish_of(&room);
        finish.finished = false;
        finish.exit = ended_well ? 3 : 8;
        GOOD(state_run_end(room.state, &finish, NULL, fault));
        baseline = baseline_of(&room);
        ck_assert_int_eq(baseline.first_load, !ended_well);
        ck_assert_uint_eq(baseline.runs, 0);
        GOOD(state_last_mapping(room.state, room.people, &bundle, fault));
        ck_assert_str_eq(text_string(&bundle), ended_well ? "{}" : "");
    }
    text_clear(&bundle);
}
END_TEST

START_TEST(only_finished_runs_move_the_mapping_and_the_last_success)
{
    struct text bundle = {0};
    ck_assert_int_eq(state_last_success_ms(room.state, room.people, false), 0);
    finished_run(100, true, 0);
    finished_run(101, true, 3);
    finished_run(102, false, 0);
    GOOD(state_last_mapping(room.state, room.people, &bundle, fault));
    ck_assert_str_eq(bundle.bytes, "{\"rows\": 101}");
    ck_assert_int_eq(state_last_success_ms(room.state, room.people, false), NOW + DAY + 1000);
    ck_assert_int_eq(state_last_success_ms(room.state, room.people, true), NOW + 1000);
    text_clear(&bundle);
}
END_TEST

START_TEST(what_a_target_asked_for_is_kept_until_it_is_taken_back)
{
    ck_assert_int_eq(state_not_before(room.state, "https://one.example"), 0);
    GOOD(state_set_not_before(room.state, "https://one.example", 12345, fault));
    room_reopen(&room, STATE_WRITE);
    ck_assert_int_eq(state_not_before(room.state, "https://one.example"), 12345);
    ck_assert_int_eq(state_not_before(room.state, "https://two.example"), 0);
    GOOD(state_set_not_before(room.state, "https://one.example", 0, fault));
    ck_assert_int_eq(state_not_before(room.state, "https://one.example"), 0);
}
END_TEST

/* ---------------------------------------------------------------- nights */

static void know(void *self, const struct plan_known *known)
{
    plan_know(self, known);
}

/* A finished run over an unchanged export in which only people 'from' to 'to' have a row; 'left_out' of them is left out. */
static void night(unsigned from, unsigned to, const struct run_left_out *left_out, size_t count)
{
    struct plan_settings settings = {0};
    struct plan *plan = plan_new(&settings, (struct plan_world){0});
    GOOD(state_each_person(room.state, room.people, know, plan, fault));
    for (unsigned number = from; number <= to; number++) {
        struct intent intent = intent_of(&room, number, "a");
        struct plan_input row = {
            .line = number, .has_tag = true, .tag = intent.tag, .digest = intent.digest};
        plan_add(plan, &row);
    }
    plan_close(plan);
    run_begin(&room);
    struct run_finish finish = finish_of(&room);
    struct run_presence presence = {.plan = plan, .left_out = left_out, .left_out_count = count};
    GOOD(state_run_end(room.state, &finish, &presence, fault));
    plan_free(plan);
    room.now += DAY;
}

static struct person_detail detail_of(unsigned number)
{
    struct person_detail detail;
    GOOD(state_person(room.state, room.people, handle_of(&room, number), &detail, fault));
    return detail;
}

START_TEST(a_missing_person_is_counted_by_finished_runs_until_they_return)
{
    deliver(&room, 6);
    room.now += DAY;
    night(2, 6, NULL, 0);
    night(2, 6, NULL, 0);
    finished_run(100, false, 0);
    struct person_detail detail = detail_of(1);
    ck_assert(detail.is_missing);
    ck_assert_uint_eq(detail.missing_nights, 2);
    ck_assert_int_eq(detail.missing_since_ms, NOW + DAY + 1000);
    ck_assert(known_one(&room, 1).is_gone);
    ck_assert_uint_eq(state_known(room.state, room.people), 5);
    person_detail_clear(&detail);
    night(1, 6, NULL, 0);
    detail = detail_of(1);
    ck_assert(!detail.is_missing);
    ck_assert_int_ne(detail.returned_ms, 0);
    ck_assert_uint_eq(detail.missing_nights, 2);
    ck_assert(!known_one(&room, 1).is_gone);
    person_detail_clear(&detail);
    night(2, 6, NULL, 0);
    detail = detail_of(1);
    ck_assert(detail.is_missing && detail.returned_ms == 0);
    ck_assert_uint_eq(detail.missing_nights, 1);
    person_detail_clear(&detail);
}
END_TEST

START_TEST(a_person_left_out_is_told_with_the_rule_and_since_when)
{
    struct run_left_out items[] = {
        {0, "nobody"}, {2, "confidentiality requested"}, {3, "deceased"}};
    deliver(&room, 6);
    night(1, 6, items, 3);
    night(1, 6, items, 2);
    struct person_detail detail = detail_of(2);
    ck_assert_str_eq(detail.left_out_because, "confidentiality requested");
    ck_assert_uint_eq(detail.left_out_nights, 2);
    ck_assert_int_eq(detail.left_out_since_ms, NOW + 1000);
    person_detail_clear(&detail);
    detail = detail_of(3);
    ck_assert_ptr_null(detail.left_out_because);
    person_detail_clear(&detail);
    items[1].because = "another rule";
    night(1, 6, items, 2);
    detail = detail_of(2);
    ck_assert_str_eq(detail.left_out_because, "another rule");
    ck_assert_uint_eq(detail.left_out_nights, 3);
    person_detail_clear(&detail);
}
END_TEST

static void missing_note(void *self, const struct person_detail *detail)
{
    struct text *out = self;
    text_addf(out, "%s%s%s ", detail->unique_id, detail->is_missing ? " missing" : "",
              detail->left_out_because ? " left out" : "");
}

START_TEST(the_missing_the_returned_and_the_left_out_are_listed)
{
    struct text list = {0};
    struct run_left_out items[] = {{3, "deceased"}};
    deliver(&room, 6);
    night(3, 6, items, 1);
    night(2, 6, items, 1);
    room_reopen(&room, STATE_READ);
    GOOD(state_each_missing(room.state, room.people, missing_note, &list, fault));
    ck_assert_str_eq(list.bytes, "A00000001 missing A00000002 A00000003 left out ");
    text_clear(&list);
}
END_TEST

/* Everything but the records of runs. */
static void content(struct text *out)
{
    struct known_list people;
    text_reset(out);
    known_all(&room, &people);
    for (size_t i = 0; i < people.count; i++) {
        char tag[33], delivered[33];
        digest_hex(&people.items[i].tag, tag);
        digest_hex(&people.items[i].delivered, delivered);
        text_addf(out, "%u %s %s %d%d%d\n", (unsigned)people.items[i].handle, tag, delivered,
                  people.items[i].intent_open, people.items[i].is_refused, people.items[i].is_gone);
    }
    GOOD(state_each_missing(room.state, room.people, missing_note, out, fault));
}

START_TEST(V5_an_unchanged_night_writes_the_record_of_its_run_alone)
{
    struct run_left_out items[] = {{3, "deceased"}};
    struct text before = {0}, after = {0};
    struct stat first, second;
    deliver(&room, 60);
    for (int i = 0; i < 5; i++)
        night(2, 60, items, 1);
    room_reopen(&room, STATE_WRITE);
    content(&before);
    night(2, 60, items, 1);
    ck_assert_int_eq(stat(beside(&room, "-wal"), &first), 0);
    night(2, 60, items, 1);
    ck_assert_int_eq(stat(beside(&room, "-wal"), &second), 0);
    ck_assert_int_le(second.st_size - first.st_size, 12 * (4096 + 24));
    content(&after);
    ck_assert_str_eq(before.bytes, after.bytes);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 1);
    text_clear(&before);
    text_clear(&after);
}
END_TEST

/* ---------------------------------------------------------------- retention */

static size_t retain(int days)
{
    char **ids;
    size_t count;
    GOOD(state_retain(room.state, days, room.now, &ids, &count, fault));
    for (size_t i = 0; i < count; i++)
        free(ids[i]);
    free(ids);
    return count;
}

static int row_count(void *self, const struct run_row *row)
{
    (void)row;
    ++*(unsigned *)self;
    return 0;
}

static unsigned rows_of(const char *run)
{
    unsigned rows = 0;
    GOOD(state_each_row(room.state, run, row_count, &rows, fault));
    return rows;
}

START_TEST(D21_rows_and_documents_of_old_runs_go_and_their_counts_stay)
{
    struct run_record *records;
    size_t count;
    deliver(&room, 3);
    room.now += 30 * DAY;
    deliver(&room, 2);
    room.now += 61 * DAY;
    ck_assert_uint_eq(retain(90), 1);
    ck_assert_uint_eq(rows_of("20261122T012000Z-0001"), 0);
    ck_assert_uint_eq(rows_of("20261122T012000Z-0002"), 2);
    GOOD(state_runs(room.state, room.people, 10, &records, &count, fault));
    ck_assert_uint_eq(count, 2);
    struct text newer = {0}, older = {0};
    GOOD(state_document(room.state, 2, &newer, fault));
    GOOD(state_document(room.state, 1, &older, fault));
    ck_assert(newer.length > 0 && older.length == 0);
    text_clear(&newer);
    ck_assert_str_eq(records[1].verdict, "ok");
    run_records_free(records, count);
    struct baseline baseline;
    baseline = baseline_of(&room);
    ck_assert_uint_eq(baseline.runs, 2);
    ck_assert_uint_eq(state_known(room.state, room.people), 3);
}
END_TEST

START_TEST(D21_a_person_gone_for_400_days_goes_with_everything_about_them)
{
    struct intent second = intent_of(&room, 2, "");
    deliver(&room, 6);
    night(2, 6, NULL, 0);
    room.now += 399 * DAY;
    retain(500);
    ck_assert_uint_eq(handle_of(&room, 1), 1);
    room.now += 2 * DAY;
    retain(500);
    ck_assert_uint_eq(handle_of(&room, 1), 0);
    ck_assert_uint_eq(state_known(room.state, room.people), 5);
    ck_assert_uint_eq(rows_of("20261122T012000Z-0001"), 5);
    ck_assert_uint_eq(state_alias_owner(room.state, room.people, 1001, &second.tag), 3);
}
END_TEST

START_TEST(D21_a_number_is_never_given_to_another_while_rows_name_it)
{
    deliver(&room, 3);
    night(1, 2, NULL, 0);
    room.now += 401 * DAY;
    retain(500);
    ck_assert_uint_eq(handle_of(&room, 3), 0);
    deliver(&room, 4);
    ck_assert_uint_eq(rows_of("20261122T012000Z-0001"), 2);
}
END_TEST

START_TEST(D21_somebody_never_delivered_is_forgotten_when_nothing_is_open)
{
    run_begin(&room);
    push_one(&room, 1, "a", OUTCOME_REFUSED);
    push_one(&room, 2, "a", OUTCOME_UNKNOWN);
    GOOD(state_withdraw(room.state, intend(&room, 3, "a"), fault));
    run_end(&room);
    room.now += 401 * DAY;
    retain(90);
    ck_assert_uint_eq(handle_of(&room, 1), 0);
    ck_assert_uint_ne(handle_of(&room, 2), 0);
    ck_assert_uint_eq(handle_of(&room, 3), 0);
}
END_TEST

START_TEST(D21_what_was_removed_is_overwritten)
{
    struct text bytes = {0};
    struct digest tag = intent_of(&room, 1, "").tag;
    deliver(&room, 2);
    night(2, 2, NULL, 0);
    room.now += 401 * DAY;
    retain(90);
    room_close(&room);
    file_load(room.path, &bytes);
    for (size_t i = 0; i + DIGEST_BYTES <= bytes.length; i++)
        ck_assert_int_ne(memcmp(bytes.bytes + i, tag.bytes, DIGEST_BYTES), 0);
    text_clear(&bytes);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_run_is_remembered_with_its_counts_and_document);
    tcase_add_test(c, runs_come_newest_first_and_no_more_than_asked_for);
    tcase_add_test(c, the_rows_of_a_run_are_given_back_by_line);
    tcase_add_test(c, the_last_row_of_a_line_counts);
    tcase_add_test(c, baselines_are_those_of_the_last_fourteen_finished_runs);
    tcase_add_test(c, an_adopt_that_ended_well_ends_the_first_load_and_keeps_its_mapping);
    tcase_add_test(c, only_finished_runs_move_the_mapping_and_the_last_success);
    tcase_add_test(c, what_a_target_asked_for_is_kept_until_it_is_taken_back);
    tcase_add_test(c, a_missing_person_is_counted_by_finished_runs_until_they_return);
    tcase_add_test(c, a_person_left_out_is_told_with_the_rule_and_since_when);
    tcase_add_test(c, the_missing_the_returned_and_the_left_out_are_listed);
    tcase_add_test(c, V5_an_unchanged_night_writes_the_record_of_its_run_alone);
    tcase_add_test(c, D21_rows_and_documents_of_old_runs_go_and_their_counts_stay);
    tcase_add_test(c, D21_a_person_gone_for_400_days_goes_with_everything_about_them);
    tcase_add_test(c, D21_a_number_is_never_given_to_another_while_rows_name_it);
    tcase_add_test(c, D21_somebody_never_delivered_is_forgotten_when_nothing_is_open);
    tcase_add_test(c, D21_what_was_removed_is_overwritten);
}

int main(void)
{
    return unit_run("state/runs", all);
}
