#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "survey_private.h"

/* Whether lost zeros can be seen by nothing but the lengths of the other ids. */
static bool lengths_are_watched(const struct field_rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_PAD)
            return false;
    }
    return !rule->pattern && !rule->list;
}

struct survey *survey_new(const struct mapping *mapping, const struct export_record *heading)
{
    /* Nothing that depends on the day is asked of this mapper. */
    static const struct date some_day = {.year = 2000, .month = 1, .day = 1};
    struct survey *survey = mem_new(sizeof *survey);
    uint8_t master[KEY_BYTES];
    survey->mapping = mapping;
    survey->mapper = mapper_new(mapping, some_day);
    survey->feedback_rows = -1;
    survey->watches_lengths = lengths_are_watched(mapping_rule(mapping, FIELD_UNIQUE_ID));
    random_bytes(master, sizeof master);
    keys_derive(&survey->keys, master);
    mem_wipe(master, sizeof master);
    survey_columns_init(survey, heading);
    return survey;
}

void survey_free(struct survey *survey)
{
    if (!survey)
        return;
    for (size_t i = 0; i < survey->column_count; i++) {
        free(survey->headings[i]);
        distinct_clear(&survey->columns[i].distinct);
        tallies_clear(&survey->columns[i].codes);
    }
    free(survey->headings);
    free(survey->columns);
    tallies_clear(&survey->left);
    tallies_clear(&survey->reasons);
    tallies_clear(&survey->stops);
    tallies_clear(&survey->policies);
    tallies_clear(&survey->damages);
    tallies_clear(&survey->missing);
    distinct_clear(&survey->ids);
    keys_wipe(&survey->keys);
    mapper_free(survey->mapper);
    free(survey);
}

void survey_note_file(struct survey *survey, const struct export_facts *facts)
{
    survey->has_facts = true;
    survey->noise = facts->noise;
    survey->feedback_rows = facts->feedback_rows;
}

static void finding_add(struct tallies *tallies, const struct finding *finding, enum policy policy,
                        uint32_t line)
{
    tallies_add(tallies, SURVEY_KINDS_MAX, finding, policy, line);
}

/*
 * The code that a list does not have: what the rule makes of the row when it looks nothing up and judges nothing.
 * Lent by the survey's mapper.
 */
static struct span code_of(struct survey *survey, const struct field_rule *rule,
                           const struct export_record *record)
{
    struct field_rule bare = *rule;
    bare.when = NULL;
    bare.list = NULL;
    bare.type = TYPE_TEXT;
    bare.never = (struct codes){0};
    bare.pattern = NULL;
    bare.limit = 0;
    bare.is_name = false;
    bare.if_wrong = POLICY_SEND_ANYWAY;
    mapper_apply(survey->mapper, record);
    field_fill(survey->mapper, &bare);
    const struct profile_value *value = &survey->mapper->row.profile.values[rule->field];
    return (struct span){.bytes = value->bytes, .length = value->length};
}

static void missing_add(struct survey *survey, enum field field, const struct export_record *record)
{
    const struct field_rule *rule = mapping_rule(survey->mapping, field);
    struct text clean = {0};
    if (survey_shows_codes(survey, rule)) {
        struct span code = code_of(survey, rule, record);
        if (utf8_count(code.bytes, code.length) <= SURVEY_CODE_CHARACTERS)
            utf8_add_clean(&clean, code.bytes, code.length, code.length);
    }
    struct finding kind = {.field = (int)field, .message = text_string(&clean)};
    tallies_add(&survey->missing, SURVEY_KINDS_MAX, &kind, POLICY_REJECT, record->line);
    text_clear(&clean);
}

static void policy_add(struct survey *survey, const struct finding *finding, enum policy policy,
                       const struct export_record *record)
{
    uint32_t line = record->line;
    if (finding->field < 0)
        return;
    finding_add(&survey->policies, finding, policy, line);
    if (text_is(finding->code, trouble_code(TROUBLE_LIST)))
        missing_add(survey, (enum field)finding->field, record);
    if (!text_is(finding->code, trouble_code(TROUBLE_ZEROS)))
        return;
    finding_add(&survey->damages, finding, policy, line);
    const struct field_rule *rule = mapping_rule(survey->mapping, (enum field)finding->field);
    survey->has_damaged_id = survey->has_damaged_id || rule->is_id;
}

static void id_add(struct survey *survey, const struct profile_value *id, uint32_t line)
{
    uint64_t hash = fingerprint_of(&survey->keys, KEY_PERSON, id->bytes, id->length);
    if (!distinct_add(&survey->ids, SURVEY_IDS_MAX, hash))
        tally_add(&survey->repeated, line);
    bool is_number = survey->watches_lengths && id->length < SURVEY_ID_DIGITS;
    for (size_t i = 0; i < id->length && is_number; i++)
        is_number = byte_is_digit(id->bytes[i]);
    if (is_number)
        tally_add(&survey->id_lengths[id->length], line);
}

static void valid_add(struct survey *survey, const struct export_record *record,
                      const struct mapped_row *mapped)
{
    survey->valid++;
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct profile_value *value = &mapped->profile.values[field];
        survey->filled[field] += value->state == VALUE_PRESENT && value->length > 0;
    }
    for (size_t i = 0; i < mapped->note_count; i++)
        policy_add(survey, &mapped->notes[i].finding, mapped->notes[i].policy, record);
    id_add(survey, &mapped->profile.values[FIELD_UNIQUE_ID], record->line);
}

void survey_add(struct survey *survey, const struct export_record *record,
                const struct mapped_row *mapped)
{
    survey->rows++;
    if (record->damage == RECORD_SOUND) {
        survey->sound++;
        survey_columns_add(survey, record);
    }
    switch (mapped->verdict) {
    case ROW_VALID:
        valid_add(survey, record, mapped);
        return;
    case ROW_LEFT_OUT:
        survey->left_out++;
        finding_add(&survey->left, &mapped->findings[0], POLICY_LEAVE_OUT, record->line);
        return;
    case ROW_REJECTED:
        survey->rejected++;
        finding_add(&survey->reasons, &mapped->findings[0], POLICY_REJECT, record->line);
        for (size_t i = 0; i < mapped->finding_count; i++)
            policy_add(survey, &mapped->findings[i], POLICY_REJECT, record);
        return;
    case ROW_STOP:
        survey->stopping++;
        finding_add(&survey->stops, &mapped->findings[0], POLICY_STOP, record->line);
        policy_add(survey, &mapped->findings[0], POLICY_STOP, record);
        return;
    }
}

bool survey_has_damaged_ids(const struct survey *survey)
{
    return survey->has_damaged_id;
}
