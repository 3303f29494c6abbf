#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "mapper.h"

struct mapper *mapper_new(const struct mapping *mapping, struct date today)
{
    struct mapper *mapper = mem_new(sizeof *mapper);
    mapper->mapping = mapping;
    mapper->today = today;
    mapper->cells = mem_array(mapping->column_count + 1, sizeof *mapper->cells);
    return mapper;
}

void mapper_free(struct mapper *mapper)
{
    if (!mapper)
        return;
    arena_clear(&mapper->arena);
    text_clear(&mapper->scratch);
    text_clear(&mapper->row.rank);
    text_clear(&mapper->row.person);
    free(mapper->cells);
    free(mapper);
}

void row_reject(struct mapper *mapper, struct finding finding)
{
    struct mapped_row *row = &mapper->row;
    if (row->verdict == ROW_STOP)
        return;
    row->verdict = ROW_REJECTED;
    if (row->finding_count < sizeof row->findings / sizeof *row->findings)
        row->findings[row->finding_count++] = finding;
}

void row_note(struct mapper *mapper, enum policy policy, struct finding finding)
{
    struct mapped_row *row = &mapper->row;
    if (row->note_count == sizeof row->notes / sizeof *row->notes)
        return;
    row->notes[row->note_count].policy = policy;
    row->notes[row->note_count++].finding = finding;
}

void row_stop(struct mapper *mapper, struct finding finding)
{
    if (mapper->row.verdict == ROW_STOP)
        return;
    mapper->row.verdict = ROW_STOP;
    mapper->row.finding_count = 1;
    mapper->row.findings[0] = finding;
}

static void row_begin(struct mapper *mapper)
{
    struct mapped_row *row = &mapper->row;
    arena_reset(&mapper->arena);
    row->verdict = ROW_VALID;
    row->profile = (struct profile){0};
    row->finding_count = row->note_count = 0;
    text_reset(&row->rank);
    text_reset(&row->person);
}

/* A row that is not valid keeps of its profile the id alone. */
static void row_keep_id(struct mapper *mapper)
{
    struct profile_value id = mapper->row.profile.values[FIELD_UNIQUE_ID];
    mapper->row.profile = (struct profile){0};
    mapper->row.profile.values[FIELD_UNIQUE_ID] = id;
    mapper->row.note_count = 0;
}

static bool cell_means_empty(const struct mapping *mapping, struct span trimmed)
{
    if (trimmed.length == 0)
        return true;
    unsigned length = trimmed.length < 63 ? trimmed.length : 63;
    return (mapping->empty_lengths >> length & 1) &&
           mapping->empty_firsts[(unsigned char)trimmed.bytes[0]] &&
           codes_find(&mapping->empty_means, trimmed);
}

static void cell_read(const struct mapping *mapping, const struct export_record *record, int index,
                      struct cell_view *view)
{
    if ((size_t)index >= record->cell_count || record->cells[index].length == 0) { /* -1, too */
        view->raw = view->trimmed = (struct span){.bytes = "", .ascii = true};
        view->is_empty = true;
        return;
    }
    const struct export_cell *cell = &record->cells[index];
    view->raw = (struct span){.bytes = cell->bytes,
                              .length = cell->length,
                              .ascii = cell->ascii || bytes_are_ascii(cell->bytes, cell->length)};
    view->trimmed = span_trim(view->raw);
    view->is_empty = cell_means_empty(mapping, view->trimmed);
}

static void cells_read(struct mapper *mapper, const struct export_record *record)
{
    const struct mapping *mapping = mapper->mapping;
    for (size_t i = 0; i < mapping->column_count; i++) {
        if (mapping->columns[i].is_read)
            cell_read(mapping, record, mapping->columns[i].index, &mapper->cells[i]);
    }
}

/* ---------------------------------------------------------------- records that the reader found damaged */

/* The words name the column at most: where exactly it is, the line says, so that reasons can be counted. */
static const struct {
    const char *code, *words, *fix;
} damages[] = {
    [RECORD_RAGGED] = {"ragged", "the row has another number of cells than the heading",
                       "put cells that contain the delimiter in quotes"},
    [RECORD_UNDECODABLE] = {"encoding", "a character that the declared encoding does not have",
                            "declare the encoding that the export really has"},
    [RECORD_NUL] = {"nul", "a NUL byte", "remove the character in the source system"},
    [RECORD_CONTROL] = {"control", "a control character",
                        "remove the character in the source system"},
    [RECORD_QUOTE] = {"quote", "a stray quote", "double the quotes inside a quoted cell"},
};

/* "a NUL byte in column 3 (LAST_NAME)"; lives in the row's arena. */
enum { REFED_CELLS = 5 }; /* _line, _field, _code, _reason, _fix: not the export's own */

static const char *damage_message(struct mapper *mapper, const struct export_record *record)
{
    const struct mapping *mapping = mapper->mapping;
    struct text *text = &mapper->scratch;
    text_reset(text);
    text_add(text, damages[record->damage].words);
    if (record->damage == RECORD_RAGGED) {
        size_t added = mapping->is_refed && record->cell_count > REFED_CELLS ? REFED_CELLS : 0;
        text_addf(text, " (%zu, not %zu)", record->cell_count - added,
                  mapping->heading_count - added);
    } else {
        text_addf(text, " in column %zu", record->damage_cell + 1);
        if (record->damage_cell < mapping->heading_count) {
            const char *heading = mapping->headings[record->damage_cell];
            text_add(text, " (");
            utf8_add_clean(text, heading, strlen(heading), 40);
            text_add(text, ")");
        }
    }
    char *words = arena_take(&mapper->arena, text->length + 1);
    return memcpy(words, text_string(text), text->length + 1);
}

static bool cell_is_sound(const struct export_record *record, int index)
{
    if (index < 0 || (size_t)index >= record->cell_count)
        return false;
    if (record->damage == RECORD_QUOTE ? (size_t)index >= record->damage_cell
                                       : (size_t)index == record->damage_cell)
        return false;
    struct span cell = {.bytes = record->cells[index].bytes, .length = record->cells[index].length};
    if (utf8_valid_prefix(cell.bytes, cell.length) != cell.length)
        return false;
    for (size_t i = 0; i < cell.length; i++) {
        if ((unsigned char)cell.bytes[i] < 0x20 || cell.bytes[i] == 0x7F)
            return false;
    }
    return true;
}

/* Whether all cells that make the unique_id are sound although the record is not. */
static bool id_is_readable(const struct mapping *mapping, const struct export_record *record)
{
    const struct field_rule *rule = &mapping->rules[0];
    if (record->damage == RECORD_RAGGED)
        return false;
    for (size_t i = 0; i < rule->column_count; i++) {
        if (!cell_is_sound(record, mapping->columns[rule->columns[i]].index))
            return false;
    }
    return true;
}

static void row_apply_damaged(struct mapper *mapper, const struct export_record *record)
{
    const struct mapping *mapping = mapper->mapping;
    const struct field_rule *rule = &mapping->rules[0];
    if (id_is_readable(mapping, record)) {
        for (size_t i = 0; i < rule->column_count; i++)
            cell_read(mapping, record, mapping->columns[rule->columns[i]].index,
                      &mapper->cells[rule->columns[i]]);
        field_fill(mapper, rule);
    }
    mapper->row.verdict = ROW_VALID;
    mapper->row.finding_count = 0;
    row_reject(mapper, (struct finding){.code = damages[record->damage].code,
                                        .field = -1,
                                        .message = damage_message(mapper, record),
                                        .fix = damages[record->damage].fix});
    TRACE_RULE(mapper, "damaged: %s", record->damage_text);
    row_keep_id(mapper);
}

static struct span cell_trimmed_at(const struct export_record *record, size_t index)
{
    return span_trim(span_of(record->cells[index].bytes, record->cells[index].length));
}

static bool span_is_number(struct span span)
{
    for (size_t i = 0; i < span.length; i++)
        if (!byte_is_digit(span.bytes[i]))
            return false;
    return span.length > 0;
}

/* Do the first three of the five cells of a row with a wrong number of cells stand here: its line, no field, the code? */
static bool marks_stand_at(const struct export_record *record, size_t at)
{
    struct span code = cell_trimmed_at(record, at + 2);
    return span_is_number(cell_trimmed_at(record, at)) &&
           cell_trimmed_at(record, at + 1).length == 0 &&
           (span_is(code, damages[RECORD_RAGGED].code) ||
            span_is(code, damages[RECORD_QUOTE].code));
}

/*
 * A rejects file that a spreadsheet has saved: where a row had another number of cells than the heading, its cells and the five behind
 * them stand under the wrong headings.
 */
static bool cells_have_moved(const struct mapping *mapping, const struct export_record *record)
{
    size_t first = (size_t)mapping->line_column;
    if (!mapping->is_refed || first >= record->cell_count)
        return false;
    for (size_t at = 0; at + 2 < record->cell_count; at++)
        if (at != first && marks_stand_at(record, at))
            return true;
    struct span line = cell_trimmed_at(record, first);
    return line.length > 0 && !span_is_number(line);
}

static void row_apply_moved(struct mapper *mapper)
{
    mapper->row.verdict = ROW_VALID;
    row_reject(mapper,
               (struct finding){.code = "moved",
                                .field = -1,
                                .message = "the cells stand under the wrong headings, with those "
                                           "that begin with the line number",
                                .fix = "move the row's cells under their headings again, and empty "
                                       "those that were added"});
    row_keep_id(mapper);
}

/* ---------------------------------------------------------------- rules on rows */

/* The first rule whose answer is not the one that is good for the row; NULL when there is none. */
static const struct row_rule *rules_find(struct mapper *mapper, const struct row_rules *rules,
                                         enum rule_answer good, enum rule_answer *answer)
{
    for (size_t i = 0; i < rules->count; i++) {
        *answer = rule_ask(mapper, &rules->items[i]);
        if (*answer != good)
            return &rules->items[i];
    }
    return NULL;
}

/* The row is not to be sent: left out by a rule, or rejected where the rule's date cannot be read. */
static void row_decide(struct mapper *mapper, const char *code, const struct row_rule *rule,
                       enum rule_answer answer)
{
    bool is_unreadable = answer == RULE_UNREADABLE;
    field_fill(mapper, &mapper->mapping->rules[0]);
    row_keep_id(mapper);
    struct finding finding = {.code = is_unreadable ? "type" : code,
                              .field = -1,
                              .message = is_unreadable ? rule->unreadable : rule->because,
                              .fix = is_unreadable ? "correct the date in the source system" : ""};
    mapper->row.verdict = is_unreadable ? ROW_REJECTED : ROW_LEFT_OUT;
    mapper->row.finding_count = 1;
    mapper->row.findings[0] = finding;
    TRACE_DECISION(mapper, code, rule, finding.message);
}

/* True when a rule of people.keep or people.leave_out decided. */
static bool row_is_decided(struct mapper *mapper)
{
    const struct mapping *mapping = mapper->mapping;
    enum rule_answer answer;
    const struct row_rule *rule = rules_find(mapper, &mapping->keep, RULE_YES, &answer);
    if (rule) {
        row_decide(mapper, "keep", rule, answer);
        return true;
    }
    rule = rules_find(mapper, &mapping->leave_out, RULE_NO, &answer);
    if (rule)
        row_decide(mapper, "leave_out", rule, answer);
    return rule != NULL;
}

static void row_must_hold(struct mapper *mapper)
{
    enum rule_answer answer;
    const struct row_rule *rule =
        rules_find(mapper, &mapper->mapping->must_hold, RULE_YES, &answer);
    if (!rule)
        return;
    row_stop(mapper, (struct finding){.code = "must_hold",
                                      .field = -1,
                                      .message = answer == RULE_UNREADABLE ? rule->unreadable
                                                                           : rule->broken,
                                      .fix = "is this the right export? otherwise change must_hold "
                                             "in the mapping"});
    TRACE_DECISION(mapper, "must_hold", rule, rule->because);
}

static void row_apply_sound(struct mapper *mapper, const struct export_record *record)
{
    const struct mapping *mapping = mapper->mapping;
    cells_read(mapper, record);
    rank_fill(mapper);
    person_fill(mapper);
    if (row_is_decided(mapper))
        return;
    row_must_hold(mapper);
    for (size_t i = 0; i < mapping->rule_count; i++)
        field_fill(mapper, &mapping->rules[i]);
    if (mapper->row.verdict != ROW_VALID)
        row_keep_id(mapper);
}

const struct mapped_row *mapper_apply(struct mapper *mapper, const struct export_record *record)
{
    assert(mapper->mapping->is_bound);
    row_begin(mapper);
    if (record->damage != RECORD_SOUND)
        row_apply_damaged(mapper, record);
    else if (cells_have_moved(mapper->mapping, record))
        row_apply_moved(mapper);
    else
        row_apply_sound(mapper, record);
    return &mapper->row;
}
