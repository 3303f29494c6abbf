#include "cli.h"

#include "report/report.h"
#include "state_commands.h"
#include "json/write.h"

/* history: the last runs as a table, as CSV or as JSON. */

static void history_text(const struct run_record *runs, size_t count, bool running,
                         struct text *out)
{
    char time[32];
    text_addf(out, "%-22s %-11s %9s %7s %7s %8s %8s %8s %6s\n", "run", "verdict", "rows", "new",
              "changed", "rejected", "accepted", "refused", "gone");
    for (size_t i = 0; i < count; i++) {
        const struct counts *counts = &runs[i].counts;
        cli_time(runs[i].started_ms, time);
        text_addf(out, "%-22s %-11s %9llu %7llu %7llu %8llu %8llu %8llu %6llu%s\n", runs[i].id,
                  cli_verdict(&runs[i], running && i == 0), (unsigned long long)counts->rows,
                  (unsigned long long)counts->action[ACTION_NEW],
                  (unsigned long long)counts->action[ACTION_CHANGED],
                  (unsigned long long)counts->action[ACTION_REJECTED],
                  (unsigned long long)counts->outcome[OUTCOME_ACCEPTED],
                  (unsigned long long)counts->outcome[OUTCOME_REFUSED],
                  (unsigned long long)counts->gone,
                  text_is(runs[i].command, "adopt") ? "  adopt" : "");
    }
}

static void history_counts(const struct run_record *run, struct json_writer *json)
{
    json_put_key(json, "counts");
    json_open_object(json);
    json_put_count(json, "rows", (int64_t)run->counts.rows);
    for (int action = 0; action < ACTION_COUNT; action++)
        json_put_count(json, action_name((enum action)action), (int64_t)run->counts.action[action]);
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        json_put_count(json, outcome_name((enum outcome)outcome),
                       (int64_t)run->counts.outcome[outcome]);
    json_put_count(json, "gone", (int64_t)run->counts.gone);
    json_put_count(json, "known", (int64_t)run->counts.known);
    json_close_object(json);
}

static void history_json(const struct run_record *runs, size_t count, struct text *out)
{
    struct json_writer json;
    char time[32];
    json_writer_init(&json, out, 2);
    json_open_array(&json);
    for (size_t i = 0; i < count; i++) {
        json_open_object(&json);
        json_put_member(&json, "run", runs[i].id);
        json_put_member(&json, "command", runs[i].command);
        json_put_member(&json, "feed", runs[i].feed);
        json_put_member(&json, "target", runs[i].target);
        cli_time(runs[i].started_ms, time);
        json_put_member(&json, "started", time);
        cli_time(runs[i].ended_ms, time);
        json_put_member(&json, "ended", runs[i].ended_ms ? time : NULL);
        json_put_key(&json, "exit");
        if (runs[i].exit >= 0)
            json_put_integer(&json, runs[i].exit);
        else
            json_put_null(&json);
        json_put_member(&json, "verdict",
                        runs[i].verdict && *runs[i].verdict ? runs[i].verdict : "incomplete");
        json_put_key(&json, "finished");
        json_put_bool(&json, runs[i].finished);
        history_counts(&runs[i], &json);
        json_close_object(&json);
    }
    json_close_array(&json);
    text_add(out, "\n");
}

static void history_csv(const struct run_record *runs, size_t count, struct text *out)
{
    char time[32];
    text_add(out, "run,command,started,ended,exit,verdict,rows,new,changed,unchanged,left_out,"
                  "rejected,repeated,"
                  "held,accepted,refused,unknown,not_reached,gone,known\r\n");
    for (size_t i = 0; i < count; i++) {
        const struct counts *counts = &runs[i].counts;
        cli_time(runs[i].started_ms, time);
        text_addf(out, "%s,%s,%s,", runs[i].id, runs[i].command, time);
        cli_time(runs[i].ended_ms, time);
        text_addf(out, "%s,%d,%s,%llu", runs[i].ended_ms ? time : "", runs[i].exit,
                  runs[i].verdict ? runs[i].verdict : "", (unsigned long long)counts->rows);
        for (int action = 0; action < ACTION_COUNT; action++)
            text_addf(out, ",%llu", (unsigned long long)counts->action[action]);
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            text_addf(out, ",%llu", (unsigned long long)counts->outcome[outcome]);
        text_addf(out, ",%llu,%llu\r\n", (unsigned long long)counts->gone,
                  (unsigned long long)counts->known);
    }
}

int command_history(struct call *call)
{
    struct feed feed;
    struct fault fault;
    struct run_record *runs = NULL;
    size_t count = 0;
    struct text out = {0};
    bool running = state_lock_is_held(call->settings.state, &out);
    int done = cli_open_feed(call, true, &feed, &fault);
    if (done == 0 && feed.state)
        done =
            state_runs(feed.state, feed.people, (size_t)call->settings.last, &runs, &count, &fault);
    running = running || state_lock_is_held(call->settings.state, &out);
    text_reset(&out);
    if (done == 0) {
        if (call->settings.json)
            history_json(runs, count, &out);
        else if (call->settings.csv)
            history_csv(runs, count, &out);
        else
            history_text(runs, count, running, &out);
        cli_print(&out);
        if (runs)
            run_records_free(runs, count);
    }
    text_clear(&out);
    feed_close(&feed);
    return done < 0 ? cli_fail(&fault) : 0;
}
