#ifndef OPSPUSH_TESTS_FAULTS_FATE_H
#define OPSPUSH_TESTS_FAULTS_FATE_H

#include "body.h"

/* What becomes of one request. */
struct fate {
    enum class class;
    bool applied;
    int64_t applied_late_ms; /* 0: at once */
    int64_t takes_ms;
    int status; /* 0: no answer */
    int form;   /* which of several bodies */
};

struct fate fate_of(const struct request *request);

#endif
