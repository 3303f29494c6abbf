#ifndef OPSPUSH_PUSH_FIGURES_H
#define OPSPUSH_PUSH_FIGURES_H

#include "push/pump.h"

/* Tallies of a run; 'elapsed_ms' since its start. */
void figures_request(struct push_figures *figures, int64_t elapsed_ms, bool is_retry);
void figures_answer(struct push_figures *figures, int64_t elapsed_ms,
                    const struct exchange *exchange, const struct answer *answer);

#endif
