#ifndef OPSPUSH_TESTS_FAULTS_SIM_H
#define OPSPUSH_TESTS_FAULTS_SIM_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The simulator (L1): whole pushes in one process, in a world that is a function of one seed. What stands in for the world is split by
 * what it is: disk (SQLite's VFS), files (what lies beside the state), server (the transport), world (people and their exports),
 * weather (what goes wrong in a night), night (one call of the tool). The oracle and its beliefs share no code with the tool.
 */

enum {
    PEOPLE_MAX = 64,
    FLIGHTS_MAX = 8,
    LOG_MAX = 6000,
    FIELD_BYTES = 48,
    SECTOR = 512,
    KEY_SIZE = 32
};
static const int64_t SECOND = 1000, MINUTE = 60000, HOUR = 3600000, DAY = 86400000;

/* ---------------------------------------------------------------- chance: splitmix64 */

struct dice {
    uint64_t state;
};
uint64_t mix(uint64_t a, uint64_t b);
uint64_t dice_next(struct dice *dice);
uint32_t dice_below(struct dice *dice, uint32_t count); /* 0 .. count - 1 */
int64_t dice_between(struct dice *dice, int64_t low, int64_t high);
bool dice_hits(struct dice *dice, unsigned per_mille);

/* ---------------------------------------------------------------- people */

enum column { COLUMN_FIRST, COLUMN_LAST, COLUMN_EMAIL, COLUMN_CITY, COLUMN_PHONE, COLUMNS };

struct payload {
    char value[COLUMNS][FIELD_BYTES]; /* what the server is to hold; "" for nothing */
    uint64_t mark;                    /* of all of it; never 0 */
};

/* How a person stands in tonight's export. */
enum presence { ABSENT, VALID, REPEATED, CONTRADICTED, INVALID, LEFT_OUT };

struct person {
    bool enrolled;
    uint32_t version, former; /* of the data; 'former' to flip back to */
    uint32_t type;            /* new people only */
    enum presence presence;
    uint32_t line, second_line; /* in tonight's export */
    struct payload payload;     /* of the version */
};

struct world {
    struct person people[PEOPLE_MAX];
    int count;
    uint32_t rows;
    bool has_unreadable_id;
    uint32_t unreadable_line;
};

/* ---------------------------------------------------------------- what goes wrong in a night */

enum trouble {
    CALM,
    STORM,     /* 429, with and without Retry-After */
    BROWN,     /* slow answers, 500, 502, 503, 504 */
    DOWN,      /* nobody there */
    FLAP,      /* on and off */
    LOSSY,     /* accepted, and the answer is lost */
    DELAYED,   /* the same, and applied later */
    PORTAL,    /* 200 with HTML */
    GARBLED,   /* 200 with JSON that is no success */
    TOKEN,     /* wrong from some request on */
    TURNED,    /* a redirect, a client code that is gone */
    SUSPECTED, /* now and then a 403 */
    MIXED,
    TROUBLES
};

struct weather {
    enum trouble trouble;
    int64_t from_ms, to_ms, period_ms; /* since the night began */
    unsigned per_mille;
    uint32_t from_request;
    unsigned wish_per_mille; /* of Retry-After */
    int64_t latency_ms;
};

enum crash_kind { CRASH_NONE, CRASH_KILL, CRASH_POWER };

struct night_plan {
    struct weather weather;
    enum crash_kind crash;
    uint32_t crash_step;    /* at so many calls into the world */
    uint32_t crash_request; /* or when so many requests were received; 0: by steps */
    uint32_t io_error_step; /* 0: none */
    int io_error;           /* errno */
    bool io_error_lasts;
    int64_t signal_ms; /* since the night began; -1: none */
    int64_t clock_step_ms, clock_step_at_ms;
    int64_t duration_ms;
    double rate;
    int connections;
    bool first_load, full, retry_refused, ignore_guards, second_push;
    long refresh, limit;
    int only; /* a person; -1: everybody */
    bool is_adopt, is_plan;
    bool restore; /* an older copy of the state is put back first */
};

/* ---------------------------------------------------------------- the server's log */

enum class {
    CLASS_NONE, /* in flight, or lost: a byte may have left */
    CLASS_ACCEPTED,
    CLASS_REFUSED,
    CLASS_DEFERRED,
    CLASS_SUSPECT,
    CLASS_THROTTLED,
    CLASS_NOT_SENT,
    CLASS_STOP_AUTH,
    CLASS_STOP_CONFIG
};

struct entry {
    int person;
    uint64_t mark;
    int64_t start_ms, end_ms;
    enum class class;
    int status;
    bool answered; /* it was handed to the tool */
    bool has_type;
};

/* What the server holds of a person. */
struct subject {
    bool exists;
    char value[COLUMNS][FIELD_BYTES];
    char type[8];
    uint64_t mark;  /* of the request that was applied last */
    uint64_t order; /* and its number */
    bool overtaken; /* an older request was applied after a newer one */
};

struct delayed {
    int person;
    struct payload payload;
    bool sent_field[COLUMNS];
    char type[8];
    uint64_t order;
    int64_t at_ms;
};

struct flight {
    bool is_used;
    uint64_t ticket;
    int64_t due_ms;
    size_t entry;
    int status, form;
    int64_t wish_ms; /* what the Retry-After of this answer means; -1: nothing */
    char retry_after[128];
};

struct server {
    struct subject subjects[PEOPLE_MAX];
    struct entry log[LOG_MAX];
    size_t log_count;
    struct delayed delayed[256];
    size_t delayed_count;
    uint64_t order;
    struct flight flights[FLIGHTS_MAX];
    size_t in_flight;
    uint32_t token; /* number of the one that is right */
};

/* ---------------------------------------------------------------- what the oracle holds the tool to */

struct belief {
    bool is_certain;                     /* what the tool must believe is known */
    bool must_send;                      /* sent, and no answer can have been recorded */
    uint64_t delivered, intent, refused; /* marks; 0: none */
    uint64_t perhaps_refused; /* the mark of one that a run which was cut off may have recorded */
    bool is_unsettled;
    bool may_be_refused; /* with some payload */
    bool is_adopted, is_gone;
    bool may_be_gone; /* they were not in the export when it was not certain that they are known */
    bool
        after_restore; /* and not accepted since: an older copy may say what it likes of those who were not in the export */
    bool was_forgotten; /* at some time 'after_restore': what was sent before is not cleared */
    bool was_accepted;  /* an acceptance was handed to the tool at some time */
};

struct watch { /* of one run, while it goes on */
    int64_t starts[64];
    size_t start_count;
    int streak;
    bool was_outage;
    int64_t probe_ms, probe_delay_ms; /* no request earlier while the streak lasts */
    size_t probe_entry;
    bool has_probe;
    int64_t pause_until_ms;
    int64_t excuse_until_ms;         /* a wait that a run which was cut off may have remembered */
    bool is_over;                    /* a fatal answer was handed over */
    int suspect_person, suspects[2]; /* the last one; the two that ended the run */
    int64_t over_ms;
    int64_t last_event_ms;
};

/* ---------------------------------------------------------------- all of it */

struct sim {
    uint64_t seed;
    struct dice dice;   /* the world's */
    struct dice fate;   /* the server's */
    struct dice wear;   /* the disk's, when it crashes */
    struct dice sodium; /* libsodium's */
    int64_t steady_ms, wall_ms;
    int night, run;   /* numbers; a night may hold several runs */
    int64_t night_ms; /* when the run began, steady */
    const struct night_plan *plan;
    struct world world;
    struct server server;
    struct belief beliefs[PEOPLE_MAX];
    struct watch watch;

    uint32_t steps, received;
    bool is_running; /* the tool is on the stack: a crash may take it */
    sigjmp_buf crash;
    volatile sig_atomic_t signal;
    bool signal_given, is_second, had_second;
    uint32_t idle; /* waits in a row that took no time */

    int64_t excuse_wall_ms;     /* what it may have remembered */
    int64_t asked_wall_ms;      /* the latest time that any run was asked to wait until */
    int64_t not_before_wall_ms; /* what the tool should have remembered */
    bool guarded;               /* the mapping with its guards */
    bool is_loaded;             /* a run has finished for certain ... */
    bool may_be_loaded;         /* ... or may have */
    bool gone_is_certain;
    bool clock_was_stepped;
    bool clock_leapt;   /* years ahead at some time */
    bool refuses;       /* some payloads are refused, some wait for another person's address */
    uint32_t last_rows; /* of the last finished run ... */
    uint64_t last_marks[PEOPLE_MAX]; /* ... and its payloads; 0: no valid row */
    bool had_io_error;

    uint64_t trace;
    uint64_t runs, requests, crashes, injected; /* figures */
    bool is_loud;
    bool failed;
    char why[600];
};
extern struct sim *sim;

/* Notes the first failure of a seed: "V3: night 4, run 6: ...". */
void fail(const char *invariant, const char *words, ...) __attribute__((format(printf, 2, 3)));
void trace_add(uint64_t value);
void trace_bytes(const void *bytes, size_t length);
void say(const char *words, ...) __attribute__((format(printf, 1, 2))); /* when loud */

/* Every call into the world passes here; it may not come back. */
void step(void);

/* ---- disk.c: files in memory; vfs.c: SQLite's VFS "sim" over them */
void disk_register(void);
void disk_format(void);
void disk_crash(enum crash_kind kind); /* what is left of it */
void disk_close_all(void);             /* the process is gone: its mappings too */
void disk_sync_folder(void);           /* names that were made or removed are so for good */
void disk_keep(void);                  /* a copy, to be restored later */
bool disk_has_copy(void);
void disk_restore(void);
/* A file as a power loss that loses everything would leave it, under another name, for the oracle alone. */
void disk_expose(const char *name, bool durable_only);
const uint8_t *disk_bytes(const char *name, size_t *length);
bool disk_is_synced(void);

/* ---- files.c: what the tool writes beside the state */
void files_crash(enum crash_kind kind);
void files_forget(void);

/* ---- server.c */
struct job_world;
void server_reset(void);
void server_world(struct job_world *world);
void server_settle_delayed(int64_t until_ms); /* what was accepted late is applied */

/* ---- world.c */
void world_begin(void);
void world_dawn(bool quiet);     /* people join, leave, change */
void world_cast(bool clean);     /* how they stand in tonight's export */
uint64_t world_mark(int person); /* of tonight's valid row; 0: none */
void world_write_export(const char *path);
void world_write_mappings(void);
void world_write_token(uint32_t number);
int person_of_id(const char *id);
void person_id(int person, char out[16]);
uint64_t payload_mark(const struct payload *payload);

/* ---- weather.c */
void weather_plan(struct night_plan *out);
void weather_calm(struct night_plan *out);
const char *trouble_name(enum trouble trouble);

/* ---- night.c */
struct night_result {
    int exit;
    bool crashed;
    char run[64];
    char *document, *summary, *warnings, *fault;
};
void night_run(const struct night_plan *plan, struct night_result *out);
void night_second(void); /* another push while this one is under way */
void night_result_free(struct night_result *result);
bool seed_run(uint64_t seed, int nights_most, bool loud, struct sim *out);

/* ---- oracle.c */
void oracle_begin(void);                                  /* before a run */
void oracle_start(struct entry *entry);                   /* a request leaves */
void oracle_answer(struct entry *entry, int64_t wish_ms); /* an answer is handed over */
void oracle_wait(int64_t waited_ms);
void oracle_intents(void); /* V3: looks at the disk as it would survive */
void oracle_end(const struct night_plan *plan, const struct night_result *result);
void oracle_guards(const struct night_plan *plan, int exit); /* V15 */
void oracle_whole(void);                   /* V1: the server holds what the export says */
void oracle_quiet(size_t requests_before); /* V5 */
uint64_t state_print(bool with_integrity); /* of what the state believes of people; V11 */
void oracle_integrity(void);               /* V11 */
void oracle_secrets(const struct night_result *result); /* V12 */

/* ---- reading.c: the reports, as somebody else reads them */
const char *json_find(const char *json, const char *path); /* the value's beginning, or NULL */
bool json_find_number(const char *json, const char *path, double *out); /* "counts.new" */
bool json_find_string(const char *json, const char *path, char *out, size_t size);
struct result_row {
    uint32_t line;
    char id[64], action[16], outcome[16], fields[128];
    int attempts;
};
size_t results_read(const char *path, struct result_row *rows,
                    size_t most); /* SIZE_MAX: not as it should be */
char *slurp(const char *path, size_t *length);

#endif
