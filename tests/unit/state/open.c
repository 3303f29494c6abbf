#include "room.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>

static struct room room;

static void start(void)
{
    room_init(&room);
    room_open(&room, STATE_CREATE);
    deliver(&room, 5);
    room_close(&room);
}

static void stop(void)
{
    room_clear(&room);
}

/* Runs a statement on the closed state, as another program would. */
static void by_hand(const char *statement)
{
    sqlite3 *db;
    char *words = NULL;
    ck_assert_int_eq(sqlite3_open(room.path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, statement, NULL, NULL, &words) == SQLITE_OK, "%s", words);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_mode & 07777u;
}

/* Everything that lies in the folder, with sizes and times, as one text. */
static void folder_look(struct text *out)
{
    struct dirent **names;
    int count = scandir(room.folder, &names, NULL, alphasort);
    text_reset(out);
    for (int i = 0; i < count; i++) {
        struct stat status;
        char *path = file_join(room.folder, names[i]->d_name);
        ck_assert_int_eq(stat(path, &status), 0);
        text_addf(out, "%s %lld %lld.%09ld\n", names[i]->d_name, (long long)status.st_size,
                  (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
        free(path);
        free(names[i]);
    }
    free(names);
}

/* ---------------------------------------------------------------- nothing there, files and modes */

START_TEST(D11_a_missing_state_is_none_and_is_not_made)
{
    struct text before = {0}, after = {0};
    struct fault fault;
    ck_assert_int_eq(unlink(room.path), 0);
    folder_look(&before);
    ck_assert_ptr_null(room_try(&room, STATE_READ, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    ck_assert_ptr_null(room_try(&room, STATE_WRITE, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    folder_look(&after);
    ck_assert_str_eq(before.bytes, after.bytes);
    text_clear(&before);
    text_clear(&after);
}
END_TEST

START_TEST(D11_a_missing_folder_is_a_missing_state)
{
    struct room elsewhere = room;
    struct fault fault;
    snprintf(elsewhere.path, sizeof elsewhere.path, "%s/no/such/state.db", room.folder);
    ck_assert_ptr_null(room_try(&elsewhere, STATE_READ, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    ck_assert_ptr_null(room_try(&elsewhere, STATE_WRITE, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
}
END_TEST

START_TEST(O6_a_state_made_after_the_old_one_was_deleted_starts_a_first_load)
{
    struct baseline baseline;
    ck_assert_int_eq(unlink(room.path), 0);
    room_open(&room, STATE_CREATE);
    baseline = baseline_of(&room);
    ck_assert(baseline.first_load);
    ck_assert_uint_eq(state_known(room.state, room.people), 0);
}
END_TEST

START_TEST(O2_reading_leaves_no_trace)
{
    struct text before = {0}, after = {0};
    struct known_list list;
    folder_look(&before);
    room_open(&room, STATE_READ);
    known_all(&room, &list);
    ck_assert_uint_eq(list.count, 5);
    GOOD(state_still_there(room.state, fault));
    folder_look(&after);
    ck_assert_str_eq(before.bytes, after.bytes);
    room_close(&room);
    folder_look(&after);
    ck_assert_str_eq(before.bytes, after.bytes);
    text_clear(&before);
    text_clear(&after);
}
END_TEST

/* As a kill leaves it: what was committed last stands in the WAL alone. */
static void cut_off(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".counter"};
    room_open(&room, STATE_WRITE);
    run_begin(&room);
    push_one(&room, 6, "a", OUTCOME_ACCEPTED);
    for (size_t i = 0; i < 4; i++) {
        char kept[16];
        snprintf(kept, sizeof kept, ".kept%zu", i);
        file_copy(beside(&room, suffixes[i]), beside(&room, kept));
    }
    room_close(&room);
    for (size_t i = 0; i < 4; i++) {
        char kept[16];
        snprintf(kept, sizeof kept, ".kept%zu", i);
        ck_assert_int_eq(rename(beside(&room, kept), beside(&room, suffixes[i])), 0);
    }
}

START_TEST(O2_reading_after_a_kill_leaves_file_and_wal_as_they_are)
{
    struct text before[2] = {{0}}, after[2] = {{0}};
    cut_off();
    file_load(room.path, &before[0]);
    file_load(beside(&room, "-wal"), &before[1]);
    room_open(&room, STATE_READ);
    ck_assert_uint_eq(state_known(room.state, room.people), 6);
    GOOD(state_still_there(room.state, fault));
    room_close(&room);
    file_load(room.path, &after[0]);
    file_load(beside(&room, "-wal"), &after[1]);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(before[i].length, after[i].length);
        ck_assert_int_eq(memcmp(before[i].bytes, after[i].bytes, after[i].length), 0);
        text_clear(&before[i]);
        text_clear(&after[i]);
    }
    room_open(&room, STATE_WRITE);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "cut off"));
    ck_assert_uint_eq(state_known(room.state, room.people), 6);
}
END_TEST

START_TEST(what_a_running_push_has_committed_is_seen_by_a_reader)
{
    struct room reader = room;
    room_open(&room, STATE_WRITE);
    run_begin(&room);
    push_one(&room, 6, "a", OUTCOME_ACCEPTED);
    room_open(&reader, STATE_READ);
    ck_assert_uint_eq(state_known(reader.state, reader.people), 6);
    room_close(&reader);
}
END_TEST

START_TEST(a_reader_overtaken_by_a_push_says_so)
{
    struct room reader = room;
    struct fault fault;
    room_open(&reader, STATE_READ);
    room_open(&room, STATE_WRITE);
    deliver(&room, 20);
    room_close(&room);
    ck_assert_int_eq(state_still_there(reader.state, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_BUSY);
    room_close(&reader);
}
END_TEST

START_TEST(H4_files_are_private_whatever_the_umask)
{
    static const mode_t masks[] = {0, 0777, 022};
    static const char *const suffixes[] = {"", "-wal", "-shm", ".key", ".counter", ".lock"};
    for (size_t i = 0; i < 3; i++) {
        struct room fresh;
        room_init(&fresh);
        umask(masks[i]);
        snprintf(fresh.path, sizeof fresh.path, "%s/new/deep/state.db", fresh.folder);
        struct fault fault;
        struct state_lock *lock = state_lock_take(fresh.path, 0, NULL, &fault);
        room_open(&fresh, STATE_CREATE);
        deliver(&fresh, 2);
        for (size_t j = 0; j < sizeof suffixes / sizeof *suffixes; j++)
            ck_assert_uint_eq(mode_of(beside(&fresh, suffixes[j])), 0600);
        char *folder = file_folder(fresh.path), *above = file_folder(folder);
        ck_assert_uint_eq(mode_of(folder), 0700);
        ck_assert_uint_eq(mode_of(above), 0700);
        room_close(&fresh);
        state_lock_release(lock);
        ck_assert_int_eq(file_remove_folder(folder, &fault), 0);
        ck_assert_int_eq(file_remove_folder(above, &fault), 0);
        ck_assert_int_eq(file_remove_folder(fresh.folder, &fault), 0);
        free(folder);
        free(above);
    }
}
END_TEST

START_TEST(C7_a_state_or_key_open_to_others_is_refused)
{
    ck_assert_int_eq(chmod(room.path, 0640), 0);
    room_refused(&room, STATE_READ, FAULT_STATE, "chmod 600");
    ck_assert_int_eq(chmod(room.path, 0600), 0);
    ck_assert_int_eq(chmod(beside(&room, ".key"), 0644), 0);
    room_refused(&room, STATE_READ, FAULT_CONFIG, "chmod 600");
}
END_TEST

START_TEST(a_path_with_signs_of_a_uri_is_that_path)
{
    struct room odd;
    struct fault fault;
    room_init(&odd);
    snprintf(odd.path, sizeof odd.path, "%s/a?mode=memory#b%%41 é.db", odd.folder);
    room_open(&odd, STATE_CREATE);
    deliver(&odd, 1);
    room_close(&odd);
    ck_assert(file_exists(odd.path));
    room_open(&odd, STATE_READ);
    ck_assert_uint_eq(state_known(odd.state, odd.people), 1);
    room_close(&odd);
    ck_assert_int_eq(file_remove_folder(odd.folder, &fault), 0);
}
END_TEST

START_TEST(a_symbolic_link_is_refused_since_key_and_lock_lie_beside_the_file)
{
    struct room linked = room;
    snprintf(linked.path, sizeof linked.path, "%s/link.db", room.folder);
    ck_assert_int_eq(symlink("state.db", linked.path), 0);
    room_refused(&linked, STATE_READ, FAULT_STATE, "symbolic link");
}
END_TEST

/* ---------------------------------------------------------------- other users, other disks */

START_TEST(D5_a_state_locked_by_another_program_is_a_fault_after_the_wait)
{
    sqlite3 *other;
    struct fault fault;
    room_open(&room, STATE_WRITE);
    ck_assert_int_eq(sqlite3_open(room.path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(state_group_begin(room.state, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    ck_assert_ptr_nonnull(strstr(fault.text, "locked by another program"));
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    deliver(&room, 6);
    ck_assert_uint_eq(state_known(room.state, room.people), 6);
}
END_TEST

START_TEST(D5_a_viewer_that_only_reads_is_in_nobodys_way)
{
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(room.path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN; SELECT count(*) FROM person", NULL, NULL, NULL),
                     SQLITE_OK);
    room_open(&room, STATE_WRITE);
    deliver(&room, 6);
    sqlite3_close(other);
}
END_TEST

/* Root may write everywhere: the test is then run as nobody. */
static void become_nobody(void)
{
    static const char *const suffixes[] = {"", ".key", ".counter"};
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chown(room.folder, 65534, 65534), 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(chown(beside(&room, suffixes[i]), 65534, 65534), 0);
    ck_assert_int_eq(seteuid(65534), 0);
}

START_TEST(D6_a_read_only_state_or_folder_is_found_at_the_opening)
{
    become_nobody();
    ck_assert_int_eq(chmod(room.path, 0400), 0);
    room_refused(&room, STATE_WRITE, FAULT_STATE, "cannot be written");
    ck_assert_int_eq(chmod(room.path, 0600), 0);
    ck_assert_int_eq(chmod(room.folder, 0500), 0);
    room_refused(&room, STATE_WRITE, FAULT_STATE, "cannot be written");
    struct fault fault;
    ck_assert_ptr_null(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    room_open(&room, STATE_READ);
    ck_assert_uint_eq(state_known(room.state, room.people), 5);
    room_close(&room);
    ck_assert_int_eq(chmod(room.folder, 0700), 0);
    if (geteuid() == 65534)
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(D16_a_state_removed_or_replaced_while_it_is_open_is_noticed)
{
    struct fault words;
    room_open(&room, STATE_WRITE);
    GOOD(state_still_there(room.state, fault));
    ck_assert_int_eq(rename(room.path, beside(&room, ".away")), 0);
    ck_assert_int_eq(state_still_there(room.state, &words), -1);
    ck_assert_int_eq(words.kind, FAULT_STATE);
    file_copy(beside(&room, ".away"), room.path);
    ck_assert_int_eq(state_still_there(room.state, &words), -1);
    ck_assert_ptr_nonnull(strstr(words.text, "replaced"));
    ck_assert_int_eq(rename(beside(&room, ".away"), room.path), 0);
    GOOD(state_still_there(room.state, fault));
}
END_TEST

/* ---------------------------------------------------------------- versions, copies, keys */

START_TEST(D8_a_newer_state_is_refused_with_both_versions)
{
    by_hand("PRAGMA user_version = 7");
    room_refused(&room, STATE_READ, FAULT_STATE,
                 "of version 7, this program knows versions up to 1");
    room_refused(&room, STATE_WRITE, FAULT_STATE, "of version 7");
}
END_TEST

START_TEST(D7_what_is_not_a_state_is_refused_and_left_alone)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } cases[] = {{"id,name\nA1,Ann\n", 15, "adopt"},
                 {"SQLite format 3", 16, "adopt"},
                 {"\0\0\0\0\0\0\0\0", 8, "adopt"},
                 {"", 0, "the file is empty"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int mode = STATE_READ; mode <= STATE_CREATE; mode++) {
            struct text after = {0};
            file_store(room.path, cases[i].bytes, cases[i].length);
            room_refused(&room, (enum state_mode)mode, FAULT_STATE, cases[i].words);
            file_load(room.path, &after);
            ck_assert_uint_eq(after.length, cases[i].length);
            text_clear(&after);
        }
}
END_TEST

START_TEST(D7_a_database_of_another_program_is_refused)
{
    ck_assert_int_eq(unlink(room.path), 0);
    by_hand("CREATE TABLE notes(words TEXT)");
    ck_assert_int_eq(chmod(room.path, 0600), 0);
    room_refused(&room, STATE_READ, FAULT_STATE, "of another program");
    room_refused(&room, STATE_CREATE, FAULT_STATE, "of another program");
}
END_TEST

START_TEST(D9_a_restored_older_copy_is_refused)
{
    file_copy(room.path, beside(&room, ".old"));
    room_open(&room, STATE_WRITE);
    deliver(&room, 6);
    room_close(&room);
    ck_assert_int_eq(rename(beside(&room, ".old"), room.path), 0);
    room_refused(&room, STATE_READ, FAULT_STATE, "older than the last run");
    room_refused(&room, STATE_WRITE, FAULT_STATE, "push --full");
    ck_assert_int_eq(unlink(beside(&room, ".counter")), 0);
    room_open(&room, STATE_WRITE);
    deliver(&room, 7);
    ck_assert(file_exists(beside(&room, ".counter")));
}
END_TEST

START_TEST(O8_last_weeks_state_put_back_is_refused)
{
    file_copy(room.path, beside(&room, ".week"));
    for (int night = 0; night < 7; night++) {
        room.now += DAY;
        room_open(&room, STATE_WRITE);
        deliver(&room, 2);
        room_close(&room);
    }
    ck_assert_int_eq(rename(beside(&room, ".week"), room.path), 0);
    room_refused(&room, STATE_WRITE, FAULT_STATE, "older than the last run");
}
END_TEST

START_TEST(D9_a_state_ahead_of_its_mirror_is_normal_and_the_mirror_catches_up)
{
    file_copy(beside(&room, ".counter"), beside(&room, ".old"));
    room_open(&room, STATE_WRITE);
    deliver(&room, 6);
    room_close(&room);
    ck_assert_int_eq(rename(beside(&room, ".old"), beside(&room, ".counter")), 0);
    room_open(&room, STATE_READ);
    room_reopen(&room, STATE_WRITE);
    struct text mirror = {0};
    file_load(beside(&room, ".counter"), &mirror);
    ck_assert_ptr_nonnull(strstr(mirror.bytes, " 2\n"));
    text_clear(&mirror);
}
END_TEST

START_TEST(D9_another_state_in_its_place_is_refused)
{
    struct room other;
    room_init(&other);
    room_open(&other, STATE_CREATE);
    deliver(&other, 3);
    room_close(&other);
    file_copy(other.path, room.path);
    file_copy(beside(&other, ".key"), beside(&room, ".key"));
    room_refused(&room, STATE_WRITE, FAULT_STATE, "is not the state that was here");
    room_clear(&other);
}
END_TEST

START_TEST(D10_a_state_without_its_wal_is_refused)
{
    room_open(&room, STATE_WRITE);
    deliver(&room, 6);
    file_copy(room.path, beside(&room, ".copy"));
    room_close(&room);
    ck_assert_int_eq(rename(beside(&room, ".copy"), room.path), 0);
    room_refused(&room, STATE_WRITE, FAULT_STATE, "-wal");
}
END_TEST

START_TEST(D10_a_wal_of_another_state_is_refused_and_does_no_harm)
{
    struct room other;
    struct known_list list;
    room_init(&other);
    room_open(&other, STATE_CREATE);
    deliver(&other, 9);
    file_copy(beside(&other, "-wal"), beside(&room, "-wal"));
    room_close(&other);
    room_refused(&room, STATE_READ, FAULT_CONFIG, "-wal file beside it is another state's");
    room_refused(&room, STATE_WRITE, FAULT_CONFIG, "-wal file beside it is another state's");
    ck_assert_int_eq(unlink(beside(&room, "-wal")), 0);
    room_open(&room, STATE_WRITE);
    known_all(&room, &list);
    ck_assert_uint_eq(list.count, 5);
    room_clear(&other);
}
END_TEST

START_TEST(D10_a_wal_without_its_state_is_not_thrown_away)
{
    room_open(&room, STATE_WRITE);
    deliver(&room, 6);
    file_copy(beside(&room, "-wal"), beside(&room, ".kept"));
    room_close(&room);
    ck_assert_int_eq(unlink(room.path), 0);
    ck_assert_int_eq(rename(beside(&room, ".kept"), beside(&room, "-wal")), 0);
    room_refused(&room, STATE_CREATE, FAULT_STATE, "is left of a state");
    ck_assert(file_exists(beside(&room, "-wal")));
}
END_TEST

START_TEST(D18_a_lost_changed_or_damaged_key_is_refused)
{
    static const char other[] =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    file_copy(beside(&room, ".key"), beside(&room, ".kept"));
    ck_assert_int_eq(unlink(beside(&room, ".key")), 0);
    for (int mode = STATE_READ; mode <= STATE_CREATE; mode++)
        room_refused(&room, (enum state_mode)mode, FAULT_CONFIG, "is missing");
    ck_assert(!file_exists(beside(&room, ".key")));
    file_store(beside(&room, ".key"), other, strlen(other));
    room_refused(&room, STATE_WRITE, FAULT_CONFIG, "does not belong to the state");
    file_store(beside(&room, ".key"), other, 20);
    room_refused(&room, STATE_WRITE, FAULT_CONFIG, "64 hex digits");
    ck_assert_int_eq(rename(beside(&room, ".kept"), beside(&room, ".key")), 0);
    room_open(&room, STATE_WRITE);
}
END_TEST

START_TEST(D18_the_key_is_private_random_and_kept_for_the_next_state)
{
    struct text first = {0}, second = {0};
    file_load(beside(&room, ".key"), &first);
    ck_assert_uint_eq(first.length, 65);
    ck_assert_int_eq(unlink(room.path), 0);
    room_open(&room, STATE_CREATE);
    file_load(beside(&room, ".key"), &second);
    ck_assert_str_eq(first.bytes, second.bytes);
    text_clear(&first);
    text_clear(&second);
}
END_TEST

START_TEST(a_creation_that_was_cut_short_counts_as_none)
{
    static const char empty_mirror[] = "1 00112233445566778899aabbccddeeff 0\n";
    struct fault fault;
    ck_assert_int_eq(unlink(room.path), 0);
    file_store(room.path, "", 0);
    file_store(beside(&room, ".counter"), empty_mirror, strlen(empty_mirror));
    ck_assert_ptr_null(room_try(&room, STATE_READ, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    by_hand("PRAGMA journal_mode = WAL; VACUUM");
    ck_assert_ptr_null(room_try(&room, STATE_WRITE, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    room_open(&room, STATE_CREATE);
    deliver(&room, 1);
}
END_TEST

/* ---------------------------------------------------------------- hostile files */

START_TEST(D20_a_schema_changed_by_another_program_is_refused)
{
    static const char *const changes[] = {
        "CREATE TRIGGER t AFTER UPDATE ON person BEGIN DELETE FROM intent; END",
        "CREATE VIEW v AS SELECT * FROM person",
        "CREATE INDEX i ON person(tag)",
        "CREATE TABLE more(x)",
        "ALTER TABLE person ADD COLUMN more TEXT",
        "DROP TABLE intent",
        "ALTER TABLE run RENAME COLUMN held TO hold",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'row_tag "
        "INTEGER', "
        "'row_tag  INTEGER') WHERE name = 'person'"};
    file_copy(room.path, beside(&room, ".kept"));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        file_copy(beside(&room, ".kept"), room.path);
        by_hand(changes[i]);
        room_refused(&room, STATE_READ, FAULT_STATE, "damaged");
        room_refused(&room, STATE_WRITE, FAULT_STATE, "damaged");
    }
}
END_TEST

START_TEST(D20_statistics_of_sqlite_itself_do_no_harm)
{
    by_hand("ANALYZE");
    room_open(&room, STATE_WRITE);
    deliver(&room, 5);
}
END_TEST

START_TEST(D20_a_feed_renamed_by_hand_is_refused)
{
    struct fault fault;
    population people;
    struct state *state;
    by_hand("UPDATE population SET target = 'https://evil.example'");
    state = room_try(&room, STATE_READ, &fault);
    ck_assert_ptr_nonnull(state);
    ck_assert_int_eq(
        state_population(state, "students", "https://evil.example", false, &people, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    state_close(state);
}
END_TEST

START_TEST(H1_a_library_that_cannot_be_started_is_a_fault)
{
    struct fault words;
    struct state_options options = {.mode = STATE_CREATE, .vfs = "none of this name"};
    ck_assert_ptr_null(state_open(room.path, &options, &words));
    ck_assert_int_eq(words.kind, FAULT_FAILED);
    ck_assert_ptr_nonnull(strstr(words.text, "SQLite"));
}
END_TEST

START_TEST(V12_no_personal_data_stands_in_the_state)
{
    static const char *const canaries[] = {"A00000001", "somebody@example.edu", "A00000077"};
    static const char *const suffixes[] = {"", "-wal", ".counter"};
    room_open(&room, STATE_WRITE);
    run_begin(&room);
    intend(&room, 1, "b");
    struct settlement settlement = settlement_of(&room, 1, "b", OUTCOME_REFUSED);
    settlement.row.message = "somebody@example.edu is taken";
    GOOD(state_settle(room.state, &settlement, fault));
    struct run_row row = {.line = 9,
                          .unique_id = "A00000077",
                          .action = ACTION_REJECTED,
                          .outcome = -1,
                          .field = -1,
                          .code = "wrong",
                          .message = "somebody@example.edu is no address"};
    GOOD(state_add_row(room.state, &row, fault));
    struct run_finish finish = finish_of(&room);
    finish.document = "{\"message\": \"somebody@example.edu\"}";
    GOOD(state_run_end(room.state, &finish, NULL, fault));
    for (size_t i = 0; i < 3; i++) {
        struct text bytes = {0};
        file_load(beside(&room, suffixes[i]), &bytes);
        for (size_t j = 0; j < 3; j++)
            ck_assert(!bytes_hold(&bytes, canaries[j]));
        text_clear(&bytes);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, D11_a_missing_state_is_none_and_is_not_made);
    tcase_add_test(c, D11_a_missing_folder_is_a_missing_state);
    tcase_add_test(c, O6_a_state_made_after_the_old_one_was_deleted_starts_a_first_load);
    tcase_add_test(c, O2_reading_leaves_no_trace);
    tcase_add_test(c, O2_reading_after_a_kill_leaves_file_and_wal_as_they_are);
    tcase_add_test(c, what_a_running_push_has_committed_is_seen_by_a_reader);
    tcase_add_test(c, a_reader_overtaken_by_a_push_says_so);
    tcase_add_test(c, H4_files_are_private_whatever_the_umask);
    tcase_add_test(c, C7_a_state_or_key_open_to_others_is_refused);
    tcase_add_test(c, a_path_with_signs_of_a_uri_is_that_path);
    tcase_add_test(c, a_symbolic_link_is_refused_since_key_and_lock_lie_beside_the_file);
    tcase_add_test(c, D5_a_state_locked_by_another_program_is_a_fault_after_the_wait);
    tcase_add_test(c, D5_a_viewer_that_only_reads_is_in_nobodys_way);
    tcase_add_test(c, D6_a_read_only_state_or_folder_is_found_at_the_opening);
    tcase_add_test(c, D16_a_state_removed_or_replaced_while_it_is_open_is_noticed);
    tcase_add_test(c, D8_a_newer_state_is_refused_with_both_versions);
    tcase_add_test(c, D7_what_is_not_a_state_is_refused_and_left_alone);
    tcase_add_test(c, D7_a_database_of_another_program_is_refused);
    tcase_add_test(c, D9_a_restored_older_copy_is_refused);
    tcase_add_test(c, O8_last_weeks_state_put_back_is_refused);
    tcase_add_test(c, D9_a_state_ahead_of_its_mirror_is_normal_and_the_mirror_catches_up);
    tcase_add_test(c, D9_another_state_in_its_place_is_refused);
    tcase_add_test(c, D10_a_state_without_its_wal_is_refused);
    tcase_add_test(c, D10_a_wal_of_another_state_is_refused_and_does_no_harm);
    tcase_add_test(c, D10_a_wal_without_its_state_is_not_thrown_away);
    tcase_add_test(c, D18_a_lost_changed_or_damaged_key_is_refused);
    tcase_add_test(c, D18_the_key_is_private_random_and_kept_for_the_next_state);
    tcase_add_test(c, a_creation_that_was_cut_short_counts_as_none);
    tcase_add_test(c, D20_a_schema_changed_by_another_program_is_refused);
    tcase_add_test(c, D20_statistics_of_sqlite_itself_do_no_harm);
    tcase_add_test(c, D20_a_feed_renamed_by_hand_is_refused);
    tcase_add_test(c, H1_a_library_that_cannot_be_started_is_a_fault);
    tcase_add_test(c, V12_no_personal_data_stands_in_the_state);
}

int main(void)
{
    return unit_run("state/open", all);
}
