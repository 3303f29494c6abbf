#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* explain: the mapping's trace of one person's rows, joined with the plan's decision on them. Sends nothing, creates nothing. */

void job_explanation_clear(struct job_explanation *explanation)
{
    for (size_t i = 0; i < explanation->count; i++) {
        trace_clear(&explanation->rows[i].trace);
        free(explanation->rows[i].reason);
        free(explanation->rows[i].fix);
        free(explanation->rows[i].sent_as);
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
    if (row->action == ACTION_UNCHANGED)
        return "as delivered: nothing would be sent";
    return row->action == ACTION_NEW ? "never accepted from this feed by this target"
                                     : "differs from the last delivered profile";
}

/* As it was delivered: the plan does not keep it. */
static struct plan_row unchanged_row(const struct job *job, const struct mapped_row *mapped)
{
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    struct plan_row row = {
        .action = ACTION_UNCHANGED, .reason = UINT32_MAX, .flags = PLAN_DELIVERED_BEFORE};
    struct digest tag, delivered;
    person_tag(id->bytes, id->length, &job->keys, &tag);
    plan_peek(job->plan, &tag, &delivered, &row.handle);
    return row;
}

static const char *why_not_sent(const struct profile *profile, const struct plan_row *row,
                                enum field field)
{
    bool delivered = row->flags & PLAN_DELIVERED_BEFORE;
    if (delivered && (profile->new_only & FIELD_BIT(field)))
        return "goes with new people only";
    if (profile->values[field].state == VALUE_CLEARED)
        return "nothing to clear";
    return "left out";
}

static void tell_fields(struct job *job, const struct plan_row *row, const struct profile *profile,
                        struct job_explained *out)
{
    field_set sent = job_fields_sent(job, row, profile);
    if (row->action == ACTION_NEW || row->action == ACTION_CHANGED)
        out->sent = sent;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!(sent & FIELD_BIT(field)))
            out->not_sent[field] = why_not_sent(profile, row, (enum field)field);
}

static void decide(struct job *job, const struct mapped_row *mapped, struct job_explained *out)
{
    struct plan_row row;
    if (!find_row(job->plan, out->line, &row))
        row = unchanged_row(job, mapped);
    out->action = row.action;
    out->flags = row.flags;
    out->fields = row.fields;
    if (mapped->verdict == ROW_VALID)
        tell_fields(job, &row, &mapped->profile, out);
    if (row.reason == UINT32_MAX) {
        out->reason = mem_string(words_of(&row));
        return;
    }
    const struct reason *reason = plan_reason_at(job->plan, row.reason);
    out->reason = mem_string(reason->message);
    out->fix = reason->fix && *reason->fix ? mem_string(reason->fix) : NULL;
}

/* ---------------------------------------------------------------- the rows of the person */

enum { RAW_ROWS_MAX = 20 };

/* What is looked for: the unique_id as it is sent or, raw, as it stands in a cell. */
struct wanted {
    const char *bytes;
    size_t length;
    bool raw;
};

/* Without blanks around it, and without what keeps a spreadsheet from taking it for a number: ="001", '001. */
static struct wanted peeled(const char *bytes, size_t length)
{
    size_t begin = length, end = 0;
    uint32_t point;
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_decode(bytes + at, length - at, &point);
        if (utf8_is_space(point))
            continue;
        begin = begin == length ? at : begin;
        end = at + step;
    }
    struct wanted out = {bytes + begin, end > begin ? end - begin : 0, true};
    if (out.length >= 3 && memcmp(out.bytes, "=\"", 2) == 0 && out.bytes[out.length - 1] == '"')
        return (struct wanted){out.bytes + 2, out.length - 3, true};
    if (out.length >= 2 && out.bytes[0] == '\'')
        return (struct wanted){out.bytes + 1, out.length - 1, true};
    return out;
}

static bool is_same(const struct wanted *wanted, const char *bytes, size_t length)
{
    return wanted->length == length && memcmp(wanted->bytes, bytes, length) == 0;
}

static bool has_raw_cell(const struct job *job, const struct export_record *record,
                         const struct wanted *wanted)
{
    for (size_t i = 0; i < record->cell_count && wanted->length; i++) {
        if (!mapping_makes_id(job->mapping, i))
            continue;
        struct wanted cell = peeled(record->cells[i].bytes, record->cells[i].length);
        if (is_same(wanted, cell.bytes, cell.length))
            return true;
    }
    return false;
}

static bool is_wanted(struct job *job, const struct export_record *record,
                      const struct wanted *wanted)
{
    if (wanted->raw)
        return has_raw_cell(job, record, wanted);
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    return is_same(wanted, id->bytes, id->length);
}

static void explain_row(struct job *job, struct export_record *record, bool raw,
                        struct job_explanation *out)
{
    if (raw && out->count == RAW_ROWS_MAX) {
        out->more++;
        return;
    }
    out->rows = mem_resize(out->rows, out->count + 1, sizeof *out->rows);
    struct job_explained *row = &out->rows[out->count++];
    *row = (struct job_explained){
        .line = record->line, .by_raw_cell = raw, .private_fields = mapping_private(job->mapping)};
    const struct mapped_row *mapped = mapper_trace(job->reading.mapper, record, &row->trace);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    if (raw && id->length)
        row->sent_as = mem_bytes(id->bytes, id->length);
    decide(job, mapped, row);
}

/* The file is read once more from its start: the plan keeps no ids. */
static int find_rows(struct job *job, struct wanted wanted, struct job_explanation *out)
{
    struct export_record record;
    int step;
    struct export *again =
        export_open(job->export_path, NULL, mapping_dialect(job->mapping), &job->fault);
    if (!again)
        return -1;
    while ((step = export_next(again, &record, &job->fault)) == 1) {
        export_split(again, &record);
        if (is_wanted(job, &record, &wanted))
            explain_row(job, &record, wanted.raw, out);
    }
    export_close(again);
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
        text_add(out,
                 person->intent_held ? "; the same payload was refused since\n" : "; goes again\n");
    }
    if (person->is_refused) {
        add_time(out, "refused by the server: ", person->refused_ms);
        text_addf(out, " (%s): %s\n", person->refused_code ? person->refused_code : "",
                  person->refused_message ? person->refused_message : "");
    }
    if (person->is_missing) {
        add_time(out, "missing from the export since: ", person->missing_since_ms);
        text_addf(out, ", %u night%s\n", person->missing_nights,
                  person->missing_nights == 1 ? "" : "s");
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

/* Of what is known the first words alone: a message may be logged, so it bears nothing that the server said. */
static int nobody_found(struct job *job, const struct job_explanation *told)
{
    size_t length = strcspn(text_string(&told->history), ",(\n");
    while (length && told->history.bytes[length - 1] == ' ')
        length--;
    if (!length)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: no row has this unique_id, neither as it is sent, after the "
                         "mapping's steps, nor as its raw cell stands",
                         job->export_path);
    return fault_set(&job->fault, FAULT_INPUT,
                     "%s: no row of the export has this unique_id; the state knows the person: "
                     "%.*s",
                     job->export_path, (int)length, told->history.bytes);
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
    if (find_rows(job, (struct wanted){id, strlen(id), false}, out) < 0 ||
        (!out->count && find_rows(job, peeled(id, strlen(id)), out) < 0))
        return -1;
    if (out->count && out->rows[0].sent_as)
        id = out->rows[0].sent_as;
    if (job->feed.people &&
        person_history(job->feed.state, job->feed.people, id, &out->history, &job->fault) < 0)
        return -1;
    return out->count ? 0 : nobody_found(job, out);
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
