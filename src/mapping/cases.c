#include "cases.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "mapping/survey.h"

enum { CASES_BYTES_MAX = 4 << 20, CASES_VERSION = 1 };

/* ---------------------------------------------------------------- the columns */

/* A column by what the mapping calls it; NULL with the problem told. */
static const struct column *cases_column(struct cases *cases, const struct json_value *member)
{
    const struct mapping *mapping = cases->loader.mapping;
    const char **names = mem_array(mapping->column_count + 1, sizeof *names);
    const struct column *found = NULL;
    struct text key = {0};
    utf8_nfc(json_key(member), strlen(json_key(member)), &key);
    for (size_t i = 0; i < mapping->column_count && !found; i++) {
        names[i] = mapping->columns[i].written;
        if (text_is_folded(names[i], text_string(&key)))
            found = &mapping->columns[i];
    }
    if (!found) {
        char *hint = loader_nearest(text_string(&key), names, mapping->column_count);
        json_problem_key(cases->loader.document, cases->loader.problems, true, member, hint,
                         "the mapping names no column \"%s\"", json_key(member));
        free(hint);
    }
    text_clear(&key);
    free(names);
    return found;
}

static size_t heading_width(const struct mapping *mapping)
{
    size_t width = mapping->column_count;
    for (size_t i = 0; i < mapping->column_count; i++) {
        const struct column *column = &mapping->columns[i];
        if (!column->name && column->number > width - mapping->column_count)
            width = mapping->column_count + column->number;
    }
    return width;
}

/* A heading with one column for each that the mapping names; a blank's name ("_") is nobody's. */
static void heading_fill(const struct mapping *mapping, struct export_cell *cells, size_t count)
{
    size_t next = 0;
    for (size_t i = 0; i < mapping->column_count; i++) {
        if (!mapping->columns[i].name)
            cells[mapping->columns[i].number - 1] = (struct export_cell){.bytes = "_", .length = 1};
    }
    for (size_t i = 0; i < mapping->column_count; i++) {
        const char *written = mapping->columns[i].written;
        while (mapping->columns[i].name && cells[next].bytes)
            next++;
        if (mapping->columns[i].name)
            cells[next] =
                (struct export_cell){.bytes = written, .length = (uint32_t)strlen(written)};
    }
    for (size_t i = 0; i < count; i++) {
        if (!cells[i].bytes)
            cells[i] = (struct export_cell){.bytes = "_", .length = 1};
    }
}

/* False, with the problem told, when the mapping can be bound to no heading at all. */
static bool cases_bind(struct cases *cases, const struct mapping *mapping)
{
    struct text bundle = {0};
    struct problems problems = {0};
    mapping_bundle(mapping, &bundle);
    struct mapping *copy = mapping_load_bundle(text_string(&bundle), bundle.length);
    text_clear(&bundle);
    cases->loader.mapping = copy;
    bool is_bound = false;
    if (copy) {
        cases->cell_count = heading_width(copy);
        cases->cells = mem_array(cases->cell_count + 1, sizeof *cases->cells);
        heading_fill(copy, cases->cells, cases->cell_count);
        struct export_record heading = {.cells = cases->cells, .cell_count = cases->cell_count};
        is_bound = mapping_bind(copy, &heading, &problems) == 0;
    }
    if (!is_bound)
        loader_error(&cases->loader, NULL, NULL, "the cases cannot be run: %s",
                     problems.count ? problems.items[0].text : "the mapping cannot be read again");
    problems_clear(&problems);
    return is_bound;
}

/* ---------------------------------------------------------------- one row */

/* Puts the cells that an object names; false with the problems told. */
static bool row_fill(struct cases *cases, const struct json_value *object)
{
    bool is_good = loader_expect(&cases->loader, object, JSON_OBJECT);
    const struct json_value *member = is_good ? json_first(object) : NULL;
    for (; member; member = json_next(member)) {
        const struct column *column = cases_column(cases, member);
        bool is_string = loader_expect(&cases->loader, member, JSON_STRING);
        is_good = is_good && column && is_string;
        if (!column || !is_string)
            continue;
        const char *cell = json_string(member);
        cases->cells[column->index] =
            (struct export_cell){.bytes = cell, .length = (uint32_t)strlen(cell), .quoted = true};
    }
    return is_good;
}

/* What the reader of exports refuses in a quoted cell: control characters, and those that turn the writing around. */
static bool cell_has_control(const struct export_cell *cell)
{
    for (size_t at = 0; at < cell->length;) {
        uint32_t point;
        at += utf8_decode(cell->bytes + at, cell->length - at, &point);
        bool is_blank = point == '\t' || point == '\n' || point == '\r';
        bool is_bidi = point == 0x061C || point == 0x200E || point == 0x200F ||
                       (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
        if ((point < 0x20 && !is_blank) || (point >= 0x7F && point < 0xA0) || is_bidi)
            return true;
    }
    return false;
}

static const struct mapped_row *row_map(struct cases *cases)
{
    struct export_record record = {
        .cells = cases->cells, .cell_count = cases->cell_count, .ended = true};
    for (size_t i = 0; i < cases->cell_count; i++) {
        if (!record.damage && cell_has_control(&cases->cells[i])) {
            record.damage = RECORD_CONTROL;
            record.damage_cell = i;
        }
    }
    return mapper_apply(cases->mapper, &record);
}

/* ---------------------------------------------------------------- one case */

/* The outcome that a case gives; -1 with the problem told. */
static int case_outcome(struct cases *cases, const struct json_value *example)
{
    int outcome = -1;
    size_t count = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (json_member(example, case_outcomes[i].key)) {
            outcome = i;
            count++;
        }
    }
    if (count == 1)
        return outcome;
    loader_error(&cases->loader, example, NULL,
                 "a case needs exactly one of \"gives\", \"refused\", \"left_out\" and \"stops\"");
    return -1;
}

static bool case_is_whole(struct cases *cases, const struct json_value *example, int *outcome)
{
    static const struct loader_key keys[] = {{"name", NULL},    {"row", NULL},      {"gives", NULL},
                                             {"refused", NULL}, {"left_out", NULL}, {"stops", NULL},
                                             {"field", NULL},   {"warns", NULL}};
    struct loader *loader = &cases->loader;
    size_t errors = loader->problems->errors;
    loader_keys(loader, example, keys, COUNT_OF(keys), NULL);
    if (json_kind(example) != JSON_OBJECT)
        return false;
    *outcome = case_outcome(cases, example);
    if (!json_member(example, "row"))
        loader_error(loader, example, NULL, "this case has no \"row\"");
    const struct json_value *name = json_member(example, "name");
    if (name)
        loader_expect(loader, name, JSON_STRING);
    if (json_member(example, "field") && *outcome != OUTCOME_REFUSED)
        loader_error(loader, json_member(example, "field"), NULL,
                     "\"field\" belongs to \"refused\"");
    if (json_member(example, "warns") && *outcome != OUTCOME_GIVES)
        loader_error(loader, json_member(example, "warns"), NULL, "\"warns\" belongs to \"gives\"");
    return loader->problems->errors == errors;
}

/* True when the row was mapped, whatever came of it. */
static bool case_run(struct cases *cases, const struct json_value *example)
{
    int outcome;
    if (!case_is_whole(cases, example, &outcome))
        return false;
    for (size_t i = 0; i < cases->cell_count; i++)
        cases->cells[i] = (struct export_cell){.bytes = "", .quoted = true};
    if (cases->usual && !row_fill(cases, cases->usual))
        return false;
    if (!row_fill(cases, json_member(example, "row")))
        return false;
    const struct mapped_row *row = row_map(cases);
    const struct json_value *wanted = json_member(example, case_outcomes[outcome].key);
    if (outcome == OUTCOME_GIVES)
        judge_gives(cases, example, wanted, row);
    else
        judge_reason(cases, example, (enum outcome)outcome, wanted, row);
    return true;
}

/* ---------------------------------------------------------------- the file */

static void cases_version(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    long version;
    if (!json_integer(value, 1, CASES_VERSION, &version))
        loader_error(loader, value, NULL, "this program knows version %d of the cases",
                     CASES_VERSION);
}

static void cases_today(struct loader *loader, const struct json_value *value, void *into)
{
    struct cases *cases = into;
    if (!loader_expect(loader, value, JSON_STRING))
        return;
    if (!date_read_iso(span_of_string(json_string(value)), &cases->today))
        loader_error(loader, value, "for example \"2026-01-10\"", "this must be a day");
}

static void cases_usual(struct loader *loader, const struct json_value *value, void *into)
{
    (void)loader;
    struct cases *cases = into;
    if (row_fill(cases, value))
        cases->usual = value;
}

static void cases_list(struct loader *loader, const struct json_value *value, void *into)
{
    (void)into;
    loader_expect(loader, value, JSON_ARRAY);
}

static size_t cases_run(struct cases *cases)
{
    static const struct loader_key keys[] = {{"version", cases_version},
                                             {"today", cases_today},
                                             {"usual", cases_usual},
                                             {"cases", cases_list}};
    struct loader *loader = &cases->loader;
    const struct json_value *root = json_root(loader->document);
    size_t errors = loader->problems->errors, count = 0;
    loader_keys(loader, root, keys, COUNT_OF(keys), cases);
    if (json_kind(root) == JSON_OBJECT && !json_member(root, "version"))
        loader_error(loader, root, NULL, "\"version\" is missing here");
    if (json_kind(root) == JSON_OBJECT && !json_member(root, "cases"))
        loader_error(loader, root, NULL, "\"cases\" is missing here");
    if (loader->problems->errors > errors)
        return 0;
    cases->mapper = mapper_new(loader->mapping, cases->today);
    const struct json_value *list = json_member(root, "cases");
    for (const struct json_value *item = json_first(list); item; item = json_next(item))
        count += case_run(cases, item);
    mapper_free(cases->mapper);
    return count;
}

/* "students.jsonc" has its cases in "students.cases.jsonc". free(). */
static char *cases_path(const char *mapping_path)
{
    size_t length = strlen(mapping_path);
    static const char *const endings[] = {".jsonc", ".json"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t end = strlen(endings[i]);
        if (length > end && text_is(mapping_path + length - end, endings[i])) {
            length -= end;
            break;
        }
    }
    return mem_format("%.*s.cases.jsonc", (int)length, mapping_path);
}

static struct json_document *cases_read(const char *path, struct problems *problems)
{
    struct text bytes = {0};
    struct fault fault = {0};
    struct json_document *document = NULL;
    if (file_read(path, CASES_BYTES_MAX, &bytes, FAULT_CONFIG, &fault) < 0)
        problems_add(problems, true, path, NULL, 0, 0, NULL, "%s", fault.text);
    else
        document = json_relaxed(path, text_string(&bytes), bytes.length, problems);
    text_clear(&bytes);
    return document;
}

size_t mapping_run_cases(const struct mapping *mapping, const char *mapping_path, struct date today,
                         struct problems *problems)
{
    char *path = cases_path(mapping_path);
    size_t count = 0;
    struct json_document *document = file_exists(path) ? cases_read(path, problems) : NULL;
    if (document) {
        struct cases cases = {.loader = {.document = document, .problems = problems},
                              .today = today};
        if (cases_bind(&cases, mapping))
            count = cases_run(&cases);
        mapping_free(cases.loader.mapping);
        free(cases.cells);
        json_free(document);
    }
    free(path);
    return count;
}
