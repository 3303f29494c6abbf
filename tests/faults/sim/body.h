#ifndef OPSPUSH_TESTS_FAULTS_BODY_H
#define OPSPUSH_TESTS_FAULTS_BODY_H

#include "sim.h"

struct request {
    int person;
    char token[64], type[8];
    struct payload payload;
    bool sent_field[COLUMNS], has_login_source, is_odd;
};
/* False when it is not what the API's page describes. */
bool request_read(const char *body, size_t length, struct request *out);

#endif
