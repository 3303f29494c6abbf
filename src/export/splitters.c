#include "export/export.h"

#include <stdlib.h>

#include "base/memory.h"
#include "damage.h"
#include "export_private.h"

struct export_splitter {
    const struct export *export;
    struct splitter splitter;
};

struct export_splitter *export_splitter_new(const struct export *export)
{
    struct export_splitter *splitter = mem_new(sizeof *splitter);
    splitter->export = export;
    splitter_init(&splitter->splitter, export->encoding, export->splitter.delimiter);
    return splitter;
}

void export_splitter_free(struct export_splitter *splitter)
{
    if (splitter)
        splitter_clear(&splitter->splitter);
    free(splitter);
}

void export_splitter_split(struct export_splitter *splitter, struct export_record *record)
{
    const struct export *export = splitter->export;
    size_t body = scan_body(export->shape, record->raw, record->bytes);
    struct split_marks marks = splitter_split(&splitter->splitter, record->raw, body);
    damage_judge(record, &splitter->splitter, &marks, &export->heading);
}

void export_versions(struct text *out)
{
    text_addf(out, "libcsv %d.%d.%d", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
}
