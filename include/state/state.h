#ifndef OPSPUSH_STATE_STATE_H
#define OPSPUSH_STATE_STATE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"
#include "plan/counts.h"
#include "plan/guard.h"
#include "plan/plan.h"
#include "profile/profile.h"

/*
 * The SQLite file: who was delivered what, open intents, refusals, runs, history. WAL, synchronous=FULL, STRICT tables; ids are sealed
 * by the key that lies beside it (FILE.key). Faults are FAULT_STATE but where said otherwise.
 */
struct state;

/* ---- lock: flock on FILE.lock; held until the program ends or state_unlock */
struct state_lock;
/*
 * FAULT_BUSY with pid, host and start of the holder when it is not free within wait_ms. Makes the folder (0700). NULL with FAULT_NONE when
 * 'signal' (NULL: none is looked at) is no longer 0 while it waits.
 */
struct state_lock *state_lock_take(const char *path, int64_t wait_ms,
                                   const volatile sig_atomic_t *signal,
                                   struct fault *fault) MUST_CHECK;
void state_lock_release(struct state_lock *lock);
/* Does a run go on now? Makes nothing and waits for nobody; its holder's words ("pid 4711 on HOST since ...") are appended. */
bool state_lock_is_held(const char *path, struct text *holder);

/* ---- open */
enum state_mode {
    STATE_READ, /* never creates; FAULT_STATE when damaged, NULL with FAULT_NONE when there is none */
    STATE_WRITE, /* never creates, else as READ; migrates, checks after an unclean end */
    STATE_CREATE /* creates the file and its key when there is none */
};
struct state_options {
    enum state_mode mode;
    bool allow_remote;         /* setting network_state */
    const char *vfs;           /* SQLite VFS by name, or NULL (tests) */
    const uint8_t *master_key; /* given by a test, or NULL: FILE.key */
    int64_t wall_ms;
    int busy_ms; /* how long to wait for another user of the file; 0: 30 s */
};
/* FAULT_CONFIG for the key file; FAULT_STATE for the rest. */
struct state *state_open(const char *path, const struct state_options *options,
                         struct fault *fault);
void state_close(struct state *state);
const struct keys *state_keys(const struct state *state);
const char *state_identity(const struct state *state); /* 32 hex digits */
/* Unclean end, another machine and, after state_each_person, damaged rows; NULL: none. */
const char *state_warning(const struct state *state);
/* For doctor: full integrity_check, the tag of every row; lines are appended to 'report'. */
int state_check(struct state *state, struct text *report, struct fault *fault) MUST_CHECK;
/* A consistent copy, with its key beside it; appears complete or not at all. FAULT_USAGE for a name of the state's own. */
int state_backup(struct state *state, const char *to, struct fault *fault) MUST_CHECK;
/*
 * Fails when the file under the path is no longer the one that is open (D16), or the disk is nearly full: before each group. Opened to read,
 * FAULT_BUSY when a push wrote to the file meanwhile (a reader keeps nobody away, and leaves no trace): after the last reading.
 */
int state_still_there(struct state *state, struct fault *fault) MUST_CHECK;

/* ---- a population: the people of one feed at one target */
typedef uint32_t population;
/* 0 when it is not there and 'create' is false. */
int state_population(struct state *state, const char *feed, const char *target, bool create,
                     population *out, struct fault *fault) MUST_CHECK;
struct population_name {
    population id;
    char *feed, *target;
};
int state_populations(struct state *state, struct population_name **out, size_t *count,
                      struct fault *fault) MUST_CHECK;
void population_names_free(struct population_name *names, size_t count);
/* Moves when a push opens its first intent, and by adopt. */
uint64_t state_run_counter(struct state *state, population people);

/* Everybody of a population, in the order of the file; fast: a million a second and more. */
int state_each_person(struct state *state, population people,
                      void (*each)(void *self, const struct plan_known *known), void *self,
                      struct fault *fault) MUST_CHECK;
bool state_fingerprints(struct state *state, population people, person_handle handle,
                        struct fingerprints *out);

struct person_detail {
    person_handle handle;
    char *unique_id; /* opened; NULL when it cannot be */
    bool is_delivered, is_adopted;
    int64_t delivered_ms; /* wall clock of the last acceptance; 0 */
    char *delivered_run;
    char *reference_id;
    bool intent_open;
    int64_t intent_ms;
    bool intent_held; /* the very payload of the intent was refused since: a row with it is held */
    bool is_refused;
    int64_t refused_ms;
    uint32_t refused_runs; /* nights it was refused or held with this payload */
    char *refused_code, *refused_message;
    bool is_missing;
    int64_t missing_since_ms;
    uint32_t missing_nights;
    int64_t returned_ms;    /* 0: not */
    char *left_out_because; /* NULL: not left out at the last finished run */
    int64_t left_out_since_ms;
    uint32_t left_out_nights;
};
/* The reference_id of the last delivery alone; free(). NULL: none is known. */
char *state_reference(struct state *state, population people, person_handle handle);
int state_person(struct state *state, population people, person_handle handle,
                 struct person_detail *out, struct fault *fault) MUST_CHECK;
int state_find_person(struct state *state, population people, const struct digest *tag,
                      person_handle *out, struct fault *fault) MUST_CHECK; /* 0 in *out: nobody */
void person_detail_clear(struct person_detail *detail);
/* The 'count' longest-unrefreshed delivered people, adopted ones first, without those missing, left out, refused or unsettled; returns how many were written to 'out'. */
size_t state_longest_unrefreshed(struct state *state, population people, person_handle *out,
                                 size_t count);
/* Is this alias (a keyed digest of PIDM, student number, name and birth date) that of a known person with another tag? 0: no. */
person_handle state_alias_owner(struct state *state, population people, uint64_t alias,
                                const struct digest *not_tag);
/* People of this population who are in another one of the same target too. */
uint64_t state_shared_people(struct state *state, population people);

/* ---- a run */
struct run_start {
    const char *id;      /* 20261122T012000Z-xxxx */
    const char *command; /* push, adopt */
    int64_t started_ms;
    const char *mapping_digest;
};
/* Opens the record of a run (durable). A run left open by a kill is closed as 'incomplete' first, with the outcomes that it recorded. */
int state_run_begin(struct state *state, population people, const struct run_start *start,
                    struct fault *fault) MUST_CHECK;

struct run_finish {
    int64_t ended_ms;
    int exit;
    const char *verdict;
    bool finished; /* moves the baselines (interface.md, Meanings) */
    struct counts counts;
    const char *export_digest;
    uint64_t export_bytes;
    int64_t export_modified_ms;
    const char *mapping_digest;
    const char *mapping_bundle; /* kept as the mapping of the last finished run */
    uint64_t valid, filled[FIELD_COUNT], field_changed[FIELD_COUNT];
    const char *document; /* what the next run compares with, kept of a finished one; or NULL */
};
/* A person left out today, with the rule's words. */
struct run_left_out {
    person_handle handle; /* 0 is passed over */
    const char *because;
};
/* Presence at the end of a finished run: who is missing, who is back, who is left out. All in one transaction. */
struct run_presence {
    const struct plan *plan;             /* plan_each_gone, plan_each_returned; NULL: nobody */
    const struct run_left_out *left_out; /* sorted by handle */
    size_t left_out_count;
};
int state_run_end(struct state *state, const struct run_finish *finish,
                  const struct run_presence *presence, struct fault *fault) MUST_CHECK;

/* ---- intents and settlements: calls between state_group_begin and state_group_commit are one durable group */
int state_group_begin(struct state *state, struct fault *fault) MUST_CHECK;
int state_group_commit(struct state *state, struct fault *fault) MUST_CHECK;
void state_group_abandon(struct state *state);

struct intent {
    person_handle handle; /* 0: a new person; set to theirs by the call */
    struct digest tag, digest;
    const char *unique_id;
    size_t unique_id_length;
};
int state_intend(struct state *state, struct intent *intent, struct fault *fault) MUST_CHECK;
int state_withdraw(struct state *state, person_handle handle, struct fault *fault) MUST_CHECK;

/* One row of a run: what was planned and what became of it. Kept for 'show RUN', 'explain' and results.csv. */
struct run_row {
    uint32_t line;
    person_handle handle;  /* 0: nobody in the state */
    const char *unique_id; /* sealed when stored; NULL: take the person's, or none can be read */
    enum action action;
    int outcome; /* enum outcome, or -1 */
    field_set fields;
    unsigned flags; /* PLAN_UNSETTLED, ... */
    int attempts;
    int http_status;
    long opscom_code;
    const char *reference_id;
    const char *code; /* of the reason or the answer; "" none */
    int field;        /* of the reason; -1 */
    const char *message;
};
struct settlement {
    person_handle handle;
    struct digest digest;              /* what was sent */
    const struct fingerprints *prints; /* of it; for accepted */
    const uint64_t *aliases;           /* for accepted */
    size_t alias_count;
    int64_t wall_ms;
    bool
        was_doubtful; /* of a refusal: an earlier attempt may have arrived, so the intent stays open beside it */
    struct run_row row; /* with outcome */
};
/*
 * accepted: delivered, intent and refusal gone. refused: intent gone, refusal stands. unknown: the intent stays, a refusal of the same
 * payload is gone. An earlier intent with another payload and no clear answer is open again after a refusal or a withdrawal: the server
 * may hold what it said.
 */
int state_settle(struct state *state, const struct settlement *settlement,
                 struct fault *fault) MUST_CHECK;
/* Rows that were not sent. */
int state_add_row(struct state *state, const struct run_row *row, struct fault *fault) MUST_CHECK;
/* Once before the people of an adopt: it moves the run counter, also when nobody changes. */
int state_adopt_begin(struct state *state, struct fault *fault) MUST_CHECK;
/* adopt: delivered, unverified (the first to be refreshed) */
int state_adopt(struct state *state, const struct intent *person, const struct fingerprints *prints,
                const uint64_t *aliases, size_t alias_count, int64_t wall_ms,
                struct fault *fault) MUST_CHECK;
/* Rows of a run by line. */
int state_each_row(struct state *state, const char *run,
                   int (*each)(void *self, const struct run_row *row), void *self,
                   struct fault *fault) MUST_CHECK;

/* ---- what earlier runs were */
struct run_record {
    char *id, *command, *verdict; /* verdict "incomplete": killed, or it runs now */
    char *feed, *target;
    int64_t started_ms, ended_ms; /* ended 0: it did not end (killed) */
    int exit;                     /* -1: it did not end */
    bool is_open;                 /* it runs now, or was killed and no run came after it */
    bool finished;
    struct counts counts;
    char *export_digest, *mapping_digest;
};
void run_records_free(struct run_record *records, size_t count);
/* The newest first; people 0: of all populations. */
int state_runs(struct state *state, population people, size_t most, struct run_record **out,
               size_t *count, struct fault *fault) MUST_CHECK;
/* A finished run. */
struct run_night {
    int64_t number; /* in the state */
    int64_t started_ms, ended_ms;
    uint64_t valid;
    char export_digest[65], mapping_digest[65]; /* "" none */
    struct counts counts;
};
/* The last finished runs, the newest first, at most 'most'. free() */
int state_nights(struct state *state, population people, size_t most, struct run_night **out,
                 size_t *count, struct fault *fault) MUST_CHECK;
/* What the guards compare with, from those nights. */
int state_baseline(struct state *state, population people, const struct run_night *nights,
                   size_t count, struct baseline *out, struct fault *fault) MUST_CHECK;
/* What a finished run left; empty when there is none (or it was dropped after the retention). */
int state_document(struct state *state, int64_t run, struct text *out,
                   struct fault *fault) MUST_CHECK;
/* The bundle of the last finished run's mapping; empty when there is none. */
int state_last_mapping(struct state *state, population people, struct text *out,
                       struct fault *fault) MUST_CHECK;
/* Of the last finished run (strict: that ended 0); 0: never. */
int64_t state_last_success_ms(struct state *state, population people, bool strict);
uint64_t state_open_intents(struct state *state, population people);
/* Of those: with intent_held (see struct person_detail). */
uint64_t state_held_intents(struct state *state, population people);
uint64_t state_known(struct state *state, population people);
/* people missing, back, or left out: for 'gone' */
int state_each_missing(struct state *state, population people,
                       void (*each)(void *self, const struct person_detail *detail), void *self,
                       struct fault *fault) MUST_CHECK;
/* Retry-After beyond the end of a run, wall clock; 0: none. */
int64_t state_not_before(struct state *state, const char *target);
int state_set_not_before(struct state *state, const char *target, int64_t wall_ms,
                         struct fault *fault) MUST_CHECK;
/* Removes history older than 'days', people gone for 400, and those never delivered, without an open intent, as old; gives the ids of the runs whose folders may go too. */
int state_retain(struct state *state, int days, int64_t wall_ms, char ***run_ids, size_t *count,
                 struct fault *fault) MUST_CHECK;

/* Appends the name and version of the library behind this room. */
void state_versions(struct text *out);

#endif
