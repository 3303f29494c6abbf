#include "job_private.h"

#include <string.h>

#include "base/memory.h"

/* One row of the first pass, from the glance that the crew had at it to its place in the plan. */

static bool is_wanted(struct job *job, const struct profile_value *id)
{
    const struct strings *only = &job->settings->only;
    bool is_named = false;
    for (size_t i = 0; i < only->count; i++)
        if (strlen(only->items[i]) == id->length &&
            memcmp(only->items[i], id->bytes, id->length) == 0)
            is_named = job->reading.only_seen[i] = true;
    return is_named;
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

/*
 * A person who would be new: is it a known one under a new id? Held where the mapping names same_person, until somebody who has looked
 * names the new id.
 */
static void judge_identity(struct job *job, const struct mapped_row *mapped,
                           const struct digest *tag)
{
    uint64_t aliases[3];
    bool is_released = job->settings->only.count && job->settings->retry_refused;
    if (!job->feed.people || is_released)
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
                  plan_reason(
                      job->plan, ACTION_HELD, "same_person", -1,
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

/* --all lists the unchanged rows too, which the plan does not keep. */
static void keep_place(struct reading *reading, const struct glance *glance)
{
    size_t count = reading->place_count++;
    if ((count & (count - 1)) == 0) /* doubles at each power of two */
        reading->places =
            mem_resize(reading->places, count ? 2 * count : 1, sizeof *reading->places);
    reading->places[count] =
        (struct place){.offset = glance->offset, .bytes = glance->bytes, .line = glance->line};
}

/* Is a glance enough? A row as it was delivered, or a new one where nobody is known who could be the same person. */
static bool is_plain(const struct job *job, const struct glance *glance)
{
    struct digest delivered;
    person_handle handle;
    if (glance->verdict != ROW_VALID || job->settings->only.count)
        return false;
    if (plan_peek(job->plan, &glance->tag, &delivered, &handle))
        return digest_equal(&delivered, &glance->digest);
    return !job->feed.people;
}

static void add_valid(struct job *job, const struct export_record *record,
                      const struct mapped_row *mapped, const struct plan_input *glanced)
{
    struct digest old, delivered;
    person_handle handle;
    struct plan_input input = *glanced;
    if (job->settings->only.count)
        census_add_notes(&job->reading.named, mapped);
    input.profile = &mapped->profile;
    if (job->reading.old_mapper)
        map_with_old(job, record, &input.digest, &input, &old);
    bool is_new = !plan_peek(job->plan, &input.tag, &delivered, &handle) && handle == 0;
    plan_add(job->plan, &input);
    if (is_new)
        judge_identity(job, mapped, &input.tag);
}

static void set_aside(struct job *job, struct plan_input *input, enum action action,
                      const struct finding *finding)
{
    input->action = action;
    input->reason = plan_reason(job->plan, action, finding->code, finding->field, finding->message,
                                finding->fix);
    plan_add(job->plan, input);
}

/* A row that stops the run: must_hold, "stop run". With 'looks' it counts as rejected, and reading goes on. */
static int stop_at(struct job *job, uint32_t line, const struct finding *finding,
                   struct plan_input *input)
{
    struct fault fault;
    fault_set(&fault, FAULT_INPUT, "%s:%u: %s; nothing was sent%s%s",
              export_facts(job->export)->path, line, finding->message,
              finding->fix && *finding->fix ? ": " : "", finding->fix ? finding->fix : "");
    if (!job->looks) {
        job->fault = fault;
        return -1;
    }
    if (job->reading.stop.kind == FAULT_NONE)
        job->reading.stop = fault;
    set_aside(job, input, ACTION_REJECTED, finding);
    return 0;
}

/* Splits and maps the row once more, for what a glance does not tell: values, findings. */
static int look_again(struct job *job, const struct batch *batch, const struct glance *glance,
                      struct plan_input *input)
{
    static const struct finding not_named = {
        .code = "only", .field = -1, .message = "not named by --only", .fix = ""};
    struct export_record record = {.offset = glance->offset,
                                   .bytes = glance->bytes,
                                   .line = glance->line,
                                   .raw = batch->bytes.bytes + glance->at,
                                   .ended = true};
    export_split(job->export, &record);
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    const struct finding *first = mapped->findings;
    if (mapped->verdict == ROW_STOP)
        return stop_at(job, record.line, first, input);
    if (job->settings->only.count &&
        !(glance->has_tag && is_wanted(job, &mapped->profile.values[FIELD_UNIQUE_ID])))
        set_aside(job, input, ACTION_LEFT_OUT, &not_named);
    else if (mapped->verdict == ROW_VALID)
        add_valid(job, &record, mapped, input);
    else
        set_aside(job, input, mapped->verdict == ROW_LEFT_OUT ? ACTION_LEFT_OUT : ACTION_REJECTED,
                  first);
    return 0;
}

int job_add_row(struct job *job, const struct batch *batch, const struct glance *glance)
{
    struct text rank = {.bytes = batch->ranks.bytes + glance->rank_at,
                        .length = glance->rank_length};
    struct plan_input input = {
        .offset = glance->offset,
        .bytes = glance->bytes,
        .line = glance->line,
        .action = ACTION_NEW,
        .has_tag = glance->has_tag,
        .tag = glance->tag,
        .digest = glance->digest,
        .keys = &job->keys,
        .rank = glance->rank_length ? &rank : NULL,
        .folded_tag = glance->verdict == ROW_VALID && glance->has_folded ? &glance->folded : NULL};
    if (job->settings->all)
        keep_place(&job->reading, glance);
    if (!is_plain(job, glance))
        return look_again(job, batch, glance, &input);
    plan_add(job->plan, &input);
    return 0;
}
