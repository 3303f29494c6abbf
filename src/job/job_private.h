#ifndef OPSPUSH_SRC_JOB_PRIVATE_H
#define OPSPUSH_SRC_JOB_PRIVATE_H

#include "base/digest.h"
#include "census.h"
#include "crew.h"
#include "job/feed.h"
#include "job/job.h"
#include "plan/guard.h"
#include "plan/saved.h"
#include "report/report.h"

/* What became of one row that was to be sent; strings are offsets into job.words (0: none). */
struct sent {
    int16_t outcome; /* enum outcome, or -1 while there is none */
    uint16_t attempts;
    uint16_t http_status;
    int32_t opscom_code;
    uint32_t reference, code, message;
};

/* Where a row stands in the export. */
struct place {
    uint64_t offset;
    uint32_t bytes, line;
};

/* The first pass. */
struct reading {
    struct mapper *mapper;
    struct mapper *rank_mapper;  /* of rows read again while another is being looked at */
    struct mapping *old_mapping; /* of the last finished run, when it differs; else NULL */
    struct mapper *old_mapper;
    struct crew *crew;
    struct census census;
    struct census named;     /* --only: the notes of the rows that it names */
    uint64_t probable_known; /* people who are probably known under another id, and were not held */
    bool *only_seen;         /* by --only: had a row */
    struct place *places;    /* of every row, with --all alone */
    size_t place_count;
    struct fault stop; /* of the first row that stops the run, where reading went on */
};

/* One call of push, plan or adopt, from its first to its last step. */
struct job {
    const struct settings *settings;
    const struct job_world *world;
    struct job_result *result;
    const char *command;
    bool is_push;
    bool looks; /* check: a row that stops the run does not stop the reading */
    char run[48];
    int64_t started_wall_ms, started_ms;
    int exit;
    struct fault fault; /* of the call that failed last */
    struct fault worst; /* of the event that gives the exit code */
    const char *export_path;
    char *path_in_runs; /* the export's, where it lies in the folder of runs; else NULL */
    char *url;          /* normalised; "" when there is none */
    struct text token;
    struct problems problems;
    struct mapping *mapping;
    struct export *export;
    struct feed feed;
    struct state_lock *lock;
    struct keys keys; /* of the first pass: the state's, or passing ones while there is no state */
    uint8_t passing_key[KEY_BYTES];
    struct baseline baseline;
    struct reading reading;
    struct plan *plan;
    bool partial;
    bool read_whole; /* the first pass came to its end */
    struct guard_judgement guards;
    bool judged;
    struct saved_plan *saved; /* push --plan */
    bool *chosen;             /* by plan row: to be sent */
    struct sent *sent;        /* by plan row */
    struct text words;
    uint64_t other_references; /* accepted under another reference_id than before */
    uint32_t other_reference_line;
    struct push_figures figures;
    bool pumped;
    bool run_open; /* the run has its record in the state */
    char *folder;
    struct run_night *nights; /* finished ones, the newest first, without tonight's */
    size_t night_count;
    bool night_ended; /* tonight's is in the state as finished */
    struct report report;
    struct strings warnings, next_steps;
    struct text document; /* the report as run.json, as of the last job_document */
    bool has_news;        /* an event, a warning or a next step since */
};

/* job.c: the frame */
void job_begin(struct job *job, const char *command, const struct settings *settings,
               const char *export_path, const struct job_world *world, struct job_result *result);
void job_end(struct job *job); /* frees; the result stays */
/* Records an event: the worst one gives the run its exit code and its words. */
void job_event(struct job *job, int exit, const struct fault *fault);
void job_fail(struct job *job); /* the same with job->fault */
void job_warn(struct job *job, const char *words, ...) PRINTF_LIKE(2, 3);
void job_next_step(struct job *job, const char *words, ...) PRINTF_LIKE(2, 3);
bool job_interrupted(struct job *job);

/* prepare.c */
int job_prepare_mapping(struct job *job) MUST_CHECK;
int job_prepare_target(struct job *job, bool required) MUST_CHECK;
int job_prepare_state(struct job *job, enum state_mode mode) MUST_CHECK;
int job_take_lock(struct job *job)
    MUST_CHECK; /* waits with --wait; a wait that a signal ends is no fault, but an event */
int job_create_state(struct job *job)
    MUST_CHECK; /* when there is none, or not this feed and target yet */

/* read.c: the first pass; row.c: one row of it */
int job_read(struct job *job) MUST_CHECK;
int job_add_row(struct job *job, const struct batch *batch, const struct glance *glance) MUST_CHECK;

/* judge.c */
void job_judge(struct job *job, bool adopting);
/* People whom the plan rejects or holds; a person's rows count once. */
uint64_t job_kept_back(const struct job *job);
/* Exit of what the plan alone says: 3 when people are not delivered, within --tolerate. */
int job_partial_exit(const struct job *job, uint64_t undelivered);

/* binding.c: saved plans */
void job_options_text(const struct job *job, struct text *out);
int job_save_plan(struct job *job) MUST_CHECK;
int job_load_plan(struct job *job, struct settings *settings) MUST_CHECK;
int job_compare_plan(struct job *job) MUST_CHECK; /* FAULT_STALE */

/* What is stored of a person beside the digest, to know them under another id. */
size_t job_aliases(const struct mapped_row *mapped, const struct keys *keys, uint64_t out[3]);

/* send.c: the second pass; settle.c: what becomes of the people */
void job_choose(struct job *job);
int job_send(struct job *job) MUST_CHECK;
/* The fields that a push of this valid row carries. */
field_set job_fields_sent(struct job *job, const struct plan_row *row,
                          const struct profile *profile);

/* advise.c: warnings and next steps */
void job_advise(struct job *job, uint64_t left_over);

/* recall.c: what the last finished run left, after the tallies are made; what this one leaves */
void job_recall(struct job *job);
void job_remember(const struct job *job, struct text *out);

/* held.c: people whom the server refused */
const char *job_refusal_advice(const char *code); /* who has to act, and what is to be done */
/* Puts the server's reason and its age into what is told of a held row; its message lies in 'words'. */
void job_tell_held(struct job *job, const struct plan_row *row, struct report_row *told,
                   struct text *words);

/* tell.c: rows; document.c: the report as a whole */
void job_fill_report(struct job *job); /* once, when every row has its outcome */
void job_tally(struct job *job);
int job_write_rows(struct job *job, const char *folder) MUST_CHECK;
/* run.json of the filled report, lent until something happens to the job. */
const struct text *job_document(struct job *job);
int job_write_documents(struct job *job, const char *folder, bool with_summary,
                        struct fault *fault) MUST_CHECK;
void job_tell(struct job *job); /* summary, document and warnings of the result; the metrics file */

#endif
