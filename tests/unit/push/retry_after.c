#include "push/answer.h"
#include "unit.h"

static const int64_t day = 86400000;
static const int64_t noon = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static void check_wish(const char *value, const char *date, int64_t wall_ms, int64_t wanted)
{
    int64_t got = retry_after_ms(value, date, wall_ms);
    ck_assert_msg(got == wanted, "\"%s\" gives %lld, not %lld", value, (long long)got,
                  (long long)wanted);
}

START_TEST(N9_sixty_values_of_retry_after)
{
    static const struct {
        const char *value;
        int64_t wanted;
    } cases[] = {
        {"", -1},
        {"0", 0},
        {"1", 1000},
        {"5", 5000},
        {"007", 7000},
        {" 5", 5000},
        {"5 ", 5000},
        {"\t5\t", 5000},
        {"120", 120000},
        {"3600", 3600000},
        {"86399", 86399000},
        {"86400", 86400000},
        {"86401", 86400000},
        {"31536000", 86400000},
        {"2147483648", 86400000},
        {"4294967297", 86400000},
        {"9223372036854775807", 86400000},
        {"9223372036854775808", 86400000},
        {"18446744073709551616", 86400000},
        {"100000000000000000000", 86400000},
        {"-1", -1},
        {"-86400", -1},
        {"+5", -1},
        {"1.5", -1},
        {"1e3", -1},
        {"0x10", -1},
        {"5s", -1},
        {"5 s", -1},
        {"5;6", -1},
        {"soon", -1},
        {"null", -1},
        {"NaN", -1},
        {"\"5\"", -1},
        {"\xd9\xa5", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:38 GMT", 1000},
        {"Sun, 06 Nov 1994 08:49:36 GMT", 0},
        {"Sun, 06 Nov 1994 09:49:37 GMT", 3600000},
        {"Mon, 07 Nov 1994 08:49:37 GMT", 86400000},
        {"Mon, 07 Nov 1994 08:49:38 GMT", 86400000},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 86400000},
        {"Sun, 06 Nov 1994 08:50:60 GMT", 83000},
        {"Sunday, 06-Nov-94 08:50:37 GMT", 60000},
        {"Monday, 07-Nov-94 07:49:37 GMT", 82800000},
        {"Sunday, 06-Nov-95 08:50:37 GMT", 86400000},
        {"Sunday, 06-Nov-44 08:50:37 GMT", 86400000},
        {"Sunday, 06-Nov-45 08:50:37 GMT", 0},
        {"Sun Nov  6 08:50:37 1994", 60000},
        {"Sun Nov 06 08:50:37 1994", 60000},
        {"Mon Nov 07 07:49:37 1994", 82800000},
        {"Sun, 31 Feb 1994 08:49:38 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:60:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:38 CET", -1},
        {"Sun, 06 Nov 1994 08:49:38", -1},
        {"Sun, 6 Nov 1994 08:49:38 GMT", -1},
        {"Son, 06 Nov 1994 08:49:38 GMT", -1},
        {"Sun, 06 nov 1994 08:49:38 GMT", -1},
        {"1994-11-06T08:49:38Z", -1},
        {"Sun, 06 Nov 94 08:49:38 GMT", -1},
        {"5\n7", 7000},
        {"7\n5", 7000},
        {"junk\n5", 5000},
        {"5\njunk", 5000},
        {"5\nSun, 06 Nov 1994 08:50:37 GMT", 60000},
        {"90\nSun, 06 Nov 1994 08:50:37 GMT", 90000},
        {"junk\nmore", -1},
        {"5, 7", 7000},
        {"7,5", 7000},
        {"5, x", 5000},
        {",", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_wish(cases[i].value, DATE, noon + 123456789, cases[i].wanted);
}
END_TEST

START_TEST(N20_a_date_counts_from_the_answers_date_and_not_from_this_clock)
{
    for (int64_t years = -20; years <= 20; years += 5)
        check_wish("Sun, 06 Nov 1994 08:50:37 GMT", DATE, noon + years * 365 * day, 60000);
}
END_TEST

START_TEST(N20_without_a_usable_date_this_clock_counts)
{
    static const char *const dates[] = {"", "yesterday", "Sun, 06 Nov 1994", NULL};
    for (size_t i = 0; i < 4; i++)
        check_wish("Sun, 06 Nov 1994 08:50:37 GMT", dates[i], noon + 20000, 40000);
    ck_assert_int_eq(retry_after_ms(NULL, DATE, noon), -1);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, N9_sixty_values_of_retry_after);
    tcase_add_test(c, N20_a_date_counts_from_the_answers_date_and_not_from_this_clock);
    tcase_add_test(c, N20_without_a_usable_date_this_clock_counts);
}

int main(void)
{
    return unit_run("push/retry_after", all);
}
