#include "census.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct report_type *census_type(struct census *census, const char *type, size_t length)
{
    for (size_t i = 0; i < census->type_count; i++)
        if (strlen(census->types[i].type) == length &&
            memcmp(census->types[i].type, type, length) == 0)
            return &census->types[i];
    if (census->type_count == TYPE_SLOTS)
        return NULL;
    struct report_type *slot = &census->types[census->type_count++];
    *slot = (struct report_type){.type = mem_bytes(type, length)};
    return slot;
}

static void add_last(struct census *census, enum field field)
{
    struct run_of_notes *last = &census->last[field];
    if (last->count)
        report_add_note(&census->notes, last->code, policy_name(last->policy), (int)field,
                        last->message, last->count);
    last->count = 0;
}

/* Nearly always it is what the row before had in this field, too. */
static void add_note(struct census *census, enum policy policy, const struct finding *finding)
{
    struct run_of_notes *last = &census->last[finding->field];
    if (last->message != finding->message || last->policy != policy) {
        add_last(census, (enum field)finding->field);
        last->code = finding->code;
        last->message = finding->message;
        last->policy = policy;
    }
    last->count++;
}

void census_add_notes(struct census *census, const struct mapped_row *mapped)
{
    for (size_t i = 0; i < mapped->note_count; i++)
        add_note(census, mapped->notes[i].policy, &mapped->notes[i].finding);
}

const struct report *census_notes(struct census *census)
{
    for (int field = 0; field < FIELD_COUNT; field++)
        add_last(census, (enum field)field);
    return &census->notes;
}

static void add_valid(struct census *census, const struct mapped_row *mapped)
{
    const struct profile_value *type = &mapped->profile.values[FIELD_USER_TYPE_ID];
    census->valid++;
    for (int field = 0; field < FIELD_COUNT; field++)
        census->filled[field] += mapped->profile.values[field].length > 0;
    struct report_type *slot = type->length ? census_type(census, type->bytes, type->length) : NULL;
    if (slot)
        slot->now++;
    census_add_notes(census, mapped);
}

static bool has_damaged_id(const struct mapped_row *mapped)
{
    for (size_t i = 0; i < mapped->finding_count; i++)
        if (mapped->findings[i].field == FIELD_UNIQUE_ID &&
            strcmp(mapped->findings[i].code, "damaged") == 0)
            return true;
    return false;
}

void census_add(struct census *census, const struct export_record *record,
                const struct mapped_row *mapped)
{
    census->rows++;
    census->broken += record->damage == RECORD_RAGGED || record->damage == RECORD_UNDECODABLE;
    census->damaged_ids += has_damaged_id(mapped);
    census->left_out += mapped->verdict == ROW_LEFT_OUT;
    if (mapped->verdict == ROW_VALID)
        add_valid(census, mapped);
}

void census_merge(struct census *census, struct census *other)
{
    census->rows += other->rows;
    census->broken += other->broken;
    census->damaged_ids += other->damaged_ids;
    census->left_out += other->left_out;
    census->valid += other->valid;
    for (int field = 0; field < FIELD_COUNT; field++)
        census->filled[field] += other->filled[field];
    for (size_t i = 0; i < other->type_count; i++) {
        const struct report_type *type = &other->types[i];
        struct report_type *slot = census_type(census, type->type, strlen(type->type));
        if (slot)
            slot->now += type->now;
    }
    const struct report *read = census_notes(other);
    for (size_t i = 0; i < read->note_count; i++) {
        const struct report_note *note = &read->notes[i];
        report_add_note(&census->notes, note->code, note->policy, note->field, note->message,
                        note->count);
    }
    census_clear(other);
}

void census_clear(struct census *census)
{
    for (size_t i = 0; i < census->type_count; i++)
        free(census->types[i].type);
    report_clear(&census->notes);
    *census = (struct census){0};
}
