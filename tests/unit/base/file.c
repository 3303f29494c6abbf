#include "base/file.h"

#include <fcntl.h>
#include <string.h>

#include "base/digest.h"
#include "scratch.h"
#include "unit.h"

static void write_plain(const char *path, const char *content, mode_t mode)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(a_file_is_read_whole_up_to_the_ceiling)
{
    struct text text = {0};
    struct fault fault;
    text_add(&text, "what was there before");
    write_plain("f", "0123456789", 0644);
    ck_assert_int_eq(file_read("f", 10, &text, FAULT_INPUT, &fault), 0);
    ck_assert_str_eq(text_string(&text), "0123456789");
    ck_assert_int_eq(file_read("f", 9, &text, FAULT_CONFIG, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_str_eq(fault.text, "f is too large: at most 9 bytes are read");
    write_plain("empty", "", 0644);
    ck_assert_int_eq(file_read("empty", 9, &text, FAULT_CONFIG, &fault), 0);
    ck_assert_str_eq(text_string(&text), "");
    text_clear(&text);
}
END_TEST

START_TEST(a_file_that_says_it_is_empty_is_read_to_its_end)
{
    struct text text = {0};
    struct fault fault;
    ck_assert_int_eq(file_read("/proc/self/status", 1 << 20, &text, FAULT_INPUT, &fault), 0);
    ck_assert_uint_gt(text.length, 100);
    text_clear(&text);
}
END_TEST

START_TEST(I1_what_is_no_regular_file_is_not_read)
{
    static const struct {
        const char *path, *words;
    } cases[] = {
        {"none", "cannot read none: No such file or directory"},
        {"folder", "cannot read folder: it is a folder"},
        {"fifo", "cannot read fifo: it is not a regular file"},
        {"/dev/zero", "cannot read /dev/zero: it is not a regular file"},
        {"loop", "cannot read loop: Too many levels of symbolic links"},
        {"f/x", "cannot read f/x: Not a directory"},
    };
    struct text text = {0};
    mkdir("folder", 0755);
    mkfifo("fifo", 0644);
    write_plain("f", "", 0644);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault;
        ck_assert_int_eq(file_read(cases[i].path, 99, &text, FAULT_INPUT, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_INPUT);
        ck_assert_str_eq(fault.text, cases[i].words);
    }
    text_clear(&text);
}
END_TEST

START_TEST(H4_files_are_0600_and_folders_0700_whatever_the_umask)
{
    static const mode_t masks[] = {0, 0777, 022};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct fault fault;
        char file[16], folder[16], deep[32];
        snprintf(file, sizeof file, "file%zu", i);
        snprintf(folder, sizeof folder, "folder%zu", i);
        snprintf(deep, sizeof deep, "folder%zu/a//b/", i);
        mode_t before = umask(masks[i]);
        int wrote = file_write(file, "x", 1, FAULT_STATE, &fault);
        int made = file_make_folder(deep, FAULT_STATE, &fault);
        umask(before);
        ck_assert_int_eq(wrote, 0);
        ck_assert_int_eq(made, 0);
        ck_assert_uint_eq(scratch_mode(file), 0600);
        ck_assert_uint_eq(scratch_mode(folder), 0700);
        ck_assert_uint_eq(scratch_mode(deep), 0700);
    }
}
END_TEST

START_TEST(a_folder_that_exists_keeps_its_mode)
{
    struct fault fault;
    mkdir("open", 0700);
    ck_assert_int_eq(chmod("open", 0755), 0);
    ck_assert_int_eq(file_make_folder("open/new", FAULT_STATE, &fault), 0);
    ck_assert_int_eq(file_make_folder("open", FAULT_STATE, &fault), 0);
    ck_assert_uint_eq(scratch_mode("open"), 0755);
    ck_assert_int_eq(file_make_folder("/", FAULT_STATE, &fault), 0);
}
END_TEST

START_TEST(a_folder_cannot_be_made_of_or_below_a_file)
{
    struct fault fault;
    write_plain("f", "", 0644);
    ck_assert_int_eq(file_make_folder("f", FAULT_STATE, &fault), -1);
    ck_assert_str_eq(fault.text, "cannot make the folder f: a file has that name");
    ck_assert_int_eq(file_make_folder("f/g", FAULT_STATE, &fault), -1);
    ck_assert_str_eq(fault.text, "cannot make the folder f/g: Not a directory");
    ck_assert_int_eq(fault.kind, FAULT_STATE);
}
END_TEST

START_TEST(a_folder_of_files_is_removed_and_a_missing_one_is_fine)
{
    struct fault fault;
    mkdir("run", 0700);
    write_plain("run/a", "", 0600);
    write_plain("run/.b", "", 0600);
    ck_assert_int_eq(file_remove_folder("run", &fault), 0);
    ck_assert(!file_exists("run"));
    ck_assert_int_eq(file_remove_folder("run", &fault), 0);
}
END_TEST

START_TEST(a_folder_with_folders_or_behind_a_link_is_not_removed)
{
    struct fault fault;
    mkdir("run", 0700);
    mkdir("run/deep", 0700);
    ck_assert_int_eq(symlink("run", "link"), 0);
    ck_assert_int_eq(file_remove_folder("run", &fault), -1);
    ck_assert_int_eq(file_remove_folder("link", &fault), -1);
    ck_assert(file_exists("run/deep"));
}
END_TEST

START_TEST(C7_a_file_open_to_others_is_refused_with_the_chmod)
{
    static const mode_t open_modes[] = {0640, 0604, 0620, 0610, 0601, 0644, 0777};
    static const mode_t closed_modes[] = {0600, 0400, 0700};
    struct fault fault;
    write_plain("token", "x", 0600);
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        ck_assert_int_eq(chmod("token", open_modes[i]), 0);
        ck_assert_int_eq(file_check_private("token", &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_CONFIG);
        ck_assert_ptr_nonnull(strstr(fault.text, "chmod 600 token"));
    }
    for (size_t i = 0; i < sizeof closed_modes / sizeof *closed_modes; i++) {
        ck_assert_int_eq(chmod("token", closed_modes[i]), 0);
        ck_assert_int_eq(file_check_private("token", &fault), 0);
    }
    ck_assert_int_eq(file_check_private("missing", &fault), -1);
    ck_assert_int_eq(file_check_private(".", &fault), -1);
}
END_TEST

START_TEST(C7_a_file_of_another_user_is_refused)
{
    struct fault fault;
    write_plain("token", "x", 0600);
    if (chown("token", geteuid() + 1, (gid_t)-1) != 0) {
        return; /* only root may give files away */
    }
    ck_assert_int_eq(file_check_private("token", &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_ptr_nonnull(strstr(fault.text, "belongs to another user"));
}
END_TEST

START_TEST(paths_are_joined_and_taken_apart)
{
    static const struct {
        const char *folder, *name, *joined, *above, *base;
    } cases[] = {
        {"a", "b", "a/b", "a", "b"},
        {"a/", "b", "a/b", "a", "b"},
        {"a", "/b", "/b", "/", "b"},
        {"/", "b", "/b", "/", "b"},
        {"", "b", "b", ".", "b"},
        {".", "b/c", "./b/c", "./b", "c"},
        {"/x/y", "z", "/x/y/z", "/x/y", "z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *joined = file_join(cases[i].folder, cases[i].name);
        char *above = file_folder(joined);
        ck_assert_str_eq(joined, cases[i].joined);
        ck_assert_str_eq(above, cases[i].above);
        ck_assert_str_eq(file_base(joined), cases[i].base);
        free(joined);
        free(above);
    }
}
END_TEST

START_TEST(D15_this_machine_s_own_file_systems_are_not_remote)
{
    struct stat status;
    ck_assert(!file_is_remote("/proc"));
    if (stat("/dev/shm", &status) == 0) {
        ck_assert(!file_is_remote("/dev/shm"));
        ck_assert(!file_is_remote("/dev/shm/no/such/folder/state.db"));
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, scratch_enter, scratch_leave);
    tcase_add_test(c, a_file_is_read_whole_up_to_the_ceiling);
    tcase_add_test(c, a_file_that_says_it_is_empty_is_read_to_its_end);
    tcase_add_test(c, I1_what_is_no_regular_file_is_not_read);
    tcase_add_test(c, H4_files_are_0600_and_folders_0700_whatever_the_umask);
    tcase_add_test(c, a_folder_that_exists_keeps_its_mode);
    tcase_add_test(c, a_folder_cannot_be_made_of_or_below_a_file);
    tcase_add_test(c, a_folder_of_files_is_removed_and_a_missing_one_is_fine);
    tcase_add_test(c, a_folder_with_folders_or_behind_a_link_is_not_removed);
    tcase_add_test(c, C7_a_file_open_to_others_is_refused_with_the_chmod);
    tcase_add_test(c, C7_a_file_of_another_user_is_refused);
    tcase_add_test(c, paths_are_joined_and_taken_apart);
    tcase_add_test(c, D15_this_machine_s_own_file_systems_are_not_remote);
}

int main(void)
{
    digest_start();
    return unit_run("base/file", all);
}
