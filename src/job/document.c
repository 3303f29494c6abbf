#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* The report as a whole: what a run or a plan is told as, and the files that come from it. */

/* ---------------------------------------------------------------- the report as a whole */

static void count_outcomes(struct job *job)
{
    size_t count = job->plan && job->read_whole ? plan_row_count(job->plan) : 0;
    for (size_t i = 0; i < count; i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        if (row.action != ACTION_NEW && row.action != ACTION_CHANGED)
            continue;
        int outcome =
            job->sent && job->sent[i].outcome >= 0 ? job->sent[i].outcome : OUTCOME_NOT_REACHED;
        job->report.counts.outcome[outcome]++;
    }
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void band(double *values, size_t count, double *low, double *high)
{
    qsort(values, count, sizeof *values, compare_numbers);
    *low = values[(count - 1) / 10];
    *high = values[count - 1 - (count - 1) / 10];
}

/* What is usual for this feed: 10th to 90th percentile of the last finished runs. */
static void fill_usual(struct job *job)
{
    double values[ACTION_COUNT + 1][BAND_RUNS];
    size_t used = job->night_count < BAND_RUNS ? job->night_count : BAND_RUNS;
    for (size_t i = 0; i < used; i++) {
        const struct counts *counts = &job->nights[i].counts;
        for (int action = 0; action < ACTION_COUNT; action++)
            values[action][i] = (double)counts->action[action];
        values[ACTION_COUNT][i] = (double)counts->gone;
    }
    job->report.usual.runs = used;
    for (int action = 0; used && action < ACTION_COUNT; action++)
        band(values[action], used, &job->report.usual.low[action], &job->report.usual.high[action]);
    if (used)
        band(values[ACTION_COUNT], used, &job->report.usual.gone_low, &job->report.usual.gone_high);
    for (int field = 0; field < FIELD_COUNT && job->baseline.runs; field++) {
        for (size_t i = 0; i < job->baseline.runs; i++)
            values[0][i] = (double)job->baseline.run[i].changed[field];
        band(values[0], job->baseline.runs, &job->report.usual.field_low[field],
             &job->report.usual.field_high[field]);
    }
}

static void fill_notes(struct job *job)
{
    bool only = job->settings->only.count;
    const struct report *read = census_notes(only ? &job->reading.named : &job->reading.census);
    for (size_t i = 0; i < read->note_count; i++) {
        const struct report_note *note = &read->notes[i];
        report_add_note(&job->report, note->code, note->policy, note->field, note->message,
                        note->count);
    }
}

void job_fill_report(struct job *job)
{
    struct report *report = &job->report;
    report->version = OPSPUSH_VERSION;
    report->command = job->command;
    report->run = strcmp(job->command, "plan") == 0 ? "" : job->run;
    report->started_ms = job->started_wall_ms;
    report->ended_ms = job->world->clock.wall_ms(job->world->clock.self);
    report->target = job->url ? job->url : "";
    report->is_push = job->is_push;
    report->input.path = job->export_path ? job->export_path : "";
    report->input.digest = "";
    report->mapping.path = report->mapping.name = report->mapping.digest = "";
    if (job->mapping) {
        report->mapping.path = mapping_path(job->mapping);
        report->mapping.name = mapping_name(job->mapping);
        report->mapping.digest = mapping_digest(job->mapping);
        report->mapping.private_fields = mapping_private(job->mapping);
    }
    if (job->export) {
        const struct export_facts *facts = export_facts(job->export);
        report->input.path = facts->path;
        report->input.bytes = facts->bytes;
        report->input.digest = facts->digest;
        report->input.modified_ms = facts->modified_ms;
        report->input.noise = facts->noise;
        report->input.rows = job->reading.census.rows;
    }
    if (job->read_whole) {
        report->counts = *plan_counts(job->plan);
        report->figures = *plan_figures(job->plan);
    } else if (job->feed.people) {
        report->counts.known = state_known(job->feed.state, job->feed.people);
    }
    report->rate = job->settings->rate;
    report->has_guards = job->judged;
    report->guards = job->guards;
    report->push = job->pumped ? &job->figures : NULL;
    if (job->is_push)
        count_outcomes(job);
    fill_notes(job);
    fill_usual(job);
}

/* ---------------------------------------------------------------- writing */

static void finish_report(struct job *job)
{
    struct report *report = &job->report;
    report->exit = job->exit;
    report->verdict = job_exit_name(job->exit);
    report->headline = job->exit ? job->worst.text : NULL;
    report->warnings = (const char *const *)job->warnings.items;
    report->warning_count = job->warnings.count;
    report->next_steps = (const char *const *)job->next_steps.items;
    report->next_step_count = job->next_steps.count;
    report->folder = job->folder;
}

static int write_text(const char *folder, const char *name, const struct text *text,
                      struct fault *fault)
{
    char *path = file_join(folder, name);
    int done = file_write(path, text_string(text), text->length, FAULT_FAILED, fault);
    free(path);
    return done;
}

static struct report_night night_told(const struct counts *counts, int64_t started_ms,
                                      int64_t ended_ms)
{
    return (struct report_night){.ended_ms = ended_ms,
                                 .duration_ms = ended_ms - started_ms,
                                 .fresh = counts->action[ACTION_NEW],
                                 .changed = counts->action[ACTION_CHANGED],
                                 .rejected = counts->action[ACTION_REJECTED],
                                 .gone = counts->gone};
}

static void write_html(struct job *job, struct text *out)
{
    struct report_night *nights = mem_array(job->night_count + 1, sizeof *nights);
    size_t used = 0;
    if (job->night_ended)
        nights[used++] =
            night_told(&job->report.counts, job->report.started_ms, job->report.ended_ms);
    for (size_t i = 0; i < job->night_count; i++) {
        const struct run_night *night = &job->nights[i];
        nights[used++] = night_told(&night->counts, night->started_ms, night->ended_ms);
    }
    html_write(&job->report, nights, used, job->reading.census.types,
               job->reading.census.type_count, out);
    free(nights);
}

const struct text *job_document(struct job *job)
{
    if (job->document.length && !job->has_news)
        return &job->document;
    finish_report(job);
    text_reset(&job->document);
    run_document_write(&job->report, &job->document);
    job->has_news = false;
    return &job->document;
}

int job_write_documents(struct job *job, const char *folder, bool with_summary, struct fault *fault)
{
    struct text text = {0};
    int done = -1;
    if (write_text(folder, "run.json", job_document(job), fault) < 0)
        goto out;
    write_html(job, &text);
    if (write_text(folder, "report.html", &text, fault) < 0)
        goto out;
    text_reset(&text);
    summary_write(&job->report, false, 80, &text);
    done = with_summary ? write_text(folder, "summary.txt", &text, fault) : 0;
out:
    text_clear(&text);
    return done;
}

/* A run that ended before it opened the state: the feed as far as the settings name it. */
static int find_feed(struct job *job, struct feed *feed)
{
    const struct settings *settings = job->settings;
    struct fault fault;
    struct problems problems = {0};
    struct mapping *own =
        job->mapping || !settings->mapping ? NULL : mapping_load(settings->mapping, &problems);
    const struct mapping *mapping = job->mapping ? job->mapping : own;
    char *url =
        job->url || !settings->url || !*settings->url ? NULL : url_normalise(settings->url, &fault);
    int done = feed_open(settings, job->world, STATE_READ, mapping ? mapping_name(mapping) : NULL,
                         job->url ? job->url : url, false, feed, &fault);
    mapping_free(own);
    problems_clear(&problems);
    free(url);
    return done == 0 && feed->fitting > 1 ? -1 : done;
}

/* The figures and labels that the metrics tell; 'last' -1: what was before is not known. -1 where not even the feed is. */
static int fill_metrics(struct job *job, struct report *told, int64_t *last, struct feed *found)
{
    struct feed *feed = &job->feed;
    *told = job->report;
    *last = 0;
    if (!job->feed.state) {
        if (find_feed(job, found) < 0) {
            *last = -1;
            return *told->mapping.name ? 0 : -1;
        }
        feed = found;
        told->mapping.name = feed->name;
        told->target = feed->target;
        if (feed->people)
            told->counts.known = state_known(feed->state, feed->people);
    }
    if (feed->people)
        *last = state_last_success_ms(feed->state, feed->people, false);
    return 0;
}

/* Exit 9: another run holds the lock, and writes its own. */
static void write_metrics(struct job *job)
{
    struct text text = {0};
    struct fault fault;
    struct report told;
    struct feed found = {0};
    int64_t last;
    if (job->exit == fault_exit(FAULT_BUSY) || fill_metrics(job, &told, &last, &found) < 0)
        goto out;
    metrics_write(&told, last, &text);
    if (file_write(job->settings->metrics, text_string(&text), text.length, FAULT_FAILED, &fault) <
        0)
        text_addf(&job->result->warnings, "warning: the metrics were not written: %s\n",
                  fault.text);
out:
    feed_close(&found);
    text_clear(&text);
}

void job_tell(struct job *job)
{
    struct job_result *result = job->result;
    if (!job->report.command) /* it ended before there was anything to tell */
        job_fill_report(job);
    text_add(&result->document, text_string(job_document(job)));
    summary_write(&job->report, job->world->colour, job->world->width, &result->summary);
    result->exit = job->exit;
    result->fault = job->worst;
    result->has_folder = job->folder != NULL;
    if (job->is_push && job->settings->metrics)
        write_metrics(job);
}
