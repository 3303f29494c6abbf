#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "plan/saved.h"
#include "report/report.h"
#include "state_commands.h"
#include "json/write.h"

/* show PLAN, show RUN: every row behind a saved plan or a run, with filters by action or outcome, field and id. */

struct shown {
    const struct settings *settings;
    int action, outcome, field; /* filters; -1: any */
    bool started;
    struct json_writer json;
    struct text *out;
    uint64_t rows;
};

static int read_filters(struct shown *shown, struct fault *fault)
{
    const struct settings *settings = shown->settings;
    shown->action = shown->outcome = shown->field = -1;
    if (settings->action) {
        shown->action = action_find(settings->action);
        shown->outcome = outcome_find(settings->action);
        if (shown->action < 0 && shown->outcome < 0)
            return fault_set(fault, FAULT_USAGE,
                             "--action takes new, changed, left_out, rejected, repeated, held, "
                             "accepted, refused, "
                             "unknown or not_reached");
    }
    if (settings->field) {
        shown->field = field_find(settings->field);
        if (shown->field < 0)
            return fault_set(fault, FAULT_USAGE,
                             "--field: there is no field \"%s\"; `opspush help fields` lists them",
                             settings->field);
    }
    return 0;
}

static bool is_wanted(const struct shown *shown, const struct report_row *row)
{
    if (shown->action >= 0 && (int)row->action != shown->action)
        return false;
    if (shown->outcome >= 0 && row->outcome != shown->outcome)
        return false;
    if (shown->field >= 0 && !(row->fields & FIELD_BIT(shown->field)) && row->field != shown->field)
        return false;
    return !shown->settings->id || text_is(shown->settings->id, row->unique_id);
}

static void show_json(struct shown *shown, const struct report_row *row, const char *fields)
{
    struct json_writer *json = &shown->json;
    json_open_object(json);
    json_put_count(json, "line", row->line);
    json_put_member(json, "unique_id", row->unique_id);
    json_put_member(json, "action", action_name(row->action));
    json_put_member(json, "fields", fields);
    json_put_member(json, "outcome",
                    row->outcome >= 0 ? outcome_name((enum outcome)row->outcome) : NULL);
    json_put_count(json, "attempts", row->attempts);
    json_put_count(json, "http_status", row->http_status);
    json_put_count(json, "opscom_code", row->opscom_code);
    json_put_member(json, "reference_id", row->reference_id);
    json_put_member(json, "message", row->message);
    json_close_object(json);
}

static void show_line(struct shown *shown, const struct report_row *row, const char *fields)
{
    struct text id = {0};
    if (row->unique_id)
        utf8_add_clean(&id, row->unique_id, strlen(row->unique_id), 60);
    text_addf(shown->out, "%7u  %-16s %-9s %-11s %s%s%s\n", row->line, text_string(&id),
              action_name(row->action),
              row->outcome >= 0 ? outcome_name((enum outcome)row->outcome) : "", fields,
              *fields && row->message && *row->message ? "  " : "",
              row->message ? row->message : "");
    text_clear(&id);
}

static void show_row(struct shown *shown, const struct report_row *row)
{
    struct text fields = {0};
    if (!is_wanted(shown, row))
        return;
    if (!shown->started && !shown->settings->json)
        text_addf(shown->out, "%7s  %-16s %-9s %-11s %s\n", "line", "unique_id", "action",
                  "outcome", "fields, message");
    shown->started = true;
    shown->rows++;
    report_fields(row->fields, row->flags, &fields);
    (shown->settings->json ? show_json : show_line)(shown, row, text_string(&fields));
    text_clear(&fields);
}

/* ---------------------------------------------------------------- a saved plan */

/* The sealed id opens with the state's key or with the passing key that the plan brings. */
static bool plan_keys(struct call *call, const struct saved_plan *plan, struct keys *keys)
{
    const char *passing = strstr(plan->binding.options, " key=");
    struct text bytes = {0};
    struct feed feed;
    struct fault fault;
    bool found = false;
    digest_start();
    if (passing) {
        char *word = mem_bytes(passing + 5, strcspn(passing + 5, " "));
        found = saved_bytes_from(word, &bytes) == 0 && bytes.length == KEY_BYTES;
        if (found)
            keys_derive(keys, (const uint8_t *)bytes.bytes);
        free(word);
        text_clear(&bytes);
        return found;
    }
    if (feed_open(&call->settings, &call->world, STATE_READ, NULL, NULL, false, &feed, &fault) ==
            0 &&
        feed.state) {
        *keys = *state_keys(feed.state);
        found = true;
    }
    feed_close(&feed);
    return found;
}

static void open_id(const struct saved_row *row, const struct keys *keys, struct text *out)
{
    struct text bytes = {0};
    text_reset(out);
    if (!keys || !row->sealed_id || saved_bytes_from(row->sealed_id, &bytes) < 0 ||
        bytes.length <= DIGEST_BYTES ||
        seal_open(keys, bytes.bytes, DIGEST_BYTES, bytes.bytes + DIGEST_BYTES,
                  bytes.length - DIGEST_BYTES, out) < 0)
        text_reset(out);
    text_clear(&bytes);
}

static void show_plan_rows(const struct saved_plan *plan, const struct keys *keys,
                           struct shown *shown)
{
    struct text id = {0};
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct saved_row *row = &plan->rows[i];
        open_id(row, keys, &id);
        struct report_row told = {.line = row->line,
                                  .unique_id = text_string(&id),
                                  .action = row->action,
                                  .outcome = -1,
                                  .fields = row->fields,
                                  .flags = row->flags,
                                  .reference_id = "",
                                  .field = -1,
                                  .message = ""};
        if (row->reason < plan->reason_count) {
            told.message = plan->reasons[row->reason].message;
            told.field = plan->reasons[row->reason].field;
        }
        show_row(shown, &told);
    }
    text_clear(&id);
}

static void show_plan_head(const struct saved_plan *plan, struct text *out)
{
    text_addf(out, "plan of %s\nexport:  %s\nmapping: %s\ntarget:  %s\n", plan->created,
              plan->export_path, plan->mapping_path, plan->binding.target);
    for (int action = 0; action < ACTION_COUNT; action++)
        text_addf(out, "%s%llu %s",
                  action ? ", " : "rows:    ", (unsigned long long)plan->counts.action[action],
                  action_name((enum action)action));
    text_addf(out, "; %llu gone\n", (unsigned long long)plan->counts.gone);
    for (int guard = 0; guard < GUARD_COUNT; guard++)
        if (plan->approved & ((guard_set)1 << guard))
            text_addf(out, "guard:   %s had tripped; pushing this plan passes it\n",
                      guard_name((enum guard)guard));
}

static int show_plan(struct call *call, struct shown *shown, struct fault *fault)
{
    struct keys keys;
    struct saved_plan *plan = saved_plan_read(call->arguments[0], fault);
    if (!plan)
        return -1;
    bool open = plan_keys(call, plan, &keys);
    if (!call->settings.json)
        show_plan_head(plan, shown->out);
    show_plan_rows(plan, open ? &keys : NULL, shown);
    keys_wipe(&keys);
    saved_plan_free(plan);
    return 0;
}

/* ---------------------------------------------------------------- a run */

static int show_run_row(void *self, const struct run_row *row)
{
    struct report_row told = {.line = row->line,
                              .unique_id = row->unique_id,
                              .action = row->action,
                              .outcome = row->outcome,
                              .fields = row->fields,
                              .flags = row->flags,
                              .attempts = row->attempts,
                              .http_status = row->http_status,
                              .opscom_code = row->opscom_code,
                              .reference_id = row->reference_id,
                              .code = row->code,
                              .field = row->field,
                              .message = row->message};
    show_row(self, &told);
    return 0;
}

static const struct run_record *find_run(const struct run_record *runs, size_t count,
                                         const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(runs[i].id, id) == 0)
            return &runs[i];
    return NULL;
}

static void show_run_head(const struct run_record *run, bool running, struct text *out)
{
    char started[32], ended[32];
    cli_time(run->started_ms, started);
    cli_time(run->ended_ms, ended);
    text_addf(out, "run %s (%s): %s\nfeed:    %s\ntarget:  %s\nstarted: %s\nended:   %s\n", run->id,
              run->command, cli_verdict(run, running), run->feed, run->target, started,
              run->ended_ms             ? ended
              : run->is_open && running ? "it has not ended"
                                        : "it did not end");
    for (int action = 0; action < ACTION_COUNT; action++)
        text_addf(out, "%s%llu %s",
                  action ? ", " : "rows:    ", (unsigned long long)run->counts.action[action],
                  action_name((enum action)action));
    text_add(out, "\n");
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        text_addf(out, "%s%llu %s",
                  outcome ? ", " : "sent:    ", (unsigned long long)run->counts.outcome[outcome],
                  outcome_name((enum outcome)outcome));
    text_add(out, "\n");
}

static int show_found(struct feed *feed, const struct run_record *run, bool running,
                      struct shown *shown, struct fault *fault)
{
    if (!shown->settings->json)
        show_run_head(run, running, shown->out);
    return state_each_row(feed->state, run->id, show_run_row, shown, fault);
}

static int show_named(struct call *call, const struct run_name *wanted, struct shown *shown,
                      struct fault *fault)
{
    enum { LOOK_BACK = 100000 };
    struct feed feed;
    struct run_record *runs = NULL;
    size_t count = 0;
    struct text holder = {0};
    bool running = state_lock_is_held(call->settings.state, &holder);
    int done =
        feed_open(&call->settings, &call->world, STATE_READ, NULL, NULL, false, &feed, fault);
    if (done == 0 && feed.state)
        done = state_runs(feed.state, 0, wanted->id ? LOOK_BACK : 1, &runs, &count, fault);
    running = running || state_lock_is_held(call->settings.state, &holder);
    const struct run_record *run = !count       ? NULL
                                   : wanted->id ? find_run(runs, count, wanted->id)
                                                : runs;
    if (done == 0 && run)
        done = show_found(&feed, run, running && run == runs, shown, fault);
    else if (done == 0 && !feed.state && !(wanted->folder && file_exists(wanted->folder)))
        done = fault_set(fault, FAULT_STATE,
                         "there is no file %s, and no state at %s that could know such a run",
                         call->arguments[0], call->settings.state);
    else if (done == 0)
        done = run_name_unknown(call, wanted, fault);
    if (runs)
        run_records_free(runs, count);
    text_clear(&holder);
    feed_close(&feed);
    return done;
}

static int show_run(struct call *call, struct shown *shown, struct fault *fault)
{
    struct run_name wanted;
    int done = run_name_read(call, &wanted, fault);
    if (done == 0)
        done = show_named(call, &wanted, shown, fault);
    run_name_clear(&wanted);
    return done;
}

static bool is_plan_file(const char *path)
{
    struct text bytes = {0};
    struct fault fault;
    bool is_file = file_read(path, (size_t)1 << 31, &bytes, FAULT_INPUT, &fault) == 0;
    text_clear(&bytes);
    return is_file;
}

int command_show(struct call *call)
{
    struct fault fault;
    struct text out = {0};
    struct shown shown = {.settings = &call->settings, .out = &out};
    if (read_filters(&shown, &fault) < 0)
        return cli_fail(&fault);
    if (call->settings.json) {
        json_writer_init(&shown.json, &out, 2);
        json_open_array(&shown.json);
    }
    int done = is_plan_file(call->arguments[0]) ? show_plan(call, &shown, &fault)
                                                : show_run(call, &shown, &fault);
    if (call->settings.json) {
        json_close_array(&shown.json);
        text_add(&out, "\n");
    }
    if (done == 0)
        cli_print(&out);
    text_clear(&out);
    return done < 0 ? cli_fail(&fault) : 0;
}
