#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/*
 * A person's number is population << 40 | sequence, so that one population is one range, in the order in which its people came, and new
 * people are appended. 'person' is read whole at every plan and holds no more than that needs; its row_tag is a keyed fingerprint of the
 * row and its number: a row that was changed by hand or by the disk is not believed.
 */
static const struct {
    const char *name, *script;
} tables[] = {
    {"meta", "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 1), identity BLOB NOT NULL, "
             "key_check BLOB NOT NULL, host INTEGER NOT NULL, created_ms INTEGER NOT NULL, "
             "checked_ms INTEGER NOT NULL) STRICT"},
    {"population", "CREATE TABLE population(id INTEGER PRIMARY KEY, feed TEXT NOT NULL, "
                   "target TEXT NOT NULL, counter INTEGER NOT NULL, row_tag INTEGER NOT NULL) "
                   "STRICT"},
    {"person", "CREATE TABLE person(id INTEGER PRIMARY KEY, tag BLOB NOT NULL, delivered BLOB, "
               "intent BLOB, refused BLOB, row_tag INTEGER NOT NULL, "
               "delivered_ms INTEGER NOT NULL) STRICT"},
    {"person_detail", "CREATE TABLE person_detail(person INTEGER PRIMARY KEY, sealed_id BLOB, "
                      "prints BLOB, prints_tag INTEGER NOT NULL, aliases BLOB, "
                      "reference_id TEXT, run INTEGER NOT NULL) STRICT"},
    {"intent", "CREATE TABLE intent(person INTEGER PRIMARY KEY, run INTEGER NOT NULL, "
               "earlier BLOB, earlier_run INTEGER) STRICT"},
    {"refusal", "CREATE TABLE refusal(person INTEGER PRIMARY KEY, since_night INTEGER NOT NULL, "
                "since_ms INTEGER NOT NULL, code TEXT NOT NULL, message BLOB) STRICT"},
    {"missing", "CREATE TABLE missing(person INTEGER PRIMARY KEY, since_night INTEGER NOT NULL, "
                "since_ms INTEGER NOT NULL, returned_night INTEGER, returned_ms INTEGER) STRICT"},
    {"left_out", "CREATE TABLE left_out(person INTEGER PRIMARY KEY, because TEXT NOT NULL, "
                 "since_night INTEGER NOT NULL, since_ms INTEGER NOT NULL) STRICT"},
    {"alias", "CREATE TABLE alias(population INTEGER NOT NULL, alias INTEGER NOT NULL, "
              "person INTEGER NOT NULL, PRIMARY KEY(population, alias, person)) "
              "STRICT, WITHOUT ROWID"},
    {"run", "CREATE TABLE run(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, "
            "population INTEGER NOT NULL, command TEXT NOT NULL, started_ms INTEGER NOT NULL, "
            "ended_ms INTEGER, exit INTEGER, verdict TEXT, night INTEGER, "
            "row_count INTEGER, new INTEGER, changed INTEGER, unchanged INTEGER, "
            "left_out INTEGER, rejected INTEGER, repeated INTEGER, held INTEGER, "
            "accepted INTEGER, refused INTEGER, unknown INTEGER, not_reached INTEGER, "
            "gone INTEGER, known INTEGER, valid INTEGER, export_digest TEXT, "
            "export_bytes INTEGER, export_modified_ms INTEGER, mapping_digest TEXT) STRICT"},
    {"run_document", "CREATE TABLE run_document(run INTEGER PRIMARY KEY, sealed BLOB NOT NULL) "
                     "STRICT"},
    {"run_field", "CREATE TABLE run_field(run INTEGER NOT NULL, field TEXT NOT NULL, "
                  "filled INTEGER NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY(run, field)) "
                  "STRICT, WITHOUT ROWID"},
    {"run_row", "CREATE TABLE run_row(place INTEGER PRIMARY KEY, person INTEGER, sealed_id BLOB, "
                "action INTEGER NOT NULL, outcome INTEGER NOT NULL, fields INTEGER NOT NULL, "
                "flags INTEGER NOT NULL, attempts INTEGER NOT NULL, http_status INTEGER NOT NULL, "
                "opscom_code INTEGER NOT NULL, reference_id TEXT, code TEXT, field INTEGER, "
                "message BLOB) STRICT"},
    {"mapping", "CREATE TABLE mapping(population INTEGER PRIMARY KEY, bundle TEXT NOT NULL) "
                "STRICT"},
    {"not_before", "CREATE TABLE not_before(target TEXT PRIMARY KEY, wall_ms INTEGER NOT NULL) "
                   "STRICT, WITHOUT ROWID"},
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables };

const struct schema_step schema_steps[] = {{0, NULL}};

/* ---------------------------------------------------------------- judging */

static const char *table_script(const char *name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (text_is(tables[i].name, name))
            return tables[i].script;
    return NULL;
}

/* Counts the tables that are as this program makes them; -1 when there is anything else. */
static int tables_count(struct sql *sql, struct fault *fault)
{
    int count = 0, got;
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(sql->db, "SELECT name, sql FROM sqlite_schema", -1, &rows, NULL);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    while ((got = sql_step(sql, rows, fault)) == 1) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);
        if (name && strncmp(name, "sqlite_", strlen("sqlite_")) == 0)
            continue; /* SQLite's own: indexes of keys, statistics */
        if (!name || !text_is((const char *)sqlite3_column_text(rows, 1), table_script(name))) {
            got =
                sql_damaged(sql, "a table in it was changed, or added, by another program", fault);
            break;
        }
        count++;
    }
    sqlite3_finalize(rows);
    return got < 0 ? -1 : count;
}

static enum schema_kind schema_judge_tables(struct sql *sql, struct fault *fault)
{
    int count = tables_count(sql, fault);
    if (count >= 0 && count < TABLE_COUNT)
        sql_damaged(sql, "a table is missing", fault);
    return count == TABLE_COUNT ? SCHEMA_CURRENT : SCHEMA_UNKNOWN;
}

static int number_read(struct sql *sql, const char *question, int64_t *out, struct fault *fault)
{
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(sql->db, question, -1, &rows, NULL);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    int got = sql_step(sql, rows, fault);
    *out = got == 1 ? sqlite3_column_int64(rows, 0) : 0;
    sqlite3_finalize(rows);
    return got < 0 ? -1 : 0;
}

static enum schema_kind foreign(struct sql *sql, struct fault *fault)
{
    fault_set(fault, FAULT_STATE,
              "%s is a database of another program, not a state of opspush: name the state with "
              "--state FILE",
              sql->path);
    return SCHEMA_UNKNOWN;
}

enum schema_kind schema_judge(struct sql *sql, struct fault *fault)
{
    int64_t application = 0, version = 0, count = 1;
    if (number_read(sql, "PRAGMA application_id", &application, fault) < 0 ||
        number_read(sql, "PRAGMA user_version", &version, fault) < 0)
        return SCHEMA_UNKNOWN;
    bool is_unmarked = application == 0 && version == 0;
    if (is_unmarked && number_read(sql, "SELECT count(*) FROM sqlite_schema", &count, fault) < 0)
        return SCHEMA_UNKNOWN;
    if (is_unmarked && count == 0)
        return SCHEMA_EMPTY;
    if (application != SCHEMA_APPLICATION)
        return foreign(sql, fault);
    if (version > SCHEMA_VERSION) {
        fault_set(fault, FAULT_STATE,
                  "the state %s is of version %lld, this program knows versions up to %d: use the "
                  "newer opspush that wrote it",
                  sql->path, (long long)version, SCHEMA_VERSION);
        return SCHEMA_UNKNOWN;
    }
    if (version < 1) {
        sql_damaged(sql, "it has no version", fault);
        return SCHEMA_UNKNOWN;
    }
    return version < SCHEMA_VERSION ? SCHEMA_OLDER : schema_judge_tables(sql, fault);
}

/* ---------------------------------------------------------------- making and migrating */

static int schema_mark(struct sql *sql, int version, struct fault *fault)
{
    char *script = mem_format("PRAGMA application_id = %d; PRAGMA user_version = %d",
                              SCHEMA_APPLICATION, version);
    int result = sql_script(sql, script, fault);
    free(script);
    return result;
}

int schema_create(struct sql *sql, struct fault *fault)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (sql_script(sql, tables[i].script, fault) < 0)
            return -1;
    return schema_mark(sql, SCHEMA_VERSION, fault);
}

static int step_take(struct sql *sql, const struct schema_step *step, struct fault *fault)
{
    int entered = sql_enter(sql, fault);
    if (entered < 0)
        return -1;
    int result = sql_script(sql, step->script, fault);
    if (result == 0)
        result = schema_mark(sql, step->from + 1, fault);
    return sql_leave(sql, entered, result, fault);
}

int schema_migrate(struct sql *sql, const struct schema_step *steps, struct fault *fault)
{
    int64_t version = 0;
    if (number_read(sql, "PRAGMA user_version", &version, fault) < 0)
        return -1;
    char *copy = mem_format("%s.before-%d", sql->path, (int)version + 1);
    int result = sql_copy(sql, copy, fault);
    for (const struct schema_step *step = steps; result == 0 && step->script; step++)
        if (step->from == version) {
            result = step_take(sql, step, fault);
            version++;
        }
    if (result < 0)
        fault_place(fault, "migrating the state (a copy of it as it was: %s)", copy);
    free(copy);
    return result;
}

static int copy_pages(struct sql *sql, const char *to, struct fault *fault)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *backup = NULL;
    if (code == SQLITE_OK) /* nobody sees the copy before it is complete and synced */
        code = sqlite3_exec(target, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        backup = sqlite3_backup_init(target, "main", sql->db, "main");
    if (backup) {
        code = sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    } else if (code == SQLITE_OK) {
        code = sqlite3_extended_errcode(target);
    }
    if (code != SQLITE_OK)
        fault_set(fault, FAULT_STATE, "cannot copy the state %s to %s: %s", sql->path, to,
                  sqlite3_errstr(code));
    sqlite3_close(target);
    return code == SQLITE_OK ? 0 : -1;
}

int sql_copy(struct sql *sql, const char *to, struct fault *fault)
{
    struct file_draft draft;
    if (file_draft_open(&draft, to, FAULT_STATE, fault) < 0)
        return -1;
    if (copy_pages(sql, draft.temporary, fault) < 0) {
        file_draft_discard(&draft);
        return -1;
    }
    return file_draft_publish(&draft, FAULT_STATE, fault);
}
