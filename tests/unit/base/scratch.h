#ifndef OPSPUSH_TESTS_SCRATCH_H
#define OPSPUSH_TESTS_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

/* A folder of its own for one test, made the working folder. */
static inline void scratch_enter(void)
{
    static char folder[] = "/tmp/opspush-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

/* Leaves the scratch folder and takes it away with all in it. */
static inline void scratch_leave(void)
{
    char folder[64];
    char command[128];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static inline unsigned scratch_mode(const char *path)
{
    struct stat status;
    ck_assert_int_eq(lstat(path, &status), 0);
    return (unsigned)status.st_mode & 07777u;
}

#endif
