#include "job_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/*
 * Saved plans: what a plan is bound to, writing one, and holding a saved one against what is planned now. While there is no state there
 * is no key either: the plan then brings the passing key that it was made with ("key=" in its options).
 */

/* Appends " name=" and the bytes as text. */
static void add_bytes(struct text *out, const char *name, const void *bytes, size_t length)
{
    char *text = saved_bytes_text(bytes, length);
    text_addf(out, " %s=%s", name, text);
    free(text);
}

/* What shapes the rows to send, as one line: it goes into the plan and rules its push. */
void job_options_text(const struct job *job, struct text *out)
{
    const struct settings *settings = job->settings;
    struct text sealed = {0};
    text_addf(out, "full=%d retry_refused=%d only_data=%d refresh=%ld limit=%ld", settings->full,
              settings->retry_refused, settings->only_data, settings->refresh, settings->limit);
    if (!job->feed.state)
        add_bytes(out, "key", job->passing_key, sizeof job->passing_key);
    for (size_t i = 0; i < settings->only.count; i++) {
        const char *id = settings->only.items[i];
        text_reset(&sealed);
        seal_add(&job->keys, "only", 4, id, strlen(id), &sealed);
        add_bytes(out, "only", sealed.bytes, sealed.length);
    }
    text_clear(&sealed);
}

static void binding_now(struct job *job, struct plan_binding *out)
{
    bool has_state = job->feed.state != NULL;
    struct text options = {0};
    job_options_text(job, &options);
    *out = (struct plan_binding){
        .export_digest = mem_string(export_facts(job->export)->digest),
        .mapping_digest = mem_string(mapping_bytes_digest(job->mapping)),
        .target = mem_string(job->url ? job->url : ""),
        .feed = mem_string(mapping_name(job->mapping)),
        .state_identity = mem_string(has_state ? state_identity(job->feed.state) : "none"),
        .run_counter = job->feed.people ? state_run_counter(job->feed.state, job->feed.people) : 0,
        .options = text_take(&options)};
}

/* The payload's digest of a row to send, and its id sealed: read again, since the plan holds neither. */
static int save_row(struct job *job, const struct plan_row *row, struct saved_row *out)
{
    struct export_record record;
    struct text sealed = {0};
    struct digest digest, tag;
    *out = (struct saved_row){.line = row->line,
                              .action = row->action,
                              .reason = row->reason,
                              .flags = row->flags,
                              .fields = row->fields};
    if (export_reread(job->export, row->offset, row->bytes, row->line, &record, &job->fault) < 0)
        return -1;
    const struct mapped_row *mapped = mapper_apply(job->reading.mapper, &record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    if (mapped->verdict == ROW_VALID) {
        profile_digest(&mapped->profile, &job->keys, &digest);
        digest_hex(&digest, out->digest);
    }
    if (id->length) {
        person_tag(id->bytes, id->length, &job->keys, &tag);
        text_add_bytes(&sealed, tag.bytes, sizeof tag.bytes);
        seal_add(&job->keys, tag.bytes, sizeof tag.bytes, id->bytes, id->length, &sealed);
        out->sealed_id = saved_bytes_text(sealed.bytes, sealed.length);
    }
    text_clear(&sealed);
    return 0;
}

/* The push of a plan may start in another folder than the plan did. free() */
static char *path_from_anywhere(const char *path)
{
    char *here = getcwd(NULL, 0);
    char *whole = here ? file_join(here, path) : mem_string(path);
    free(here);
    return whole;
}

/*
 * Guards outside their limits, passed by --ignore or not: whoever pushes the plan has them before the eyes. So is a first
 * load that was allowed.
 */
static guard_set guards_outside(const struct guard_judgement *guards)
{
    guard_set outside =
        guards->of[GUARD_FIRST_LOAD].value > 0 ? (guard_set)1 << GUARD_FIRST_LOAD : 0;
    for (int guard = 0; guard < GUARD_COUNT; guard++)
        if (!guards->of[guard].passed)
            outside |= (guard_set)1 << guard;
    return outside;
}

int job_save_plan(struct job *job)
{
    struct saved_plan plan = {.counts = *plan_counts(job->plan), .guards = job->guards};
    char created[32];
    int done = -1;
    if (strcmp(job->export_path, "-") == 0)
        return fault_set(
            &job->fault, FAULT_USAGE,
            "a plan of standard input cannot be saved: its push must read the export again; "
            "save the export to a file");
    clock_utc(job->started_wall_ms, created);
    binding_now(job, &plan.binding);
    plan.created = mem_string(created);
    plan.export_path = path_from_anywhere(export_facts(job->export)->path);
    plan.mapping_path = path_from_anywhere(mapping_path(job->mapping));
    plan.approved = guards_outside(&job->guards);
    plan.reason_count = plan_reason_count(job->plan);
    plan.reasons = mem_array(plan.reason_count + 1, sizeof *plan.reasons);
    for (size_t i = 0; i < plan.reason_count; i++)
        plan.reasons[i] = *plan_reason_at(job->plan, (uint32_t)i); /* strings lent by the plan */
    size_t count = plan_row_count(job->plan);
    plan.rows = mem_array(count + 1, sizeof *plan.rows);
    for (; plan.row_count < count; plan.row_count++) {
        struct plan_row row = plan_row_at(job->plan, plan.row_count);
        if (save_row(job, &row, &plan.rows[plan.row_count]) < 0)
            goto out;
    }
    done = saved_plan_write(job->settings->out, &plan, &job->fault);
out:
    for (size_t i = 0; i < plan.row_count; i++)
        free(plan.rows[i].sealed_id);
    free(plan.rows);
    free(plan.reasons);
    free(plan.created);
    free(plan.export_path);
    free(plan.mapping_path);
    plan_binding_clear(&plan.binding);
    return done;
}

/* ---------------------------------------------------------------- pushing a saved plan */

static int only_read(struct job *job, const char *value, struct settings *settings)
{
    struct text sealed = {0}, id = {0};
    int done = saved_bytes_from(value, &sealed);
    if (done == 0)
        done = seal_open(&job->keys, "only", 4, sealed.bytes, sealed.length, &id);
    text_clear(&sealed);
    if (done < 0) {
        text_clear(&id);
        return fault_set(&job->fault, FAULT_STALE,
                         "the plan was made with another key than this state's; plan again");
    }
    strings_add(&settings->only, text_take(&id));
    return 0;
}

static int key_read(struct job *job, const char *value)
{
    struct text key = {0};
    if (job->feed.state)
        return 0; /* the binding then says that the state is another one */
    bool good = saved_bytes_from(value, &key) == 0 && key.length == sizeof job->passing_key;
    if (good) {
        memcpy(job->passing_key, key.bytes, sizeof job->passing_key);
        keys_derive(&job->keys, job->passing_key);
    }
    text_clear(&key);
    return good ? 0
                : fault_set(&job->fault, FAULT_STALE, "the plan's key cannot be read; plan again");
}

/* One "name=value" of a plan's options. */
static int option_read(struct job *job, const char *name, const char *value,
                       struct settings *settings)
{
    long number = strtol(value, NULL, 10);
    if (strcmp(name, "key") == 0)
        return key_read(job, value);
    if (strcmp(name, "only") == 0)
        return only_read(job, value, settings);
    if (strcmp(name, "full") == 0)
        settings->full = number != 0;
    else if (strcmp(name, "retry_refused") == 0)
        settings->retry_refused = number != 0;
    else if (strcmp(name, "only_data") == 0)
        settings->only_data = number != 0;
    else if (strcmp(name, "refresh") == 0)
        settings->refresh = number;
    else if (strcmp(name, "limit") == 0)
        settings->limit = number;
    return 0;
}

/*
 * The saved plan's options take the place of the call's; its passing key is used while there is no state. The key stands in front of the
 * ids that it seals.
 */
int job_load_plan(struct job *job, struct settings *settings)
{
    char *options = mem_string(job->saved->binding.options), *rest = options, *word;
    int done = 0;
    while (done == 0 && (word = strtok_r(rest, " ", &rest))) {
        char *value = strchr(word, '=');
        if (!value)
            continue;
        *value = '\0';
        done = option_read(job, word, value + 1, settings);
    }
    mem_wipe(options, strlen(options));
    free(options);
    return done;
}

static int stale_row(struct job *job, uint32_t line)
{
    return fault_set(&job->fault, FAULT_STALE,
                     "line %u would be treated otherwise now than the plan says (a date has "
                     "passed, or the state "
                     "has moved on); nothing was sent: plan again",
                     line);
}

int job_compare_plan(struct job *job)
{
    const struct saved_plan *saved = job->saved;
    struct plan_binding now;
    binding_now(job, &now);
    free(now.options); /* sealed anew at each call: the plan's own rule */
    now.options = mem_string(saved->binding.options);
    const char *differs = plan_binding_differs(&saved->binding, &now);
    plan_binding_clear(&now);
    if (differs)
        return fault_set(&job->fault, FAULT_STALE, "%s; nothing was sent: plan again", differs);
    if (saved->row_count != plan_row_count(job->plan))
        return fault_set(
            &job->fault, FAULT_STALE,
            "the plan lists %zu rows and there would be %zu now; nothing was sent: plan again",
            saved->row_count, plan_row_count(job->plan));
    for (size_t i = 0; i < saved->row_count; i++) {
        struct plan_row row = plan_row_at(job->plan, i);
        struct saved_row again;
        if (save_row(job, &row, &again) < 0)
            return -1;
        free(again.sealed_id);
        if (again.line != saved->rows[i].line || again.action != saved->rows[i].action ||
            again.fields != saved->rows[i].fields ||
            strcmp(again.digest, saved->rows[i].digest) != 0)
            return stale_row(job, saved->rows[i].line);
    }
    return 0;
}
