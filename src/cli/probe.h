#ifndef OPSPUSH_SRC_CLI_PROBE_H
#define OPSPUSH_SRC_CLI_PROBE_H

#include "base/fault.h"
#include "base/text.h"
#include "push/transport.h"

/*
 * Judges what came for profiles/types/list (opscom-api.md, "Other endpoints"): a JSON object or array without an error is good, whatever its
 * shape, and said in 'words'. The fault is of the kind that a push would end with, FAULT_UNAVAILABLE where that is not clear; no body
 * is in its words. 'token' is masked. Pure.
 */
int probe_judge(const struct exchange *exchange, const char *token, int64_t wall_ms,
                struct text *words, struct fault *fault) MUST_CHECK;

#endif
