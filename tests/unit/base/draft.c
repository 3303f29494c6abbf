#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/digest.h"
#include "base/file.h"
#include "scratch.h"
#include "unit.h"

static void must_hold(const char *path, const char *content)
{
    struct text text = {0};
    struct fault fault;
    ck_assert_int_eq(file_read(path, 1 << 20, &text, FAULT_FAILED, &fault), 0);
    ck_assert_str_eq(text_string(&text), content);
    text_clear(&text);
}

static size_t entries_here(void)
{
    DIR *folder = opendir(".");
    size_t count = 0;
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(folder);
    return count;
}

START_TEST(D17_the_old_file_stands_until_the_draft_is_published)
{
    struct fault fault;
    struct file_draft draft;
    ck_assert_int_eq(file_write("report", "old", 3, FAULT_STATE, &fault), 0);
    ck_assert_int_eq(file_draft_open(&draft, "report", FAULT_STATE, &fault), 0);
    fputs("new", draft.stream);
    fflush(draft.stream);
    must_hold("report", "old");
    ck_assert_int_eq(file_draft_publish(&draft, FAULT_STATE, &fault), 0);
    must_hold("report", "new");
    ck_assert_uint_eq(entries_here(), 1);
    file_draft_discard(&draft);
    must_hold("report", "new");
}
END_TEST

START_TEST(D17_a_discarded_draft_leaves_nothing)
{
    struct fault fault;
    struct file_draft draft;
    ck_assert_int_eq(file_draft_open(&draft, "report", FAULT_STATE, &fault), 0);
    ck_assert_uint_eq(scratch_mode(draft.temporary), 0600);
    fputs("new", draft.stream);
    file_draft_discard(&draft);
    file_draft_discard(&draft);
    ck_assert_uint_eq(entries_here(), 0);
}
END_TEST

START_TEST(D17_a_link_is_replaced_and_what_it_points_to_stands)
{
    struct fault fault;
    ck_assert_int_eq(file_write("target", "keep", 4, FAULT_STATE, &fault), 0);
    ck_assert_int_eq(symlink("target", "report"), 0);
    ck_assert_int_eq(file_write("report", "new", 3, FAULT_STATE, &fault), 0);
    must_hold("target", "keep");
    must_hold("report", "new");
    ck_assert_uint_eq(scratch_mode("report"), 0600);
}
END_TEST

START_TEST(D17_devices_and_folders_are_never_replaced)
{
    static const struct {
        const char *path, *words;
    } cases[] = {
        {"folder", "cannot write folder: it is a folder"},
        {"fifo", "cannot write fifo: it is not a regular file"},
        {"link", "cannot write link: it is not a regular file"},
        {"none/report", "cannot write none/report: No such file or directory"},
    };
    mkdir("folder", 0700);
    mkfifo("fifo", 0600);
    ck_assert_int_eq(symlink("/dev/null", "link"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault;
        ck_assert_int_eq(file_write(cases[i].path, "x", 1, FAULT_STATE, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_STATE);
        ck_assert_str_eq(fault.text, cases[i].words);
    }
    ck_assert_uint_eq(entries_here(), 3);
}
END_TEST

START_TEST(D17_a_name_as_long_as_names_get_can_be_written)
{
    struct fault fault;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    ck_assert_int_eq(file_write(name, "x", 1, FAULT_STATE, &fault), 0);
    must_hold(name, "x");
}
END_TEST

START_TEST(D13_a_write_that_fails_leaves_the_old_file_and_no_other)
{
    struct fault fault;
    char block[8192];
    struct rlimit limit = {4096, 4096};
    memset(block, 'x', sizeof block);
    ck_assert_int_eq(file_write("report", "old", 3, FAULT_STATE, &fault), 0);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(file_write("report", block, sizeof block, FAULT_STATE, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    ck_assert_ptr_nonnull(strstr(fault.text, "cannot write report: "));
    must_hold("report", "old");
    ck_assert_uint_eq(entries_here(), 1);
}
END_TEST

START_TEST(a_link_moves_from_one_name_to_the_next)
{
    struct fault fault;
    char to[16] = "";
    ck_assert_int_eq(file_link("latest", "run1", FAULT_STATE, &fault), 0);
    ck_assert_int_eq(file_link("latest", "run2", FAULT_STATE, &fault), 0);
    ck_assert_int_eq(readlink("latest", to, sizeof to - 1), 4);
    ck_assert_str_eq(to, "run2");
    ck_assert_uint_eq(entries_here(), 1);
    mkdir("folder", 0700);
    ck_assert_int_eq(file_link("folder", "run1", FAULT_STATE, &fault), -1);
    ck_assert_uint_eq(entries_here(), 2);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, scratch_enter, scratch_leave);
    tcase_add_test(c, D17_the_old_file_stands_until_the_draft_is_published);
    tcase_add_test(c, D17_a_discarded_draft_leaves_nothing);
    tcase_add_test(c, D17_a_link_is_replaced_and_what_it_points_to_stands);
    tcase_add_test(c, D17_devices_and_folders_are_never_replaced);
    tcase_add_test(c, D17_a_name_as_long_as_names_get_can_be_written);
    tcase_add_test(c, D13_a_write_that_fails_leaves_the_old_file_and_no_other);
    tcase_add_test(c, a_link_moves_from_one_name_to_the_next);
}

int main(void)
{
    digest_start();
    return unit_run("base/draft", all);
}
