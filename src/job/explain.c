#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* explain: the mapping's trace of one person's rows, joined with the plan's decision on them. Sends nothing, creates nothing. */

void job_explanation_clear(struct job_explanation *explanation)
{
    for (size_t i = 0; i < explanation->count; i++) {
        trace_clear(&explanation->rows[i].trace);
        free(explanation->rows[i].reason);
        free(explanation->rows[i].fix);
    }
    free(explanation->rows);
    free(explanation->feed);
    free(explanation->target);
    free(explanation->mapping_path);
    text_clear(&explanation->history);
    text_clear(&explanation->warnings);
    *explanation = (struct job_explanation){0};
}

/* ---------------------------------------------------------------- the plan's word on a line */

static const struct plan_row *find_row(const struct plan *plan, uint32_t line, struct plan_row *row)
{
    size_t low = 0, high = plan_row_count(plan);
    while (low < high) {
        size_t middle = (low + high) / 2;
        *row = plan_row_at(plan, middle);
        if (row->line < line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == plan_row_count(plan))
        return NULL;
    *row = plan_row_at(plan, low);
    return row->line == line ? row : NULL;
}

static const char *words_of(const struct plan_row *row)
{
    if (row->flags & PLAN_UNSETTLED)
        return "an earlier push of this person has no clear answer, so it goes again";
    if (row->flags & PLAN_REFRESH)
        return "unchanged, and sent again because --refresh picked it";
    if (row->flags & PLAN_FULL)
        return "unchanged, and sent again because of --full";
    if (row->flags & PLAN_MAPPING_ONLY)
        return "the data is as delivered; the mapping changed what is made of it";
    return row->action == ACTION_NEW ? "never accepted from this feed by this target"
                                     : "differs from the last delivered profile";
}

static void decide(struct job *job, struct job_explained *out)
{
    struct plan_row row;
    if (!find_row(job->plan, out->line, &row)) {
        out->action = ACTION_UNCHANGED;
        out->reason = mem_string("as delivered: nothing would be sent");
        return;
    }
    out->action = row.action;
    out->flags = row.flags;
    out->fields = row.fields;
    if (row.reason != UINT32_MAX) {
        const struct reason *reason = plan_reason_at(job->plan, row.reason);
        out->reason = mem_string(reason->message);
        out->fix = reason->fix && *reason->fix ? mem_string(reason->fix) : NULL;
        return;
    }
    out->reason = mem_string(words_of(&row));
}

/* ---------------------------------------------------------------- the rows of the person */

static void explain_row(struct job *job, struct export_record *record, struct job_explanation *out)
{
    out->rows = mem_resize(out->rows, out->count + 1, sizeof *out->rows);
    struct job_explained *row = &out->rows[out->count++];
    *row = (struct job_explained){.line = record->line,
                                  .private_fields = mapping_private(job->mapping)};
    mapper_trace(job->reading.mapper, record, &row->trace);
    decide(job, row);
}

/* The file is read once more from its start: the plan keeps no ids. */
static int find_rows(struct job *job, const char *id, struct job_explanation *out)
{
    struct export_record record;
    int step;
    size_t length = strlen(id);
    struct export *again =
        export_open(job->export_path, NULL, mapping_dialect(job->mapping), &job->fault);
    if (!again)
        return -1;
    while ((step = export_next(again, &record, &job->fault)) == 1) {
        export_split(again, &record);
        const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
        const struct profile_value *value = &mapped->profile.values[FIELD_UNIQUE_ID];
        if (value->length == length && memcmp(value->bytes, id, length) == 0)
            explain_row(job, &record, out);
    }
    export_close(again);
    if (step == 0 && !out->count)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: no row has this unique_id; ids are compared as they are sent, after "
                         "the mapping's steps",
                         job->export_path);
    return step;
}

static void add_time(struct text *out, const char *what, int64_t wall_ms)
{
    char stamp[32];
    clock_utc(wall_ms, stamp);
    text_addf(out, "%s%s", what, stamp);
}

static void tell_history(const struct person_detail *person, struct text *out)
{
    if (person->is_delivered) {
        add_time(out, person->is_adopted ? "marked as delivered by adopt: " : "last delivered: ",
                 person->delivered_ms);
        if (person->delivered_run)
            text_addf(out, " in run %s", person->delivered_run);
        if (person->reference_id && *person->reference_id)
            text_addf(out, ", reference_id %s", person->reference_id);
        text_add(out, "\n");
    }
    if (person->intent_open) {
        add_time(out, "sent without a clear answer: ", person->intent_ms);
        text_add(out, "; goes again\n");
    }
    if (person->is_refused) {
        add_time(out, "refused by the server: ", person->refused_ms);
        text_addf(out, " (%s): %s\n", person->refused_code ? person->refused_code : "",
                  person->refused_message ? person->refused_message : "");
    }
    if (person->is_missing) {
        add_time(out, "missing from the export since: ", person->missing_since_ms);
        text_addf(out, ", %u nights\n", person->missing_nights);
    }
}

/* What the state knows of one person, lines for people; nothing when the id is not in it. */
static int person_history(struct state *state, population people, const char *id, struct text *out,
                          struct fault *fault)
{
    struct digest tag;
    struct person_detail person;
    person_handle handle;
    person_tag(id, strlen(id), state_keys(state), &tag);
    if (state_find_person(state, people, &tag, &handle, fault) < 0)
        return -1;
    if (!handle)
        return 0;
    if (state_person(state, people, handle, &person, fault) < 0)
        return -1;
    tell_history(&person, out);
    person_detail_clear(&person);
    return 0;
}

static int explain(struct job *job, const char *id, struct job_explanation *out)
{
    if (strcmp(job->export_path, "-") == 0)
        return fault_set(&job->fault, FAULT_USAGE,
                         "explain reads the export twice and cannot take standard input");
    if (job_prepare_target(job, false) < 0 || job_prepare_mapping(job) < 0 ||
        job_prepare_state(job, STATE_READ) < 0 || job_read(job) < 0)
        return -1;
    out->feed = mem_string(mapping_name(job->mapping));
    out->target = mem_string(job->url);
    out->mapping_path = mem_string(mapping_path(job->mapping));
    if (find_rows(job, id, out) < 0)
        return -1;
    return job->feed.people
               ? person_history(job->feed.state, job->feed.people, id, &out->history, &job->fault)
               : 0;
}

int job_explain(const struct settings *settings, const char *export_path, const char *id,
                const struct job_world *world, struct job_explanation *out, struct fault *fault)
{
    struct job job;
    struct job_result result;
    *out = (struct job_explanation){0};
    job_begin(&job, "explain", settings, export_path, world, &result);
    int done = explain(&job, id, out);
    *fault = job.fault;
    text_add(&out->warnings, text_string(&result.warnings));
    job_end(&job);
    job_result_clear(&result);
    return done;
}
