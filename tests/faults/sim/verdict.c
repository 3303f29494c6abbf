/* The oracle when a run has ended: its reports against the server's log (V2, V6, V10, V15), and what it leaves behind when it was cut off (V11). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "belief.h"
#include "sim.h"

enum { ROWS_MOST = 2 * PEOPLE_MAX + 2, SOME = 16 };

struct told { /* results.csv of the run */
    struct result_row rows[ROWS_MOST];
    size_t count;
};

static const struct result_row *told_find(const struct told *told, uint32_t line)
{
    for (size_t i = 0; i < told->count; i++)
        if (told->rows[i].line == line)
            return &told->rows[i];
    return NULL;
}

static const char *told_action(const struct told *told, uint32_t line)
{
    const struct result_row *row = told_find(told, line);
    return row ? row->action : "unchanged";
}

static bool told_is(const struct told *told, uint32_t line, const char *action)
{
    return strcmp(told_action(told, line), action) == 0;
}

/* ---------------------------------------------------------------- actions */

/* Believed to be delivered: then the server holds it, and nothing newer was sent. */
static void check_unchanged(int person)
{
    const struct subject *subject = &sim->server.subjects[person];
    struct belief *belief = &sim->beliefs[person];
    uint64_t mark = sim->world.people[person].payload.mark;
    if (subject->overtaken || belief->after_restore)
        return;
    if (!subject->exists || subject->mark != mark)
        fail("V2", "person %d counts as delivered, but the server holds something else", person);
    if (!belief->is_certain) {
        belief->is_certain = belief->may_be_refused = true;
        belief->delivered = mark;
        belief->is_unsettled = belief->must_send = false;
        belief->intent = belief->refused = 0;
    }
}

static void check_valid(const struct told *told, int person, const struct night_plan *plan)
{
    static const char *const names[] = {"", "unchanged", "held", "new", "changed", "sent"};
    uint32_t line = sim->world.people[person].line;
    const char *action = told_action(told, line);
    enum expectation expected = belief_expect(person, plan);
    bool is_sent = strcmp(action, "new") == 0 || strcmp(action, "changed") == 0;
    bool good = expected == EXPECT_ANY || (expected == EXPECT_SENT && is_sent) ||
                strcmp(action, names[expected]) == 0;
    if (!good && strcmp(action, "unchanged") == 0)
        fail("V2",
             "person %d (line %u) is not sent, although what the server holds is in doubt: "
             "expected %s",
             person, line, names[expected]);
    else if (!good)
        fail("V6", "person %d (line %u) is %s, expected %s", person, line, action, names[expected]);
    if (strcmp(action, "unchanged") == 0)
        check_unchanged(person);
    if (strcmp(action, "new") == 0 && !sim->beliefs[person].is_certain)
        sim->beliefs[person].delivered = 0;
}

static void check_action(const struct told *told, int person, const struct night_plan *plan)
{
    const struct person *who = &sim->world.people[person];
    const char *both = NULL;
    if (who->presence == ABSENT)
        return;
    if (plan->only >= 0 && person != plan->only)
        both = "left_out";
    else if (who->presence == INVALID || who->presence == CONTRADICTED)
        both = "rejected";
    else if (who->presence == LEFT_OUT)
        both = "left_out";
    if (both) {
        if (!told_is(told, who->line, both) ||
            (who->second_line && !told_is(told, who->second_line, both)))
            fail("V10", "person %d (line %u) is %s, expected %s", person, who->line,
                 told_action(told, who->line), both);
        return;
    }
    check_valid(told, person, plan);
    if (who->second_line && !told_is(told, who->second_line, "repeated"))
        fail("V10", "the second row of person %d (line %u) is %s", person, who->second_line,
             told_action(told, who->second_line));
}

/* ---------------------------------------------------------------- outcomes */

static void check_outcome(const struct told *told, int person, const struct night_plan *plan)
{
    static const char *const names[] = {"", "accepted", "refused", "unknown", "not_reached"};
    const struct result_row *row = told_find(told, sim->world.people[person].line);
    int attempts;
    enum ending ending = log_ending(person, &attempts);
    bool to_send = row && (strcmp(row->action, "new") == 0 || strcmp(row->action, "changed") == 0);
    (void)plan;
    if (!to_send) {
        if (attempts)
            fail("V10", "person %d was sent and is not in the report as new or changed", person);
        return;
    }
    if (ending == ENDING_NONE)
        ending = ENDING_NOT_REACHED;
    bool turned =
        sim->watch.is_over && ending != ENDING_ACCEPTED &&
        (strcmp(row->outcome, "refused") == 0 || strcmp(row->outcome, "not_reached") == 0);
    if (strcmp(row->outcome, names[ending]) != 0 && !turned)
        fail("V10", "the report says %s of person %d, the server's log says %s", row->outcome,
             person, names[ending]);
    if (row->attempts != attempts)
        fail("V10", "the report says %d attempts for person %d, the server saw %d", row->attempts,
             person, attempts);
}

/* ---------------------------------------------------------------- counts and the exit code */

static double number(const char *json, const char *path)
{
    double value = 0;
    if (!json || !json_find_number(json, path, &value))
        fail("V10", "run.json has no number %s", path);
    return value;
}

static size_t told_count(const struct told *told, const char *action, const char *outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < told->count; i++)
        count += (!action || strcmp(told->rows[i].action, action) == 0) &&
                 (!outcome || strcmp(told->rows[i].outcome, outcome) == 0);
    return count;
}

static void check_counts(const struct told *told, const char *document)
{
    static const char *const actions[] = {"new",      "changed",  "left_out",
                                          "rejected", "repeated", "held"};
    static const char *const outcomes[] = {"accepted", "refused", "unknown", "not_reached"};
    const char *counts = json_find(document, "counts");
    double rows = number(counts, "rows"), sum = number(counts, "unchanged");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        double count = number(counts, actions[i]);
        sum += count;
        if ((double)told_count(told, actions[i], NULL) != count)
            fail("V10", "%s is %g in run.json and %zu in results.csv", actions[i], count,
                 told_count(told, actions[i], NULL));
    }
    if (rows != sum || rows != (double)sim->world.rows)
        fail("V10", "%g rows in run.json, %g by their actions, %u in the export", rows, sum,
             sim->world.rows);
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        double count = number(counts, outcomes[i]);
        if ((double)told_count(told, NULL, outcomes[i]) != count)
            fail("V10", "%s is %g in run.json and %zu in results.csv", outcomes[i], count,
                 told_count(told, NULL, outcomes[i]));
    }
    if (number(document, "http.requests") != (double)sim->server.log_count)
        fail("V10", "run.json says %g requests, the server saw %zu",
             number(document, "http.requests"), sim->server.log_count);
}

/* Who is known and newly gone, where that is certain. */
static void check_gone(const char *document)
{
    uint32_t known = 0, gone = 0;
    if (!beliefs_are_certain() || !sim->gone_is_certain)
        return;
    for (int i = 0; i < sim->world.count; i++) {
        const struct belief *belief = &sim->beliefs[i];
        bool counts = belief->delivered && !belief->is_gone;
        known += counts;
        say("    person %d: delivered %04x%s%s", i, (unsigned)(belief->delivered >> 8 & 0xffff),
            belief->is_gone ? " gone" : "",
            sim->world.people[i].presence == ABSENT ? " absent" : "");
        gone += counts && sim->world.people[i].presence == ABSENT;
    }
    if (sim->world.has_unreadable_id)
        gone = 0;
    if (number(document, "counts.known") != known ||
        (sim->plan->only < 0 && number(document, "counts.gone") != gone))
        fail("V10", "run.json says %g known and %g gone, there are %u and %u",
             number(document, "counts.known"), number(document, "counts.gone"), known, gone);
}

static bool log_holds(enum class class)
{
    for (size_t i = 0; i < sim->server.log_count; i++)
        if (sim->server.log[i].class == class && sim->server.log[i].answered)
            return true;
    return false;
}

static size_t left_over(const struct told *told, const struct night_plan *plan)
{
    size_t left = told_count(told, NULL, "unknown"),
           not_reached = told_count(told, NULL, "not_reached");
    size_t to_send = told_count(told, "new", NULL) + told_count(told, "changed", NULL);
    size_t beyond =
        plan->limit >= 0 && to_send > (size_t)plan->limit ? to_send - (size_t)plan->limit : 0;
    return left + (not_reached > beyond ? not_reached - beyond : 0);
}

static void check_exit(const struct told *told, const struct night_plan *plan, int exit)
{
    size_t missed = told_count(told, "rejected", NULL) + told_count(told, "held", NULL) +
                    told_count(told, NULL, "refused");
    int expected = left_over(told, plan) ? 7 : missed ? 3 : 0;
    bool config = log_holds(CLASS_STOP_CONFIG);
    bool auth = log_holds(CLASS_STOP_AUTH) || (sim->watch.is_over && !config);
    if (auth || config)
        expected = exit == 4 ? (config ? 4 : 5) : (auth ? 5 : 4);
    else if (sim->signal_given && (exit == 143 || exit == expected))
        return;
    if (exit != expected)
        fail("V10", "exit %d, expected %d", exit, expected);
}

/* ---------------------------------------------------------------- load and liveness of the whole run */

static void check_retries(void)
{
    const struct server *server = &sim->server;
    size_t retries = 0, first = 0;
    for (size_t i = 0; i < server->log_count; i++) {
        const struct entry *before = NULL;
        for (size_t j = 0; j < i; j++)
            if (server->log[j].person == server->log[i].person)
                before = &server->log[j];
        first += !before;
        retries += before && before->class != CLASS_DEFERRED;
    }
    size_t allowed = first / 10 > 10 ? first / 10 : 10;
    if (!sim->watch.was_outage && retries > allowed)
        fail("V8", "%zu retries for %zu people", retries, first);
    for (int i = 0; i < sim->world.count && !sim->watch.was_outage; i++) {
        int attempts;
        log_ending(i, &attempts);
        if (attempts > 6)
            fail("V8", "%d attempts for person %d", attempts, i);
    }
}

/* Nobody who was never tried is left when there was time, and nothing stood in the way. */
static void check_early_end(const struct told *told, const struct night_plan *plan)
{
    const struct watch *watch = &sim->watch;
    int64_t left_ms = plan->duration_ms - (sim->steady_ms - sim->night_ms);
    int64_t needed_ms = 2 * MINUTE + (watch->streak >= 10 ? watch->probe_ms - sim->steady_ms : 0);
    if (watch->pause_until_ms > sim->steady_ms)
        needed_ms += watch->pause_until_ms - sim->steady_ms;
    if (watch->excuse_until_ms > sim->steady_ms)
        needed_ms += watch->excuse_until_ms - sim->steady_ms;
    if (watch->is_over || sim->signal_given || plan->limit >= 0 || sim->clock_was_stepped ||
        left_ms < needed_ms)
        return;
    for (size_t i = 0; i < told->count; i++)
        if (strcmp(told->rows[i].outcome, "not_reached") == 0 && told->rows[i].attempts == 0)
            fail("V13", "line %u was not tried, with %" PRId64 " s left", told->rows[i].line,
                 left_ms / SECOND);
}

/* ---------------------------------------------------------------- the end of a run */

static void note_gone(struct belief *belief)
{
    belief->is_gone = belief->delivered != 0;
    belief->may_be_gone = !belief->is_certain;
    if (!sim->clock_was_stepped)
        return;
    belief->is_certain =
        false; /* by a clock that was years ahead they are gone long enough to be forgotten */
    belief->after_restore = belief->was_forgotten = true;
}

/* Nor is a refusal of somebody who was never delivered kept for longer. */
static void note_forgotten(void)
{
    for (int i = 0; i < sim->world.count && sim->clock_leapt; i++) {
        struct belief *belief = &sim->beliefs[i];
        if (belief->refused && !belief->delivered && !belief->is_unsettled)
            belief->is_certain = false;
    }
}

static void note_finished(const struct night_plan *plan, int exit)
{
    bool finished =
        (exit == 0 || exit == 3) && plan->only < 0 && plan->limit < 0 && !plan->is_adopt;
    if (plan->is_adopt && (exit == 0 || exit == 3))
        sim->is_loaded = sim->may_be_loaded = true;
    if (!finished)
        return;
    sim->is_loaded = sim->may_be_loaded = true;
    sim->last_rows = sim->world.rows;
    sim->gone_is_certain |= !sim->world.has_unreadable_id;
    for (int i = 0; i < sim->world.count; i++) {
        sim->last_marks[i] = world_mark(i);
        if (sim->world.people[i].presence != ABSENT)
            sim->beliefs[i].is_gone = sim->beliefs[i].may_be_gone = false;
        else if (!sim->world.has_unreadable_id)
            note_gone(&sim->beliefs[i]);
    }
}

static void note_asked(int64_t until_wall_ms)
{
    if (until_wall_ms > sim->asked_wall_ms)
        sim->asked_wall_ms = until_wall_ms;
}

/* What is over is forgotten: a clock that is set back later must not bring it back. */
static void note_pause(void)
{
    int64_t left_ms = sim->watch.pause_until_ms - sim->steady_ms;
    if (!sim->server.log_count)
        return;
    sim->not_before_wall_ms = left_ms > 0 ? sim->wall_ms + left_ms : 0;
    sim->excuse_wall_ms = 0;
    note_asked(sim->not_before_wall_ms);
}

static void check_run(const struct night_plan *plan, const struct night_result *result)
{
    static struct told told;
    char path[128], name[20] = "";
    json_find_string(result->document, "verdict", name, sizeof name);
    snprintf(path, sizeof path, "runs/%s/results.csv", result->run);
    told.count = results_read(path, told.rows, ROWS_MOST);
    if (told.count > ROWS_MOST) {
        fail("V11", "%s is missing, or not as it should be", path);
        return;
    }
    for (int i = 0; i < sim->world.count && !sim->failed; i++) {
        check_action(&told, i, plan);
        check_outcome(&told, i, plan);
    }
    check_counts(&told, result->document);
    if (number(result->document, "exit") != result->exit)
        fail("V10", "exit %d, and run.json says %g", result->exit,
             number(result->document, "exit"));
    check_gone(result->document);
    check_retries();
    if (result->exit == 8)
        return;
    check_exit(&told, plan, result->exit);
    check_early_end(&told, plan);
}

/* What a run that was cut off leaves: old reports, or whole new ones. */
static void check_leftovers(void)
{
    static const char *const names[] = {"runs/latest/run.json", "runs/latest/summary.txt",
                                        "runs/latest/report.html"};
    static const char *const ends[] = {"}\n", "\n", ">\n"};
    static struct told told;
    size_t length;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *bytes = slurp(names[i], &length);
        size_t tail = strlen(ends[i]);
        if (bytes && (length < tail || strcmp(bytes + length - tail, ends[i]) != 0))
            fail("V11", "%s is cut off at %zu bytes", names[i], length);
        free(bytes);
    }
    char *bytes = slurp("runs/latest/results.csv", &length);
    if (bytes && results_read("runs/latest/results.csv", told.rows, ROWS_MOST) > ROWS_MOST)
        fail("V11", "runs/latest/results.csv is cut off at %zu bytes", length);
    free(bytes);
}

/* What a report says was accepted is durable, whatever failed later. */
static void trust_report(const char *run)
{
    static struct told told;
    char path[128];
    snprintf(path, sizeof path, "runs/%s/results.csv", run);
    told.count = run[0] ? results_read(path, told.rows, ROWS_MOST) : SIZE_MAX;
    for (int i = 0; i < sim->world.count && told.count <= ROWS_MOST; i++) {
        const struct person *person = &sim->world.people[i];
        const struct result_row *row =
            person->presence == ABSENT ? NULL : told_find(&told, person->line);
        if (!row || strcmp(row->outcome, "accepted") != 0)
            continue;
        int attempts;
        if (log_ending(i, &attempts) != ENDING_ACCEPTED)
            fail("V10", "the report says accepted of person %d, the server's log does not", i);
        belief_accept(&sim->beliefs[i], person->payload.mark);
    }
}

static void crash_end(const struct night_plan *plan, const struct night_result *result)
{
    bool is_crash = result->crashed;
    int64_t left_ms = sim->watch.pause_until_ms - sim->steady_ms;
    if (left_ms > 0 && sim->wall_ms + left_ms > sim->excuse_wall_ms)
        sim->excuse_wall_ms = sim->wall_ms + left_ms;
    note_asked(sim->excuse_wall_ms);
    beliefs_after_crash(plan);
    if (!is_crash)
        trust_report(result->run);
    sim->may_be_loaded = true;
    sim->gone_is_certain = false;
    if (mix(sim->seed, (uint64_t)sim->run) % 4 || !is_crash)
        return;
    check_leftovers();
    disk_expose("whole.db", false);
    oracle_integrity();
}

void oracle_end(const struct night_plan *plan, const struct night_result *result)
{
    int exit = result->exit;
    if (sim->failed)
        return;
    if (result->crashed || sim->had_io_error) {
        crash_end(plan, result);
        note_forgotten();
        return;
    }
    if (plan->restore && exit == 12) {
        if (sim->server.log_count)
            fail("V2", "%zu requests left from a state that is older than the last run",
                 sim->server.log_count);
        return;
    }
    bool empty = sim->world.rows == 0 && exit == 6;
    if (exit == 12 || exit == 1 || exit == 9 || exit == 11 || exit == 2 || (exit == 6 && !empty))
        fail("V10", "exit %d without a reason: %s", exit, result->fault);
    oracle_guards(plan, exit);
    if (!empty && !plan->is_adopt && !plan->is_plan && !sim->failed)
        check_run(plan, result);
    if (exit != 8 && !empty)
        beliefs_after(plan);
    note_finished(plan, exit);
    note_forgotten();
    note_pause();
    if (mix(sim->seed + 5, (uint64_t)sim->run) % SOME == 0)
        oracle_secrets(result);
}
