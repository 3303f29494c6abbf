#include "profile/field.h"

#include <string.h>

#include "base/text.h"
#include "unit.h"

/* The field table, held against the API page. */

static const struct {
    const char *name, *alias;
    unsigned limit;
    bool required, is_private;
} page[] = {
    {"unique_id", NULL, 50, true, false},
    {"login_source", NULL, 20, true, false},
    {"first_name", NULL, 50, false, false},
    {"last_name", NULL, 50, false, false},
    {"user_name", NULL, 50, false, false},
    {"email", NULL, 100, false, false},
    {"street", NULL, 0, false, false},
    {"city", NULL, 50, false, false},
    {"province", "state", 2, false, false},
    {"postal_code", "zip", 20, false, false},
    {"street2", NULL, 20, false, false},
    {"city2", NULL, 50, false, false},
    {"province2", "state2", 2, false, false},
    {"postal_code2", "zip2", 20, false, false},
    {"phone_cell", NULL, 20, false, false},
    {"user_type_id", NULL, 0, false, false},
    {"employ_no", NULL, 50, false, false},
    {"student_no", NULL, 50, false, false},
    {"employee_phone", NULL, 50, false, false},
    {"student_phone", NULL, 50, false, false},
    {"driver_licence_num", "driver_license_num", 255, false, true},
    {"driver_licence_prov", "driver_license_state", 2, false, true},
    {"date_of_birth", NULL, 10, false, true},
    {"locker_user_type_id", NULL, 0, false, false},
};

START_TEST(the_table_says_what_the_api_page_says)
{
    ck_assert_uint_eq(sizeof page / sizeof page[0], FIELD_COUNT);
    for (int f = 0; f < FIELD_COUNT; f++) {
        const struct field_info *info = field_info((enum field)f);
        ck_assert_str_eq(info->name, page[f].name);
        ck_assert(text_is(info->aliases[0], page[f].alias));
        ck_assert_uint_eq(info->limit, page[f].limit);
        ck_assert_int_eq(info->required, page[f].required);
        ck_assert_int_eq(info->is_private, page[f].is_private);
        ck_assert(info->note && info->note[0] && !strchr(info->note, '\n'));
    }
}
END_TEST

START_TEST(C2_each_name_of_a_field_finds_the_same_field)
{
    for (int f = 0; f < FIELD_COUNT; f++) {
        ck_assert_int_eq(field_find(page[f].name), f);
        if (page[f].alias)
            ck_assert_int_eq(field_find(page[f].alias), f);
    }
    static const char *const none[] = {"",         "Email",      "apiToken", "driver_license_prov",
                                       "zip_code", "middle_name"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_int_eq(field_find(none[i]), -1);
}
END_TEST

START_TEST(a_wrong_name_is_offered_the_nearest_one)
{
    ck_assert_str_eq(field_nearest("e-mail"), "email");
    ck_assert_str_eq(field_nearest("First Name"), "first_name");
    ck_assert_str_eq(field_nearest("driver_license_number"), "driver_license_num");
    ck_assert_ptr_null(field_nearest("gender"));
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, the_table_says_what_the_api_page_says);
    tcase_add_test(tests, C2_each_name_of_a_field_finds_the_same_field);
    tcase_add_test(tests, a_wrong_name_is_offered_the_nearest_one);
}

int main(void)
{
    return unit_run("profile/field", all);
}
