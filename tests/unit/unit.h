#ifndef OPSPUSH_TESTS_UNIT_H
#define OPSPUSH_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Runs one program's tests: `static void all(TCase *c) { tcase_add_test(c, name); ... }` and unit_run("base/text", all). */
static inline int unit_run(const char *name, void (*all)(TCase *))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 120);
    all(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
