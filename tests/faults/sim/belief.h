#ifndef OPSPUSH_TESTS_FAULTS_BELIEF_H
#define OPSPUSH_TESTS_FAULTS_BELIEF_H

#include "sim.h"

/* What the tool must believe of a person, from the server's log alone; and what must follow from it tonight. */

/* Exactly tonight's payload was accepted and recorded, and no option asks for more. */
bool belief_is_settled(int person, const struct night_plan *plan);

enum expectation {
    EXPECT_ANY,
    EXPECT_UNCHANGED,
    EXPECT_HELD,
    EXPECT_NEW,
    EXPECT_CHANGED,
    EXPECT_SENT
};
/* For a person whose row is valid tonight. */
enum expectation belief_expect(int person, const struct night_plan *plan);

/* What became of a person in the run that has ended, by the server's log. */
enum ending { ENDING_NONE, ENDING_ACCEPTED, ENDING_REFUSED, ENDING_UNKNOWN, ENDING_NOT_REACHED };
enum ending log_ending(int person, int *attempts);

/* Takes in what the run has done: one that ended by itself, or one that was cut off. */
void beliefs_after(const struct night_plan *plan);
void beliefs_after_crash(const struct night_plan *plan);
bool beliefs_are_certain(void);
void belief_accept(struct belief *belief, uint64_t mark); /* accepted, and recorded */

#endif
