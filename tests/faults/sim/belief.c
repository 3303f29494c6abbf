#include "belief.h"

enum { FLUSH_MS = 50 }; /* an acceptance is durable so long after it was handed over */

enum expectation belief_expect(int person, const struct night_plan *plan)
{
    const struct belief *belief = &sim->beliefs[person];
    uint64_t mark = sim->world.people[person].payload.mark;
    bool was_refused = belief->refused == mark && !plan->retry_refused;
    bool is_held = was_refused && (!belief->is_unsettled || belief->intent == mark);
    bool may_be_held = (belief->may_be_refused || was_refused || belief->perhaps_refused == mark) &&
                       !plan->retry_refused;
    if (!belief->is_certain)
        return belief->must_send && !may_be_held ? EXPECT_SENT : EXPECT_ANY;
    if (!belief->is_unsettled && belief->delivered == mark)
        return plan->full ? EXPECT_CHANGED : plan->refresh ? EXPECT_ANY : EXPECT_UNCHANGED;
    if (is_held)
        return EXPECT_HELD;
    if (belief->may_be_refused && !plan->retry_refused)
        return EXPECT_ANY;
    return belief->delivered ? EXPECT_CHANGED : EXPECT_NEW;
}

bool belief_is_settled(int person, const struct night_plan *plan)
{
    return belief_expect(person, plan) == EXPECT_UNCHANGED;
}

bool beliefs_are_certain(void)
{
    for (int i = 0; i < sim->world.count; i++)
        if (!sim->beliefs[i].is_certain || sim->beliefs[i].may_be_gone)
            return false;
    return true;
}

/* ---------------------------------------------------------------- the log of one run */

/* Does a request without a clear answer stand after the last clear one? */
static enum ending ending_without_answer(bool may_have_it)
{
    return may_have_it ? ENDING_UNKNOWN : ENDING_NOT_REACHED;
}

/* A 403 that turned out to be one of two: it ended the run, and says nothing of the person. */
static bool was_about_token(const struct entry *entry)
{
    const struct watch *watch = &sim->watch;
    return watch->is_over &&
           (watch->suspects[0] == entry->person || watch->suspects[1] == entry->person ||
            entry->end_ms >= watch->over_ms);
}

enum ending log_ending(int person, int *attempts)
{
    const struct server *server = &sim->server;
    enum ending ending = ENDING_NONE;
    bool may_have_it = false;
    int deferrals = 0;
    *attempts = 0;
    for (size_t i = 0; i < server->log_count; i++) {
        const struct entry *entry = &server->log[i];
        if (entry->person != person)
            continue;
        ++*attempts;
        enum class class = entry->answered ? entry->class : CLASS_NONE;
        if (class == CLASS_NONE)
            may_have_it = true;
        if (class == CLASS_DEFERRED || class == CLASS_SUSPECT)
            may_have_it = false;
        deferrals += class == CLASS_DEFERRED;
        if (class == CLASS_ACCEPTED)
            ending = ENDING_ACCEPTED;
        else if (class == CLASS_REFUSED || (class == CLASS_DEFERRED && deferrals > 1) ||
                 class == CLASS_SUSPECT)
            ending = ENDING_REFUSED;
        else
            ending = ending_without_answer(may_have_it);
        if (class == CLASS_SUSPECT && was_about_token(entry))
            ending = ENDING_NOT_REACHED;
    }
    return ending;
}

/* Did a request of theirs go without a clear answer? */
static bool log_holds_doubt(int person)
{
    const struct server *server = &sim->server;
    for (size_t i = 0; i < server->log_count; i++)
        if (server->log[i].person == person && server->log[i].class == CLASS_NONE)
            return true;
    return false;
}

/* ---------------------------------------------------------------- a run that ended by itself */

void belief_accept(struct belief *belief, uint64_t mark)
{
    *belief = (struct belief){.is_certain = true,
                              .delivered = mark,
                              .was_accepted = true,
                              .was_forgotten = belief->was_forgotten,
                              .is_gone = belief->is_gone,
                              .may_be_gone = belief->may_be_gone};
}

/* Sent without a clear answer: goes again, also when it was refused before that. */
static void unrefuse(struct belief *belief, uint64_t mark)
{
    belief->refused = belief->refused == mark ? 0 : belief->refused;
    belief->perhaps_refused = belief->perhaps_refused == mark ? 0 : belief->perhaps_refused;
}

static void settle(int person, enum ending ending, uint64_t mark)
{
    struct belief *belief = &sim->beliefs[person];
    switch (ending) {
    case ENDING_ACCEPTED:
        belief_accept(belief, mark);
        return;
    case ENDING_REFUSED:
        belief->refused = mark;
        belief->perhaps_refused = 0;
        if (log_holds_doubt(person)) {
            belief->is_unsettled = belief->must_send = true;
            belief->intent = mark;
        }
        return;
    case ENDING_UNKNOWN:
        belief->is_unsettled = belief->must_send = true;
        belief->intent = mark;
        unrefuse(belief, mark);
        return;
    case ENDING_NOT_REACHED:
    case ENDING_NONE:
        return;
    }
}

void beliefs_after(const struct night_plan *plan)
{
    for (int i = 0; i < sim->world.count; i++) {
        struct belief *belief = &sim->beliefs[i];
        int attempts;
        enum ending ending = log_ending(i, &attempts);
        uint64_t mark = sim->world.people[i].payload.mark;
        if (plan->is_adopt && world_mark(i))
            *belief = (struct belief){.is_certain = true,
                                      .delivered = mark,
                                      .is_adopted = true,
                                      .was_forgotten = belief->was_forgotten};
        else if (attempts)
            settle(i, ending, mark);
    }
}

/* ---------------------------------------------------------------- a run that was cut off */

static const struct entry *last_entry(int person)
{
    const struct server *server = &sim->server;
    for (size_t i = server->log_count; i-- > 0;)
        if (server->log[i].person == person)
            return &server->log[i];
    return NULL;
}

/* The refusal was handed over, and may have been recorded before the run was cut off. */
static void refuse_perhaps(struct belief *belief, uint64_t mark)
{
    belief->may_be_refused |= belief->perhaps_refused && belief->perhaps_refused != mark;
    belief->perhaps_refused = mark;
}

void beliefs_after_crash(const struct night_plan *plan)
{
    for (int i = 0; i < sim->world.count; i++) {
        struct belief *belief = &sim->beliefs[i];
        const struct entry *entry = last_entry(i);
        int attempts;
        enum ending ending = log_ending(i, &attempts);
        enum expectation expected = world_mark(i) ? belief_expect(i, plan) : EXPECT_UNCHANGED;
        bool is_recorded = entry && entry->answered && sim->steady_ms - entry->end_ms > FLUSH_MS &&
                           !sim->had_io_error;
        if (entry && ending == ENDING_ACCEPTED && is_recorded) {
            settle(i, ending, entry->mark);
        } else if (entry) {
            belief->is_certain = false;
            belief->intent = entry->mark;
            if (ending == ENDING_UNKNOWN) {
                belief->must_send = true;
                unrefuse(belief, entry->mark);
            } else if (ending != ENDING_NOT_REACHED) {
                belief->must_send = belief->is_unsettled = false;
            }
            if (ending == ENDING_REFUSED)
                refuse_perhaps(belief, entry->mark);
        } else if (expected != EXPECT_UNCHANGED && expected != EXPECT_HELD) {
            belief->is_certain = false;
            belief->must_send |= belief->is_unsettled;
        }
    }
}
