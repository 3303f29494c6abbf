#ifndef OPSPUSH_REPORT_REPORT_H
#define OPSPUSH_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/text.h"
#include "export/export.h"
#include "plan/guard.h"
#include "plan/plan.h"
#include "push/pump.h"

/*
 * What a run or a plan is told as. The caller fills one 'struct report' and hands over every row that is not unchanged, in the order of the
 * lines; the room adds up, checks the sums, and writes. It decides nothing.
 */

/* One reason with how many rows it has and the first of their lines. */
enum { REASON_LINES = 10 };
struct report_reason {
    int action;  /* enum action, or -1 */
    int outcome; /* enum outcome, or -1 */
    char *code;
    int field;
    char *message;
    char *fix;
    char *since;     /* first seen, UTC date, or NULL */
    uint32_t nights; /* finished runs in a row that had it, with this one; 0: not known */
    uint64_t count;
    uint32_t lines[REASON_LINES];
    size_t line_count;
};

/* A policy that fired on rows that were valid all the same. */
struct report_note {
    const char *code; /* the finding's: "empty", or what was wrong with the value */
    const char *policy;
    int field;
    char *message;
    uint64_t count;
};

struct report_usual { /* 10th and 90th percentile of the last finished runs; runs 0: not known */
    size_t runs;
    double low[ACTION_COUNT], high[ACTION_COUNT];
    double gone_low, gone_high;
    double field_low[FIELD_COUNT], field_high[FIELD_COUNT]; /* people changed, by field */
};

struct report_type { /* user types last run against this */
    char *type;
    uint64_t before, now;
};

struct report {
    const char *version, *command; /* "push", "plan", "adopt" */
    const char *run;               /* "" for a plan */
    int exit;
    const char *verdict;  /* the exit code's name */
    const char *headline; /* one sentence: the fault's words, or NULL */
    int64_t started_ms, ended_ms;
    struct {
        const char *path;
        uint64_t bytes, rows;
        const char *digest;
        int64_t modified_ms;
        uint64_t noise;
    } input;
    struct {
        const char *path, *name, *digest;
        field_set private_fields;
    } mapping;
    const char *target;
    bool is_push; /* outcomes are part of the sums */
    struct counts counts;
    struct plan_figures figures;
    bool has_guards;
    struct guard_judgement guards;
    const struct push_figures *push; /* or NULL */
    double rate;                     /* requests a second allowed; 0: no ceiling, or not known */
    struct report_usual usual;
    struct report_reason *reasons; /* filled by report_add_row */
    size_t reason_count;
    struct report_note *notes;
    size_t note_count;
    const char *const *warnings; /* sentences */
    size_t warning_count;
    const char *const *next_steps; /* what to do next */
    size_t next_step_count;
    const struct report_type *types; /* user types of the valid rows */
    size_t type_count;
    const char *folder; /* where the reports lie, or NULL */
    struct report_index
        *index; /* the room's own: finds a reason or a note again; start with NULL */
};

/* One row of results.csv; strings lent for the call. */
struct report_row {
    uint32_t line;
    const char *unique_id;
    enum action action;
    int outcome; /* or -1 */
    field_set fields;
    unsigned flags;
    int attempts, http_status;
    long opscom_code;
    const char *reference_id;
    const char *code;
    int field; /* of the reason, or -1 */
    const char *message, *fix;
    int64_t since_ms;   /* wall clock: since when it has been so; 0 not known */
    uint32_t nights;    /* for how many finished runs, where that is known */
    const char *values; /* --values: "email: a -> b", or NULL */
};

void report_clear(struct report *report); /* what the room itself allocated in it */
/* Tallies the row's reason. */
void report_add_row(struct report *report, const struct report_row *row);
/* 'code' and 'policy' are static words. */
void report_add_note(struct report *report, const char *code, const char *policy, int field,
                     const char *message, uint64_t count);
/* False when a sum does not add up: the run is then exit 1. */
bool report_adds_up(const struct report *report);

/* One screen; 'colour' for a terminal, 'width' in columns. */
void summary_write(const struct report *report, bool colour, size_t width, struct text *out);
void run_document_write(const struct report *report,
                        struct text *out); /* run.json, opspush-run-1 */
/* A strict, self-contained page. 'history' newest first may be empty. */
struct report_night {
    int64_t ended_ms, duration_ms;
    uint64_t fresh, changed, rejected, gone;
};
void html_write(const struct report *report, const struct report_night *nights, size_t night_count,
                const struct report_type *types, size_t type_count, struct text *out);
/* 'last_success_ms' 0: never; -1: not known, nor who is: both are left out. */
void metrics_write(const struct report *report, int64_t last_success_ms, struct text *out);

/* results.csv: UTF-8 with BOM, CRLF, formula-like cells neutralised. */
void results_write_heading(FILE *stream, bool with_values);
void results_write_row(FILE *stream, const struct report_row *row, bool with_values);
/* What stands in the 'fields' cell: names joined by a blank, or unsettled, refresh, full. */
void report_fields(field_set fields, unsigned flags, struct text *out);

/* rejects.csv: the original bytes of each record with five cells behind them, in the export's own form. */
struct rejects;
struct rejects *rejects_open(FILE *stream, const struct export_dialect *dialect,
                             const struct text *raw_heading, const struct export_facts *facts,
                             bool refed);
/*
 * 'line' is the record's own or, in a re-fed file, the carried-over "_line" cell's text. There the digits of the record's own cell win over
 * it (a ragged record has no cell of that number), and 'line' may be NULL.
 */
void rejects_add(struct rejects *rejects, const struct export_record *record, const char *line,
                 const char *field, const char *code, const char *reason, const char *fix);
void rejects_close(struct rejects *rejects);

/* CSV and formula rules in one place, also for 'map', 'gone' and 'history'. */
void csv_add_cell(struct text *out, const char *bytes, size_t length, bool neutralise);

#endif
