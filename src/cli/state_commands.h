#ifndef OPSPUSH_SRC_CLI_STATE_COMMANDS_H
#define OPSPUSH_SRC_CLI_STATE_COMMANDS_H

#include "cli.h"

/* The feed that --mapping or --feed and --url name, or the only one. 'must': a fault when there is none. The caller closes it in any case. */
int cli_open_feed(struct call *call, bool must, struct feed *feed, struct fault *fault) MUST_CHECK;
void cli_time(int64_t wall_ms, char out[32]); /* UTC, or "never" */
/* How a run ended, in a word; 'running': the lock of its state is held. */
const char *cli_verdict(const struct run_record *run, bool running);

/* The run that a word of the command line names. */
struct run_name {
    char *id;     /* NULL: the last one that the state knows */
    char *folder; /* of the run, there or not; NULL without an id */
};
/* A link stands for the run it points to, "latest" alone for that of --runs; where there is no such link it is the last that the state knows. */
int run_name_read(const struct call *call, struct run_name *out, struct fault *fault) MUST_CHECK;
void run_name_clear(struct run_name *name);
/* Sets the fault for a run that the state does not know; a folder that it left says more. Returns -1. */
int run_name_unknown(const struct call *call, const struct run_name *name, struct fault *fault);

#endif
