#ifndef OPSPUSH_STATE_INSIDE_H
#define OPSPUSH_STATE_INSIDE_H

#include "schema.h"
#include "sql.h"
#include "state/state.h"

/* What the files of this room share. */

struct state {
    struct sql sql;
    char *path;
    enum state_mode mode;
    struct keys keys;
    bool key_is_given; /* by a test: there is no key file */
    char identity[2 * DIGEST_BYTES + 1];
    struct digest identity_bytes;
    int64_t host; /* of this machine; 0: it cannot be told */
    int64_t wall_ms;

    /* found at opening, told by state_warning */
    bool ended_unclean, is_moved;
    bool note_host, note_check; /* to be recorded with the next run */
    uint64_t damaged;
    struct text warning;

    /* the run under way; 0: none */
    int64_t run;
    population people;
    int64_t run_started_ms;
    int64_t night;          /* the number of this run among the finished ones, should it finish */
    bool has_counted;       /* this run moved the run counter */
    bool mirror_is_due;     /* moved in the open group: the mirror follows its commit */
    uint32_t last_sequence; /* of the population; 0: not asked yet */
};

/* ---- a person's number in the file */
enum { SEQUENCE_BITS = 40 };
#define PERSON_ID(people, handle) ((int64_t)(people) << SEQUENCE_BITS | (int64_t)(handle))
#define PEOPLE_FIRST(people)      PERSON_ID(people, 0)
#define PEOPLE_LAST(people)       (PEOPLE_FIRST((people) + 1) - 1)
static inline person_handle person_handle_of(int64_t id)
{
    return (person_handle)id;
}

/* ---- rows of run.seq with this outcome; the last row of a line counts */
#define ROWS_OF_RUN(outcome)                                                                       \
    "(SELECT count(*) FROM run_row WHERE place BETWEEN seq << 32 AND (seq << 32) + 4294967295 "    \
    "AND outcome = " outcome ")"

/* ---- person.c: the narrow row; what is not there is NULL in the file */
struct person {
    int64_t id;
    struct digest tag, delivered, intent, refused;
    bool has_tag, is_delivered, has_intent, has_refused;
    bool is_damaged;      /* the row's tag is wrong */
    int64_t delivered_ms; /* 0: adopted, never accepted */
};
/* Is the intent open, and was its very payload refused since? IS_HELD in a statement. */
bool person_is_held(const struct person *person);
#define IS_HELD "intent = refused"
/* From columns id, tag, delivered, intent, refused, row_tag. */
void person_read(const struct state *state, sqlite3_stmt *row, struct person *out);
/*
 * 1, or 0 when there is nobody, or -1. Of a damaged row nothing is believed: it comes as delivered and intended with a payload that no
 * profile has (all zero), so that it is sent until it is accepted.
 */
int person_load(struct state *state, int64_t id, struct person *out,
                struct fault *fault) MUST_CHECK;
int person_store(struct state *state, const struct person *person, struct fault *fault) MUST_CHECK;
/* Adds a person with the next number, and their sealed id. */
int person_add(struct state *state, struct person *person, const struct intent *from,
               struct fault *fault) MUST_CHECK;
/* Appends the id in clear; -1 when it cannot be opened. */
int person_open_id(const struct state *state, const struct digest *tag, const void *sealed,
                   size_t length, struct text *out) MUST_CHECK;

/* ---- detail.c, alias.c */
int64_t last_night(struct state *state, population people);
/* What was delivered: fingerprints, aliases, reference (NULL keeps the former one); in this run. */
struct delivery {
    const struct fingerprints *prints;
    const uint64_t *aliases;
    size_t alias_count;
    const char *reference_id;
};
int aliases_store(struct state *state, int64_t person, const struct delivery *delivery,
                  struct fault *fault) MUST_CHECK;
int delivery_store(struct state *state, int64_t person, const struct delivery *delivery,
                   struct fault *fault) MUST_CHECK;

/* ---- seal.c: words that may hold somebody's data are sealed too, each bound to its place */
enum seal_place {
    SEAL_ROW_ID = 'i',
    SEAL_ROW_MESSAGE = 'm',
    SEAL_REFUSAL = 'r',
    SEAL_DOCUMENT = 'd'
};
/* Nothing is appended for NULL or "". */
void seal_words(const struct state *state, enum seal_place place, int64_t number, const char *words,
                struct text *out);
/* free(); NULL when there is none or it cannot be opened. */
char *seal_column(const struct state *state, enum seal_place place, int64_t number,
                  sqlite3_stmt *rows, int column);
struct sql_value sql_sealed(const struct text *sealed); /* NULL when empty */

/* ---- population.c */
/* The sum of all run counters: what the mirror beside the state holds. */
uint64_t counters_sum(struct state *state);
/* Once a run: moves its population's run counter, in the open transaction. */
int counter_move(struct state *state, struct fault *fault) MUST_CHECK;

/* ---- beside.c: what lies beside the state */
int key_read(const char *path, uint8_t master[KEY_BYTES], struct fault *fault) MUST_CHECK;
int key_make(const char *path, uint8_t master[KEY_BYTES], struct fault *fault) MUST_CHECK;
char *key_path(const char *path); /* free() */
struct mirror {
    bool exists;
    char identity[2 * DIGEST_BYTES + 1];
    uint64_t counter;
};
int mirror_read(const char *path, struct mirror *out, struct fault *fault) MUST_CHECK;
int mirror_write(const char *path, const char *identity, uint64_t counter,
                 struct fault *fault) MUST_CHECK;
/* A keyed mark of this machine; 0 when it has no id. */
int64_t host_mark(const struct keys *keys);

/* ---- state.c */
/* Words for what was found: at the opening, and of damaged rows. */
void warning_compose(struct state *state);

/* ---- check.c */
/* PRAGMA quick_check or integrity_check. */
int check_pages(struct sql *sql, bool whole, struct fault *fault) MUST_CHECK;

/* ---- missing.c, row.c: parts of the end of a run */
int presence_store(struct state *state, const struct run_presence *presence, int64_t wall_ms,
                   struct fault *fault) MUST_CHECK;
int run_row_store(struct state *state, const struct run_row *row, struct fault *fault) MUST_CHECK;

#endif
