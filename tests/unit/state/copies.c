#include "room.h"

#include <sqlite3.h>

#include "../../../src/state/schema.h"
#include "released-1.h"

/* Copies of the state, states of other versions, and what is told at an opening. */

static struct room room;

static void start(void)
{
    room_init(&room);
    room_open(&room, STATE_CREATE);
    deliver(&room, 30);
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

static int64_t number_in(const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *rows;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, query, -1, &rows, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(rows), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return number;
}

/* ---------------------------------------------------------------- backups */

START_TEST(V11_a_backup_is_whole_private_and_opens_with_its_key)
{
    struct room copy = room;
    struct text report = {0};
    struct stat status;
    snprintf(copy.path, sizeof copy.path, "%s/copy.db", room.folder);
    run_begin(&room);
    push_one(&room, 31, "a", OUTCOME_ACCEPTED); /* still in the WAL */
    GOOD(state_backup(room.state, copy.path, fault));
    ck_assert_int_eq(stat(copy.path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777u, 0600);
    ck_assert_int_eq(stat(beside(&copy, ".key"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777u, 0600);
    ck_assert(!file_exists(beside(&copy, "-wal")));
    ck_assert(!file_exists(beside(&copy, "-journal")));
    room_open(&copy, STATE_WRITE);
    ck_assert_str_eq(state_identity(copy.state), state_identity(room.state));
    ck_assert_uint_eq(state_known(copy.state, copy.people), 31);
    GOOD(state_check(copy.state, &report, fault));
    text_clear(&report);
    room_close(&copy);
}
END_TEST

START_TEST(V11_an_older_backup_is_replaced_at_once_and_a_failed_one_leaves_it)
{
    struct fault words;
    struct text before = {0}, after = {0};
    const char *to = beside(&room, ".copy");
    GOOD(state_backup(room.state, to, fault));
    file_load(to, &before);
    deliver(&room, 31);
    GOOD(state_backup(room.state, to, fault));
    file_load(to, &after);
    ck_assert_int_eq(number_in(to, "SELECT count(*) FROM person"), 31);
    ck_assert(before.length != after.length ||
              memcmp(before.bytes, after.bytes, after.length) != 0);
    ck_assert_int_eq(mkdir(beside(&room, ".folder"), 0700), 0);
    ck_assert_int_eq(state_backup(room.state, beside(&room, ".folder"), &words), -1);
    ck_assert_int_eq(state_backup(room.state, "/nowhere/at/all", &words), -1);
    ck_assert_int_eq(state_backup(room.state, room.path, &words), -1);
    ck_assert_int_eq(words.kind, FAULT_USAGE);
    ck_assert_int_eq(rmdir(beside(&room, ".folder")), 0);
    text_clear(&before);
    text_clear(&after);
}
END_TEST

static void backup_refused(const char *to)
{
    struct fault words = {0};
    struct text before[3] = {{0}}, after = {0};
    static const char *const names[] = {"", ".key", ".counter"};
    for (size_t i = 0; i < 3; i++)
        file_load(beside(&room, names[i]), &before[i]);
    ck_assert_msg(state_backup(room.state, to, &words) == -1, "%s", to);
    ck_assert_msg(words.kind == FAULT_USAGE, "%s: %s", to, words.text);
    for (size_t i = 0; i < 3; i++) {
        file_load(beside(&room, names[i]), &after);
        ck_assert_uint_eq(before[i].length, after.length);
        ck_assert_int_eq(memcmp(before[i].bytes, after.bytes, after.length), 0);
        text_clear(&before[i]);
    }
    text_clear(&after);
}

START_TEST(V11_a_backup_never_takes_a_name_of_the_state_however_it_is_spelt)
{
    static const char *const suffixes[] = {"",     ".key",     ".counter", ".lock",   "-wal",
                                           "-shm", "-journal", ".key.old", "-wal.old"};
    char name[256];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        backup_refused(beside(&room, suffixes[i]));
        snprintf(name, sizeof name, "%s/../%s//.//state.db%s", room.folder, file_base(room.folder),
                 suffixes[i]);
        backup_refused(name);
    }
    ck_assert_int_eq(symlink(".", beside(&room, ".here")), 0);
    snprintf(name, sizeof name, "%s.here/state.db-shm", room.path);
    backup_refused(name);
    ck_assert_int_eq(symlink("state.db.key", beside(&room, ".link")), 0);
    backup_refused(beside(&room, ".link"));
    ck_assert_int_eq(symlink("state.db.counter", beside(&room, ".two.key")), 0);
    backup_refused(beside(&room, ".two"));
    ck_assert_int_eq(link(beside(&room, ".counter"), beside(&room, ".hard")), 0);
    backup_refused(beside(&room, ".hard"));
    GOOD(state_backup(room.state, beside(&room, "2"), fault));
    GOOD(state_backup(room.state, beside(&room, ".copy"), fault));
}
END_TEST

START_TEST(a_reader_can_back_up)
{
    room_reopen(&room, STATE_READ);
    GOOD(state_backup(room.state, beside(&room, ".copy"), fault));
    ck_assert_int_eq(number_in(beside(&room, ".copy"), "SELECT count(*) FROM person"), 30);
}
END_TEST

/* ---------------------------------------------------------------- other versions */

START_TEST(O14_a_state_of_every_released_version_opens_with_all_that_is_in_it)
{
    uint8_t master[KEY_BYTES];
    struct known_list people;
    struct fault fault;
    struct text script = {0};
    room_close(&room);
    ck_assert_int_eq(unlink(room.path), 0);
    for (size_t i = 0; i < sizeof released_1 / sizeof *released_1; i++)
        text_addf(&script, "%s;\n", released_1[i]);
    by_hand(script.bytes);
    text_clear(&script);
    ck_assert_int_eq(chmod(room.path, 0600), 0);
    file_store(beside(&room, ".counter"), released_1_mirror, strlen(released_1_mirror));
    for (size_t i = 0; i < KEY_BYTES; i++)
        master[i] = (uint8_t)i;
    struct state_options options = {
        .mode = STATE_WRITE, .wall_ms = NOW + 2 * DAY, .master_key = master};
    room.state = state_open(room.path, &options, &fault);
    ck_assert_msg(room.state != NULL, "%s", fault.text);
    ck_assert_ptr_null(state_warning(room.state));
    ck_assert_int_eq(state_population(room.state, "students", "https://one.example/api", false,
                                      &room.people, &fault),
                     0);
    known_all(&room, &people);
    ck_assert_uint_eq(people.count, 4);
    ck_assert(people.items[0].is_delivered && people.items[0].intent_open);
    ck_assert(people.items[1].is_delivered && people.items[1].is_refused);
    ck_assert(people.items[2].is_delivered && people.items[3].is_delivered);
    for (unsigned number = 1; number <= 4; number++) {
        struct plan_known known = known_one(&room, number);
        struct digest delivered = intent_of(&room, number, "a").digest;
        ck_assert(!known.is_damaged && digest_equal(&known.delivered, &delivered));
    }
    ck_assert_int_eq(state_not_before(room.state, "https://one.example/api"), NOW + DAY);
    ck_assert_uint_eq(state_run_counter(room.state, room.people), 2);
}
END_TEST

static struct sql raw_open(void)
{
    struct sql sql = {.path = room.path};
    ck_assert_int_eq(sqlite3_open(room.path, &sql.db), SQLITE_OK);
    return sql;
}

START_TEST(D8_an_older_state_is_migrated_step_by_step_after_a_copy)
{
    static const struct schema_step steps[] = {
        {1, "ALTER TABLE run ADD COLUMN more INTEGER"},
        {2, "CREATE TABLE more(x INTEGER) STRICT; INSERT INTO more VALUES(42)"},
        {0, NULL}};
    room_close(&room);
    struct sql sql = raw_open();
    GOOD(schema_migrate(&sql, steps, fault));
    sql_close(&sql);
    ck_assert_int_eq(number_in(room.path, "PRAGMA user_version"), 3);
    ck_assert_int_eq(number_in(room.path, "SELECT x FROM more"), 42);
    ck_assert_int_eq(number_in(beside(&room, ".before-2"), "PRAGMA user_version"), 1);
    ck_assert_int_eq(number_in(beside(&room, ".before-2"), "SELECT count(*) FROM person"), 30);
}
END_TEST

START_TEST(D8_a_migration_that_fails_leaves_the_version_it_reached)
{
    static const struct schema_step steps[] = {
        {1, "CREATE TABLE more(x INTEGER) STRICT"},
        {2, "CREATE TABLE still_more(x INTEGER) STRICT; INSERT INTO nowhere VALUES(1)"},
        {0, NULL}};
    struct fault words;
    room_close(&room);
    struct sql sql = raw_open();
    ck_assert_int_eq(schema_migrate(&sql, steps, &words), -1);
    ck_assert_int_eq(words.kind, FAULT_STATE);
    ck_assert_ptr_nonnull(strstr(words.text, ".before-2"));
    sql_close(&sql);
    ck_assert_int_eq(number_in(room.path, "PRAGMA user_version"), 2);
    ck_assert_int_eq(
        number_in(room.path, "SELECT count(*) FROM sqlite_schema WHERE name = 'still_more'"), 0);
    ck_assert_int_eq(number_in(room.path, "SELECT count(*) FROM person"), 30);
}
END_TEST

/* ---------------------------------------------------------------- told at an opening */

START_TEST(D9_a_state_from_another_machine_is_told_until_a_run_was_made_here)
{
    room_close(&room);
    by_hand("UPDATE meta SET host = host + 1");
    if (number_in(room.path, "SELECT host FROM meta") == 1) {
        fprintf(stderr, "skipped: this machine has no id\n");
        return;
    }
    room_open(&room, STATE_READ);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "another machine"));
    room_reopen(&room, STATE_WRITE);
    ck_assert_ptr_nonnull(strstr(state_warning(room.state), "another machine"));
    run_begin(&room);
    run_end(&room);
    room_reopen(&room, STATE_WRITE);
    ck_assert_ptr_null(state_warning(room.state));
}
END_TEST

START_TEST(a_state_is_checked_once_a_week_and_after_a_kill)
{
    room.now += 6 * DAY;
    deliver(&room, 30);
    room_close(&room);
    ck_assert_int_eq(number_in(room.path, "SELECT checked_ms FROM meta"), NOW);
    room.now += 2 * DAY;
    room_open(&room, STATE_WRITE);
    deliver(&room, 30);
    room_close(&room);
    ck_assert_int_eq(number_in(room.path, "SELECT checked_ms FROM meta"), NOW + 8 * DAY);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, V11_a_backup_is_whole_private_and_opens_with_its_key);
    tcase_add_test(c, V11_an_older_backup_is_replaced_at_once_and_a_failed_one_leaves_it);
    tcase_add_test(c, V11_a_backup_never_takes_a_name_of_the_state_however_it_is_spelt);
    tcase_add_test(c, a_reader_can_back_up);
    tcase_add_test(c, O14_a_state_of_every_released_version_opens_with_all_that_is_in_it);
    tcase_add_test(c, D8_an_older_state_is_migrated_step_by_step_after_a_copy);
    tcase_add_test(c, D8_a_migration_that_fails_leaves_the_version_it_reached);
    tcase_add_test(c, D9_a_state_from_another_machine_is_told_until_a_run_was_made_here);
    tcase_add_test(c, a_state_is_checked_once_a_week_and_after_a_kill);
}

int main(void)
{
    return unit_run("state/copies", all);
}
