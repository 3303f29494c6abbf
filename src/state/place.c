#include "opening.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* Where the state lies, and the connection to it. */

enum {
    NEEDS_SQLITE = 3037000, /* STRICT tables */
    BUSY_MS = 30000
};

int sqlite_start(struct opening *opening, struct fault *fault)
{
    if (sqlite3_libversion_number() < NEEDS_SQLITE)
        return fault_set(fault, FAULT_STATE,
                         "the SQLite library is %s: opspush needs 3.37 or newer",
                         sqlite3_libversion());
    /* this starts the library, which needs memory */
    opening->vfs = sqlite3_vfs_find(opening->options->vfs);
    if (opening->vfs)
        return 0;
    return fault_set(fault, FAULT_FAILED, "the SQLite library cannot be started: is there memory?");
}

bool vfs_has(const struct opening *opening, const char *suffix)
{
    sqlite3_vfs *vfs = opening->vfs;
    char *name = mem_format("%s%s", opening->state->path, suffix);
    char *full = mem_new((size_t)vfs->mxPathname + 1);
    int found = 0;
    bool has = vfs->xFullPathname(vfs, name, vfs->mxPathname + 1, full) % 256 == SQLITE_OK &&
               vfs->xAccess(vfs, full, SQLITE_ACCESS_EXISTS, &found) == SQLITE_OK && found;
    free(full);
    free(name);
    return has;
}

static int place_check_writable(const char *path, bool exists, struct fault *fault)
{
    char *folder = file_folder(path);
    if (!file_exists(folder)) { /* nor is there a state, then */
        free(folder);
        return 0;
    }
    const char *wrong = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0    ? folder
                        : exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 ? path
                                                                                     : NULL;
    if (wrong)
        fault_set(
            fault, FAULT_STATE,
            "the state cannot be written: %s: %s. Check its owner, its permissions and whether "
            "the disk is mounted read-only",
            wrong, strerror(errno));
    free(folder);
    return wrong ? -1 : 0;
}

static int place_check_file(const char *path, struct fault *fault)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        return fault_set(
            fault, FAULT_STATE,
            "%s is a symbolic link: name the state itself, so that its key and its lock "
            "are found beside it",
            path);
    if (file_check_private(path, fault) < 0) {
        fault->kind = FAULT_STATE;
        return -1;
    }
    return 0;
}

int place_check(const struct opening *opening, struct fault *fault)
{
    const char *path = opening->state->path;
    bool exists = file_exists(path);
    if (!opening->options->allow_remote && file_is_remote(path))
        return fault_set(
            fault, FAULT_STATE,
            "the state %s lies on a network file system, where SQLite's locks cannot be "
            "relied on: name one on a local disk with --state, or set network_state if "
            "this one is safe",
            path);
    if (exists && place_check_file(path, fault) < 0)
        return -1;
    if (opening_writes(opening) && !opening->options->vfs)
        return place_check_writable(path, exists, fault);
    return 0;
}

int state_file_create(const char *path, struct fault *fault)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 || fchmod(descriptor, 0600) != 0) {
        fault_set(fault, FAULT_STATE, "cannot make the state %s: %s", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return -1;
    }
    close(descriptor);
    return 0;
}

/* A name as a URI holds it. */
static char *uri_of(const char *path, const char *query)
{
    struct text uri = {0};
    text_add(&uri, path[0] == '/' ? "file://" : "file:");
    for (const char *at = path; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("/._-~", *at);
        if (plain)
            text_add_byte(&uri, *at);
        else
            text_addf(&uri, "%%%02X", (unsigned)(unsigned char)*at);
    }
    text_add(&uri, query);
    return text_take(&uri);
}

/* ---------------------------------------------------------------- the connection */

static void connection_fence(sqlite3 *db, int busy_ms)
{
    static const struct {
        int what, value;
    } settings[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                    {SQLITE_DBCONFIG_DQS_DML, 0},
                    {SQLITE_DBCONFIG_DQS_DDL, 0},
                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}};
    static const struct {
        int what, value;
    } limits[] = {{SQLITE_LIMIT_LENGTH, 256 << 20},  {SQLITE_LIMIT_SQL_LENGTH, 100000},
                  {SQLITE_LIMIT_COLUMN, 100},        {SQLITE_LIMIT_EXPR_DEPTH, 50},
                  {SQLITE_LIMIT_COMPOUND_SELECT, 5}, {SQLITE_LIMIT_VDBE_OP, 25000},
                  {SQLITE_LIMIT_FUNCTION_ARG, 8},    {SQLITE_LIMIT_ATTACHED, 0},
                  {SQLITE_LIMIT_TRIGGER_DEPTH, 1},   {SQLITE_LIMIT_WORKER_THREADS, 0}};
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, busy_ms > 0 ? busy_ms : BUSY_MS);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        sqlite3_db_config(db, settings[i].what, settings[i].value, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].what, limits[i].value);
}

static bool has_shared_memory(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file && file->pMethods && file->pMethods->iVersion >= 2 && file->pMethods->xShmMap;
}

int connection_open(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    struct sql *sql = &state->sql;
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= !opening_writes(opening) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= opening->options->mode == STATE_CREATE ? SQLITE_OPEN_CREATE : 0;
    if (stat(state->path, &sql->opened) != 0)
        sql->opened = (struct stat){0};
    opening->has_wal = vfs_has(opening, "-wal");
    /* A reader makes nothing beside the file: not even what a reader of a WAL needs. */
    sql->is_snapshot = !opening_writes(opening) && !opening->has_wal;
    char *uri = uri_of(state->path, sql->is_snapshot ? "?immutable=1" : "");
    int code = sqlite3_open_v2(uri, &sql->db, flags, opening->options->vfs);
    free(uri);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    connection_fence(sql->db, opening->options->busy_ms);
    /* A WAL that nobody shares needs no shared memory. */
    if (!has_shared_memory(sql->db) &&
        sql_script(sql, "PRAGMA locking_mode = EXCLUSIVE", fault) < 0)
        return -1;
    return sql_script(
        sql,
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA synchronous = FULL; "
        "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; "
        "PRAGMA cache_size = -8000",
        fault);
}

int connection_use_wal(struct sql *sql, struct fault *fault)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_db_readonly(sql->db, "main") == 1)
        return sql_fault(sql, SQLITE_READONLY, fault);
    int code = sqlite3_prepare_v2(sql->db, "PRAGMA journal_mode = WAL", -1, &rows, NULL);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    int got = sql_step(sql, rows, fault);
    bool is_wal = got == 1 && text_is((const char *)sqlite3_column_text(rows, 0), "wal");
    /* the mode stands in the file only when the statement ended well: a log beside a file that does not say so is not read */
    code = sqlite3_finalize(rows);
    if (got < 0)
        return -1;
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    if (!is_wal)
        return fault_set(fault, FAULT_STATE, "the state %s cannot be put into WAL mode here",
                         sql->path);
    return 0;
}
