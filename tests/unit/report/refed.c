#include "sample.h"

#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* The rejects file through the real reader: written, fed again as it is, and again. */

static const char *const line_ends[] = {"\n", "\r\n", "\r"};

/* Rejects every record of the file; the code is the damage that the reader found. */
static void reject_all(const char *path, const struct export_dialect *dialect, bool refed,
                       struct text *out, char *damages)
{
    struct fault fault = {0};
    struct export *export = export_open(path, "/tmp", dialect, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    char *bytes = NULL;
    size_t length = 0, count = 0;
    FILE *stream = open_memstream(&bytes, &length);
    struct rejects *rejects =
        rejects_open(stream, dialect, export_raw_heading(export), export_facts(export), refed);
    struct export_record record;
    int step;
    while ((step = export_next(export, &record, &fault)) == 1) {
        char line[16];
        snprintf(line, sizeof line, "%" PRIu32, record.line);
        export_split(export, &record);
        damages[count++] = (char)('0' + record.damage);
        rejects_add(rejects, &record, refed ? NULL : line, "email", "code",
                    "it is wrong, \"really\"", "mend it");
    }
    damages[count] = '\0';
    ck_assert_msg(step == 0, "%s", fault.text);
    rejects_close(rejects);
    fclose(stream);
    export_close(export);
    text_reset(out);
    text_add_bytes(out, bytes, length);
    free(bytes);
}

static void write_file(const char *path, const struct text *bytes)
{
    struct fault fault = {0};
    ck_assert_msg(file_write(path, bytes->bytes, bytes->length, FAULT_FAILED, &fault) == 0, "%s",
                  fault.text);
}

/* Feeds the bytes three times; the second and third rejects must be the first, and the reader must see the same damage. */
static void assert_stable(const struct export_dialect *dialect, const struct text *file,
                          const char *damages)
{
    char path[] = "/tmp/opspush-refed-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    struct text first = {0}, again = {0};
    char seen[64];
    write_file(path, file);
    reject_all(path, dialect, false, &first, seen);
    ck_assert_str_eq(seen, damages);
    for (int round = 0; round < 2; round++) {
        write_file(path, round ? &again : &first);
        reject_all(path, dialect, true, &again, seen);
        ck_assert_str_eq(seen, damages);
        ck_assert_msg(first.length == again.length &&
                          memcmp(first.bytes, again.bytes, first.length) == 0,
                      "first\n%s\nagain\n%s", first.bytes, again.bytes);
    }
    unlink(path);
    text_clear(&first);
    text_clear(&again);
}

START_TEST(V11_a_rejects_file_read_by_the_reader_gives_itself_in_every_encoding_and_line_end)
{
    static const char *const records[] = {"ID,NAME,CITY",
                                          "A1,\"two\nlines \"\"x\"\"\",Z\xc3\xbcrich",
                                          "A2,\xc3\xa9t\xc3\xa9,", "A3,\"\",x", "A4,y,z"};
    for (int encoding = ENCODING_UTF_8; encoding <= ENCODING_UTF_16BE; encoding++)
        for (size_t end = 0; end < 3; end++)
            for (int ended = 0; ended < 2; ended++) {
                struct export_dialect dialect = {(enum export_encoding)encoding, ',', NULL, 0};
                struct text file = {0};
                if (encoding == ENCODING_UTF_16LE || encoding == ENCODING_UTF_16BE || ended)
                    if (encoding != ENCODING_WINDOWS_1252 && encoding != ENCODING_ISO_8859_1)
                        export_encode(dialect.encoding, "\xef\xbb\xbf", 3, &file);
                for (size_t i = 0; i < 5; i++) {
                    export_encode(dialect.encoding, records[i], strlen(records[i]), &file);
                    if (ended || i < 4)
                        export_encode(dialect.encoding, line_ends[end], strlen(line_ends[end]),
                                      &file);
                }
                assert_stable(&dialect, &file, "0000");
                text_clear(&file);
            }
}
END_TEST

START_TEST(I6_damaged_records_are_found_the_same_again)
{
    static const struct {
        const char *file, *damages;
        size_t bytes;
    } cases[] = {
        {"a,b\nx\"y,z\nu,v\n", "50", 0},    {"a,b\n\"x\"y,z\nu,v\n", "50", 0},
        {"a,b\nx,y,z\nu\nu,v\n", "110", 0}, {"a,b\nx\xff,z\nu,v\n", "20", 0},
        {"a,b\nx\0y,z\nu,v\n", "30", 14},   {"a,b\nx\x1by,z\nu,v\n", "40", 0},
        {"a,b\nx,y,\nu,v\n", "00", 0},   /* a delimiter behind the last cell */
        {"a,b,\nx,y,\nu,v\n", "00", 0},  /* behind the heading's */
        {"a,b,\nx,\"y,\n\",\n", "0", 0}, /* and a cell that holds one */
    };
    struct export_dialect dialect = {ENCODING_UTF_8, ',', NULL, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text file = {0};
        text_add_bytes(&file, cases[i].file,
                       cases[i].bytes ? cases[i].bytes : strlen(cases[i].file));
        assert_stable(&dialect, &file, cases[i].damages);
        text_clear(&file);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(
        tests, V11_a_rejects_file_read_by_the_reader_gives_itself_in_every_encoding_and_line_end);
    tcase_add_test(tests, I6_damaged_records_are_found_the_same_again);
}

int main(void)
{
    return unit_run("report/refed", all);
}
