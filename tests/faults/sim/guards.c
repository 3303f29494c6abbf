/* The oracle's own reckoning of the guards, where it is certain of it (V15). */
#include "belief.h"
#include "sim.h"

/* For certain over, or for certain under, the built-in limits; 0: neither. */
static int guards_expected(const struct night_plan *plan)
{
    double known = 0, changed = 0, fresh = 0, gone = 0, rejected = 0, moved = 0, fewer;
    if (plan->ignore_guards || plan->only >= 0 || !sim->is_loaded || !beliefs_are_certain() ||
        !sim->gone_is_certain || plan->full)
        return 0;
    for (int i = 0; i < sim->world.count; i++) {
        const struct belief *belief = &sim->beliefs[i];
        const struct person *person = &sim->world.people[i];
        bool is_known = belief->delivered && !belief->is_gone;
        uint64_t mark = world_mark(i);
        known += is_known;
        gone += is_known && person->presence == ABSENT && !sim->world.has_unreadable_id;
        rejected += person->presence == INVALID ? 1 : person->presence == CONTRADICTED ? 2 : 0;
        bool differs = mark && belief->delivered != mark &&
                       (plan->retry_refused || belief->refused != mark) &&
                       !(belief->is_unsettled && belief->intent == mark);
        changed += differs && is_known;
        fresh += differs && !belief->delivered;
        moved += mark != sim->last_marks[i];
    }
    rejected += sim->world.has_unreadable_id;
    fewer = sim->last_rows ? 1 - (double)sim->world.rows / sim->last_rows : 0;
    if (sim->world.rows >= 25 && rejected > 0.06 * sim->world.rows)
        return 1;
    if (fewer > 0.12)
        return 1;
    if (known < 25)
        return 0;
    if (changed > 0.27 * known || fresh > 0.12 * known || gone > 0.12 * known)
        return 1;
    return changed < 0.08 * known && fresh < 0.06 * known && gone < 0.06 * known &&
                   moved < 0.06 * known && rejected < 0.03 * sim->world.rows && fewer < 0.06
               ? -1
               : 0;
}

void oracle_guards(const struct night_plan *plan, int exit)
{
    if (exit == 8 && sim->server.log_count)
        fail("V15", "a guard tripped after %zu requests had left", sim->server.log_count);
    if (sim->may_be_loaded == sim->is_loaded && !sim->is_loaded && !plan->first_load && exit != 8 &&
        exit != 6 && !plan->is_adopt)
        fail("V15", "a first load went on without --first-load, exit %d", exit);
    int expected = sim->guarded ? guards_expected(plan) : -1;
    if (expected > 0 && exit != 8)
        fail("V15", "a guard should have tripped, exit %d", exit);
    if (expected < 0 && exit == 8 && (plan->first_load || sim->is_loaded))
        fail("V15", "a guard tripped without reason");
}
