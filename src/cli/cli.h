#ifndef OPSPUSH_SRC_CLI_H
#define OPSPUSH_SRC_CLI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/text.h"
#include "job/feed.h"
#include "job/job.h"
#include "job/settings.h"

/* ---------------------------------------------------------------- commands */
enum command_id {
    COMMAND_CHECK,
    COMMAND_SUGGEST,
    COMMAND_PLAN,
    COMMAND_PUSH,
    COMMAND_SHOW,
    COMMAND_MAP,
    COMMAND_EXPLAIN,
    COMMAND_STATUS,
    COMMAND_HISTORY,
    COMMAND_GONE,
    COMMAND_ADOPT,
    COMMAND_DOCTOR,
    COMMAND_BACKUP,
    COMMAND_CONFIG,
    COMMAND_HELP,
    COMMAND_COMPLETION,
    COMMAND_COUNT
};
#define COMMAND_BIT(command) (1u << (command))

/* One call: the words of the command line, made sense of. */
struct call {
    enum command_id command;
    char *arguments[2]; /* positional; lent */
    size_t argument_count;
    struct settings settings;
    const char **origins; /* by option: where its value came from; NULL: built in */
    struct strings paths; /* of configuration files that were read */
    struct job_world world;
};

struct command {
    const char *name;
    const char *arguments; /* as shown: "MAPPING [EXPORT]" */
    size_t least, most;
    const char *summary;
    int (*run)(struct call *call); /* the exit code */
};
extern const struct command commands[COMMAND_COUNT];
int command_find(const char *name); /* -1: none */

int command_check(struct call *call);
int command_suggest(struct call *call);
int command_plan(struct call *call);
int command_push(struct call *call);
int command_show(struct call *call);
int command_map(struct call *call);
int command_explain(struct call *call);
int command_status(struct call *call);
int command_history(struct call *call);
int command_gone(struct call *call);
int command_adopt(struct call *call);
int command_doctor(struct call *call);
int command_backup(struct call *call);
int command_config(struct call *call);
int command_help(struct call *call);
int command_completion(struct call *call);

/* ---------------------------------------------------------------- options: one table */
enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_PATH,      /* in a configuration file: relative to that file */
    OPTION_LIST,      /* may be repeated */
    OPTION_COUNT,     /* a whole number in [min, max] */
    OPTION_RATE,      /* a number over 0, or "none" */
    OPTION_DURATION,  /* 45m, 6h, 90s, 2d */
    OPTION_TOLERANCE, /* N or N% */
    OPTION_CHOICE     /* one of 'choices', kept as its number */
};

/* Commands that a summary proposes repeat options of the command line. */
enum option_repeat {
    REPEAT_NONE,
    REPEAT_WHERE, /* which feed, state and server it is about */
    REPEAT_WHAT   /* which people go */
};

struct option_info {
    const char *name;
    char letter; /* or 0 */
    enum option_kind kind;
    size_t offset; /* in struct settings */
    unsigned commands;
    bool in_config; /* also a configuration key and an environment variable */
    const char *argument;
    const char *help;
    const char *built_in; /* words for 'config' and help */
    long min, max;
    const char *const *choices;
    enum option_repeat repeat;
};
extern const struct option_info option_table[];
extern const size_t option_count;

int option_find(const char *name); /* -1: none */
/* Sets one option from text; 'from' is remembered as its origin. FAULT_USAGE or FAULT_CONFIG as 'kind' says. */
int option_set(struct call *call, size_t option, const char *value, const char *from,
               enum fault_kind kind, struct fault *fault) MUST_CHECK;
/* The configuration key ("token_file") and the variable ("OPSPUSH_TOKEN_FILE") of an option. */
void option_key(size_t option, char out[64]);
void option_variable(size_t option, char out[64]);
/* The value as 'config' shows it. */
void option_show(const struct call *call, size_t option, struct text *out);

/* Reads the words of the command line. FAULT_USAGE. */
int call_parse(struct call *call, int argc, char **argv, struct fault *fault) MUST_CHECK;
/* Then environment, configuration files, built-in values; what is given already stays. */
int call_configure(struct call *call, struct fault *fault) MUST_CHECK;
void call_clear(struct call *call);

/* ---------------------------------------------------------------- small things commands share */
int cli_fail(const struct fault *fault); /* says it on standard error; the exit code */
void cli_print(const struct text *text); /* to standard output */
bool cli_printed(void);                  /* all of it, so far */
void cli_print_error(const struct text *text);
int cli_usage(const char *words, ...) PRINTF_LIKE(1, 2);
/* The EXPORT argument, with --newest resolved; NULL with the fault. free(). */
char *cli_export(struct call *call, const char *argument, struct fault *fault) MUST_CHECK;
void help_write(const char *topic, struct text *out, bool *known);
void help_usage(enum command_id command, struct text *out);
void manual_write(struct text *out); /* opspush(1), for man(7) */
void progress_show(void *self, const struct job_progress *progress);
void progress_end(void);
/* Installs signal handlers, closes core dumps, guards descriptors. */
void process_start(struct job_world *world);
bool process_asked_for_progress(void); /* SIGUSR1, once */

#endif
