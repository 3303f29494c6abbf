#ifndef OPSPUSH_PUSH_OPSCOM_H
#define OPSPUSH_PUSH_OPSCOM_H

#include "base/fault.h"
#include "push/answer.h"

/* OPS-COM's documented error codes and what each means for the run (opscom-api.md, "Responses and errors"). */
struct opscom_error {
    long code;
    enum verdict verdict;
    enum fault_kind kind; /* of VERDICT_STOP and VERDICT_SUSPECT */
    const char *meaning;
};

enum { OPSCOM_LOGIN_SOURCE_INVALID = 9015 };

/* NULL: not documented. */
const struct opscom_error *opscom_find(long code);
/* Do a server's words speak of the token rather than of the person? */
bool opscom_words_blame_token(const char *words);

#endif
