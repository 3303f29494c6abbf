#include "job_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"

/*
 * The first pass: every record of the export is mapped, digested and compared with what was delivered. It holds no row.
 */

enum { SHARED_RULES_FROM = 25, BROKEN_PERCENT = 5, DAMAGED_IDS_PERCENT = 20, PROGRESS_ROWS = 4096 };

static bool world_fingerprints(void *self, person_handle handle, struct fingerprints *out)
{
    struct job *job = self;
    return job->feed.state &&
           state_fingerprints(job->feed.state, job->feed.people, handle, out);
}

static const struct text *world_rank(void *self, uint64_t offset, uint32_t bytes, uint32_t line)
{
    static const struct text none;
    struct job *job = self;
    struct export_record record;
    struct fault ignored;
    if (export_reread(job->export, offset, bytes, line, &record, &ignored) < 0)
        return &none;
    return &mapper_apply(job->reading.rank_mapper, &record)->rank;
}

static void know_person(void *self, const struct plan_known *known)
{
    plan_know(self, known);
}

/* ---------------------------------------------------------------- one row */

static bool is_wanted(struct job *job, const struct profile_value *id)
{
    const struct strings *only = &job->settings->only;
    for (size_t i = 0; i < only->count; i++)
        if (strlen(only->items[i]) == id->length &&
            memcmp(only->items[i], id->bytes, id->length) == 0) {
            job->reading.only_found += !job->reading.only_seen[i];
            job->reading.only_seen[i] = true;
            return true;
        }
    return false;
}

static void count_type(struct reading *reading, const struct profile_value *type)
{
    size_t i = 0;
    while (i < reading->type_count && (strlen(reading->types[i].type) != type->length ||
                                       memcmp(reading->types[i].type, type->bytes, type->length) != 0))
        i++;
    if (i == TYPE_SLOTS)
        return;
    if (i == reading->type_count)
        reading->types[reading->type_count++] =
            (struct report_type){.type = mem_bytes(type->bytes, type->length)};
    reading->types[i].now++;
}

static void count_valid(struct job *job, const struct mapped_row *mapped)
{
    struct reading *reading = &job->reading;
    reading->valid++;
    for (int field = 0; field < FIELD_COUNT; field++)
        reading->filled[field] += mapped->profile.values[field].length > 0;
    if (mapped->profile.values[FIELD_USER_TYPE_ID].length)
        count_type(reading, &mapped->profile.values[FIELD_USER_TYPE_ID]);
    for (size_t i = 0; i < mapped->note_count; i++)
        report_add_note(&job->report, policy_name(mapped->notes[i].policy),
                        mapped->notes[i].finding.field, mapped->notes[i].finding.message);
}

static void count_damage(struct reading *reading, const struct export_record *record,
                         const struct mapped_row *mapped)
{
    reading->broken +=
        record->damage == RECORD_RAGGED || record->damage == RECORD_UNDECODABLE;
    for (size_t i = 0; i < mapped->finding_count; i++)
        if (strcmp(mapped->findings[i].code, "damaged") == 0 &&
            mapped->findings[i].field == FIELD_UNIQUE_ID) {
            reading->damaged_ids++;
            return;
        }
}

size_t job_aliases(const struct mapped_row *mapped, const struct keys *keys, uint64_t out[3])
{
    const struct profile_value *values = mapped->profile.values;
    struct text text = {0};
    size_t count = 0;
    if (mapped->person.length) {
        text_add(&text, "P");
        text_add_bytes(&text, mapped->person.bytes, mapped->person.length);
        out[count++] = fingerprint_of(keys, KEY_ALIAS, text.bytes, text.length);
    }
    if (values[FIELD_STUDENT_NO].length) {
        text_reset(&text);
        text_add(&text, "S");
        text_add_bytes(&text, values[FIELD_STUDENT_NO].bytes, values[FIELD_STUDENT_NO].length);
        out[count++] = fingerprint_of(keys, KEY_ALIAS, text.bytes, text.length);
    }
    if (values[FIELD_LAST_NAME].length && values[FIELD_FIRST_NAME].length &&
        values[FIELD_DATE_OF_BIRTH].length) {
        static const enum field parts[] = {FIELD_LAST_NAME, FIELD_FIRST_NAME, FIELD_DATE_OF_BIRTH};
        text_reset(&text);
        text_add(&text, "N");
        for (size_t i = 0; i < 3; i++) {
            text_addf(&text, "%u:", values[parts[i]].length);
            text_add_bytes(&text, values[parts[i]].bytes, values[parts[i]].length);
        }
        out[count++] = fingerprint_of(keys, KEY_ALIAS, text.bytes, text.length);
    }
    text_clear(&text);
    return count;
}

/* A person who would be new: is it a known one under a new id? Held where the mapping names same_person. */
static void judge_identity(struct job *job, const struct mapped_row *mapped, const struct digest *tag)
{
    uint64_t aliases[3];
    if (!job->feed.people)
        return;
    size_t count = job_aliases(mapped, &job->keys, aliases);
    for (size_t i = 0; i < count; i++) {
        if (!state_alias_owner(job->feed.state, job->feed.people, aliases[i], tag))
            continue;
        if (mapping_same_person(job->mapping) != SAME_PERSON_HOLD) {
            job->reading.probable_known++;
            return;
        }
        plan_hold(job->plan, tag,
                  plan_reason(job->plan, ACTION_HELD, "same_person", -1,
                              "probably a known person under a new id",
                              "merge the two in OPS-COM or correct the id in the source system, then push "
                              "with --only and --retry-refused, or let the old id return"));
        return;
    }
}

static void map_with_old(struct job *job, const struct export_record *record,
                         const struct digest *now, struct plan_input *input, struct digest *old)
{
    struct digest delivered;
    person_handle handle;
    if (!plan_peek(job->plan, &input->tag, &delivered, &handle) || digest_equal(&delivered, now))
        return;
    const struct mapped_row *mapped = mapper_apply(job->reading.old_mapper, record);
    if (mapped->verdict != ROW_VALID)
        return;
    profile_digest(&mapped->profile, &job->keys, old);
    input->digest_by_old_mapping = old;
}

/* The tag of the id in capitals where that is another one: ids that differ in case alone are told. */
static const struct digest *folded_tag(struct job *job, const struct profile_value *id, struct digest *out)
{
    bool has_small = false;
    for (uint32_t i = 0; i < id->length && !has_small; i++)
        has_small = (id->bytes[i] >= 'a' && id->bytes[i] <= 'z') || (unsigned char)id->bytes[i] >= 0x80;
    if (!has_small)
        return NULL;
    text_reset(&job->reading.folded);
    utf8_upper(id->bytes, id->length, &job->reading.folded);
    person_tag(job->reading.folded.bytes, job->reading.folded.length, &job->keys, out);
    return out;
}

static void add_valid(struct job *job, const struct export_record *record,
                      const struct mapped_row *mapped, struct plan_input *input)
{
    struct digest old, delivered, folded;
    person_handle handle;
    count_valid(job, mapped);
    profile_digest(&mapped->profile, &job->keys, &input->digest);
    input->action = ACTION_NEW;
    input->profile = &mapped->profile;
    input->rank = &mapped->rank;
    input->folded_tag = folded_tag(job, &mapped->profile.values[FIELD_UNIQUE_ID], &folded);
    if (job->reading.old_mapper)
        map_with_old(job, record, &input->digest, input, &old);
    bool is_new = !plan_peek(job->plan, &input->tag, &delivered, &handle) && handle == 0;
    plan_add(job->plan, input);
    if (is_new)
        judge_identity(job, mapped, &input->tag);
}

static enum action action_of(enum row_verdict verdict)
{
    return verdict == ROW_LEFT_OUT ? ACTION_LEFT_OUT : ACTION_REJECTED;
}

/* --all lists the unchanged rows too, which the plan does not keep. */
static void keep_place(struct reading *reading, const struct export_record *record)
{
    size_t count = reading->place_count++;
    if ((count & (count - 1)) == 0) /* doubles at each power of two */
        reading->places = mem_resize(reading->places, count ? 2 * count : 1, sizeof *reading->places);
    reading->places[count] =
        (struct place){.offset = record->offset, .bytes = record->bytes, .line = record->line};
}

static int add_row(struct job *job, const struct export_record *record)
{
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    const struct finding *first = mapped->findings;
    struct plan_input input = {.offset = record->offset,
                               .bytes = record->bytes,
                               .line = record->line,
                               .keys = &job->keys,
                               .rank = &mapped->rank,
                               .has_tag = id->state == VALUE_PRESENT && id->length};
    job->reading.rows++;
    if (job->settings->all)
        keep_place(&job->reading, record);
    count_damage(&job->reading, record, mapped);
    if (mapped->verdict == ROW_STOP)
        return fault_set(&job->fault, FAULT_INPUT, "%s:%u: %s; nothing was sent%s%s",
                         export_facts(job->export)->path, record->line, first->message,
                         first->fix && *first->fix ? ": " : "", first->fix ? first->fix : "");
    if (input.has_tag)
        person_tag(id->bytes, id->length, &job->keys, &input.tag);
    if (job->settings->only.count && !(input.has_tag && is_wanted(job, id))) {
        input.action = ACTION_LEFT_OUT;
        input.reason = plan_reason(job->plan, ACTION_LEFT_OUT, "only", -1, "not named by --only", "");
    } else if (mapped->verdict == ROW_VALID) {
        add_valid(job, record, mapped, &input);
        return 0;
    } else {
        job->reading.left_out += mapped->verdict == ROW_LEFT_OUT;
        input.action = action_of(mapped->verdict);
        input.reason = plan_reason(job->plan, input.action, first->code, first->field,
                                   first->message, first->fix);
    }
    plan_add(job->plan, &input);
    return 0;
}

/* ---------------------------------------------------------------- the file as a whole */

/* Rules that refuse a whole file, from 25 rows on (interface.md, Meanings). */
static int judge_file(struct job *job)
{
    const struct reading *reading = &job->reading;
    const char *path = export_facts(job->export)->path;
    if (job->partial || reading->rows < SHARED_RULES_FROM)
        return 0;
    if (reading->broken * 100 > reading->rows * BROKEN_PERCENT)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: %llu of %llu rows have another number of cells than the heading, or bytes that "
                         "the declared encoding does not have: check \"delimiter\" and \"encoding\" in the mapping, "
                         "or have the file made again; nothing was sent",
                         path, (unsigned long long)reading->broken, (unsigned long long)reading->rows);
    if (reading->damaged_ids * 100 > reading->rows * DAMAGED_IDS_PERCENT)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: %llu of %llu ids are damaged (zeros lost, or written like 1.23E+08): was the file "
                         "opened and saved in a spreadsheet? Have it made again; nothing was sent",
                         path, (unsigned long long)reading->damaged_ids,
                         (unsigned long long)reading->rows);
    if (reading->left_out == reading->rows)
        return fault_set(&job->fault, FAULT_INPUT,
                         "%s: the mapping's rules leave out every one of the %llu rows: is it the right file, and "
                         "are the terms and codes in \"people\" still current? Nothing was sent",
                         path, (unsigned long long)reading->rows);
    return 0;
}

static int judge_only(struct job *job)
{
    const struct strings *only = &job->settings->only;
    for (size_t i = 0; i < only->count; i++)
        if (!job->reading.only_seen[i])
            return fault_set(&job->fault, FAULT_INPUT,
                             "%s: no row has the unique_id that --only names (number %zu of %zu); ids are compared "
                             "as they are sent, after the mapping's steps; nothing was sent",
                             export_facts(job->export)->path, i + 1, only->count);
    return 0;
}

static void show_progress(struct job *job)
{
    if (!job->world->progress)
        return;
    struct job_progress progress = {
        .phase = PHASE_READ, .rows = job->reading.rows, .bytes_total = export_facts(job->export)->bytes};
    progress.elapsed_ms = job->world->clock.steady_ms(job->world->clock.self) - job->started_ms;
    job->world->progress(job->world->self, &progress);
}

static int read_rows(struct job *job)
{
    struct export_record record;
    int step;
    while ((step = export_next(job->export, &record, &job->fault)) == 1) {
        export_split(job->export, &record);
        if (add_row(job, &record) < 0)
            return -1;
        if (job->reading.rows % PROGRESS_ROWS == 0) {
            show_progress(job);
            if (job_interrupted(job))
                return fault_set(&job->fault, FAULT_FAILED, "interrupted before anything was sent");
        }
    }
    return step;
}

/* The mapping of the last finished run, when it was another one: changes it alone makes are told apart. */
static void open_old_mapping(struct job *job, struct date today)
{
    struct text bundle = {0};
    struct problems ignored = {0};
    struct fault fault;
    if (!job->feed.people || job->baseline.first_load ||
        strcmp(job->baseline.mapping_digest, mapping_digest(job->mapping)) == 0 ||
        state_last_mapping(job->feed.state, job->feed.people, &bundle, &fault) < 0 || !bundle.length)
        goto out;
    job->reading.old_mapping = mapping_load_bundle(bundle.bytes, bundle.length);
    if (job->reading.old_mapping &&
        mapping_bind(job->reading.old_mapping, export_heading(job->export), &ignored) == 0)
        job->reading.old_mapper = mapper_new(job->reading.old_mapping, today);
    else
        job_warn(job, "the mapping of the last run does not fit this export, so what it alone changes cannot "
                      "be told apart");
out:
    problems_clear(&ignored);
    text_clear(&bundle);
}

static int open_export(struct job *job)
{
    char *spool = file_folder(job->settings->state);
    struct problems problems = {0};
    job->export = export_open(job->export_path, file_exists(spool) ? spool : NULL,
                              mapping_dialect(job->mapping), &job->fault);
    free(spool);
    if (!job->export)
        return -1;
    int bound = mapping_bind(job->mapping, export_heading(job->export), &problems);
    if (problems.count)
        problems_print(&problems, &job->result->warnings);
    if (bound < 0)
        problems_fault(&problems, FAULT_INPUT, &job->fault);
    problems_clear(&problems);
    job->partial = job->settings->only.count || mapping_is_refed(job->mapping);
    return bound;
}

static void open_plan(struct job *job)
{
    struct plan_settings settings = {.repeated_id = (int)mapping_repeated_id(job->mapping),
                                     .has_prefer = mapping_has_prefer(job->mapping),
                                     .full = job->settings->full,
                                     .retry_refused = job->settings->retry_refused,
                                     .partial = job->partial};
    struct plan_world world = {.fingerprints = world_fingerprints, .rank = world_rank, .self = job};
    job->plan = plan_new(&settings, world);
}

static void refresh_oldest(struct job *job)
{
    if (job->settings->refresh <= 0 || !job->feed.people)
        return;
    size_t wanted = (size_t)job->settings->refresh;
    person_handle *handles = mem_array(wanted, sizeof *handles);
    size_t count = state_longest_unrefreshed(job->feed.state, job->feed.people, handles, wanted);
    plan_refresh(job->plan, handles, count);
    free(handles);
}

int job_read(struct job *job)
{
    struct date today = clock_local_date(job->started_wall_ms);
    if (open_export(job) < 0)
        return -1;
    job->reading.mapper = mapper_new(job->mapping, today);
    job->reading.rank_mapper = mapper_new(job->mapping, today);
    job->reading.only_seen = mem_array(job->settings->only.count + 1, sizeof(bool));
    open_old_mapping(job, today);
    open_plan(job);
    if (job->feed.people && state_each_person(job->feed.state, job->feed.people, know_person,
                                              job->plan, &job->fault) < 0)
        return -1;
    if (read_rows(job) < 0 || export_check_unchanged(job->export, &job->fault) < 0 ||
        judge_file(job) < 0 || judge_only(job) < 0)
        return -1;
    refresh_oldest(job);
    plan_close(job->plan);
    job->read_whole = true;
    return 0;
}
