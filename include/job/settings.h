#ifndef OPSPUSH_JOB_SETTINGS_H
#define OPSPUSH_JOB_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The effective settings of one call, whatever they came from (interface.md, options). Strings NULL: not given. */

struct strings {
    char **items;
    size_t count;
};

void strings_add(struct strings *strings, char *taken); /* takes the string */
void strings_clear(struct strings *strings);

enum progress_wish { PROGRESS_AUTO, PROGRESS_LINES, PROGRESS_NONE };

struct settings {
    char *config, *mapping, *url, *token_file, *proxy, *ca_file;
    char *state, *runs; /* filled: built-in places are resolved */
    double rate;        /* requests a second; 0: no ceiling */
    long connections;
    long limit; /* -1: none */
    struct strings only, ignore;
    bool full, retry_refused, first_load, only_data;
    long refresh;
    int64_t wait_ms, max_duration_ms;
    char *out, *report, *plan;
    bool exit_code;
    double tolerate;
    bool tolerate_percent;
    bool values, all, json, csv;
    char *metrics;
    bool quiet, verbose;
    int progress; /* enum progress_wish */
    int colour;   /* enum colour_wish */
    /* Options of the command line as words for a shell, each with a blank before it, or NULL: */
    char *repeat_where; /* to whom, from where, by which rules */
    char *repeat_what;  /* what is sent of it */
    /* other commands */
    bool newest, dry_run, table, probe, strict;
    char *id, *feed, *action, *field;
    int64_t max_age_ms; /* -1: not asked */
    long last;          /* history: how many runs */
    /* by config alone */
    bool network_state;
    long retention_days;
    long gone_nights;
};

#endif
