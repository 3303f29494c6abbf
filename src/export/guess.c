#include "guess.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "encoding.h"
#include "guess_patterns.h"
#include "layout.h"
#include "scan.h"
#include "source.h"

/* ---------------------------------------------------------------- what is no text */

static const struct {
    const char *bytes;
    size_t length;
    const char *advice;
} kinds[] = {
    {"PK\x03\x04", 4,
     "this is an Excel workbook (or another zip archive), not a CSV file; save it as CSV: in "
     "Excel, "
     "File > Save As > \"CSV UTF-8 (Comma delimited)\""},
    {"\xD0\xCF\x11\xE0", 4,
     "this is an Excel workbook, not a CSV file; save it as CSV: in Excel, File > Save As > \"CSV "
     "UTF-8 (Comma delimited)\""},
    {"\x1F\x8B", 2, "this is a gzip archive; unpack it first, with gunzip"},
    {"BZh", 3, "this is a bzip2 archive; unpack it first, with bunzip2"},
    {"\xFD"
     "7zXZ",
     5, "this is an xz archive; unpack it first, with unxz"},
    {"\x28\xB5\x2F\xFD", 4, "this is a zstd archive; unpack it first, with unzstd"},
    {"%PDF-", 5, "this is a PDF, not a CSV file; export the report as CSV"},
    {"<!DOCTYPE", 9, "this is a web page, not a CSV file; export the report as CSV"},
    {"<html", 5, "this is a web page, not a CSV file; export the report as CSV"},
    {"<?xml", 5, "this is XML, not a CSV file; export the report as CSV"},
    {"-----BEGIN PGP", 14, "this is encrypted; decrypt it first, with gpg"},
};

int sample_check_kind(const char *path, const char *sample, size_t length, struct fault *fault)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (length >= kinds[i].length && memcmp(sample, kinds[i].bytes, kinds[i].length) == 0)
            return fault_set(fault, FAULT_INPUT, "%s: %s", path, kinds[i].advice);
    return 0;
}

/* ---------------------------------------------------------------- encodings */

static int fault_encoding(const char *path, enum export_encoding declared, const char *why,
                          const char *seems, struct fault *fault)
{
    return fault_set(
        fault, FAULT_INPUT,
        "%s: %s, but the mapping declares %s; write \"encoding\": \"%s\" in the mapping", path, why,
        encoding_name(declared), seems);
}

static int check_mark(const char *path, int marked, enum export_encoding declared,
                      struct fault *fault)
{
    struct text why = {0};
    if (marked == (int)declared)
        return 0;
    if (marked < 0)
        return fault_set(
            fault, FAULT_INPUT,
            "%s: begins with the byte-order mark of utf-32, which is not read; export it "
            "as utf-8",
            path);
    const char *seems = encoding_name((enum export_encoding)marked);
    text_addf(&why, "begins with the byte-order mark of %s", seems);
    fault_encoding(path, declared, text_string(&why), seems, fault);
    text_clear(&why);
    return -1;
}

int sample_check_encoding(const char *path, const char *sample, size_t length,
                          enum export_encoding declared, struct fault *fault)
{
    int marked = -1;
    if (length > SAMPLE_BYTES)
        length = SAMPLE_BYTES;
    if (encoding_mark(sample, length, &marked))
        return check_mark(path, marked, declared, fault);
    int seems = encoding_by_nuls(sample, length);
    if (seems >= 0 && seems != (int)declared) {
        struct text why = {0};
        const char *name = encoding_name((enum export_encoding)seems);
        text_addf(&why, "looks like %s (many NUL bytes)", name);
        fault_encoding(path, declared, text_string(&why), name, fault);
        text_clear(&why);
        return -1;
    }
    bool wide = encoding_shape(declared).width == 2;
    if (wide && !memchr(sample, '\0', length)) {
        bool is_utf8 = utf8_valid_prefix(sample, length) + 3 >= length;
        return fault_encoding(path, declared, "has no NUL bytes, as utf-16 would",
                              is_utf8 ? "utf-8" : "windows-1252", fault);
    }
    return 0;
}

/* ---------------------------------------------------------------- delimiters */

static const struct {
    char delimiter;
    const char *name, *written;
} delimiters[] = {
    {',', "commas", ","}, {';', "semicolons", ";"}, {'\t', "tabs", "tab"}, {'|', "pipes", "|"}};

enum { DELIMITERS = sizeof delimiters / sizeof delimiters[0] };

char delimiter_best(const char *line, size_t length, size_t *cells)
{
    char best = ',';
    *cells = 1;
    for (size_t i = 0; i < DELIMITERS; i++) {
        struct scanner scanner = {.bytes = line,
                                  .length = length,
                                  .last = true,
                                  .shape = {1, 0},
                                  .delimiter = delimiters[i].delimiter};
        size_t count = scan_cells(&scanner, 0, length).cells;
        if (count > *cells) {
            *cells = count;
            best = delimiters[i].delimiter;
        }
    }
    return best;
}

const char *delimiter_name(char delimiter)
{
    for (size_t i = 0; i < DELIMITERS; i++)
        if (delimiters[i].delimiter == delimiter)
            return delimiters[i].name;
    return "something else";
}

const char *delimiter_written(char delimiter)
{
    for (size_t i = 0; i < DELIMITERS; i++)
        if (delimiters[i].delimiter == delimiter)
            return delimiters[i].written;
    return "?";
}

/* ---------------------------------------------------------------- a whole file */

enum { READ_BYTES = 65536, END_BYTES = 4096, CARRY_BYTES = 3 };

/* Is it all UTF-8? 'ascii' is set when it is nothing but that. */
static int file_is_utf8(const struct source *source, bool *is_utf8, bool *ascii,
                        struct fault *fault)
{
    char bytes[CARRY_BYTES + READ_BYTES];
    size_t carried = 0, got = READ_BYTES;
    *is_utf8 = *ascii = true;
    for (uint64_t offset = 0; got == READ_BYTES && *is_utf8; offset += got) {
        if (source_read(source, offset, bytes + carried, READ_BYTES, &got, fault) < 0)
            return -1;
        size_t length = carried + got;
        size_t valid = utf8_valid_prefix(bytes, length);
        *ascii = *ascii && utf8_is_ascii(bytes, length);
        carried = length - valid;
        *is_utf8 = carried <= CARRY_BYTES &&
                   (carried == 0 || encoding_is_cut(ENCODING_UTF_8, bytes, length));
        if (*is_utf8)
            memmove(bytes, bytes + valid, carried);
    }
    *is_utf8 = *is_utf8 && carried == 0;
    return 0;
}

static int guess_encoding(const struct source *source, const char *sample, size_t length,
                          struct export_guess *guess, size_t *mark, struct fault *fault)
{
    int seems = -1;
    bool is_utf8, ascii;
    *mark = encoding_mark(sample, length, &seems);
    if (*mark && seems < 0)
        return check_mark(source->path, seems, ENCODING_UTF_8, fault);
    guess->certain = *mark > 0;
    if (seems < 0)
        seems = encoding_by_nuls(sample, length < SAMPLE_BYTES ? length : SAMPLE_BYTES);
    if (seems < 0) {
        if (file_is_utf8(source, &is_utf8, &ascii, fault) < 0)
            return -1;
        seems = is_utf8 ? ENCODING_UTF_8 : ENCODING_WINDOWS_1252;
        guess->certain = is_utf8;
    }
    guess->encoding = (enum export_encoding)seems;
    return 0;
}

/* ---------------------------------------------------------------- where heading and rows stand */

/* The last bytes of the file, from a whole character on. */
static int read_end(const struct source *source, const struct export_guess *guess, size_t mark,
                    struct text *decoded, struct fault *fault)
{
    char bytes[END_BYTES + 1];
    size_t length;
    uint64_t size = (uint64_t)source->opened.st_size, start = mark;
    if (size > END_BYTES + mark)
        start = size - END_BYTES - (size - END_BYTES - mark) % 2;
    if (source_read(source, start, bytes, sizeof bytes, &length, fault) < 0)
        return -1;
    encoding_decode(guess->encoding, bytes, length, decoded);
    return 0;
}

static void guess_layout(struct export_guess *guess, const struct text *beginning, bool is_whole,
                         const struct text *end)
{
    struct layout layout;
    struct line footers[LAYOUT_FOOTERS_MAX];
    struct noise *noise = usual_noise();
    layout_read(&layout,
                &(struct sample){text_string(beginning), beginning->length, is_whole, noise});
    size_t count = layout_footers(
        &layout, &(struct sample){text_string(end), end->length, true, noise}, footers);
    noise_free(noise);
    guess->delimiter = layout.delimiter;
    guess_add_usual(guess);
    for (size_t i = 0; i < layout.title_count; i++)
        guess_add_line(guess, layout.titles[i].bytes, layout.titles[i].length);
    while (count > 0) {
        count--;
        guess_add_line(guess, footers[count].bytes, footers[count].length);
    }
}

int export_guess(const char *path, struct export_guess *guess, struct fault *fault)
{
    struct source source;
    struct text decoded = {0}, end = {0};
    size_t length, mark, bytes = READ_BYTES;
    int result = -1;
    *guess = (struct export_guess){.delimiter = ','};
    if (text_is(path, "-"))
        return fault_set(fault, FAULT_INPUT,
                         "standard input can be read only once; give the export as a file");
    if (source_open(&source, path, NULL, fault) < 0)
        return -1;
    char *sample = mem_array(bytes, 1);
    if (source_read(&source, 0, sample, bytes, &length, fault) < 0 ||
        sample_check_kind(path, sample, length, fault) < 0)
        goto out;
    if (length == 0) {
        fault_set(fault, FAULT_INPUT, "%s: is empty", path);
        goto out;
    }
    if (guess_encoding(&source, sample, length, guess, &mark, fault) < 0 ||
        read_end(&source, guess, mark, &end, fault) < 0)
        goto out;
    encoding_decode(guess->encoding, sample + mark, length - mark, &decoded);
    guess_layout(guess, &decoded, length < bytes, &end);
    result = 0;
out:
    free(sample);
    text_clear(&decoded);
    text_clear(&end);
    source_close(&source);
    return result;
}
