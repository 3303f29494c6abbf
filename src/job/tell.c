#include "job_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"

/*
 * Reports: every row that is not unchanged is read once more, in the order of the lines, and told to the tallies, to results.csv,
 * to rejects.csv and, of a push, to the state's history of the run.
 */

struct teller {
    struct job *job;
    FILE *results;
    struct rejects *rejects; /* NULL: the export could not even be opened */
    bool to_state;
    struct text unique_id, values, words;
    size_t next_place; /* --all: the first row that is not told yet */
};

/* ---------------------------------------------------------------- one row */

static void add_values(struct teller *teller, const struct mapped_row *mapped, field_set fields)
{
    field_set masked = mapping_private(teller->job->mapping);
    text_reset(&teller->values);
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct profile_value *value = &mapped->profile.values[field];
        if (!(fields & FIELD_BIT(field)) || value->state == VALUE_ABSENT)
            continue;
        text_addf(&teller->values, "%s%s=", teller->values.length ? "; " : "",
                  field_info((enum field)field)->name);
        if (masked & FIELD_BIT(field))
            text_add(&teller->values, "***");
        else
            utf8_add_clean(&teller->values, value->bytes, value->length, 200);
    }
}

static void fill_reason(const struct job *job, const struct plan_row *row, const struct sent *sent,
                        struct report_row *out)
{
    if (sent && sent->outcome >= 0) {
        out->outcome = (int)sent->outcome;
        out->attempts = sent->attempts;
        out->http_status = sent->http_status;
        out->opscom_code = sent->opscom_code;
        out->reference_id = job->words.bytes + sent->reference;
        out->code = job->words.bytes + sent->code;
        out->message = job->words.bytes + sent->message;
        if (sent->outcome == OUTCOME_REFUSED)
            out->fix = job_refusal_advice(out->code);
        return;
    }
    if (row->reason == UINT32_MAX)
        return;
    const struct reason *reason = plan_reason_at(job->plan, row->reason);
    out->code = reason->code;
    out->field = reason->field;
    out->message = reason->message;
    out->fix = reason->fix;
}

static int tell_state(struct job *job, const struct plan_row *row, const struct report_row *told)
{
    struct run_row stored = {.line = row->line,
                             .handle = row->handle,
                             .unique_id = told->unique_id,
                             .action = row->action,
                             .outcome = told->outcome,
                             .fields = row->fields,
                             .flags = row->flags,
                             .attempts = told->attempts,
                             .http_status = told->http_status,
                             .opscom_code = told->opscom_code,
                             .reference_id = told->reference_id,
                             .code = told->code,
                             .field = told->field,
                             .message = told->message};
    bool settled = told->outcome == OUTCOME_ACCEPTED || told->outcome == OUTCOME_REFUSED ||
                   (told->outcome == OUTCOME_UNKNOWN && told->attempts > 0);
    return settled ? 0 : state_add_row(job->feed.state, &stored, &job->fault);
}

static void tell_reject(struct teller *teller, const struct export_record *record,
                        const struct mapped_row *mapped, const struct report_row *told)
{
    struct text reason = {0};
    char line[32];
    int column = mapping_line_column(teller->job->mapping);
    bool by_mapping = mapped->verdict == ROW_REJECTED;
    text_add(&reason, told->message);
    for (size_t i = 1; by_mapping && i < mapped->finding_count; i++)
        text_addf(&reason, "; %s", mapped->findings[i].message);
    snprintf(line, sizeof line, "%u", record->line);
    char *carried = NULL;
    if (column >= 0 && (size_t)column < record->cell_count && record->cells[column].length)
        carried = mem_bytes(record->cells[column].bytes, record->cells[column].length);
    rejects_add(teller->rejects, record, carried ? carried : line,
                told->field >= 0 ? field_info((enum field)told->field)->name : "", told->code,
                text_string(&reason), told->fix ? told->fix : "");
    free(carried);
    text_clear(&reason);
}

/* A row that a push never came to: every new or changed row has an outcome. */
static void fill_not_reached(const struct job *job, struct report_row *out)
{
    out->outcome = OUTCOME_NOT_REACHED;
    out->code = job->exit == 8 ? "guard" : job->pumped ? "only_data" : "not_sent";
    out->message = job->exit == 8 ? "not sent: a guard tripped"
                   : job->pumped  ? "not sent: only the mapping would change it (--only-data)"
                                  : "not sent: the run stopped before";
}

/* 'words' holds what is told in words of its own. */
static struct report_row told_row(struct job *job, size_t index, struct text *words)
{
    struct plan_row row = plan_row_at(job->plan, index);
    struct report_row told = {.line = row.line,
                              .unique_id = "",
                              .action = row.action,
                              .outcome = -1,
                              .fields = row.fields,
                              .flags = row.flags,
                              .reference_id = "",
                              .code = "",
                              .field = -1,
                              .message = "",
                              .fix = ""};
    fill_reason(job, &row, job->sent ? &job->sent[index] : NULL, &told);
    if (row.action == ACTION_HELD)
        job_tell_held(job, &row, &told, words);
    if (job->is_push && told.outcome < 0 &&
        (row.action == ACTION_NEW || row.action == ACTION_CHANGED))
        fill_not_reached(job, &told);
    return told;
}

/* Reads and maps a row again, for its id; NULL when that fails. */
static const struct mapped_row *map_again(struct teller *teller, uint64_t offset, uint32_t bytes,
                                          uint32_t line, struct export_record *record)
{
    struct job *job = teller->job;
    if (export_reread(job->export, offset, bytes, line, record, &job->fault) < 0)
        return NULL;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    text_reset(&teller->unique_id);
    text_add_bytes(&teller->unique_id, id->length ? id->bytes : "", id->length);
    return mapped;
}

/* Rows up to a line that the plan does not list are unchanged; they are told with --all. */
static int tell_unchanged(struct teller *teller, uint32_t up_to)
{
    const struct reading *reading = &teller->job->reading;
    struct export_record record;
    for (; teller->next_place < reading->place_count; teller->next_place++) {
        const struct place *place = &reading->places[teller->next_place];
        if (place->line >= up_to) {
            teller->next_place += place->line == up_to;
            return 0;
        }
        if (!map_again(teller, place->offset, place->bytes, place->line, &record))
            return -1;
        struct report_row told = {.line = place->line,
                                  .unique_id = text_string(&teller->unique_id),
                                  .action = ACTION_UNCHANGED,
                                  .outcome = -1,
                                  .field = -1,
                                  .reference_id = "",
                                  .code = "",
                                  .message = "",
                                  .fix = ""};
        results_write_row(teller->results, &told, teller->job->settings->values);
    }
    return 0;
}

static int tell_row(struct teller *teller, size_t index)
{
    struct job *job = teller->job;
    struct plan_row row = plan_row_at(job->plan, index);
    struct report_row told = told_row(job, index, &teller->words);
    struct export_record record;
    const struct mapped_row *mapped = map_again(teller, row.offset, row.bytes, row.line, &record);
    if (!mapped)
        return -1;
    told.unique_id = text_string(&teller->unique_id);
    if (job->settings->values) {
        field_set all = (field_set)~0u;
        add_values(teller, mapped, row.action == ACTION_NEW ? all : row.fields);
        told.values = text_string(&teller->values);
    }
    report_add_row(&job->report, &told);
    results_write_row(teller->results, &told, job->settings->values);
    if (teller->rejects && row.action == ACTION_REJECTED)
        tell_reject(teller, &record, mapped, &told);
    return teller->to_state ? tell_state(job, &row, &told) : 0;
}

static int tell_rows(struct teller *teller)
{
    struct job *job = teller->job;
    size_t count = job->plan && job->read_whole ? plan_row_count(job->plan) : 0;
    for (size_t i = 0; i < count; i++)
        if (tell_unchanged(teller, plan_row_at(job->plan, i).line) < 0 || tell_row(teller, i) < 0)
            return -1;
    return job->read_whole ? tell_unchanged(teller, UINT32_MAX) : 0;
}

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
    enum { LOOK_BACK = 60 };
    struct run_record *runs = NULL;
    size_t count = 0, used = 0;
    struct fault ignored;
    double values[ACTION_COUNT + 1][BAND_RUNS];
    if (!job->feed.people ||
        state_runs(job->feed.state, job->feed.people, LOOK_BACK, &runs, &count, &ignored) < 0)
        return;
    for (size_t i = 0; i < count && used < BAND_RUNS; i++) {
        if (!runs[i].finished || strcmp(runs[i].id, job->run) == 0)
            continue;
        for (int action = 0; action < ACTION_COUNT; action++)
            values[action][used] = (double)runs[i].counts.action[action];
        values[ACTION_COUNT][used++] = (double)runs[i].counts.gone;
    }
    run_records_free(runs, count);
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
    const struct report *read = &job->reading.census.notes;
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

static int open_draft(const char *folder, const char *name, struct file_draft *draft,
                      struct fault *fault)
{
    char *path = file_join(folder, name);
    int done = file_draft_open(draft, path, FAULT_FAILED, fault);
    free(path);
    return done;
}

static int write_rows(struct job *job, const char *folder, bool to_state, struct fault *fault)
{
    struct teller teller = {.job = job, .to_state = to_state};
    struct file_draft results = {0}, rejects = {0};
    int done = -1;
    if (open_draft(folder, "results.csv", &results, fault) < 0 ||
        open_draft(folder, "rejects.csv", &rejects, fault) < 0)
        goto out;
    teller.results = results.stream;
    results_write_heading(results.stream, job->settings->values);
    if (job->export)
        teller.rejects = rejects_open(rejects.stream, mapping_dialect(job->mapping),
                                      export_raw_heading(job->export), export_facts(job->export),
                                      mapping_is_refed(job->mapping));
    int told = tell_rows(&teller);
    if (teller.rejects)
        rejects_close(teller.rejects);
    if (told < 0) {
        *fault = job->fault;
        goto out;
    }
    if (file_draft_publish(&results, FAULT_FAILED, fault) < 0 ||
        file_draft_publish(&rejects, FAULT_FAILED, fault) < 0)
        goto out;
    done = 0;
out:
    file_draft_discard(&results);
    file_draft_discard(&rejects);
    text_clear(&teller.unique_id);
    text_clear(&teller.values);
    text_clear(&teller.words);
    return done;
}

static void write_html(struct job *job, struct text *out)
{
    enum { NIGHTS = 60 };
    struct report_night nights[NIGHTS];
    struct run_record *runs = NULL;
    size_t count = 0, used = 0;
    struct fault ignored;
    if (job->feed.people)
        if (state_runs(job->feed.state, job->feed.people, 2 * NIGHTS, &runs, &count, &ignored) < 0)
            count = 0;
    for (size_t i = 0; i < count && used < NIGHTS; i++)
        if (runs[i].finished)
            nights[used++] =
                (struct report_night){.ended_ms = runs[i].ended_ms,
                                      .duration_ms = runs[i].ended_ms - runs[i].started_ms,
                                      .fresh = runs[i].counts.action[ACTION_NEW],
                                      .changed = runs[i].counts.action[ACTION_CHANGED],
                                      .rejected = runs[i].counts.action[ACTION_REJECTED],
                                      .gone = runs[i].counts.gone};
    html_write(&job->report, nights, used, job->reading.census.types,
               job->reading.census.type_count, out);
    if (runs)
        run_records_free(runs, count);
}

/* results.csv and rejects.csv, the tallies, and the rows' history where the run has its record in the state. */
int job_write_rows(struct job *job, const char *folder)
{
    bool to_state = job->run_open && job->read_whole;
    if (to_state && state_group_begin(job->feed.state, &job->fault) < 0)
        return -1;
    if (write_rows(job, folder, to_state, &job->fault) < 0) {
        if (to_state)
            state_group_abandon(job->feed.state);
        return -1;
    }
    return to_state ? state_group_commit(job->feed.state, &job->fault) : 0;
}

void job_document(struct job *job, struct text *out)
{
    finish_report(job);
    text_reset(out);
    run_document_write(&job->report, out);
}

int job_write_documents(struct job *job, const char *folder, bool with_summary, struct fault *fault)
{
    struct text text = {0};
    int done = -1;
    job_document(job, &text);
    if (write_text(folder, "run.json", &text, fault) < 0)
        goto out;
    text_reset(&text);
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

/* The tallies alone, where no folder is written: no row need be read again for them. */
void job_tally(struct job *job)
{
    struct text words = {0};
    for (size_t i = 0; i < plan_row_count(job->plan); i++) {
        struct report_row told = told_row(job, i, &words);
        report_add_row(&job->report, &told);
    }
    text_clear(&words);
}

static void write_metrics(struct job *job)
{
    struct text text = {0};
    struct fault fault;
    int64_t last =
        job->feed.people ? state_last_success_ms(job->feed.state, job->feed.people, false) : 0;
    metrics_write(&job->report, last, &text);
    if (file_write(job->settings->metrics, text_string(&text), text.length, FAULT_FAILED, &fault) <
        0)
        text_addf(&job->result->warnings, "warning: the metrics were not written: %s\n",
                  fault.text);
    text_clear(&text);
}

void job_tell(struct job *job)
{
    struct job_result *result = job->result;
    finish_report(job);
    run_document_write(&job->report, &result->document);
    summary_write(&job->report, job->world->colour, job->world->width, &result->summary);
    result->exit = job->exit;
    result->fault = job->worst;
    if (job->settings->metrics)
        write_metrics(job);
}
