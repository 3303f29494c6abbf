#include "sql.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct sql_kept {
    const char *text;
    sqlite3_stmt *statement;
};

struct sql_value sql_text(const char *text)
{
    return text ? (struct sql_value){.kind = SQL_IS_TEXT, .bytes = text, .length = strlen(text)}
                : SQL_NULL;
}

struct sql_value sql_digest(const struct digest *digest)
{
    return digest ? SQL_BLOB(digest->bytes, DIGEST_BYTES) : SQL_NULL;
}

/* ---------------------------------------------------------------- faults in words */

bool sql_file_changed(const struct sql *sql)
{
    struct stat now;
    return sql->opened.st_ino != 0 &&
           (stat(sql->path, &now) != 0 || now.st_ino != sql->opened.st_ino ||
            now.st_dev != sql->opened.st_dev || now.st_size != sql->opened.st_size ||
            now.st_mtim.tv_sec != sql->opened.st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != sql->opened.st_mtim.tv_nsec);
}

int sql_damaged(const struct sql *sql, const char *what, struct fault *fault)
{
    const char *path = sql->path;
    if (sql->is_snapshot && sql_file_changed(sql))
        return fault_set(
            fault, FAULT_BUSY,
            "another run wrote to the state %s while it was being read: run this again "
            "when that one has ended",
            path);
    return fault_set(
        fault, FAULT_STATE,
        "the state %s is damaged: %s. It is left as it is. Restore a backup (both FILE and "
        "FILE.key); or move %s and what begins with its name aside, all but %s.key, and then "
        "either "
        "run 'opspush adopt EXPORT' (the people of the export count as delivered as they are) or "
        "'opspush push --first-load' (everybody is sent once)",
        path, what, path, path);
}

/* The system's reason for what failed last, in the main file or in the WAL; 0 when it is not known. */
static int last_errno(sqlite3 *db)
{
    int reason = 0;
    sqlite3_file *wal = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (wal && wal->pMethods)
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &reason);
    if (reason == 0)
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    return reason;
}

static bool is_no_room(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

static int sql_fault_full(const struct sql *sql, struct fault *fault)
{
    return fault_set(
        fault, FAULT_STATE,
        "the disk of the state %s is full: nothing more was recorded or sent. Free some "
        "space and run the push again",
        sql->path);
}

static int sql_fault_io(const struct sql *sql, int code, struct fault *fault)
{
    int reason = sql->db ? last_errno(sql->db) : 0;
    if (is_no_room(reason))
        return sql_fault_full(sql, fault);
    return fault_set(
        fault, FAULT_STATE,
        "reading or writing the state %s failed (%s%s%s): what was recorded last is "
        "unknown. Check the disk (dmesg), then run 'opspush doctor' and the push again; "
        "people without a recorded answer are sent again",
        sql->path, sqlite3_errstr(code), reason ? ": " : "", reason ? strerror(reason) : "");
}

int sql_fault(struct sql *sql, int code, struct fault *fault)
{
    const char *path = sql->path;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault_set(
            fault, FAULT_STATE,
            "the state %s is locked by another program (a backup, a viewer?): close it "
            "and run again",
            path);
    case SQLITE_FULL:
        return sql_fault_full(sql, fault);
    case SQLITE_IOERR:
        return sql_fault_io(sql, code, fault);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return sql_damaged(sql, sqlite3_errstr(code), fault);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        return fault_set(
            fault, FAULT_STATE,
            "the state %s cannot be opened or written (%s): check the permissions of the "
            "file and of its folder",
            path, sqlite3_errstr(code));
    case SQLITE_NOMEM:
        return fault_set(fault, FAULT_FAILED, "out of memory while using the state %s", path);
    default:
        return fault_set(fault, FAULT_STATE, "using the state %s failed: %s", path,
                         sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code));
    }
}

static int sql_fault_broken(const struct sql *sql, struct fault *fault)
{
    return fault_set(fault, FAULT_STATE,
                     "the state %s is not written to any more in this run: an earlier write failed",
                     sql->path);
}

/* ---------------------------------------------------------------- statements */

static sqlite3_stmt *statement_keep(struct sql *sql, const char *text, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        sql_fault(sql, code, fault);
        return NULL;
    }
    sql->kept = mem_resize(sql->kept, sql->kept_count + 1, sizeof *sql->kept);
    sql->kept[sql->kept_count++] = (struct sql_kept){text, statement};
    return statement;
}

static sqlite3_stmt *statement_of(struct sql *sql, const char *text, struct fault *fault)
{
    for (size_t i = 0; i < sql->kept_count; i++)
        if (sql->kept[i].text == text) {
            assert(!sqlite3_stmt_busy(sql->kept[i].statement));
            return sql->kept[i].statement;
        }
    return statement_keep(sql, text, fault);
}

static int value_bind(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
    switch (value->kind) {
    case SQL_IS_NULL:
        return sqlite3_bind_null(statement, place);
    case SQL_IS_INTEGER:
        return sqlite3_bind_int64(statement, place, value->integer);
    case SQL_IS_TEXT:
        return sqlite3_bind_text64(statement, place, value->bytes, value->length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case SQL_IS_BLOB:
        return sqlite3_bind_blob64(statement, place, value->bytes ? value->bytes : "",
                                   value->length, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

sqlite3_stmt *sql_query_values(struct sql *sql, struct fault *fault, const char *text,
                               const struct sql_value *values, size_t count)
{
    sqlite3_stmt *statement = statement_of(sql, text, fault);
    if (!statement)
        return NULL;
    assert((size_t)sqlite3_bind_parameter_count(statement) == count);
    for (size_t i = 0; i < count; i++) {
        int code = value_bind(statement, (int)i + 1, &values[i]);
        if (code != SQLITE_OK) {
            sql_fault(sql, code, fault);
            return NULL;
        }
    }
    return statement;
}

int sql_step(struct sql *sql, sqlite3_stmt *rows, struct fault *fault)
{
    if (!rows)
        return -1;
    int code = sqlite3_step(rows);
    if (code == SQLITE_ROW)
        return 1;
    if (code != SQLITE_DONE)
        sql_fault(sql, code, fault);
    sqlite3_reset(rows);
    return code == SQLITE_DONE ? 0 : -1;
}

void sql_done(sqlite3_stmt *rows)
{
    if (rows)
        sqlite3_reset(rows);
}

int sql_run_values(struct sql *sql, struct fault *fault, const char *text,
                   const struct sql_value *values, size_t count)
{
    if (sql->broken)
        return sql_fault_broken(sql, fault);
    sqlite3_stmt *statement = sql_query_values(sql, fault, text, values, count);
    int result = sql_step(sql, statement, fault);
    assert(result != 1);
    sql->broken = result < 0;
    return result;
}

int sql_script(struct sql *sql, const char *text, struct fault *fault)
{
    int code = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sql_fault(sql, code, fault);
}

int64_t sql_number_values(struct sql *sql, const char *text, const struct sql_value *values,
                          size_t count)
{
    struct fault ignored;
    sqlite3_stmt *rows = sql_query_values(sql, &ignored, text, values, count);
    int64_t number = sql_step(sql, rows, &ignored) == 1 ? sqlite3_column_int64(rows, 0) : 0;
    sql_done(rows);
    return number;
}

bool sql_column_digest(sqlite3_stmt *rows, int column, struct digest *out)
{
    if (sqlite3_column_type(rows, column) != SQLITE_BLOB ||
        sqlite3_column_bytes(rows, column) != DIGEST_BYTES)
        return false;
    memcpy(out->bytes, sqlite3_column_blob(rows, column), DIGEST_BYTES);
    return true;
}

char *sql_column_string(sqlite3_stmt *rows, int column)
{
    return mem_string((const char *)sqlite3_column_text(rows, column));
}

bool sql_column_is_null(sqlite3_stmt *rows, int column)
{
    return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* ---------------------------------------------------------------- transactions */

static int transaction_step(struct sql *sql, const char *text, struct fault *fault)
{
    if (sql->broken)
        return sql_fault_broken(sql, fault);
    return sql_step(sql, statement_of(sql, text, fault), fault);
}

int sql_enter(struct sql *sql, struct fault *fault)
{
    if (!sqlite3_get_autocommit(sql->db))
        return 0;
    return transaction_step(sql, "BEGIN IMMEDIATE", fault) < 0 ? -1 : 1;
}

void sql_roll_back(struct sql *sql)
{
    if (!sqlite3_get_autocommit(sql->db))
        sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
}

int sql_leave(struct sql *sql, int entered, int result, struct fault *fault)
{
    if (entered != 1)
        return result;
    if (result == 0 && transaction_step(sql, "COMMIT", fault) < 0) {
        sql->broken = true;
        result = -1;
    }
    if (result != 0)
        sql_roll_back(sql);
    return result;
}

void sql_close(struct sql *sql)
{
    for (size_t i = 0; i < sql->kept_count; i++)
        sqlite3_finalize(sql->kept[i].statement);
    free(sql->kept);
    if (sql->db)
        sqlite3_close(sql->db);
    *sql = (struct sql){0};
}
