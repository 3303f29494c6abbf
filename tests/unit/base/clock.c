#include "base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "unit.h"

START_TEST(I25_every_day_from_1600_to_2600_counts_on_by_one)
{
    int64_t days = date_days((struct date){1600, 1, 1});
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int year = 1600; year <= 2600; year++) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= length; day++, days++) {
                struct date date = {year, month, day};
                struct date back = date_from_days(days);
                ck_assert(date_is_real(date));
                ck_assert(date_days(date) == days);
                ck_assert(back.year == year && back.month == month && back.day == day);
            }
            ck_assert(!date_is_real((struct date){year, month, length + 1}));
            ck_assert(!date_is_real((struct date){year, month, 0}));
        }
    }
    ck_assert(date_days((struct date){1970, 1, 1}) == 0);
}
END_TEST

START_TEST(I25_days_that_never_were_are_not_real)
{
    static const struct date dates[] = {{0, 1, 1},     {-1, 1, 1},    {10000, 1, 1}, {2024, 0, 1},
                                        {2024, 13, 1}, {2023, 2, 29}, {1900, 2, 29}, {2024, 4, 31}};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        ck_assert_msg(!date_is_real(dates[i]), "case %zu", i);
    }
    ck_assert(date_is_real((struct date){2000, 2, 29}));
    ck_assert(date_is_real((struct date){1, 1, 1}));
    ck_assert(date_is_real((struct date){9999, 12, 31}));
}
END_TEST

START_TEST(H9_utc_is_written_and_read_back_beyond_2038)
{
    static const struct {
        int64_t ms;
        const char *text, *compact;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "19700101T000000Z"},
        {INT64_C(1795310400000), "2026-11-22T01:20:00Z", "20261122T012000Z"},
        {INT64_C(2147483648000), "2038-01-19T03:14:08Z", "20380119T031408Z"},
        {INT64_C(951782399000), "2000-02-28T23:59:59Z", "20000228T235959Z"},
        {INT64_C(253402300799000), "9999-12-31T23:59:59Z", "99991231T235959Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32], compact[32];
        clock_utc(cases[i].ms + 999, text);
        clock_utc_compact(cases[i].ms, compact);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_str_eq(compact, cases[i].compact);
        ck_assert(clock_from_utc(text) == cases[i].ms);
    }
}
END_TEST

START_TEST(what_clock_utc_does_not_write_is_not_read)
{
    static const char *const texts[] = {
        "",
        "2026-11-22",
        "2026-11-22T01:20:00",
        "2026-11-22 01:20:00Z",
        "2026-11-22T01:20:00+00:00",
        "2026-02-30T01:20:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T01:60:00Z",
        "2026-11-22T01:20:60Z",
        "2026-11-22T01:20:0xZ",
        "+026-11-22T01:20:00Z",
        "1969-12-31T23:59:59Z",
        "2026-11-22T01:20:00Z ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_msg(clock_from_utc(texts[i]) == -1, "%s", texts[i]);
    }
}
END_TEST

START_TEST(H9_the_local_date_follows_the_zone_and_lives_without_zone_data)
{
    static const struct {
        const char *zone;
        int day;
    } cases[] = {{"UTC0", 22}, {"XXX5", 21}, {"XXX-5", 22}, {":No/Such/Zone", 22}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("TZ", cases[i].zone, 1);
        tzset();
        struct date date = clock_local_date(INT64_C(1795310400000));
        ck_assert_msg(date.year == 2026 && date.month == 11 && date.day == cases[i].day, "%s",
                      cases[i].zone);
    }
}
END_TEST

START_TEST(durations_are_shown_short)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0.0 s"},
        {-5, "0.0 s"},
        {4200, "4.2 s"},
        {4249, "4.2 s"},
        {59949, "59.9 s"},
        {59950, "1 min 0 s"},
        {725000, "12 min 5 s"},
        {3599499, "59 min 59 s"},
        {3599500, "1 h 00 min"},
        {11040000, "3 h 04 min"},
        {INT64_C(360000000), "100 h 00 min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        clock_duration(cases[i].ms, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(durations_are_an_integer_and_a_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"0s", 0},
        {"90s", 90000},
        {"45m", 2700000},
        {"6h", 21600000},
        {"2d", 172800000},
        {"007s", 7000},
        {"", -1},
        {"6", -1},
        {"h", -1},
        {"6 h", -1},
        {" 6h", -1},
        {"-6h", -1},
        {"+6h", -1},
        {"1.5h", -1},
        {"6hh", -1},
        {"6H", -1},
        {"6w", -1},
        {"6h30m", -1},
        {"99999999999999999999d", -1},
        {"9223372036854775807s", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(clock_parse_duration(cases[i].text) == cases[i].ms, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(the_steady_clock_does_not_go_back)
{
    struct clock clock = clock_system();
    int64_t before = clock.steady_ms(clock.self);
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock.steady_ms(clock.self);
        ck_assert(now >= before);
        before = now;
    }
    ck_assert(clock.wall_ms(clock.self) > INT64_C(1700000000000));
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, I25_every_day_from_1600_to_2600_counts_on_by_one);
    tcase_add_test(c, I25_days_that_never_were_are_not_real);
    tcase_add_test(c, H9_utc_is_written_and_read_back_beyond_2038);
    tcase_add_test(c, what_clock_utc_does_not_write_is_not_read);
    tcase_add_test(c, H9_the_local_date_follows_the_zone_and_lives_without_zone_data);
    tcase_add_test(c, durations_are_shown_short);
    tcase_add_test(c, durations_are_an_integer_and_a_unit);
    tcase_add_test(c, the_steady_clock_does_not_go_back);
}

int main(void)
{
    return unit_run("base/clock", all);
}
