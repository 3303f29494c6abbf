#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "loader.h"

void mapping_unbind(struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->heading_count; i++)
        free(mapping->headings[i]);
    free(mapping->headings);
    mapping->headings = NULL;
    mapping->heading_count = 0;
    mapping->is_bound = mapping->is_refed = false;
    mapping->line_column = -1;
}

static void headings_read(struct mapping *mapping, const struct export_record *heading)
{
    mapping->headings = mem_array(heading->cell_count + 1, sizeof *mapping->headings);
    mapping->heading_count = heading->cell_count;
    for (size_t i = 0; i < heading->cell_count; i++) {
        struct span cell = {.bytes = heading->cells[i].bytes, .length = heading->cells[i].length};
        if (i == 0 && cell.length >= 3 && memcmp(cell.bytes, "\xEF\xBB\xBF", 3) == 0)
            cell = span_part(cell, 3, cell.length - 3);
        cell = span_trim(cell);
        mapping->headings[i] = mem_bytes(cell.bytes, cell.length);
    }
}

/* Whether two headings are one, case apart. */
static bool heading_is(const char *heading, const char *name)
{
    if (text_is_folded(heading, name))
        return true;
    if (bytes_are_ascii(heading, strlen(heading)) || bytes_are_ascii(name, strlen(name)))
        return false;
    struct text left = {0}, right = {0};
    utf8_fold(heading, strlen(heading), &left);
    utf8_fold(name, strlen(name), &right);
    bool are_equal = text_is(text_string(&left), text_string(&right));
    text_clear(&left);
    text_clear(&right);
    return are_equal;
}

/* How many headings bear the name; 'index' is set to the nth (1-based), -1 when there are fewer. */
static size_t headings_find(const struct mapping *mapping, const char *name, size_t nth, int *index)
{
    size_t found = 0;
    *index = -1;
    for (size_t i = 0; i < mapping->heading_count; i++) {
        if (mapping->headings[i][0] == '_' || !heading_is(mapping->headings[i], name))
            continue;
        if (++found == nth)
            *index = (int)i;
    }
    return found;
}

/* The heading that is meant, perhaps; those that are ignored are not. free(). */
static char *heading_nearest(const struct mapping *mapping, const char *name)
{
    const char **names = mem_array(mapping->heading_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < mapping->heading_count; i++) {
        if (mapping->headings[i][0] != '_')
            names[count++] = mapping->headings[i];
    }
    char *hint = loader_nearest(name, names, count);
    free(names);
    return hint;
}

static void tell_missing(struct loader *loader, const struct column *column)
{
    if (column->name[0] == '_') {
        loader_error(loader, column->place, "give the column another name in the export",
                     "\"%s\" cannot be used: columns whose names start with \"_\" are ignored",
                     column->written);
        return;
    }
    char *hint = heading_nearest(loader->mapping, column->name);
    loader_error(loader, column->place, hint, "the export has no column called \"%s\"",
                 column->written);
    free(hint);
}

static void bind_name(struct loader *loader, struct column *column)
{
    const struct mapping *mapping = loader->mapping;
    /* A heading may be called "City#2" itself. */
    if (headings_find(mapping, column->written, 1, &column->index) == 1)
        return;
    size_t found =
        headings_find(mapping, column->name, column->number ? column->number : 1, &column->index);
    if (found == 0) {
        tell_missing(loader, column);
    } else if (column->number == 0 && found > 1) {
        char *hint = mem_format("write \"%s#1\" for the first of them, \"%s#2\" for the second",
                                column->name, column->name);
        loader_error(loader, column->place, hint,
                     "the export has %zu columns called \"%s\": say which", found, column->name);
        free(hint);
        column->index = -1;
    } else if (column->index < 0) {
        loader_error(loader, column->place, NULL,
                     "the export has no column \"%s\": %zu %s called \"%s\"", column->written,
                     found, found == 1 ? "column is" : "columns are", column->name);
    }
}

static void bind_column(struct loader *loader, struct column *column)
{
    const struct mapping *mapping = loader->mapping;
    column->index = -1;
    if (column->name)
        bind_name(loader, column);
    else if (column->number <= mapping->heading_count)
        column->index = (int)column->number - 1;
    else
        loader_error(loader, column->place, NULL, "the export has %zu columns, there is no \"%s\"",
                     mapping->heading_count, column->written);
    if (column->index >= 0 && column->is_mapped &&
        column_is_secret(mapping->headings[column->index]))
        loader_error(loader, column->place,
                     "take this column out of the mapping, and out of the export",
                     "\"%s\" looks like a social security or insurance number, which is never sent",
                     mapping->headings[column->index]);
}

static bool column_is_named(const struct mapping *mapping, size_t index)
{
    for (size_t i = 0; i < mapping->column_count; i++) {
        if (mapping->columns[i].index == (int)index)
            return true;
    }
    return false;
}

/* file.other_columns: those of the export that the mapping does not name. */
static void tell_others(struct loader *loader)
{
    const struct mapping *mapping = loader->mapping;
    if (mapping->other_columns == OTHER_IGNORE)
        return;
    const struct json_value *file = json_member(json_root(mapping->document), "file");
    const struct json_value *at = json_member(file, "other_columns");
    for (size_t i = 0; i < mapping->heading_count; i++) {
        if (mapping->headings[i][0] == '_' || column_is_named(mapping, i))
            continue;
        if (mapping->other_columns == OTHER_REFUSE)
            loader_error(loader, at, "name it in columns_needed if it is expected",
                         "the export has a column \"%s\" that the mapping does not name",
                         mapping->headings[i]);
        else
            loader_warning(loader, at, NULL,
                           "the export has a column \"%s\" that the mapping does not name",
                           mapping->headings[i]);
    }
}

/* A rejects file that was fed again bears _line and _reason; twice, where a spreadsheet has moved them: the first counts. */
static void bind_refed(struct mapping *mapping)
{
    int line = -1, reason = -1;
    for (size_t i = 0; i < mapping->heading_count; i++) {
        if (line < 0 && text_is_folded(mapping->headings[i], "_line"))
            line = (int)i;
        else if (text_is_folded(mapping->headings[i], "_reason"))
            reason = (int)i;
    }
    mapping->is_refed = line >= 0 && reason >= 0;
    mapping->line_column = mapping->is_refed ? line : -1;
}

int mapping_bind(struct mapping *mapping, const struct export_record *heading,
                 struct problems *problems)
{
    size_t errors = problems->errors;
    struct loader loader = {
        .mapping = mapping, .document = mapping->document, .problems = problems};
    mapping_unbind(mapping);
    headings_read(mapping, heading);
    for (size_t i = 0; i < mapping->column_count; i++)
        bind_column(&loader, &mapping->columns[i]);
    tell_others(&loader);
    bind_refed(mapping);
    mapping->is_bound = problems->errors == errors;
    return mapping->is_bound ? 0 : -1;
}
