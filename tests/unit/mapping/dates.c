#include "../../../src/mapping/dates.h"

#include <stdio.h>

#include "base/memory.h"
#include "unit.h"

static const struct date test_day = {.year = 2026, .month = 1, .day = 10};

static struct date_mask mask_of(const char *written)
{
    struct date_mask mask;
    struct text why = {0};
    ck_assert_msg(date_mask_compile(&mask, written, &why), "%s: %s", written, text_string(&why));
    text_clear(&why);
    return mask;
}

/* What a text says by a mask, as YYYY-MM-DD; "" when it says no day. */
static const char *read_by(const char *written, const char *text, int youngest)
{
    static char iso[11];
    struct date_mask mask = mask_of(written);
    struct date date;
    iso[0] = '\0';
    if (date_mask_read(&mask, span_of_string(text), youngest, test_day, &date))
        date_write_iso(date, iso);
    free(mask.written);
    return iso;
}

START_TEST(I25_every_day_from_1900_to_2100_is_read_by_every_mask)
{
    static const char *const masks[] = {"YYYY-MM-DD", "DD-MON-YYYY", "MM/DD/YYYY",
                                        "YYYYMMDD",   "DDMONYYYY",   "DD MONTH YYYY"};
    static const char *const months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    static const char *const names[] = {"January",
                                        "F\xC3\xA9vrier",
                                        "mars",
                                        "April",
                                        "MAI",
                                        "june",
                                        "juillet",
                                        "Ao\xC3\xBBt",
                                        "September",
                                        "OCTOBRE",
                                        "NOVEMBER",
                                        ("d\xC3\xA9"
                                         "cembre")};
    struct date_mask compiled[6];
    for (size_t i = 0; i < 6; i++)
        compiled[i] = mask_of(masks[i]);
    int64_t last = date_days((struct date){2100, 12, 31});
    for (int64_t day = date_days((struct date){1900, 1, 1}); day <= last; day++) {
        struct date date = date_from_days(day), read;
        char text[6][40];
        int y = date.year, m = date.month, d = date.day;
        snprintf(text[0], 40, "%04d-%02d-%02d", y, m, d);
        snprintf(text[1], 40, "%02d-%s-%04d", d, months[m - 1], y);
        snprintf(text[2], 40, "%02d/%02d/%04d", m, d, y);
        snprintf(text[3], 40, "%04d%02d%02d", y, m, d);
        snprintf(text[4], 40, "%02d%s%04d", d, months[m - 1], y);
        snprintf(text[5], 40, "%d %s %04d", d, names[m - 1], y);
        for (size_t i = 0; i < 6; i++) {
            bool is_read =
                date_mask_read(&compiled[i], span_of_string(text[i]), 0, test_day, &read);
            ck_assert_msg(is_read && date_days(read) == day, "%s by %s", text[i], masks[i]);
        }
        char iso[11];
        date_write_iso(date, iso);
        ck_assert_str_eq(iso, text[0]);
    }
    for (size_t i = 0; i < 6; i++)
        free(compiled[i].written);
}
END_TEST

START_TEST(I25_days_that_do_not_exist_are_refused)
{
    static const struct {
        const char *mask, *text;
    } wrong[] = {
        {"YYYY-MM-DD", "2001-02-29"},
        {"YYYY-MM-DD", "1900-02-29"},
        {"YYYY-MM-DD", "2000-02-30"},
        {"YYYY-MM-DD", "2001-04-31"},
        {"YYYY-MM-DD", "2001-13-01"},
        {"YYYY-MM-DD", "2001-00-10"},
        {"YYYY-MM-DD", "2001-01-00"},
        {"YYYY-MM-DD", "0000-01-01"},
        {"YYYY-MM-DD", "2001-01-32"},
        {"YYYY-MM-DD", "2001-01-01 "},
        {"YYYY-MM-DD", "2001-01-01x"},
        {"YYYY-MM-DD", "2001-01-1x"},
        {"YYYY-MM-DD", "01-01-01"},
        {"YYYY-MM-DD", "12001-01-01"},
        {"YYYY-MM-DD", ""},
        {"YYYY-MM-DD", "36165"},
        {"DD-MON-YYYY", "31-FEB-2001"},
        {"DD-MON-YYYY", "05-XXX-2001"},
        {"DD-MON-YYYY", "05-01-2001"},
        {"DD-MON-YYYY", "05-JANUARY-2001"},
        {"MM/DD/YYYY", "13/01/2001"},
        {"MM/DD/YYYY", "01-05-2001"},
        {"YYYYMMDD", "2001105"},
        {"YYYYMMDD", "200111"},
        {"YYYYMMDD", "+2001101"},
        {"DD-MON-YYYY", "-5-JAN-2001"},
        {"YYYY-MM-DD HH24:MI:SS", "1999-01-05 24:00:00"},
        {"YYYY-MM-DD HH24:MI:SS", "1999-01-05 00:60:00"},
        {"YYYY-MM-DD HH24:MI:SS", "1999-01-05 00:00:60"},
        {"YYYY-MM-DD HH24:MI:SS", "1999-01-05"},
        {"DD-MON-YY", "29-FEB-01"},
        {"DD MONTH  YYYY", "05 MAY 1999"},
        {"DD MONTH YYYY", "05  MAY 1999"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(read_by(wrong[i].mask, wrong[i].text, 0)[0] == '\0', "%s by %s",
                      wrong[i].text, wrong[i].mask);
}
END_TEST

START_TEST(I25_masks_read_what_exports_really_hold)
{
    static const struct {
        const char *mask, *text, *day;
        int youngest;
    } cases[] = {
        {"MM/DD/YYYY", "1/5/1999", "1999-01-05", 0},
        {"DD-MON-YYYY", "5-jan-1999", "1999-01-05", 0},
        {"DD-MON-YYYY", "05-Jan-1999", "1999-01-05", 0},
        {"DD.MON.YYYY", "05.JAN.1999", "1999-01-05", 0},
        {"DD.MON.YYYY", "05.JANV..1999", "1999-01-05", 0},
        {"DD-MON-YYYY", "05-F\xC3\x89VR.-1999", "1999-02-05", 0},
        {"DD-MON-YYYY", "05-f\xC3\xA9v-1999", "1999-02-05", 0},
        {"DD-MON-YYYY", "05-FEVR-1999", "1999-02-05", 0},
        {"DD-MON-YYYY", "05-AVR.-1999", "1999-04-05", 0},
        {"DD-MON-YYYY", "05-MAI-1999", "1999-05-05", 0},
        {"DD-MON-YYYY", "05-JUIN-1999", "1999-06-05", 0},
        {"DD-MON-YYYY", "05-JUIL.-1999", "1999-07-05", 0},
        {"DD-MON-YYYY", "05-AO\xC3\x9BT-1999", "1999-08-05", 0},
        {"DD-MON-YYYY", "05-Aout-1999", "1999-08-05", 0},
        {"DD-MON-YYYY", "05-SEPT.-1999", "1999-09-05", 0},
        {"DD-MON-YYYY",
         "05-D\xC3\x89"
         "C.-1999",
         "1999-12-05", 0},
        {"DD MONTH YYYY", "05 JANUARY 1999", "1999-01-05", 0},
        {"DD-MONTH-YYYY", "05-JANUARY  -1999", "1999-01-05", 0},
        {"DD MONTH YYYY", "05 MAY       1999", "1999-05-05", 0},
        {"MONTH DD, YYYY", "MAY       05, 1999", "1999-05-05", 0},
        {"MONTH  DD YYYY", "MAY        05 1999", "1999-05-05", 0},
        {"MONTH, DD YYYY", "MAY      , 05 1999", "1999-05-05", 0},
        {"DDMONTHYYYY", "05MAY      1999", "1999-05-05", 0},
        {"DD MON YYYY", "05 MAI   1999", "1999-05-05", 0},
        {"DD-MON-YYYY", "05-MAI  -1999", "1999-05-05", 0},
        {"YYYY-MM-DD HH24:MI", "1999-01-05 23:59", "1999-01-05", 0},
        {"YYMMDD", "990105", "1999-01-05", 14},
        {"MONDDYYYY", "JAN051999", "1999-01-05", 0},
        {"DD-MON-YY", "29-FEB-00", "2000-02-29", 14},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(
            strcmp(read_by(cases[i].mask, cases[i].text, cases[i].youngest), cases[i].day) == 0,
            "%s by %s", cases[i].text, cases[i].mask);
}
END_TEST

START_TEST(I25_two_digit_years_take_the_latest_century_that_gives_the_age)
{
    static const struct {
        const char *text, *day;
        int youngest;
    } cases[] = {
        {"05-JAN-49", "1949-01-05", 14},  {"05-JAN-20", "1920-01-05", 14},
        {"05-JAN-05", "2005-01-05", 14},  {"10-JAN-12", "2012-01-10", 14},
        {"11-JAN-12", "1912-01-11", 14},  {"10-JAN-26", "2026-01-10", 0},
        {"11-JAN-26", "1926-01-11", 0},   {"09-JAN-26", "1926-01-09", 1},
        {"01-JAN-00", "2000-01-01", 14},  {"31-DEC-99", "1999-12-31", 14},
        {"01-JAN-99", "1899-01-01", 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(read_by("DD-MON-YY", cases[i].text, cases[i].youngest), cases[i].day);
}
END_TEST

START_TEST(masks_that_contradict_each_other_are_found)
{
    static const struct {
        const char *one, *other;
        bool is_ambiguous;
    } cases[] = {
        {"MM/DD/YYYY", "DD/MM/YYYY", true},
        {"DDMMYY", "YYMMDD", true},
        {"DD-MON-YY", "YY-MON-DD", true},
        {"DD-MON-YYYY", "YYYY-MM-DD", false},
        {"DD-MON-YYYY", "DD-MON-YYYY", false},
        {"MM/DD/YYYY", "YYYY/MM/DD", false},
        {"YYYY-MM-DD", "YYYY-MM-DD HH24:MI:SS", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct date_mask masks[2] = {mask_of(cases[i].one), mask_of(cases[i].other)};
        struct date_reader reader = {.masks = masks, .count = 2};
        size_t one, other;
        ck_assert_msg(date_reader_ambiguous(&reader, &one, &other) == cases[i].is_ambiguous,
                      "%s and %s", cases[i].one, cases[i].other);
        free(masks[0].written);
        free(masks[1].written);
    }
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, I25_every_day_from_1900_to_2100_is_read_by_every_mask);
    tcase_add_test(tests, I25_days_that_do_not_exist_are_refused);
    tcase_add_test(tests, I25_masks_read_what_exports_really_hold);
    tcase_add_test(tests, I25_two_digit_years_take_the_latest_century_that_gives_the_age);
    tcase_add_test(tests, masks_that_contradict_each_other_are_found);
}

int main(void)
{
    return unit_run("mapping/dates", all);
}
