#ifndef FAULTS_CONVERSATION_H
#define FAULTS_CONVERSATION_H

#include <pthread.h>

#include "journal.h"
#include "script.h"

/* What all connections share; the counts are guarded, and 'changed' tells of each change of them. */
struct service {
    struct journal *journal;
    struct script *script;
    pthread_mutex_t guard;
    pthread_cond_t changed;
    unsigned connections, requests; /* since the program began; since the script was cleared */
    unsigned serial;                /* of requests, since the program began */
    unsigned live;                  /* connections that are open */
    unsigned holding, releases;
    unsigned clearings; /* what was held before one of them counts no more */
};

/* One connection from accept to close, as the script says. Closes 'descriptor'. */
void conversation_run(struct service *service, int descriptor, unsigned connection);

/* A connection to the listener that must never be called: counts the bytes that come, and answers nothing. */
void conversation_refuse(struct service *service, int descriptor);

#endif
