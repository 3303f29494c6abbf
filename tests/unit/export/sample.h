#ifndef OPSPUSH_TESTS_UNIT_EXPORT_SAMPLE_H
#define OPSPUSH_TESTS_UNIT_EXPORT_SAMPLE_H

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../src/export/export_private.h"
#include "base/digest.h"
#include "base/memory.h"

/* Files made on the spot, and what an export says of them, as one line of text that a test can compare. */

static const char *const damage_names[] = {"sound", "ragged",  "undecodable",
                                           "nul",   "control", "quote"};

static const struct export_dialect sample_commas = {.encoding = ENCODING_UTF_8, .delimiter = ','};

/* Writes a file with a name of its own; unlink() and free() it. */
static inline char *sample_file(const void *bytes, size_t length)
{
    const char *folder = getenv("TMPDIR");
    char *path = mem_format("%s/opspush-sample-XXXXXX", folder ? folder : "/tmp");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
    close(descriptor);
    return path;
}

static inline void sample_add_row(struct text *out, const struct export_record *record)
{
    text_addf(out, "%u[", record->line);
    for (size_t i = 0; i < record->cell_count; i++) {
        text_add(out, i ? "|" : "");
        for (size_t k = 0; k < record->cells[i].length; k++)
            text_add_byte(out, record->cells[i].bytes[k] ? record->cells[i].bytes[k] : '~');
    }
    text_add(out, "]");
    if (record->damage != RECORD_SOUND)
        text_addf(out, "!%s", damage_names[record->damage]);
    text_add(out, " ");
}

/*
 * Everything the export gives: "1[ID|NAME] 2[1|Ann] ..." with damage behind a row, '~' for a NUL, or "fault: words" (without the path)
 * where it ends in one. free() it.
 */
static inline char *sample_rows_of(const char *path, const struct export_dialect *dialect,
                                   size_t chunk)
{
    struct text out = {0};
    struct fault fault = {0};
    struct export_record record;
    int step = -1;
    struct export *export = export_open_chunked(path, NULL, dialect, chunk, &fault);
    if (export) {
        sample_add_row(&out, export_heading(export));
        while ((step = export_next(export, &record, &fault)) == 1) {
            export_split(export, &record);
            sample_add_row(&out, &record);
        }
    }
    if (step < 0) {
        const char *words = fault.text;
        size_t length = strlen(path);
        ck_assert_msg(strncmp(words, path, length) == 0 || fault.kind == FAULT_CONFIG, "%s", words);
        words += strncmp(words, path, length) == 0 ? length : 0;
        words += *words == ':';
        text_addf(&out, "fault:%s", words);
    }
    export_close(export);
    return text_take(&out);
}

static inline char *sample_rows(const void *bytes, size_t length,
                                const struct export_dialect *dialect, size_t chunk)
{
    char *path = sample_file(bytes, length);
    char *rows = sample_rows_of(path, dialect, chunk);
    unlink(path);
    free(path);
    return rows;
}

static inline void sample_expect(const void *bytes, size_t length,
                                 const struct export_dialect *dialect, const char *expected)
{
    char *rows = sample_rows(bytes, length, dialect, EXPORT_CHUNK);
    ck_assert_str_eq(rows, expected);
    free(rows);
}

static inline void sample_expect_string(const char *text, const struct export_dialect *dialect,
                                        const char *expected)
{
    sample_expect(text, strlen(text), dialect, expected);
}

/* The same for text, with commas and UTF-8. */
static inline void sample_expect_text(const char *text, const char *expected)
{
    sample_expect(text, strlen(text), &sample_commas, expected);
}

/* Is 'wanted' in what the export says? */
static inline void sample_expect_words(const void *bytes, size_t length,
                                       const struct export_dialect *dialect, const char *wanted)
{
    char *rows = sample_rows(bytes, length, dialect, EXPORT_CHUNK);
    ck_assert_msg(strstr(rows, wanted) != NULL, "\"%s\" lacks \"%s\"", rows, wanted);
    free(rows);
}

/* The damage words of the first data record. free() them. */
static inline char *sample_damage_words(const void *bytes, size_t length,
                                        const struct export_dialect *dialect)
{
    char *path = sample_file(bytes, length);
    struct fault fault = {0};
    struct export_record record = {0};
    struct export *export = export_open(path, NULL, dialect, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    ck_assert_int_eq(export_next(export, &record, &fault), 1);
    export_split(export, &record);
    char *words = mem_string(record.damage_text);
    export_close(export);
    unlink(path);
    free(path);
    return words;
}

#endif
