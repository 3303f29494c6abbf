#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sample.h"
#include "unit.h"

/* The file as a whole: what is none, what is cut, what changes, marks, delimiters, standard input. */

static void expect_open_fault(const char *path, const char *wanted)
{
    struct fault fault = {0};
    struct export *export = export_open(path, NULL, &sample_commas, &fault);
    ck_assert_ptr_null(export);
    ck_assert_int_eq(fault.kind, FAULT_INPUT);
    ck_assert_msg(strstr(fault.text, wanted) && strstr(fault.text, path), "\"%s\" lacks \"%s\"",
                  fault.text, wanted);
}

START_TEST(I1_what_is_no_readable_file_is_refused)
{
    char folder[] = "/tmp/opspush-folder-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *pipe = mem_format("%s/pipe", folder);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    char *missing = mem_format("%s/missing.csv", folder);
    char *closed = mem_format("%s/closed.csv", folder);
    ck_assert_int_ge(creat(closed, 0), 0);
    expect_open_fault(missing, "No such file");
    expect_open_fault(folder, "is a folder");
    expect_open_fault(pipe, "is a pipe");
    expect_open_fault("/dev/null", "is a device");
    if (geteuid() != 0)
        expect_open_fault(closed, "Permission denied");
    unlink(pipe);
    unlink(closed);
    rmdir(folder);
    free(pipe);
    free(missing);
    free(closed);
}
END_TEST

START_TEST(a_symbolic_link_to_a_file_is_followed)
{
    char *path = sample_file("ID,A\n1,x\n", 9);
    char *name = mem_format("%s.link", path);
    ck_assert_int_eq(symlink(path, name), 0);
    char *rows = sample_rows_of(name, &sample_commas, EXPORT_CHUNK);
    ck_assert_str_eq(rows, "1[ID|A] 2[1|x] ");
    unlink(name);
    unlink(path);
    free(rows);
    free(name);
    free(path);
}
END_TEST

START_TEST(I2_no_data_row_is_never_everybody_left)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "fault: is empty"},
        {"\n\n \n", "fault: holds no heading"},
        {"\xEF\xBB\xBF", "fault: holds no heading"},
        {"ID,A", "fault: has a heading and no data rows"},
        {"ID,A\n", "fault: has a heading and no data rows"},
        {"ID,A\n\n\n", "fault: has a heading and no data rows"},
        {"ID,A\nID,A\n", "fault: has a heading and no data rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        sample_expect_words(cases[i].text, strlen(cases[i].text), &sample_commas, cases[i].words);
}
END_TEST

/* ---------------------------------------------------------------- changes while it is read */

static void write_at(const char *path, const char *bytes, off_t offset)
{
    int descriptor = open(path, O_WRONLY);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_gt(pwrite(descriptor, bytes, strlen(bytes), offset), 0);
    close(descriptor);
}

enum change { CHANGE_NONE, CHANGE_APPEND, CHANGE_CUT, CHANGE_TOUCH, CHANGE_REPLACE, CHANGE_REMOVE };

static void make_change(const char *path, enum change change)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000000}};
    char *other;
    switch (change) {
    case CHANGE_NONE:
        break;
    case CHANGE_APPEND:
        write_at(path, "9,z\n", 13);
        break;
    case CHANGE_CUT:
        ck_assert_int_eq(truncate(path, 9), 0);
        break;
    case CHANGE_TOUCH:
        ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
        break;
    case CHANGE_REPLACE:
        other = sample_file("ID,A\n1,x\n2,y\n", 13);
        ck_assert_int_eq(rename(other, path), 0);
        free(other);
        break;
    case CHANGE_REMOVE:
        unlink(path);
        break;
    }
}

START_TEST(I3_a_file_that_changes_while_it_is_read_is_refused)
{
    for (enum change change = CHANGE_NONE; change <= CHANGE_REMOVE; change++) {
        struct fault fault = {0};
        struct export_record record;
        char *path = sample_file("ID,A\n1,x\n2,y\n", 13);
        struct export *export = export_open(path, NULL, &sample_commas, &fault);
        ck_assert_ptr_nonnull(export);
        ck_assert_int_eq(export_next(export, &record, &fault), 1);
        make_change(path, change);
        int step;
        while ((step = export_next(export, &record, &fault)) == 1)
            ;
        ck_assert_int_eq(step, change == CHANGE_NONE ? 0 : -1);
        ck_assert_int_eq(export_check_unchanged(export, &fault), change == CHANGE_NONE ? 0 : -1);
        if (change != CHANGE_NONE)
            ck_assert_ptr_nonnull(strstr(fault.text, "changed while it was being read"));
        export_close(export);
        unlink(path);
        free(path);
    }
}
END_TEST

/* ---------------------------------------------------------------- cut files */

static const char *const whole_files[] = {
    "ID,NAME,CITY\n1,Ann,Ottawa\n2,\"Bob, Jr\",\"Trois\nRivi\xC3\xA8res\"\n3,C\xC3\xA9line,Hull\n",
    "ID,NAME,CITY\r\n1,\"Ann\",\"Ottawa\"\r\n2,\"B\"\"o\"\"b\",x\r\n\r\n3,=\"007\",Hull\r\n",
    "\xEF\xBB\xBF\"ID\",\"NAME\",\"CITY\"\r1,Ann,Ottawa\r2,Bob,\xE2\x80\x99t Hull\r",
};

/* Row number 'n' of what sample_rows gave, without the blank behind it; empty when there is none. */
static char *nth_row(const char *rows, size_t n)
{
    const char *at = rows, *end;
    for (; (end = strstr(at, "] ")) != NULL; at = end + 2, n--)
        if (n == 0)
            return mem_bytes(at, (size_t)(end - at));
    return mem_string("");
}

/* A cut file is refused, or gives the beginning of the whole one; the last cell alone may be short. */
static void check_cut(const char *whole, const char *cut)
{
    if (strncmp(cut, "fault", 5) == 0)
        return;
    for (size_t n = 0;; n++) {
        char *a = nth_row(whole, n), *b = nth_row(cut, n), *next = nth_row(cut, n + 1);
        bool last = next[0] == '\0', none = b[0] == '\0';
        if (!none && last)
            ck_assert_msg(strncmp(a, b, strlen(b)) == 0, "\"%s\" from \"%s\"", b, a);
        else
            ck_assert_msg(none || strcmp(a, b) == 0, "\"%s\" from \"%s\"", b, a);
        free(a);
        free(b);
        free(next);
        if (none)
            return;
    }
}

START_TEST(I4_a_file_cut_at_any_byte_gives_no_wrong_row)
{
    for (size_t f = 0; f < sizeof whole_files / sizeof whole_files[0]; f++) {
        size_t length = strlen(whole_files[f]);
        char *whole = sample_rows(whole_files[f], length, &sample_commas, EXPORT_CHUNK);
        ck_assert_ptr_null(strstr(whole, "fault"));
        for (size_t cut = 0; cut < length; cut++) {
            char *rows = sample_rows(whole_files[f], cut, &sample_commas, EXPORT_CHUNK);
            check_cut(whole, rows);
            free(rows);
        }
        free(whole);
    }
}
END_TEST

START_TEST(I4_a_last_record_without_line_end_must_be_whole)
{
    sample_expect_text("ID,A,B\n1,x,y\n2,z,w", "1[ID|A|B] 2[1|x|y] 3[2|z|w] ");
    sample_expect_words("ID,A,B\n1,x,y\n2,z", 16, &sample_commas,
                        "fault:3: the file is truncated: its last record has 2 of 3 cells");
    sample_expect_words("ID,A,B\n1,x,y\n2,z,\xC3", 18, &sample_commas,
                        "fault:3: the file is truncated: it ends in the middle of a character");
    sample_expect_text("ID,A,B\n1,x,y\n2,z,w,v", "1[ID|A|B] 2[1|x|y] 3[2|z|w|v]!ragged ");
}
END_TEST

START_TEST(a_file_read_in_pieces_of_any_size_gives_the_same_rows)
{
    static const char *const more[] = {
        "ID,A,B\n1,\"x,z\n2,y,z\n3,\"u\",v\n4,s,t\n",
        "ID,A,B\r\n1,\"x\r\nhe \"said\" so\",z\r\n2,y,z\r\n3,\"\r\n",
        "\f\nID,A,B\n1,x\n\f2,x,\"\"\"\"\n\x1A",
    };
    for (size_t f = 0; f < 6; f++) {
        const char *text = f < 3 ? whole_files[f] : more[f - 3];
        size_t length = strlen(text);
        char *whole = sample_rows(text, length, &sample_commas, EXPORT_CHUNK);
        for (size_t chunk = 1; chunk <= length; chunk++) {
            char *rows = sample_rows(text, length, &sample_commas, chunk);
            ck_assert_str_eq(rows, whole);
            free(rows);
        }
        free(whole);
    }
}
END_TEST

/* ---------------------------------------------------------------- marks, signatures, delimiters */

START_TEST(I13_a_byte_order_mark_is_no_part_of_the_heading)
{
    struct fault fault = {0};
    static const char text[] = "\xEF\xBB\xBF\"ID\",A\r\n1,x\r\n";
    sample_expect_text(text, "1[ID|A] 2[1|x] ");
    char *path = sample_file(text, sizeof text - 1);
    struct export *export = export_open(path, NULL, &sample_commas, &fault);
    ck_assert_ptr_nonnull(export);
    ck_assert(export_facts(export)->bom);
    ck_assert_str_eq(text_string(export_raw_heading(export)), "\xEF\xBB\xBF\"ID\",A\r\n");
    ck_assert_uint_eq(export_heading(export)->offset, 3);
    export_close(export);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(I14_what_is_no_text_is_named)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } cases[] = {
        {"PK\x03\x04zzzz", 8, "this is an Excel workbook"},
        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8,
         "this is an Excel workbook, not a CSV file; save it as CSV"},
        {"\x1F\x8B\x08zzzz", 7, "gzip"},
        {"<!DOCTYPE html>", 15, "web page"},
        {"%PDF-1.7", 8, "PDF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct export_guess guess;
        struct fault fault = {0};
        sample_expect_words(cases[i].bytes, cases[i].length, &sample_commas, cases[i].words);
        char *path = sample_file(cases[i].bytes, cases[i].length);
        ck_assert_int_eq(export_guess(path, &guess, &fault), -1);
        ck_assert_ptr_nonnull(strstr(fault.text, cases[i].words));
        unlink(path);
        free(path);
    }
}
END_TEST

START_TEST(I19_a_wrong_delimiter_is_named)
{
    static const struct {
        const char *text;
        char delimiter;
        const char *words;
    } cases[] = {
        {"ID;NAME\n1;Ann\n", ',',
         "separated by semicolons, the mapping says commas; write \"delimiter\": \";\""},
        {"ID\tNAME\n1\tAnn\n", ',',
         "separated by tabs, the mapping says commas; write \"delimiter\": \"tab\""},
        {"ID|NAME\n1|Ann\n", '\t',
         "separated by pipes, the mapping says tabs; write \"delimiter\": \"|\""},
        {"ID,\"NA;ME\"\n1,Ann\n", ';', "separated by commas, the mapping says semicolons"},
        {"ID;NAME,X;Y;Z\n1;Ann,2;3;4\n", ',', "[ID;NAME|X;Y;Z]"},
        {"ID\n1\n", ';', "1[ID] 2[1]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct export_dialect dialect = {.delimiter = cases[i].delimiter};
        sample_expect_words(cases[i].text, strlen(cases[i].text), &dialect, cases[i].words);
    }
}
END_TEST

START_TEST(I19_each_delimiter_is_read)
{
    static const char delimiters[] = ",;|\t";
    for (const char *d = delimiters; *d; d++) {
        struct export_dialect dialect = {.delimiter = *d};
        struct text text = {0};
        text_addf(&text, "ID%cA\n1%c\"x%cy\"\n2%cz\n", *d, *d, *d, *d);
        char *expected = mem_format("1[ID|A] 2[1|x%cy] 3[2|z] ", *d);
        sample_expect(text.bytes, text.length, &dialect, expected);
        free(expected);
        text_clear(&text);
    }
}
END_TEST

START_TEST(a_guess_tells_encoding_and_delimiter)
{
    static const struct {
        const char *bytes;
        size_t length;
        enum export_encoding encoding;
        char delimiter;
        bool certain;
    } cases[] = {
        {"ID,A\n1,x\n", 9, ENCODING_UTF_8, ',', true},
        {"Title\n\nID;A;B\n1;x;y\n", 21, ENCODING_UTF_8, ';', true},
        {"\xEF\xBB\xBFID|A\n", 8, ENCODING_UTF_8, '|', true},
        {"ID,A\n1,\xC3\xA9\n", 10, ENCODING_UTF_8, ',', true},
        {"ID,A\n1,\xE9\n", 9, ENCODING_WINDOWS_1252, ',', false},
        {"ID,A\n1,\xC3", 8, ENCODING_WINDOWS_1252, ',', false},
        {"\xFF\xFEI\0D\0\t\0A\0\n\0", 12, ENCODING_UTF_16LE, '\t', true},
        {"\xFE\xFF\0I\0D\0\t\0A\0\n", 12, ENCODING_UTF_16BE, '\t', true},
        {"I\0D\0,\0A\0\n\0", 10, ENCODING_UTF_16LE, ',', false},
        {"\0I\0D\0,\0A\0\n", 10, ENCODING_UTF_16BE, ',', false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct export_guess guess = {0};
        struct fault fault = {0};
        char *path = sample_file(cases[i].bytes, cases[i].length);
        ck_assert_msg(export_guess(path, &guess, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(guess.encoding, cases[i].encoding);
        ck_assert_int_eq(guess.delimiter, cases[i].delimiter);
        ck_assert_int_eq(guess.certain, cases[i].certain);
        export_guess_clear(&guess);
        unlink(path);
        free(path);
    }
}
END_TEST

START_TEST(a_guess_looks_at_the_whole_file)
{
    struct text text = {0};
    struct export_guess guess;
    struct fault fault = {0};
    for (int pad = 0; pad < 4; pad++) {
        text_reset(&text);
        text_add(&text, "ID,A\n");
        for (int i = 0; i < 65530 - pad; i++)
            text_add(&text, "x");
        for (int i = 0; i < 30000; i++)
            text_add(&text, "\xE2\x82\xAC");
        char *path = sample_file(text.bytes, text.length);
        ck_assert_int_eq(export_guess(path, &guess, &fault), 0);
        ck_assert(guess.encoding == ENCODING_UTF_8 && guess.certain);
        export_guess_clear(&guess);
        write_at(path, "\xE9", (off_t)text.length - 1);
        ck_assert_int_eq(export_guess(path, &guess, &fault), 0);
        ck_assert(guess.encoding == ENCODING_WINDOWS_1252 && !guess.certain);
        export_guess_clear(&guess);
        unlink(path);
        free(path);
    }
    text_clear(&text);
}
END_TEST

/* ---------------------------------------------------------------- places, standard input, memory */

START_TEST(a_record_is_read_again_by_its_place)
{
    struct fault fault = {0};
    struct export_record record, again;
    static const char text[] = "ID,A\n\"1\",\"x\ny\"\n\f2,6\"\n3,z";
    char *path = sample_file(text, sizeof text - 1);
    struct export *export = export_open(path, NULL, &sample_commas, &fault);
    ck_assert_ptr_nonnull(export);
    struct text first = {0}, second = {0};
    struct {
        uint64_t offset;
        uint32_t bytes, line;
    } places[3];
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(export_next(export, &record, &fault), 1);
        export_split(export, &record);
        sample_add_row(&first, &record);
        places[i].offset = record.offset;
        places[i].bytes = record.bytes;
        places[i].line = record.line;
    }
    ck_assert_int_eq(export_next(export, &record, &fault), 0);
    for (size_t i = 3; i-- > 0;) {
        text_reset(&second);
        ck_assert_int_eq(export_reread(export, places[i].offset, places[i].bytes, places[i].line,
                                       &again, &fault),
                         0);
        sample_add_row(&second, &again);
        ck_assert_ptr_nonnull(strstr(first.bytes, second.bytes));
        ck_assert_int_eq(memcmp(again.raw, text + places[i].offset, places[i].bytes), 0);
    }
    ck_assert_int_eq(export_reread(export, 20, 100, 1, &again, &fault), -1);
    text_clear(&first);
    text_clear(&second);
    export_close(export);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(facts_are_complete_at_the_end)
{
    struct fault fault = {0};
    struct export_record record;
    static const char text[] = "ID,A\n1,x\n\nID,A\n2,y\n";
    char digest[65];
    char *path = sample_file(text, sizeof text - 1);
    struct export *export = export_open_chunked(path, NULL, &sample_commas, 3, &fault);
    while (export_next(export, &record, &fault) == 1)
        ;
    ck_assert_int_eq(export_next(export, &record, &fault), 0);
    const struct export_facts *facts = export_facts(export);
    digest_plain_hex(text, sizeof text - 1, digest);
    ck_assert_str_eq(facts->digest, digest);
    ck_assert_str_eq(facts->path, path);
    ck_assert_uint_eq(facts->bytes, sizeof text - 1);
    ck_assert_uint_eq(facts->records, 2);
    ck_assert_uint_eq(facts->noise, 1);
    ck_assert_int_eq(facts->feedback_rows, -1);
    ck_assert_int_gt(facts->modified_ms, INT64_C(1700000000000));
    ck_assert(!facts->bom);
    export_close(export);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(standard_input_is_kept_in_a_private_file_without_a_name)
{
    char folder[] = "/tmp/opspush-spool-XXXXXX";
    struct fault fault = {0};
    struct export_record record, again;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = sample_file("ID,A\n1,x\n2,y\n", 13);
    int descriptor = open(path, O_RDONLY);
    ck_assert_int_eq(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
    struct export *export = export_open("-", folder, &sample_commas, &fault);
    ck_assert_msg(export != NULL, "%s", fault.text);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_int_eq(export_next(export, &record, &fault), 1);
    ck_assert_int_eq(export_next(export, &record, &fault), 1);
    ck_assert_int_eq(export_next(export, &record, &fault), 0);
    ck_assert_int_eq(export_reread(export, 5, 4, 2, &again, &fault), 0);
    ck_assert_int_eq(memcmp(again.cells[1].bytes, "x", 1), 0);
    ck_assert_str_eq(export_facts(export)->path, "-");
    ck_assert_int_eq(export_facts(export)->modified_ms, 0);
    ck_assert_uint_eq(export_facts(export)->bytes, 13);
    export_close(export);
    close(descriptor);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(I30_memory_stays_flat_over_a_large_file)
{
    struct text block = {0};
    struct fault fault = {0};
    struct export_record record;
    struct rusage before, after;
    char *path = sample_file("ID,A\n", 5);
    for (int i = 0; i < 20000; i++)
        text_addf(&block, "%d,\"some, text\"\n", i);
    FILE *file = fopen(path, "a");
    for (int i = 0; i < 100; i++)
        fwrite(block.bytes, 1, block.length, file);
    fclose(file);
    getrusage(RUSAGE_SELF, &before);
    struct export *export = export_open(path, NULL, &sample_commas, &fault);
    size_t rows = 0;
    while (export_next(export, &record, &fault) == 1) {
        export_split(export, &record);
        rows++;
    }
    getrusage(RUSAGE_SELF, &after);
    ck_assert_uint_eq(rows, 2000000);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 8 * 1024);
    export_close(export);
    unlink(path);
    free(path);
    text_clear(&block);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, I1_what_is_no_readable_file_is_refused);
    tcase_add_test(tests, a_symbolic_link_to_a_file_is_followed);
    tcase_add_test(tests, I2_no_data_row_is_never_everybody_left);
    tcase_add_test(tests, I3_a_file_that_changes_while_it_is_read_is_refused);
    tcase_add_test(tests, I4_a_file_cut_at_any_byte_gives_no_wrong_row);
    tcase_add_test(tests, I4_a_last_record_without_line_end_must_be_whole);
    tcase_add_test(tests, a_file_read_in_pieces_of_any_size_gives_the_same_rows);
    tcase_add_test(tests, I13_a_byte_order_mark_is_no_part_of_the_heading);
    tcase_add_test(tests, I14_what_is_no_text_is_named);
    tcase_add_test(tests, I19_a_wrong_delimiter_is_named);
    tcase_add_test(tests, I19_each_delimiter_is_read);
    tcase_add_test(tests, a_guess_tells_encoding_and_delimiter);
    tcase_add_test(tests, a_guess_looks_at_the_whole_file);
    tcase_add_test(tests, a_record_is_read_again_by_its_place);
    tcase_add_test(tests, facts_are_complete_at_the_end);
    tcase_add_test(tests, standard_input_is_kept_in_a_private_file_without_a_name);
    tcase_add_test(tests, I30_memory_stays_flat_over_a_large_file);
}

int main(void)
{
    digest_start();
    return unit_run("export/file", all);
}
