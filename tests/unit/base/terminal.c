#define _XOPEN_SOURCE 700 /* pseudo terminals */

#include "base/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

START_TEST(colour_follows_the_wish_before_all_else)
{
    FILE *null = fopen("/dev/null", "w");
    setenv("NO_COLOR", "1", 1);
    ck_assert(terminal_colours(null, COLOUR_ALWAYS));
    ck_assert(!terminal_colours(null, COLOUR_NEVER));
    unsetenv("NO_COLOR");
    ck_assert(!terminal_colours(null, COLOUR_AUTO));
    fclose(null);
}
END_TEST

/* The slave side of a new pseudo terminal, or NULL where there are none. */
static FILE *pseudo_terminal(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        return NULL;
    }
    return fopen(ptsname(master), "r+");
}

START_TEST(colour_on_a_terminal_can_be_turned_off_by_the_environment)
{
    static const struct {
        const char *no_color, *term;
        bool is_on;
    } cases[] = {{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}};
    FILE *terminal = pseudo_terminal();
    if (!terminal) {
        return;
    }
    ck_assert(terminal_is(terminal));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("NO_COLOR", cases[i].no_color, 1);
        setenv("TERM", cases[i].term, 1);
        ck_assert(terminal_colours(terminal, COLOUR_AUTO) == cases[i].is_on);
    }
    fclose(terminal);
}
END_TEST

START_TEST(the_width_of_no_terminal_is_columns_or_80)
{
    static const struct {
        const char *columns;
        size_t width;
    } cases[] = {{"120", 120}, {"", 80}, {"-5", 80}, {"0", 80}, {"x", 80}, {"99999999999", 80}};
    FILE *null = fopen("/dev/null", "w");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("COLUMNS", cases[i].columns, 1);
        ck_assert_uint_eq(terminal_width(null), cases[i].width);
    }
    unsetenv("COLUMNS");
    ck_assert_uint_eq(terminal_width(null), 80);
    fclose(null);
}
END_TEST

START_TEST(coloured_text_ends_its_colour)
{
    struct text out = {0};
    terminal_add(&out, true, COLOUR_BAD, "%d", 1);
    terminal_add(&out, false, COLOUR_BAD, "%d", 2);
    terminal_add(&out, true, COLOUR_NONE, "%d", 3);
    ck_assert_str_eq(text_string(&out), "\033[31m1\033[0m23");
    text_clear(&out);
}
END_TEST

START_TEST(D22_closed_standard_descriptors_are_opened_on_null)
{
    struct stat null, status;
    ck_assert_int_eq(stat("/dev/null", &null), 0);
    for (int closed = 0; closed < 8; closed++) {
        int saved[3];
        for (int i = 0; i < 3; i++) {
            saved[i] = fcntl(i, F_DUPFD, 10);
            if (closed & (1 << i)) {
                close(i);
            }
        }
        terminal_guard_descriptors();
        int wrong = 0;
        for (int i = 0; i < 3; i++) {
            bool is_null = fstat(i, &status) == 0 && status.st_rdev == null.st_rdev;
            wrong += (closed & (1 << i)) && !is_null;
            dup2(saved[i], i);
            close(saved[i]);
        }
        ck_assert_int_eq(wrong, 0);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, colour_follows_the_wish_before_all_else);
    tcase_add_test(c, colour_on_a_terminal_can_be_turned_off_by_the_environment);
    tcase_add_test(c, the_width_of_no_terminal_is_columns_or_80);
    tcase_add_test(c, coloured_text_ends_its_colour);
    tcase_add_test(c, D22_closed_standard_descriptors_are_opened_on_null);
}

int main(void)
{
    return unit_run("base/terminal", all);
}
