#ifndef OPSPUSH_TESTS_STATE_ROOM_H
#define OPSPUSH_TESTS_STATE_ROOM_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "state/state.h"
#include "unit.h"

/* A state in a folder of its own, with a feed at a target, and people named by number. */

#define GOOD(call)                                                                                 \
    do {                                                                                           \
        struct fault good_fault_ = {0}, *fault = &good_fault_;                                     \
        ck_assert_msg((call) == 0, "%s: %s", #call, fault->text);                                  \
    } while (0)

static const int64_t NOW = INT64_C(1795310400000); /* 2026-11-22 */
static const int64_t DAY = INT64_C(24) * 3600 * 1000;

struct room {
    char folder[64], path[128];
    struct state *state;
    population people;
    int64_t now;
    unsigned runs;
};

static inline const char *beside(const struct room *room, const char *suffix)
{
    static char name[4][256];
    static unsigned at;
    char *out = name[at++ % 4];
    snprintf(out, sizeof name[0], "%s%s", room->path, suffix);
    return out;
}

static inline void room_init(struct room *room)
{
    *room = (struct room){.folder = "/tmp/opspush-state-XXXXXX", .now = NOW};
    digest_start();
    umask(022);
    ck_assert_ptr_nonnull(mkdtemp(room->folder));
    snprintf(room->path, sizeof room->path, "%s/state.db", room->folder);
}

static inline struct state *room_try(struct room *room, enum state_mode mode, struct fault *fault)
{
    struct state_options options = {.mode = mode, .wall_ms = room->now, .busy_ms = 1};
    *fault = (struct fault){0};
    return state_open(room->path, &options, fault);
}

static inline void room_open(struct room *room, enum state_mode mode)
{
    struct fault refusal = {0};
    room->state = room_try(room, mode, &refusal);
    ck_assert_msg(room->state != NULL, "open: %s", refusal.text);
    GOOD(state_population(room->state, "students", "https://one.example/api", mode == STATE_CREATE,
                          &room->people, fault));
}

static inline void room_close(struct room *room)
{
    state_close(room->state);
    room->state = NULL;
}

static inline void room_reopen(struct room *room, enum state_mode mode)
{
    room_close(room);
    room_open(room, mode);
}

static inline void room_clear(struct room *room)
{
    struct fault fault;
    room_close(room);
    ck_assert_int_eq(file_remove_folder(room->folder, &fault), 0);
}

/* Must be refused with this kind, with words that hold all of 'words' (NULL: none asked). */
static inline void room_refused(struct room *room, enum state_mode mode, enum fault_kind kind,
                                const char *words)
{
    struct fault fault = {0};
    struct state *state = room_try(room, mode, &fault);
    ck_assert_ptr_null(state);
    ck_assert_msg(fault.kind == kind, "kind %d: %s", (int)fault.kind, fault.text);
    ck_assert_msg(!words || strstr(fault.text, words), "words: %s", fault.text);
}

/* ---------------------------------------------------------------- people */

static inline struct intent intent_of(struct room *room, unsigned number, const char *payload)
{
    static char id[32];
    char profile[64];
    struct intent intent = {.unique_id = id};
    intent.unique_id_length = (size_t)snprintf(id, sizeof id, "A%08u", number);
    person_tag(id, intent.unique_id_length, state_keys(room->state), &intent.tag);
    int length = snprintf(profile, sizeof profile, "%s %s", id, payload);
    digest_keyed(state_keys(room->state), KEY_PROFILE, profile, (size_t)length, &intent.digest);
    return intent;
}

static inline person_handle handle_of(struct room *room, unsigned number)
{
    person_handle handle = 0;
    struct intent intent = intent_of(room, number, "");
    GOOD(state_find_person(room->state, room->people, &intent.tag, &handle, fault));
    return handle;
}

static inline struct baseline baseline_of(struct room *room)
{
    struct baseline baseline;
    struct run_night *nights;
    size_t count;
    GOOD(state_nights(room->state, room->people, 60, &nights, &count, fault));
    GOOD(state_baseline(room->state, room->people, nights, count, &baseline, fault));
    free(nights);
    return baseline;
}

static inline void run_begin(struct room *room)
{
    char id[40];
    snprintf(id, sizeof id, "20261122T012000Z-%04u", ++room->runs);
    struct run_start start = {
        .id = id, .command = "push", .started_ms = room->now, .mapping_digest = "m1"};
    GOOD(state_run_begin(room->state, room->people, &start, fault));
}

static inline struct run_finish finish_of(struct room *room)
{
    return (struct run_finish){.ended_ms = room->now + 1000,
                               .verdict = "ok",
                               .finished = true,
                               .export_digest = "e1",
                               .mapping_digest = "m1",
                               .mapping_bundle = "{}",
                               .document = "{\"schema\": \"opspush-run-1\"}"};
}

static inline void run_end(struct room *room)
{
    struct run_finish finish = finish_of(room);
    GOOD(state_run_end(room->state, &finish, NULL, fault));
}

/* Opens the intent of a push of this payload. */
static inline person_handle intend(struct room *room, unsigned number, const char *payload)
{
    struct intent intent = intent_of(room, number, payload);
    intent.handle = handle_of(room, number);
    GOOD(state_intend(room->state, &intent, fault));
    return intent.handle;
}

static inline struct settlement settlement_of(struct room *room, unsigned number,
                                              const char *payload, enum outcome outcome)
{
    static const struct fingerprints prints = {.present = 3, .of = {11, 22}};
    static const uint64_t aliases[] = {1001, 1002};
    return (struct settlement){.handle = handle_of(room, number),
                               .digest = intent_of(room, number, payload).digest,
                               .prints = &prints,
                               .aliases = aliases,
                               .alias_count = 2,
                               .wall_ms = room->now,
                               .row = {.line = number + 1,
                                       .action = ACTION_NEW,
                                       .outcome = (int)outcome,
                                       .attempts = 1,
                                       .http_status = 200,
                                       .reference_id = "4711",
                                       .code = "",
                                       .field = -1,
                                       .message = ""}};
}

static inline void settle(struct room *room, unsigned number, const char *payload,
                          enum outcome outcome)
{
    struct settlement settlement = settlement_of(room, number, payload, outcome);
    GOOD(state_settle(room->state, &settlement, fault));
}

static inline void push_one(struct room *room, unsigned number, const char *payload,
                            enum outcome outcome)
{
    intend(room, number, payload);
    settle(room, number, payload, outcome);
}

/* A finished run that delivered people 1 to 'count' with payload "a". */
static inline void deliver(struct room *room, unsigned count)
{
    run_begin(room);
    GOOD(state_group_begin(room->state, fault));
    for (unsigned number = 1; number <= count; number++)
        push_one(room, number, "a", OUTCOME_ACCEPTED);
    GOOD(state_group_commit(room->state, fault));
    run_end(room);
}

struct known_list {
    struct plan_known items[512];
    size_t count;
};
static inline void known_add(void *self, const struct plan_known *known)
{
    struct known_list *list = self;
    ck_assert_uint_lt(list->count, 512);
    list->items[list->count++] = *known;
}
static inline void known_all(struct room *room, struct known_list *out)
{
    out->count = 0;
    GOOD(state_each_person(room->state, room->people, known_add, out, fault));
}
static inline struct plan_known known_one(struct room *room, unsigned number)
{
    static struct known_list list;
    person_handle handle = handle_of(room, number);
    known_all(room, &list);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].handle == handle)
            return list.items[i];
    return (struct plan_known){0};
}

/* ---------------------------------------------------------------- files */

static inline void file_load(const char *path, struct text *out)
{
    GOOD(file_read(path, (size_t)64 << 20, out, FAULT_INPUT, fault));
}

static inline void file_store(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static inline void file_copy(const char *from, const char *to)
{
    struct text bytes = {0};
    file_load(from, &bytes);
    file_store(to, bytes.bytes, bytes.length);
    text_clear(&bytes);
}

static inline bool bytes_hold(const struct text *bytes, const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= bytes->length; i++)
        if (memcmp(bytes->bytes + i, words, length) == 0)
            return true;
    return false;
}

#endif
