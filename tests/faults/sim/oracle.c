/* The oracle at rest: what the server holds, what the state believes, what the files give away (V1, V3, V5, V11, V12). */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* ---------------------------------------------------------------- V1 */

static void check_person(int number)
{
    const struct person *person = &sim->world.people[number];
    const struct subject *subject = &sim->server.subjects[number];
    if (!world_mark(number) || sim->beliefs[number].after_restore)
        return;
    if (!subject->exists) {
        fail("V1", "person %d never reached the server", number);
        return;
    }
    for (int column = 0; column < COLUMNS; column++) {
        const char *wanted = person->payload.value[column], *held = subject->value[column];
        /* left out when empty: the server keeps what it had; and what a state has forgotten is not cleared */
        bool may_stay = !*wanted && (column == COLUMN_EMAIL || sim->beliefs[number].was_forgotten);
        if (!may_stay && strcmp(wanted, held) != 0)
            fail("V1", "column %d of person %d is \"%s\" at the server, the export says \"%s\"",
                 column, number, held, wanted);
    }
}

void oracle_whole(void)
{
    for (int i = 0; i < sim->world.count && !sim->failed; i++)
        check_person(i);
}

void oracle_quiet(size_t requests)
{
    if (requests)
        fail("V5", "an unchanged export makes %zu requests", requests);
}

/* ---------------------------------------------------------------- the state, through SQLite's own door */

/* NULL: there is no state, or it cannot be opened. */
static sqlite3 *look(const char *name)
{
    sqlite3 *db = NULL;
    size_t length;
    disk_bytes(name, &length);
    if (length == 0)
        return NULL;
    if (sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, "sim") != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK) {
        fail("V11", "the state cannot be opened: %s", sqlite3_errmsg(db));
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

/* The first row's first column; -1 when there is none. */
static int64_t ask(sqlite3 *db, const char *question)
{
    sqlite3_stmt *rows = NULL;
    int64_t answer = -1;
    if (db && sqlite3_prepare_v2(db, question, -1, &rows, NULL) == SQLITE_OK &&
        sqlite3_step(rows) == SQLITE_ROW)
        answer = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    return answer;
}

void oracle_intents(void)
{
    disk_expose("look.db", true);
    sqlite3 *db = look("look.db");
    int64_t open = ask(db, "SELECT count(*) FROM person WHERE intent IS NOT NULL");
    sqlite3_close(db);
    if (open < (int64_t)sim->server.in_flight)
        fail("V3", "%zu people are in flight, and %lld intents would survive a loss of power",
             sim->server.in_flight, (long long)open);
}

static void check_integrity(sqlite3 *db)
{
    sqlite3_stmt *rows = NULL;
    const char *said = NULL;
    if (!db)
        return;
    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &rows, NULL) == SQLITE_OK &&
        sqlite3_step(rows) == SQLITE_ROW)
        said = (const char *)sqlite3_column_text(rows, 0);
    if (!said || strcmp(said, "ok") != 0)
        fail("V11", "the state is damaged: %s", said ? said : sqlite3_errmsg(db));
    sqlite3_finalize(rows);
}

void oracle_integrity(void)
{
    sqlite3 *db = look("whole.db");
    check_integrity(db);
    sqlite3_close(db);
}

uint64_t state_print(bool with_integrity)
{
    static const char *const questions[] = {
        "SELECT id, tag, delivered, intent, refused, row_tag FROM person",
        "SELECT * FROM person_detail", "SELECT * FROM intent"};
    uint64_t print = 1;
    disk_expose("look.db", false);
    sqlite3 *db = look("look.db");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        sqlite3_stmt *rows = NULL;
        if (!db || sqlite3_prepare_v2(db, questions[i], -1, &rows, NULL) != SQLITE_OK)
            continue;
        while (sqlite3_step(rows) == SQLITE_ROW)
            for (int column = 0; column < sqlite3_column_count(rows); column++) {
                const unsigned char *bytes = sqlite3_column_blob(rows, column);
                for (int at = 0; at < sqlite3_column_bytes(rows, column); at++)
                    print = mix(print, bytes[at]);
            }
        sqlite3_finalize(rows);
    }
    if (with_integrity)
        check_integrity(db);
    sqlite3_close(db);
    return print;
}

/* ---------------------------------------------------------------- V12 */

static bool holds(const void *bytes, size_t length, const char *words)
{
    return bytes && length && memmem(bytes, length, words, strlen(words)) != NULL;
}

/* Four letters alone stand in a hundred million sealed bytes by chance. */
static bool holds_id(const uint8_t *bytes, size_t length)
{
    enum { LETTERS = 4, DIGITS = 3 };
    const uint8_t *end = bytes + length, *at = bytes;
    while (at && (at = memmem(at, (size_t)(end - at), "U7xq", LETTERS)) != NULL) {
        at += LETTERS;
        int digits = 0;
        while (digits < DIGITS && at + digits < end && at[digits] >= '0' && at[digits] <= '9')
            digits++;
        if (digits == DIGITS)
            return true;
    }
    return false;
}

static void search(const char *where, const void *bytes, size_t length, bool personal_too)
{
    if (holds(bytes, length, "SEKRET"))
        fail("V12", "%s holds the token", where);
    if (personal_too && (holds(bytes, length, "Qzxvw") || holds(bytes, length, "qzxvw") ||
                         holds(bytes, length, "QZXVW")))
        fail("V12", "%s holds personal data", where);
}

static void search_file(const char *run, const char *name, bool personal_too)
{
    char path[128];
    size_t length;
    snprintf(path, sizeof path, "runs/%s/%s", run, name);
    char *bytes = slurp(path, &length);
    search(name, bytes, length, personal_too);
    free(bytes);
}

void oracle_secrets(const struct night_result *result)
{
    static const char *const disks[] = {"state.db", "state.db-wal"};
    static const char *const reports[] = {"run.json", "summary.txt", "report.html", "results.csv"};
    const char *said[] = {result->document, result->summary, result->warnings, result->fault};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (said[i])
            search("what was said", said[i], strlen(said[i]), true);
    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
        size_t length;
        const uint8_t *bytes = disk_bytes(disks[i], &length);
        search(disks[i], bytes, length, true);
        if (holds_id(bytes, length))
            fail("V12", "%s holds an id in clear", disks[i]);
    }
    for (size_t i = 0; i < sizeof reports / sizeof *reports && result->run[0]; i++)
        search_file(result->run, reports[i], true);
    if (result->run[0])
        search_file(result->run, "rejects.csv", false);
}
