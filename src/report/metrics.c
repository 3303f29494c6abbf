#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/report.h"

/* The text format of Prometheus 0.0.4; all are gauges: a run's figures stand until the next run. */

struct metrics {
    const struct report *report;
    struct text *out;
    struct text labels; /* feed and target: one textfile each may lie in one folder */
};

/* Backslash, quote and line feed are escaped; what else controls is replaced. */
static void label_add(struct text *out, const char *name, const char *value)
{
    struct text clean = {0};
    utf8_add_clean(&clean, value, strlen(value), 1024);
    text_addf(out, "%s=\"", name);
    for (size_t i = 0; i < clean.length; i++) {
        if (clean.bytes[i] == '"' || clean.bytes[i] == '\\')
            text_add_byte(out, '\\');
        text_add_byte(out, clean.bytes[i]);
    }
    text_add_byte(out, '"');
    text_clear(&clean);
}

static void family(struct metrics *metrics, const char *name, const char *help)
{
    text_addf(metrics->out, "# HELP opspush_%s %s\n# TYPE opspush_%s gauge\n", name, help, name);
}

static void sample(struct metrics *metrics, const char *name, const char *label, const char *value,
                   double number)
{
    text_addf(metrics->out, "opspush_%s{%s", name, text_string(&metrics->labels));
    if (label) {
        text_add_byte(metrics->out, ',');
        label_add(metrics->out, label, value);
    }
    /* whole thousandths: no locale's decimal sign in it */
    int64_t thousandths = (int64_t)(number * 1000 + (number < 0 ? -0.5 : 0.5));
    text_addf(metrics->out, "} %" PRId64, thousandths / 1000);
    if (thousandths % 1000 != 0)
        text_addf(metrics->out, ".%03d", abs((int)(thousandths % 1000)));
    text_add_byte(metrics->out, '\n');
}

static void single(struct metrics *metrics, const char *name, const char *help, double number)
{
    family(metrics, name, help);
    sample(metrics, name, NULL, NULL, number);
}

static void add_run(struct metrics *metrics, int64_t last_success_ms)
{
    const struct report *report = metrics->report;
    single(metrics, "last_run_timestamp_seconds", "When the last run ended, since 1970.",
           (double)report->ended_ms / 1000);
    if (last_success_ms >= 0)
        single(metrics, "last_success_timestamp_seconds",
               "When the last successful run ended, since 1970; 0: never.",
               (double)last_success_ms / 1000);
    single(metrics, "last_run_exit_code", "Exit code of the last run.", report->exit);
    single(metrics, "last_run_duration_seconds", "How long the last run took.",
           (double)(report->ended_ms - report->started_ms) / 1000);
    if (report->input.modified_ms)
        single(metrics, "input_age_seconds", "Age of the export when the run began.",
               (double)(report->started_ms - report->input.modified_ms) / 1000);
    if (last_success_ms >= 0)
        single(metrics, "known_people", "People delivered before the run and not gone.",
               (double)report->counts.known);
    single(metrics, "gone_people", "Known people newly missing from the export.",
           (double)report->counts.gone);
}

static void add_people(struct metrics *metrics)
{
    const struct counts *counts = &metrics->report->counts;
    family(metrics, "people", "Data rows of the export, by action.");
    for (int i = 0; i < ACTION_COUNT; i++)
        sample(metrics, "people", "action", action_name((enum action)i), (double)counts->action[i]);
    family(metrics, "outcomes", "New and changed people, by outcome of the push.");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sample(metrics, "outcomes", "outcome", outcome_name((enum outcome)i),
               (double)counts->outcome[i]);
}

static void add_requests(struct metrics *metrics)
{
    const struct push_figures *push = metrics->report->push;
    family(metrics, "requests", "Requests of the run, by HTTP status; none: no answer.");
    sample(metrics, "requests", "status", "200", push ? (double)push->by_status[200] : 0);
    for (int status = 0; push && status < STATUS_SLOTS; status++) {
        char name[16] = "none";
        if (status > 0)
            snprintf(name, sizeof name, "%d", status);
        if (push->by_status[status] && status != 200)
            sample(metrics, "requests", "status", name, (double)push->by_status[status]);
    }
    single(metrics, "retries", "Requests of the run that repeated an earlier one.",
           push ? (double)push->retries : 0);
}

void metrics_write(const struct report *report, int64_t last_success_ms, struct text *out)
{
    struct metrics metrics = {report, out, {0}};
    label_add(&metrics.labels, "feed", report->mapping.name ? report->mapping.name : "");
    text_add_byte(&metrics.labels, ',');
    label_add(&metrics.labels, "target", report->target ? report->target : "");
    add_run(&metrics, last_success_ms);
    add_people(&metrics);
    add_requests(&metrics);
    family(&metrics, "build_info", "The program's version.");
    sample(&metrics, "build_info", "version", report->version, 1);
    text_clear(&metrics.labels);
}
