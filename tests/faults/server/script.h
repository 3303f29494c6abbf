#ifndef FAULTS_SCRIPT_H
#define FAULTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What the server does with which request. A rule is "WHICH STEP...", where WHICH is a request's number since the script was
 * cleared: "3", "3-5", "3-" or "-" for all. The first rule that fits holds; without one a request is taken, applied, answered.
 *
 *   read K            reads K bytes of the request and no more
 *   take              reads the whole request
 *   apply             the server accepts the person: from here on it holds what the request says
 *   send K            sends the first K bytes of the usual answer
 *   answer            sends what is left of the usual answer
 *   text "..."        sends these bytes; \r \n \t \" \\ and \xHH stand for others
 *   repeat N MS "..." sends them N times, MS milliseconds apart; 0: until the other side goes
 *   nap MS            waits
 *   hold              waits until 'release', or until the other side goes
 *   close             ends the connection in order
 *   reset             ends it with a reset
 */
enum step_kind {
    STEP_READ,
    STEP_TAKE,
    STEP_APPLY,
    STEP_SEND,
    STEP_ANSWER,
    STEP_TEXT,
    STEP_REPEAT,
    STEP_NAP,
    STEP_HOLD,
    STEP_CLOSE,
    STEP_RESET
};

struct step {
    enum step_kind kind;
    unsigned long count, gap_ms;
    char *bytes;
    size_t length;
};

struct steps {
    struct step *items;
    size_t count;
};

struct script;

/* For the life of the program. */
struct script *script_new(void);
/* False when the rule cannot be read. */
bool script_add(struct script *script, const char *rule);
/* The rules stay valid: a conversation may still be in the middle of one. */
void script_clear(struct script *script);
/* Never NULL: the usual steps where no rule fits. */
const struct steps *script_steps(struct script *script, unsigned number);

#endif
