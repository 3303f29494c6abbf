#ifndef OPSPUSH_TESTS_MAPPED_H
#define OPSPUSH_TESTS_MAPPED_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "mapping/mapping.h"
#include "mapping/trace.h"
#include "unit.h"

/* A mapping in a file of its own, and rows for it written as cells between bars. */

enum { CELLS_MAX = 64 };

struct record_of {
    struct export_record record;
    struct export_cell cells[CELLS_MAX];
};

static inline const struct export_record *cells_of(struct record_of *out, const char *bars)
{
    size_t count = 0;
    for (const char *at = bars; at; count++) {
        const char *end = strchr(at, '|');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        out->cells[count] = (struct export_cell){.bytes = at, .length = (uint32_t)length};
        at = end ? end + 1 : NULL;
    }
    out->record = (struct export_record){.cells = out->cells, .cell_count = count, .ended = true};
    return &out->record;
}

static inline void file_of(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static inline struct mapping *load_text(const char *text, struct problems *problems)
{
    char path[] = "/tmp/opspush-mapping-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    file_of(path, text);
    digest_start();
    struct mapping *mapping = mapping_load(path, problems);
    unlink(path);
    return mapping;
}

/* A whole mapping around rules; 'more' stands before the fields, each part ending in a comma. */
static inline char *mapping_around(const char *more, const char *fields)
{
    return mem_format("{ \"version\": 1, \"name\": \"Test\", %s \"fields\": {\n"
                      "\"unique_id\": { \"from\": \"ID\" },\n"
                      "\"login_source\": { \"value\": \"SAML\" },\n%s } }",
                      more, fields);
}

static inline struct mapping *load_around(const char *more, const char *fields)
{
    struct problems problems = {0};
    struct text shown = {0};
    char *text = mapping_around(more, fields);
    struct mapping *mapping = load_text(text, &problems);
    problems_print(&problems, &shown);
    ck_assert_msg(mapping != NULL, "%s\n%s", text, text_string(&shown));
    text_clear(&shown);
    problems_clear(&problems);
    free(text);
    return mapping;
}

/* What loading such a mapping complains about; free(). */
static inline char *errors_around(const char *more, const char *fields)
{
    struct problems problems = {0};
    struct text shown = {0};
    char *text = mapping_around(more, fields);
    struct mapping *mapping = load_text(text, &problems);
    problems_print(&problems, &shown);
    ck_assert_msg(mapping == NULL, "loads, but should not: %s", text);
    ck_assert_uint_gt(problems.errors, 0);
    problems_clear(&problems);
    free(text);
    return text_take(&shown);
}

static inline void bind_to(struct mapping *mapping, const char *heading)
{
    struct problems problems = {0};
    struct record_of record;
    struct text shown = {0};
    int bound = mapping_bind(mapping, cells_of(&record, heading), &problems);
    problems_print(&problems, &shown);
    ck_assert_msg(bound == 0, "%s", text_string(&shown));
    text_clear(&shown);
    problems_clear(&problems);
}

static inline char *bind_errors(struct mapping *mapping, const char *heading)
{
    struct problems problems = {0};
    struct record_of record;
    struct text shown = {0};
    int bound = mapping_bind(mapping, cells_of(&record, heading), &problems);
    problems_print(&problems, &shown);
    ck_assert_msg(bound == -1, "binds, but should not: %s", heading);
    problems_clear(&problems);
    return text_take(&shown);
}

static const struct date test_day = {.year = 2026, .month = 1, .day = 10};

static inline const struct mapped_row *apply_to(struct mapper *mapper, const char *bars)
{
    struct record_of record;
    return mapper_apply(mapper, cells_of(&record, bars));
}

static inline void assert_value(const struct mapped_row *row, enum field field, const char *wanted)
{
    const struct profile_value *value = &row->profile.values[field];
    if (!wanted) {
        ck_assert_msg(value->state == VALUE_ABSENT, "%s goes out as \"%.*s\"",
                      field_info(field)->name, (int)value->length, value->bytes);
        return;
    }
    ck_assert_msg(value->state == VALUE_PRESENT, "%s is absent (%s), not \"%s\"",
                  field_info(field)->name,
                  row->finding_count ? row->findings[0].message : "no finding", wanted);
    ck_assert_msg(value->length == strlen(wanted) &&
                      memcmp(value->bytes, wanted, value->length) == 0,
                  "%s is \"%.*s\", not \"%s\"", field_info(field)->name, (int)value->length,
                  value->bytes, wanted);
}

static inline void assert_code(const struct mapped_row *row, enum row_verdict verdict,
                               const char *code)
{
    ck_assert_msg(row->verdict == verdict, "verdict %d, not %d (%s)", (int)row->verdict,
                  (int)verdict, row->finding_count ? row->findings[0].message : "no finding");
    if (code)
        ck_assert_str_eq(row->findings[0].code, code);
}

#endif
