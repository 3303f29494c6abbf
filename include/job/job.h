#ifndef OPSPUSH_JOB_JOB_H
#define OPSPUSH_JOB_JOB_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/text.h"
#include "job/settings.h"
#include "mapping/trace.h"
#include "plan/plan.h"
#include "push/pump.h"
#include "push/transport.h"

/*
 * One call from the export to the report: it joins the rooms, in the order in which the data flows, and decides nothing that one of
 * them can decide. The world is handed in, so that a whole run is a function of its inputs in a test.
 */

enum job_phase { PHASE_READ, PHASE_SEND };

struct job_progress {
    enum job_phase phase;
    uint64_t bytes, bytes_total; /* of the export, while reading */
    uint64_t rows;
    uint64_t to_send; /* people to push */
    struct push_progress push;
    int64_t elapsed_ms; /* of this phase */
};

struct job_world {
    struct clock clock;
    int (*open_transport)(void *self, const struct http_settings *http, struct transport *out,
                          struct fault *fault);
    void (*progress)(void *self, const struct job_progress *progress); /* or NULL */
    void *self;                                                        /* of both */
    volatile sig_atomic_t *signal; /* 0, or the signal that asks to stop */
    const char *vfs;               /* SQLite's, by name; NULL: the usual */
    const uint8_t *master_key;     /* of a new state; NULL: random */
    uint64_t seed;                 /* of jitter and run ids; 0: random */
    bool colour;                   /* of the summary handed back */
    size_t width;
};

struct job_result {
    int exit;
    struct fault fault;   /* the words of the worst event; kind FAULT_NONE when there is none */
    struct text summary;  /* one screen */
    struct text document; /* run.json */
    struct text warnings; /* lines for standard error */
    bool has_folder;      /* reports lie in a folder of the run or plan */
};
void job_result_clear(struct job_result *result);

/* The commands that read an export. Each fills the result, whatever happens; the exit code is in it. */
void job_push(const struct settings *settings, const char *export_path,
              const struct job_world *world, struct job_result *result);
void job_plan(const struct settings *settings, const char *export_path,
              const struct job_world *world, struct job_result *result);
void job_adopt(const struct settings *settings, const char *export_path,
               const struct job_world *world, struct job_result *result);

/* Who is shown the rows of an export; all is lent for the call. */
struct job_viewer {
    void (*begin)(void *self, const struct mapping *mapping, const struct export_record *heading);
    /* In the order of the lines; 'reason' NULL: none is needed. */
    void (*row)(void *self, const struct export_record *record, const struct mapped_row *mapped,
                enum action action, const struct reason *reason);
    /* Behind the last row; may be NULL. */
    void (*end)(void *self, const struct export_facts *facts, const struct counts *counts);
    bool is_check; /* the rows of a file that is refused as a whole too, and what the guards say */
    void *self;
};
/*
 * What the mapping makes of an export, rows of one person taken together, as if nobody had been delivered yet. Only exit, fault and
 * warnings of the result are filled.
 */
void job_look(const struct settings *settings, const char *export_path,
              const struct job_world *world, const struct job_viewer *viewer,
              struct job_result *result);

/* One person's row (or rows), traced, with the plan's decision. */
struct job_explained {
    uint32_t line;
    bool
        by_raw_cell; /* found by a cell that the unique_id is made from, not by the id as it is sent */
    char *sent_as; /* by_raw_cell: the unique_id as it is sent; NULL: it cannot be */
    struct trace trace;
    enum action action;
    unsigned flags;
    field_set fields;
    field_set private_fields;
    field_set sent;                    /* that go; none where the row is not pushed */
    const char *not_sent[FIELD_COUNT]; /* why a field of a valid row would not go, or NULL */
    char *reason;                      /* words for the decision */
    char *fix;                         /* or NULL */
};
struct job_explanation {
    struct job_explained *rows;
    size_t count;
    size_t more; /* rows with that raw cell, not among 'rows' */
    char *feed, *target, *mapping_path;
    struct text history;  /* what the state knows of the person, lines */
    struct text warnings; /* lines for standard error, also of a call that failed */
};
void job_explanation_clear(struct job_explanation *explanation);
/* 0 when the person has at least one row in the export; FAULT_INPUT otherwise, where 'history' may be known all the same. */
int job_explain(const struct settings *settings, const char *export_path, const char *id,
                const struct job_world *world, struct job_explanation *out,
                struct fault *fault) MUST_CHECK;

/* The worst of two exit codes (interface.md's order). */
int job_worse(int a, int b);
/* The name of an exit code: "ok", "partial", ... */
const char *job_exit_name(int exit);

#endif
