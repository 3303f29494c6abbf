#ifndef OPSPUSH_JOB_FEED_H
#define OPSPUSH_JOB_FEED_H

#include "base/fault.h"
#include "base/problem.h"
#include "job/job.h"
#include "job/settings.h"
#include "mapping/mapping.h"
#include "state/state.h"

/* What several commands open the same way: the mapping, the token, the state with one feed and target. */

/* The mapping named by --mapping. FAULT_CONFIG with every problem in 'problems' (the caller prints them). */
struct mapping *feed_mapping(const char *path, struct problems *problems,
                             struct fault *fault) MUST_CHECK;
/*
 * The API token: --token-file, the service manager's credential, then OPSPUSH_TOKEN (with a warning). FAULT_CONFIG when there is none or the
 * file is not private. At most 50 characters.
 */
int feed_token(const struct settings *settings, struct text *token, struct text *warnings,
               struct fault *fault) MUST_CHECK;

#define FEEDS_TO_CHOOSE                                                                            \
    "the state holds %zu feeds and targets that fit: name one with --mapping (or --feed) and "     \
    "--url; `opspush status --all` lists them"

struct feed {
    struct state *state; /* NULL: there is none yet */
    population people;   /* 0: not in the state */
    size_t fitting;      /* feeds and targets of the state that fit an incomplete name */
    char *name, *target; /* as far as they are known; NULL otherwise */
};
/*
 * Opens the state for reading or writing and finds the population by feed name and target; where one of them is NULL
 * and the state has only one that fits, that one. FAULT_USAGE when several fit and 'must' is true.
 */
int feed_open(const struct settings *settings, const struct job_world *world, enum state_mode mode,
              const char *name, const char *url, bool must, struct feed *out,
              struct fault *fault) MUST_CHECK;
void feed_close(struct feed *feed);

#endif
