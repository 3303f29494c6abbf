#ifndef OPSPUSH_SANDBOX_REPLY_H
#define OPSPUSH_SANDBOX_REPLY_H

#include "base/text.h"
#include "mischief.h"
#include "rules.h"

/* What goes back for one request, before it is put on the wire. */

enum ending {
    ENDING_WHOLE,
    ENDING_CUT,  /* half of the body, then the connection ends */
    ENDING_RESET /* nothing at all */
};

struct reply {
    int status;
    const char *type;        /* static */
    const char *retry_after; /* lent by the mischief plan, or NULL */
    const char *location;
    struct text body;
    enum ending ending;
};

/* 200, with the body still to be added. */
void reply_json(struct reply *reply);
void reply_html(struct reply *reply);
void reply_success(struct reply *reply, long reference_id);
/* The documented error shape; HTTP status 200 where the rules say so. */
void reply_error(struct reply *reply, const struct rules *rules, int code);
/* The answer of profiles/types/list. */
void reply_types(struct reply *reply, const struct rules *rules);
/* A web page, as servers and proxies send it when something is wrong. */
void reply_page(struct reply *reply, int status, const char *words);
/* Makes the reply what the misbehaviour wants; 'body' is the request's, for an echo. A late one stays as it is. */
void reply_spoil(struct reply *reply, const struct mischief *mischief, const struct rules *rules,
                 const struct text *body);

#endif
