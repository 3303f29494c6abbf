#include "opening.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* Opening: whose the state is, whether it is whole, and whether it is the newest copy. */

enum { CHECK_DAYS = 7 };
static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

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

/* What the file says of itself; a run without a verdict was cut off. */
static int meta_read(struct opening *opening, int64_t *checked_ms, struct fault *fault)
{
    struct state *state = opening->state;
    struct digest identity, check;
    sqlite3_stmt *rows =
        sql_query(&state->sql, fault,
                  "SELECT identity, key_check, host, checked_ms, (SELECT sum(counter) FROM "
                  "population), EXISTS (SELECT 1 FROM run WHERE verdict IS NULL) FROM meta WHERE "
                  "one = ?",
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
    opening->counter = (uint64_t)sqlite3_column_int64(rows, 4);
    opening->was_cut_off = sqlite3_column_int(rows, 5) != 0;
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
    if (opening->counter >= mirror->counter)
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

/* After a run that was killed, and once a week. */
static int soundness_check(struct opening *opening, int64_t checked_ms, struct fault *fault)
{
    struct state *state = opening->state;
    int64_t age_ms = state->wall_ms - checked_ms;
    state->ended_unclean = opening->was_cut_off;
    state->note_check = age_ms > CHECK_DAYS * DAY_MS || age_ms < 0;
    if (!state->ended_unclean && !opening->has_wal && !state->note_check)
        return 0;
    return check_pages(&state->sql, false, fault);
}

static int migrate(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (!opening_writes(opening))
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

/*
 * After a kill between a commit and its mirror. The log may hold frames that were written and never synced: they become durable first, or
 * a loss of power would leave a mirror that is ahead of the state.
 */
static int mirror_catch_up(const struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (!opening->mirror.exists || opening->counter <= opening->mirror.counter)
        return 0;
    int code =
        sqlite3_wal_checkpoint_v2(state->sql.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code != SQLITE_OK)
        return sql_fault(&state->sql, code, fault);
    return mirror_write(state->path, state->identity, opening->counter, fault);
}

static int state_enter(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    int64_t checked_ms = 0;
    if (keys_load(opening, false, fault) < 0 ||
        (opening_writes(opening) && connection_use_wal(&state->sql, fault) < 0))
        return -1;
    if (meta_read(opening, &checked_ms, fault) < 0 || mirror_judge(opening, fault) < 0)
        return -1;
    if (!opening_writes(opening))
        return 0;
    if (soundness_check(opening, checked_ms, fault) < 0)
        return -1;
    return mirror_catch_up(opening, fault);
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
    /* a log beside a file in which nothing ever was is nobody's: power was lost while the state was made */
    if (vfs_has(opening, "-wal") && !(opening->mirror.exists && opening->mirror.counter == 0))
        return fault_set(
            fault, FAULT_STATE,
            "%s-wal is left of a state that is no longer there: bring %s back, or move "
            "%s-wal away",
            state->path, state->path, state->path);
    return 1;
}

static int folder_make(const char *path, struct fault *fault)
{
    char *folder = file_folder(path);
    int result = file_make_folder(folder, FAULT_STATE, fault);
    free(folder);
    return result;
}

static int file_make(struct opening *opening, struct fault *fault)
{
    if (opening->options->vfs) /* it makes its own, which need not be on a disk */
        return identity_make(opening, fault);
    if (folder_make(opening->state->path, fault) < 0 || identity_make(opening, fault) < 0)
        return -1;
    return state_file_create(opening->state->path, fault);
}

static int state_start(struct opening *opening, struct fault *fault)
{
    struct state *state = opening->state;
    if (sqlite_start(opening, fault) < 0 || place_check(opening, fault) < 0 ||
        mirror_read(state->path, &opening->mirror, fault) < 0)
        return -1;
    if (!vfs_has(opening, "")) {
        int may = state_absent(opening, fault);
        if (may != 1)
            return may;
        if (file_make(opening, fault) < 0)
            return -1;
    }
    return connection_open(opening, fault) < 0 ? -1 : state_take(opening, fault);
}

struct state *state_open(const char *path, const struct state_options *options, struct fault *fault)
{
    struct state *state = mem_new(sizeof *state);
    struct opening opening = {.state = state, .options = options};
    *fault = (struct fault){0};
    state->path = mem_string(path);
    state->sql.path = state->path;
    state->mode = options->mode;
    state->wall_ms = options->wall_ms;
    state->key_is_given = options->master_key != NULL;
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
