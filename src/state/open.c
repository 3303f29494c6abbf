#include "inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* Opening: where the state lies, whose it is, whether it is whole, and whether it is the newest copy. */

enum {
    NEEDS_SQLITE = 3037000, /* STRICT tables */
    BUSY_MS = 30000,
    CHECK_DAYS = 7
};
static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

/* What is found out on the way. */
struct opening {
    struct state *state;
    const struct state_options *options;
    sqlite3_vfs *vfs;
    bool
        has_wal; /* what was committed last is not in the main file: somebody writes, or was killed */
    struct mirror mirror;
};

static bool writes(const struct opening *opening)
{
    return opening->options->mode != STATE_READ;
}

/* ---------------------------------------------------------------- the file */

static int library_check(struct fault *fault)
{
    if (sqlite3_libversion_number() >= NEEDS_SQLITE)
        return 0;
    return fault_set(fault, FAULT_STATE, "the SQLite library is %s: opspush needs 3.37 or newer",
                     sqlite3_libversion());
}

/* Is there a file of at least one byte? Asked of the VFS: it need not be on a disk. */
static bool vfs_has(const struct opening *opening, const char *suffix)
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

static int place_check(const struct opening *opening, struct fault *fault)
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
    if (writes(opening) && !opening->options->vfs)
        return place_check_writable(path, exists, fault);
    return 0;
}

/* 0600 whatever the umask; SQLite gives what it makes beside the file the same mode. */
static int file_create(const char *path, struct fault *fault)
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

static int connection_open(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    struct sql *sql = &state->sql;
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= !writes(opening) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= opening->options->mode == STATE_CREATE ? SQLITE_OPEN_CREATE : 0;
    if (stat(state->path, &sql->opened) != 0)
        sql->opened = (struct stat){0};
    opening->has_wal = vfs_has(opening, "-wal");
    /* A reader makes nothing beside the file: not even what a reader of a WAL needs. */
    sql->is_snapshot = !writes(opening) && !opening->has_wal;
    char *uri = uri_of(state->path, sql->is_snapshot ? "?immutable=1" : "");
    int code = sqlite3_open_v2(uri, &sql->db, flags, opening->options->vfs);
    free(uri);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    connection_fence(sql->db, opening->options->busy_ms);
    return sql_script(
        sql,
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA synchronous = FULL; "
        "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; "
        "PRAGMA cache_size = -8000",
        fault);
}

/* Only when the file is known to be ours, or new. */
static int connection_use_wal(struct sql *sql, struct fault *fault)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_db_readonly(sql->db, "main") == 1)
        return sql_fault(sql, SQLITE_READONLY, fault);
    if (!has_shared_memory(sql->db) &&
        sql_script(sql, "PRAGMA locking_mode = EXCLUSIVE", fault) < 0)
        return -1;
    int code = sqlite3_prepare_v2(sql->db, "PRAGMA journal_mode = WAL", -1, &rows, NULL);
    if (code != SQLITE_OK)
        return sql_fault(sql, code, fault);
    int got = sql_step(sql, rows, fault);
    if (got == 1)
        got = text_is((const char *)sqlite3_column_text(rows, 0), "wal")
                  ? 0
                  : fault_set(fault, FAULT_STATE, "the state %s cannot be put into WAL mode here",
                              sql->path);
    sqlite3_finalize(rows);
    return got;
}

/* ---------------------------------------------------------------- keys and identity */

static int keys_load(struct opening *opening, bool make, struct fault *fault)
{
    struct state *state = opening->state;
    uint8_t master[KEY_BYTES];
    int result = 0;
    if (opening->options->master_key)
        memcpy(master, opening->options->master_key, KEY_BYTES);
    else
        result = (make ? key_make : key_read)(state->path, master, fault);
    if (result == 0)
        keys_derive(&state->keys, master);
    mem_wipe(master, sizeof master);
    state->host = host_mark(&state->keys);
    return result;
}

static struct digest key_check(const struct state *state)
{
    struct digest check;
    digest_keyed(&state->keys, KEY_CHECK, state->identity_bytes.bytes, DIGEST_BYTES, &check);
    return check;
}

static void identity_set(struct state *state, const struct digest *identity)
{
    state->identity_bytes = *identity;
    digest_hex(identity, state->identity);
}

static int meta_judge(struct opening *opening, const struct digest *check, int64_t host,
                      struct fault *fault)
{
    struct state *state = opening->state;
    struct digest wanted = key_check(state);
    if (!digest_equal(check, &wanted))
        return fault_set(
            fault, FAULT_CONFIG,
            "the key file %s.key does not belong to the state %s%s: bring back the one that "
            "does. If it is lost, move the state aside; then 'opspush adopt EXPORT' or "
            "'opspush push --first-load' starts anew",
            state->path, state->path,
            opening->has_wal ? " (or the -wal file beside it is another state's)" : "");
    state->is_moved = state->note_host = host && state->host && host != state->host;
    if (!state->host)
        state->host = host;
    return 0;
}

static int meta_read(struct opening *opening, int64_t *checked_ms, struct fault *fault)
{
    struct state *state = opening->state;
    struct digest identity, check;
    sqlite3_stmt *rows = sql_query(
        &state->sql, fault, "SELECT identity, key_check, host, checked_ms FROM meta WHERE one = ?",
        SQL_INTEGER(1));
    int got = sql_step(&state->sql, rows, fault);
    if (got < 0)
        return -1;
    if (got == 0 || !sql_column_digest(rows, 0, &identity) || !sql_column_digest(rows, 1, &check)) {
        sql_done(rows);
        return sql_damaged(&state->sql, "its identity is missing", fault);
    }
    int64_t host = sqlite3_column_int64(rows, 2);
    *checked_ms = sqlite3_column_int64(rows, 3);
    sql_done(rows);
    identity_set(state, &identity);
    return meta_judge(opening, &check, host, fault);
}

/* Is this the newest copy? The mirror was read before the state: a push that runs now may only be ahead of it. */
static int mirror_judge(const struct opening *opening, struct fault *fault)
{
    const struct state *state = opening->state;
    const struct mirror *mirror = &opening->mirror;
    if (!mirror->exists)
        return 0;
    if (!text_is(mirror->identity, state->identity))
        return fault_set(
            fault, FAULT_STATE,
            "%s is not the state that was here (%s.counter names another one): bring that "
            "one back; or, if this one is to take its place, move %s.counter away and run "
            "'opspush push --full'",
            state->path, state->path, state->path);
    if (counters_sum(opening->state) >= mirror->counter)
        return 0;
    return fault_set(
        fault, FAULT_STATE,
        "the state %s is older than the last run: a restored copy, or its -wal file was "
        "lost? What was delivered since is not in it. Bring the newest copy back; or move "
        "%s.counter away and run 'opspush push --full', which sends everybody once",
        state->path, state->path);
}

/* ---------------------------------------------------------------- making a new one */

static int meta_write(struct state *state, struct fault *fault)
{
    struct digest check = key_check(state);
    return sql_run(&state->sql, fault, "INSERT INTO meta VALUES(1, ?, ?, ?, ?, ?)",
                   SQL_DIGEST(&state->identity_bytes), SQL_DIGEST(&check), SQL_INTEGER(state->host),
                   SQL_INTEGER(state->wall_ms), SQL_INTEGER(state->wall_ms));
}

static int tables_make(struct state *state, struct fault *fault)
{
    int entered = sql_enter(&state->sql, fault);
    if (entered < 0)
        return -1;
    int result = schema_create(&state->sql, fault);
    if (result == 0)
        result = meta_write(state, fault);
    return sql_leave(&state->sql, entered, result, fault);
}

/* A new name for a new state, once; its mirror comes first, so that what is left of a former state does not speak against it. */
static int identity_make(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    struct digest identity;
    if (state->identity[0])
        return 0;
    random_bytes(&identity, sizeof identity);
    identity_set(state, &identity);
    return mirror_write(state->path, state->identity, 0, fault);
}

/*
 * Killed at any instant, this leaves a state or none: what comes before the one transaction (mirror, empty file, key) counts as none.
 */
static int state_make(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (identity_make(opening, fault) < 0 || keys_load(opening, true, fault) < 0 ||
        connection_use_wal(&state->sql, fault) < 0)
        return -1;
    return tables_make(state, fault);
}

/* ---------------------------------------------------------------- an existing one */

static int64_t run_left_open(struct state *state)
{
    return sql_number(&state->sql, "SELECT max(seq) FROM run WHERE verdict IS NULL AND seq > ?",
                      SQL_INTEGER(0));
}

/* After a run that was killed, and once a week. */
static int soundness_check(struct opening *opening, int64_t checked_ms, struct fault *fault)
{
    struct state *state = opening->state;
    int64_t age_ms = state->wall_ms - checked_ms;
    state->ended_unclean = run_left_open(state) != 0;
    state->note_check = age_ms > CHECK_DAYS * DAY_MS || age_ms < 0;
    if (!state->ended_unclean && !opening->has_wal && !state->note_check)
        return 0;
    return check_pages(&state->sql, false, fault);
}

static int migrate(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (!writes(opening))
        return fault_set(
            fault, FAULT_STATE,
            "the state %s was written by an older opspush: the next push brings it up to "
            "date, until then it cannot be read",
            state->path);
    if (check_pages(&state->sql, false, fault) < 0 ||
        schema_migrate(&state->sql, schema_steps, fault) < 0)
        return -1;
    return schema_judge(&state->sql, fault) == SCHEMA_CURRENT ? 0 : -1;
}

static int state_enter(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    int64_t checked_ms = 0;
    if (keys_load(opening, false, fault) < 0 ||
        (writes(opening) && connection_use_wal(&state->sql, fault) < 0))
        return -1;
    if (meta_read(opening, &checked_ms, fault) < 0 || mirror_judge(opening, fault) < 0)
        return -1;
    return writes(opening) ? soundness_check(opening, checked_ms, fault) : 0;
}

/* 1: open; 0: there is none; -1. */
static int state_take(struct opening *opening, struct fault *fault)
{
    switch (schema_judge(&opening->state->sql, fault)) {
    case SCHEMA_EMPTY:
        if (!opening->state->identity[0] && opening->mirror.counter > 0)
            return sql_damaged(&opening->state->sql, "there is nothing in it any more", fault);
        if (opening->options->mode != STATE_CREATE)
            return 0;
        return state_make(opening, fault) < 0 ? -1 : 1;
    case SCHEMA_OLDER:
        if (migrate(opening, fault) < 0)
            return -1;
        break;
    case SCHEMA_CURRENT:
        break;
    case SCHEMA_UNKNOWN:
        return -1;
    }
    return state_enter(opening, fault) < 0 ? -1 : 1;
}

/* Nothing there, or a file of no bytes: 1 when it may be made, 0 when there is none, -1 when there was one. */
static int state_absent(const struct opening *opening, struct fault *fault)
{
    const struct state *state = opening->state;
    if (file_exists(state->path) && opening->mirror.counter > 0)
        return sql_damaged(&state->sql, "the file is empty", fault);
    if (opening->options->mode != STATE_CREATE)
        return 0;
    if (vfs_has(opening, "-wal"))
        return fault_set(
            fault, FAULT_STATE,
            "%s-wal is left of a state that is no longer there: bring %s back, or move "
            "%s-wal away",
            state->path, state->path, state->path);
    return 1;
}

static int state_start(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (library_check(fault) < 0 || place_check(opening, fault) < 0 ||
        mirror_read(state->path, &opening->mirror, fault) < 0)
        return -1;
    if (!vfs_has(opening, "")) {
        int may = state_absent(opening, fault);
        if (may != 1)
            return may;
        if (identity_make(opening, fault) < 0 ||
            (!opening->options->vfs && file_create(state->path, fault) < 0))
            return -1;
    }
    return connection_open(opening, fault) < 0 ? -1 : state_take(opening, fault);
}

struct state *state_open(const char *path, const struct state_options *options, struct fault *fault)
{
    struct state *state = mem_new(sizeof *state);
    struct opening opening = {
        .state = state, .options = options, .vfs = sqlite3_vfs_find(options->vfs)};
    *fault = (struct fault){0};
    state->path = mem_string(path);
    state->sql.path = state->path;
    state->mode = options->mode;
    state->wall_ms = options->wall_ms;
    state->key_is_given = options->master_key != NULL;
    assert(opening.vfs != NULL);
    if (state_start(&opening, fault) != 1) {
        state->sql.broken = true;
        state_close(state);
        return NULL;
    }
    warning_compose(state);
    return state;
}

void state_close(struct state *state)
{
    if (!state)
        return;
    if (state->sql.broken && state->sql.db) /* what is in the WAL stays there, to be judged again */
        sqlite3_db_config(state->sql.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sql_close(&state->sql);
    keys_wipe(&state->keys);
    text_clear(&state->warning);
    free(state->path);
    free(state);
}
