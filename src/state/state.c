#include "inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/memory.h"

/* An open state as a whole: what it is, what is to be said of it, whether it still stands, and copies of it. */

enum { FREE_BYTES = 8 << 20, KEY_FILE_MOST = 256 };

const struct keys *state_keys(const struct state *state)
{
    return &state->keys;
}

const char *state_identity(const struct state *state)
{
    return state->identity;
}

void warning_compose(struct state *state)
{
    struct text *words = &state->warning;
    text_reset(words);
    if (state->ended_unclean)
        text_add(words, "the last run was cut off; the state was checked and is whole, and people "
                        "without a recorded answer are sent again. ");
    if (state->is_moved)
        text_add(words,
                 "the state was last used on another machine: make sure that no push runs there "
                 "any more. ");
    if (state->damaged)
        text_addf(words,
                  "damaged rows of people in the state: %llu (changed by hand, or by the disk?); "
                  "they are not believed, and these people are sent again. ",
                  (unsigned long long)state->damaged);
    if (words->length)
        words->bytes[--words->length] = '\0';
}

const char *state_warning(const struct state *state)
{
    return state->warning.length ? state->warning.bytes : NULL;
}

/* ---------------------------------------------------------------- still there? */

static int snapshot_still_there(const struct state *state, struct fault *fault)
{
    if (!sql_file_changed(&state->sql))
        return 0;
    return fault_set(
        fault, FAULT_BUSY,
        "another run wrote to the state %s while it was being read: run this again when "
        "that one has ended",
        state->path);
}

static int disk_has_room(const struct state *state, struct fault *fault)
{
    struct statvfs disk;
    if (statvfs(state->path, &disk) != 0)
        return 0;
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= FREE_BYTES)
        return 0;
    return fault_set(
        fault, FAULT_STATE,
        "the disk of the state %s is nearly full (%llu KiB left): nothing more is sent. "
        "Free some space and run the push again",
        state->path, (unsigned long long)(left >> 10));
}

int state_still_there(struct state *state, struct fault *fault)
{
    struct stat now;
    const struct stat *opened = &state->sql.opened;
    if (opened->st_ino == 0)
        return 0;
    if (state->sql.is_snapshot)
        return snapshot_still_there(state, fault);
    if (stat(state->path, &now) != 0 || now.st_ino != opened->st_ino ||
        now.st_dev != opened->st_dev)
        return fault_set(
            fault, FAULT_STATE,
            "the state %s was removed or replaced while this run was using it: nothing "
            "more is sent. Find out who did that, put the file back, and run again",
            state->path);
    return state->mode == STATE_READ ? 0 : disk_has_room(state, fault);
}

/* ---------------------------------------------------------------- copies */

static int key_copy(const struct state *state, const char *to, struct fault *fault)
{
    char *from_key = key_path(state->path), *to_key = key_path(to);
    struct text key = {0};
    int result = file_read(from_key, KEY_FILE_MOST, &key, FAULT_CONFIG, fault);
    if (result == 0)
        result = file_write(to_key, key.bytes, key.length, FAULT_STATE, fault);
    if (key.bytes)
        mem_wipe(key.bytes, key.length);
    text_clear(&key);
    free(from_key);
    free(to_key);
    return result;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_ino == second.st_ino &&
           first.st_dev == second.st_dev;
}

/* A name as its folder really stands; NULL where there is no such folder. free() */
static char *place_of(const char *path)
{
    char *folder = file_folder(path), *real = realpath(folder, NULL), *place = NULL;
    if (real)
        place = file_join(real, file_base(path));
    free(real);
    free(folder);
    return place;
}

/* Is it the state, or a name that begins like one of what stands beside it? However it is spelt. */
static bool is_of_state(const struct state *state, const char *name)
{
    static const char *const companions[] = {"",     ".key", ".counter", ".lock",
                                             "-wal", "-shm", "-journal"};
    char *ours = place_of(state->path), *place = place_of(name);
    bool is_ours = false;
    for (size_t i = 0; ours && i < sizeof companions / sizeof *companions && !is_ours; i++) {
        char *companion = mem_format("%s%s", ours, companions[i]);
        is_ours = is_same_file(companion, name);
        if (place && !is_ours)
            is_ours =
                i ? strncmp(place, companion, strlen(companion)) == 0 : text_is(place, companion);
        free(companion);
    }
    free(ours);
    free(place);
    return is_ours;
}

static int backup_check(const struct state *state, const char *to, struct fault *fault)
{
    char *to_key = key_path(to);
    const char *hit = is_of_state(state, to) ? to : is_of_state(state, to_key) ? to_key : NULL;
    if (hit)
        fault_set(fault, FAULT_USAGE,
                  "%s is a name of the state itself or of what stands beside it (%s): name "
                  "another file for its copy",
                  hit, state->path);
    free(to_key);
    return hit ? -1 : 0;
}

int state_backup(struct state *state, const char *to, struct fault *fault)
{
    if (backup_check(state, to, fault) < 0)
        return -1;
    if (sql_copy(&state->sql, to, fault) < 0)
        return -1;
    if (state->sql.is_snapshot && snapshot_still_there(state, fault) < 0)
        return -1;
    return state->key_is_given ? 0 : key_copy(state, to, fault);
}
