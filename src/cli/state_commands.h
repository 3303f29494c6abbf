#ifndef OPSPUSH_SRC_CLI_STATE_COMMANDS_H
#define OPSPUSH_SRC_CLI_STATE_COMMANDS_H

#include "cli.h"

/* The feed that --mapping or --feed and --url name, or the only one. 'must': a fault when there is none. The caller closes it in any case. */
int cli_open_feed(struct call *call, bool must, struct feed *feed, struct fault *fault) MUST_CHECK;
void cli_time(int64_t wall_ms, char out[32]); /* UTC, or "never" */
/* How a run ended, in a word; 'running': the lock of its state is held. */
const char *cli_verdict(const struct run_record *run, bool running);

#endif
