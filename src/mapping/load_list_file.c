#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "loader.h"

/* A list's file while it is read. */
struct list_file {
    struct loader *loader;
    struct code_list *list;
    const struct json_value *at;
    size_t find, give; /* columns */
};

static bool list_heading(struct list_file *file, const struct export_record *heading,
                         const char *wanted, size_t *column)
{
    const char **names = mem_array(heading->cell_count, sizeof *names);
    size_t found = 0;
    for (size_t i = 0; i < heading->cell_count; i++) {
        struct span name = span_trim(span_of(heading->cells[i].bytes, heading->cells[i].length));
        names[i] = mem_bytes(name.bytes, name.length);
        if (text_is_folded(names[i], wanted)) {
            *column = i;
            found++;
        }
    }
    if (found > 1) {
        loader_error(file->loader, file->at, "give them different names in that file",
                     "%s has %zu columns called \"%s\"", file->list->file, found, wanted);
    } else if (found == 0) {
        char *hint = loader_nearest(wanted, names, heading->cell_count);
        loader_error(file->loader, file->at, hint, "%s has no column called \"%s\"",
                     file->list->file, wanted);
        free(hint);
    }
    for (size_t i = 0; i < heading->cell_count; i++)
        free((void *)(uintptr_t)names[i]);
    free(names);
    return found == 1;
}

/* A cell trimmed and in normal form C; lives in 'text'. */
static struct span list_cell(const struct export_record *record, size_t column, struct text *text)
{
    struct span cell =
        span_trim(span_of(record->cells[column].bytes, record->cells[column].length));
    text_reset(text);
    utf8_nfc(cell.bytes, cell.length, text);
    return span_of(text_string(text), text->length);
}

static void list_row(struct list_file *file, const struct export_record *record)
{
    unsigned long line = record->line;
    if (record->damage != RECORD_SOUND) {
        loader_error(file->loader, file->at, NULL, "line %lu of %s cannot be read: %s", line,
                     file->list->file, record->damage_text);
        return;
    }
    struct text code = {0}, gives = {0};
    struct span found = list_cell(record, file->find, &code);
    struct span given = list_cell(record, file->give, &gives);
    if (found.length)
        load_code(file->loader, file->list, file->at, found, given, line);
    else if (given.length)
        loader_error(file->loader, file->at, NULL, "line %lu of %s has no code", line,
                     file->list->file);
    text_clear(&code);
    text_clear(&gives);
}

static int list_rows(struct list_file *file, struct export *export, struct fault *fault)
{
    struct export_record record;
    int more;
    while ((more = export_next(export, &record, fault)) > 0) {
        export_split(export, &record);
        list_row(file, &record);
    }
    return more;
}

void load_list_file(struct loader *loader, struct code_list *list, const struct json_value *at)
{
    static const struct export_dialect dialect = {.encoding = ENCODING_UTF_8, .delimiter = ','};
    struct list_file file = {.loader = loader, .list = list, .at = at};
    struct fault fault = {0};
    char *folder = file_folder(loader->mapping->path), *path = file_join(folder, list->file);
    struct export *export = export_open(path, NULL, &dialect, &fault);
    if (!export) {
        loader_error(loader, at, "the path is relative to the mapping", "%s", fault.text);
        goto out;
    }
    const struct export_record *heading = export_heading(export);
    bool has_find = list_heading(&file, heading, list->find, &file.find);
    bool has_give = list_heading(&file, heading, list->give, &file.give);
    if (has_find && has_give && list_rows(&file, export, &fault) < 0)
        loader_error(loader, at, NULL, "%s", fault.text);
out:
    export_close(export);
    free(path);
    free(folder);
}
