#include "room.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

/* Writes and syncs that fail: the n-th, for every n, once and for good. */

static struct room room;

/* ---------------------------------------------------------------- a disk that fails */

static struct {
    sqlite3_vfs vfs, *real;
    sqlite3_io_methods methods[2]; /* of the main file, and of those beside it */
    const sqlite3_io_methods *real_methods;
    unsigned calls, syncs, fail_at;
    bool stays, is_alone; /* is_alone: without shared memory */
    bool no_sync;         /* every sync fails */
    int code;
} disk;

static bool disk_fails(void)
{
    disk.calls++;
    return disk.fail_at &&
           (disk.calls == disk.fail_at || (disk.stays && disk.calls > disk.fail_at));
}

static int disk_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    return disk_fails() ? disk.code : disk.real_methods->xWrite(file, bytes, length, at);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    disk.syncs++;
    return disk_fails() || disk.no_sync ? SQLITE_IOERR_FSYNC
                                        : disk.real_methods->xSync(file, flags);
}

static int disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out)
{
    (void)vfs;
    int code = disk.real->xOpen(disk.real, name, file, flags, out);
    if (code == SQLITE_OK && file->pMethods) {
        sqlite3_io_methods *methods = &disk.methods[flags & SQLITE_OPEN_MAIN_DB ? 0 : 1];
        disk.real_methods = file->pMethods;
        *methods = *file->pMethods;
        methods->xWrite = disk_write;
        methods->xSync = disk_sync;
        if (disk.is_alone)
            methods->iVersion = 1;
        file->pMethods = methods;
    }
    return code;
}

static void disk_register(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "failing";
    disk.vfs.pNext = NULL;
    disk.vfs.xOpen = disk_open;
    ck_assert_int_eq(sqlite3_vfs_register(&disk.vfs, 0), SQLITE_OK);
}

static void disk_set(unsigned fail_at, int code, bool stays)
{
    disk.calls = 0;
    disk.fail_at = fail_at;
    disk.code = code;
    disk.stays = stays;
}

/* ---------------------------------------------------------------- a night on it */

enum { PEOPLE = 6 };

/* What is known to be durable, and what may be: 'a' to 'c' delivered or intended, 0 nothing. */
struct standing {
    char delivered[PEOPLE + 1], intent[PEOPLE + 1];
};

static void start(void)
{
    room_init(&room);
    disk_register();
    room_open(&room, STATE_CREATE);
    deliver(&room, PEOPLE / 2);
    room_close(&room);
}

static void stop(void)
{
    disk_set(0, 0, false);
    room_clear(&room);
}

static struct state *open_failing(struct fault *fault)
{
    struct state_options options = {.mode = STATE_WRITE, .wall_ms = room.now, .vfs = "failing"};
    struct state *state = state_open(room.path, &options, fault);
    if (state && state_population(state, "students", "https://one.example/api", false, &room.people,
                                  fault) < 0) {
        state_close(state);
        return NULL;
    }
    return state;
}

static int group_intend(struct standing *next, struct fault *fault)
{
    if (state_group_begin(room.state, fault) < 0)
        return -1;
    for (unsigned number = 1; number <= PEOPLE; number++) {
        struct intent intent = intent_of(&room, number, "b");
        intent.handle = number <= PEOPLE / 2 ? number : 0;
        if (state_intend(room.state, &intent, fault) < 0)
            return -1;
        next->intent[number] = 'b';
    }
    return state_group_commit(room.state, fault);
}

static int group_settle(struct standing *next, struct fault *fault)
{
    if (state_group_begin(room.state, fault) < 0)
        return -1;
    for (unsigned number = 1; number <= PEOPLE; number += 2) {
        struct settlement settlement = settlement_of(&room, number, "b", OUTCOME_ACCEPTED);
        settlement.handle = number;
        if (state_settle(room.state, &settlement, fault) < 0)
            return -1;
        next->intent[number] = 0;
        next->delivered[number] = 'b';
    }
    return state_group_commit(room.state, fault);
}

static int run_whole(struct standing *sure, struct standing *maybe, struct fault *fault)
{
    struct run_start begin = {.id = "r", .command = "push", .started_ms = room.now};
    struct run_finish finish = finish_of(&room);
    if (state_run_begin(room.state, room.people, &begin, fault) < 0 ||
        group_intend(maybe, fault) < 0)
        return -1;
    *sure = *maybe;
    if (group_settle(maybe, fault) < 0)
        return -1;
    *sure = *maybe;
    return state_run_end(room.state, &finish, NULL, fault);
}

static bool stands(const struct plan_known *known, const struct standing *standing, unsigned number)
{
    char payload[2] = {0};
    bool same = known->is_delivered == (standing->delivered[number] != 0) &&
                known->intent_open == (standing->intent[number] != 0);
    if (same && known->is_delivered) {
        payload[0] = standing->delivered[number];
        struct intent delivered = intent_of(&room, number, payload);
        same = digest_equal(&known->delivered, &delivered.digest);
    }
    return same;
}

/* After the failure nothing more may be written, and the next opening finds a whole state that is as it was sure or may have been. */
static void judge(const struct standing *sure, const struct standing *maybe)
{
    struct text report = {0};
    struct fault after;
    if (room.state) {
        state_group_abandon(room.state);
        room_close(&room);
    }
    disk_set(0, 0, false);
    room_open(&room, STATE_WRITE);
    ck_assert_msg(state_check(room.state, &report, &after) == 0, "%s", after.text);
    for (unsigned number = 1; number <= PEOPLE; number++) {
        struct plan_known known = known_one(&room, number);
        ck_assert_msg(stands(&known, sure, number) || stands(&known, maybe, number),
                      "person %u at call %u", number, disk.fail_at);
    }
    room_close(&room);
    text_clear(&report);
}

static void sweep(int code, bool stays)
{
    unsigned failed = 0;
    file_copy(room.path, beside(&room, ".kept"));
    file_copy(beside(&room, ".counter"), beside(&room, ".keptcounter"));
    for (unsigned at = 1;; at++) {
        struct standing sure = {.delivered = {0, 'a', 'a', 'a'}}, maybe = sure;
        struct fault fault = {0};
        file_copy(beside(&room, ".kept"), room.path);
        file_copy(beside(&room, ".keptcounter"), beside(&room, ".counter"));
        (void)unlink(beside(&room, "-wal"));
        (void)unlink(beside(&room, "-shm"));
        disk_set(at, code, stays);
        room.state = open_failing(&fault);
        int done = room.state ? run_whole(&sure, &maybe, &fault) : -1;
        bool reached = disk.calls >= at;
        if (done < 0) {
            failed++;
            ck_assert_msg(fault.kind == FAULT_STATE, "%s", fault.text);
            ck_assert_ptr_nonnull(strstr(fault.text, room.path));
        }
        judge(&sure, &maybe);
        if (!reached)
            break;
    }
    ck_assert_uint_gt(failed, 5);
}

START_TEST(D13_a_disk_that_fills_up_at_any_write_loses_nothing_that_was_committed)
{
    sweep(SQLITE_FULL, true);
}
END_TEST

START_TEST(D13_one_write_that_found_no_room_loses_nothing_that_was_committed)
{
    sweep(SQLITE_FULL, false);
}
END_TEST

START_TEST(D14_a_write_or_sync_that_fails_once_loses_nothing_that_was_committed)
{
    sweep(SQLITE_IOERR_WRITE, false);
}
END_TEST

START_TEST(D14_a_disk_that_fails_for_good_loses_nothing_that_was_committed)
{
    sweep(SQLITE_IOERR_WRITE, true);
}
END_TEST

START_TEST(D14_after_a_failed_commit_the_state_is_not_written_to_again)
{
    struct fault fault = {0};
    struct standing maybe = {{0}, {0}};
    room.state = open_failing(&fault);
    ck_assert_ptr_nonnull(room.state);
    run_begin(&room);
    disk_set(1, SQLITE_IOERR_WRITE, false);
    ck_assert_int_eq(group_intend(&maybe, &fault), -1);
    state_group_abandon(room.state);
    unsigned calls = disk.calls;
    struct run_finish finish = finish_of(&room);
    ck_assert_int_eq(state_group_begin(room.state, &fault), -1);
    ck_assert_int_eq(state_run_end(room.state, &finish, NULL, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "an earlier write failed"));
    ck_assert_uint_eq(disk.calls, calls);
}
END_TEST

START_TEST(a_disk_without_shared_memory_serves_too)
{
    disk.is_alone = true;
    sweep(SQLITE_IOERR_WRITE, false);
}
END_TEST

START_TEST(D2_every_commit_is_synced_before_it_returns)
{
    struct fault words = {0};
    struct standing maybe = {{0}, {0}};
    room.state = open_failing(&words);
    ck_assert_ptr_nonnull(room.state);
    unsigned before = disk.syncs;
    run_begin(&room);
    ck_assert_uint_gt(disk.syncs, before);
    before = disk.syncs;
    ck_assert_int_eq(group_intend(&maybe, &words), 0);
    ck_assert_uint_gt(disk.syncs, before);
    before = disk.syncs;
    ck_assert_int_eq(group_settle(&maybe, &words), 0);
    ck_assert_uint_gt(disk.syncs, before);
    before = disk.syncs;
    run_end(&room);
    ck_assert_uint_gt(disk.syncs, before);
}
END_TEST

START_TEST(D9_the_counter_beside_the_state_does_not_count_what_the_log_may_still_lose)
{
    struct fault words = {0};
    struct standing maybe = {{0}, {0}};
    struct text before = {0}, after = {0};
    room.state = open_failing(&words);
    ck_assert_ptr_nonnull(room.state);
    run_begin(&room);
    file_load(beside(&room, ".counter"), &before);
    disk.no_sync = true;
    ck_assert_int_eq(group_intend(&maybe, &words),
                     -1); /* written, with a new counter, not synced */
    state_group_abandon(room.state);
    room_close(&room);
    ck_assert_ptr_null(open_failing(&words));
    ck_assert_int_eq(words.kind, FAULT_STATE);
    file_load(beside(&room, ".counter"), &after);
    ck_assert_str_eq(text_string(&after), text_string(&before));
    disk.no_sync = false;
    room.state = open_failing(&words);
    ck_assert_msg(room.state != NULL, "%s", words.text);
    text_reset(&after);
    file_load(beside(&room, ".counter"), &after);
    ck_assert_str_ne(text_string(&after), text_string(&before));
    text_clear(&before);
    text_clear(&after);
}
END_TEST

START_TEST(D13_a_file_size_limit_is_told_as_a_full_disk)
{
    struct fault words = {0};
    room_open(&room, STATE_WRITE);
    run_begin(&room);
    struct rlimit limit = {16384, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int done = 0;
    GOOD(state_group_begin(room.state, fault));
    for (unsigned number = 1; number <= 200 && done == 0; number++) {
        struct intent intent = intent_of(&room, 100 + number, "a");
        done = state_intend(room.state, &intent, &words);
    }
    if (done == 0)
        done = state_group_commit(room.state, &words);
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(done, -1);
    ck_assert_int_eq(words.kind, FAULT_STATE);
    ck_assert_msg(strstr(words.text, "is full") != NULL, "%s", words.text);
    state_group_abandon(room.state);
    room_reopen(&room, STATE_WRITE);
    ck_assert_uint_eq(state_known(room.state, room.people), PEOPLE / 2);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, D13_a_disk_that_fills_up_at_any_write_loses_nothing_that_was_committed);
    tcase_add_test(c, D13_one_write_that_found_no_room_loses_nothing_that_was_committed);
    tcase_add_test(c, D14_a_write_or_sync_that_fails_once_loses_nothing_that_was_committed);
    tcase_add_test(c, D14_a_disk_that_fails_for_good_loses_nothing_that_was_committed);
    tcase_add_test(c, D14_after_a_failed_commit_the_state_is_not_written_to_again);
    tcase_add_test(c, a_disk_without_shared_memory_serves_too);
    tcase_add_test(c, D2_every_commit_is_synced_before_it_returns);
    tcase_add_test(c, D9_the_counter_beside_the_state_does_not_count_what_the_log_may_still_lose);
    tcase_add_test(c, D13_a_file_size_limit_is_told_as_a_full_disk);
}

int main(void)
{
    return unit_run("state/disk", all);
}
