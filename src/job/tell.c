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
