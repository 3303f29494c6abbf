#include "base/memory.h"
#include "base/utf8.h"
#include "survey_private.h"

static bool rule_has_column(const struct field_rule *rule, size_t column)
{
    for (size_t i = 0; i < rule->column_count; i++) {
        if (rule->columns[i] == column)
            return true;
    }
    return false;
}

/* What a column that the mapping names is used for. */
static enum column_use column_use(const struct mapping *mapping, size_t column)
{
    enum column_use use = USE_NONE;
    for (size_t i = 0; i < mapping->rule_count; i++) {
        const struct field_rule *rule = &mapping->rules[i];
        if (!rule_has_column(rule, column))
            continue;
        if (!rule->list || rule->is_private)
            return USE_VALUES;
        use = USE_CODES;
    }
    if (use == USE_NONE && mapping->columns[column].is_read)
        use = USE_RULES;
    return use;
}

/* Two names of one column ("City#1" and "col(5)"): what is shown least wins. */
static enum column_use use_of_both(enum column_use a, enum column_use b)
{
    if (a == USE_VALUES || b == USE_VALUES)
        return USE_VALUES;
    return a > b ? a : b;
}

void survey_columns_init(struct survey *survey, const struct export_record *heading)
{
    const struct mapping *mapping = survey->mapping;
    survey->column_count = heading->cell_count;
    survey->columns = mem_array(heading->cell_count + 1, sizeof *survey->columns);
    survey->headings = mem_array(heading->cell_count + 1, sizeof *survey->headings);
    for (size_t i = 0; i < heading->cell_count; i++) {
        survey->headings[i] = mem_bytes(heading->cells[i].bytes, heading->cells[i].length);
        if (column_is_secret(survey->headings[i]))
            survey->columns[i].use = USE_SECRET;
    }
    for (size_t i = 0; i < mapping->column_count; i++) {
        int index = mapping->columns[i].index;
        if (index < 0 || (size_t)index >= survey->column_count ||
            survey->columns[index].use == USE_SECRET)
            continue;
        enum column_use *use = &survey->columns[index].use;
        *use = use_of_both(*use, column_use(mapping, i));
    }
}

bool survey_shows_codes(const struct survey *survey, const struct field_rule *rule)
{
    for (size_t i = 0; i < rule->column_count; i++) {
        int index = survey->mapping->columns[rule->columns[i]].index;
        if (index < 0 || survey->columns[index].use != USE_CODES)
            return false;
    }
    return !rule->is_private;
}

static void column_add_code(struct column_survey *column, struct span cell, uint32_t line)
{
    if (utf8_count(cell.bytes, cell.length) > SURVEY_CODE_CHARACTERS) {
        column->codes.beyond++;
        return;
    }
    struct text clean = {0};
    utf8_add_clean(&clean, cell.bytes, cell.length, cell.length);
    struct finding code = {.field = -1, .message = text_string(&clean)};
    tallies_add(&column->codes, SURVEY_CODES_MAX, &code, POLICY_SEND_ANYWAY, line);
    text_clear(&clean);
}

static void column_add(struct survey *survey, struct column_survey *column, struct span cell,
                       uint32_t line)
{
    if (cell.length == 0 || codes_find(&survey->mapping->empty_means, cell))
        return;
    column->filled++;
    if (column->use == USE_CODES)
        column_add_code(column, cell, line);
    if (!column->distinct.is_over)
        distinct_add(&column->distinct, SURVEY_DISTINCT_MAX,
                     fingerprint_of(&survey->keys, KEY_FIELD, cell.bytes, cell.length));
}

void survey_columns_add(struct survey *survey, const struct export_record *record)
{
    for (size_t i = 0; i < survey->column_count && i < record->cell_count; i++) {
        const struct export_cell *cell = &record->cells[i];
        if (cell->length && survey->columns[i].use != USE_SECRET)
            column_add(survey, &survey->columns[i], span_trim(span_of(cell->bytes, cell->length)),
                       record->line);
    }
}
