#include "profile/profile.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

/* Digest, fingerprints and body of a profile. */

static struct keys keys;

static void set(struct profile *profile, enum field field, const char *value)
{
    profile->values[field] = (struct profile_value){value, (uint32_t)strlen(value), VALUE_PRESENT};
}

static void set_cleared(struct profile *profile, enum field field)
{
    profile->values[field] = (struct profile_value){.state = VALUE_CLEARED};
}

static struct profile usual_profile(void)
{
    struct profile profile = {0};
    set(&profile, FIELD_UNIQUE_ID, "@00123456");
    set(&profile, FIELD_LOGIN_SOURCE, "SAML");
    set(&profile, FIELD_FIRST_NAME, "Jos\xC3\xA9");
    set(&profile, FIELD_LAST_NAME, "O\"Neil\\\n");
    return profile;
}

static bool digests_agree(const struct profile *a, const struct profile *b)
{
    struct digest first, second;
    profile_digest(a, &keys, &first);
    profile_digest(b, &keys, &second);
    return digest_equal(&first, &second);
}

/* ---------------------------------------------------------------- digest */

START_TEST(D19_profiles_that_differ_anywhere_have_other_digests)
{
    struct profile variants[10];
    for (size_t i = 0; i < 10; i++)
        variants[i] = usual_profile();
    set(&variants[1], FIELD_FIRST_NAME, "");
    variants[2].values[FIELD_FIRST_NAME].state = VALUE_ABSENT;
    set_cleared(&variants[3], FIELD_FIRST_NAME);
    set(&variants[4], FIELD_FIRST_NAME, "a");
    set(&variants[4], FIELD_LAST_NAME, "bc");
    set(&variants[5], FIELD_FIRST_NAME, "ab");
    set(&variants[5], FIELD_LAST_NAME, "c");
    set(&variants[6], FIELD_CITY, "Ottawa");
    set(&variants[7], FIELD_CITY2, "Ottawa");
    set(&variants[8], FIELD_FIRST_NAME, "Jose");
    set(&variants[9], FIELD_CITY, "");
    for (size_t i = 0; i < 10; i++)
        for (size_t j = 0; j < 10; j++)
            ck_assert_int_eq(digests_agree(&variants[i], &variants[j]), i == j);
}
END_TEST

START_TEST(a_digest_does_not_hold_what_goes_to_new_people_only)
{
    struct profile plain = usual_profile(), more = usual_profile();
    set(&more, FIELD_USER_TYPE_ID, "1");
    ck_assert(!digests_agree(&plain, &more));
    more.new_only = FIELD_BIT(FIELD_USER_TYPE_ID);
    ck_assert(digests_agree(&plain, &more));
}
END_TEST

START_TEST(a_cleared_value_has_one_form)
{
    struct profile a = usual_profile(), b = usual_profile();
    set_cleared(&a, FIELD_CITY);
    b.values[FIELD_CITY] = (struct profile_value){"left over", 9, VALUE_CLEARED};
    ck_assert(digests_agree(&a, &b));
    struct fingerprints prints_a, prints_b;
    profile_fingerprints(&a, &keys, &prints_a);
    profile_fingerprints(&b, &keys, &prints_b);
    ck_assert_uint_eq(fingerprints_differ(&prints_a, &prints_b), 0);
}
END_TEST

START_TEST(a_digest_of_any_length_is_over_the_whole)
{
    struct profile a = usual_profile(), b = usual_profile();
    for (size_t length = 3900; length < 4300; length++) {
        char *long_value = mem_array(length + 1, 1);
        memset(long_value, 'x', length);
        set(&a, FIELD_STREET, long_value);
        char *other = mem_string(long_value);
        other[length - 1] = 'y';
        set(&b, FIELD_STREET, other);
        ck_assert(digests_agree(&a, &a));
        ck_assert(!digests_agree(&a, &b));
        free(other);
        free(long_value);
    }
}
END_TEST

START_TEST(O3_another_key_gives_another_digest_and_the_token_none)
{
    struct keys other;
    uint8_t master[KEY_BYTES] = {7};
    struct profile profile = usual_profile();
    struct digest first, second;
    keys_derive(&other, master);
    profile_digest(&profile, &keys, &first);
    profile_digest(&profile, &other, &second);
    ck_assert(!digest_equal(&first, &second));
    person_tag("a", 1, &keys, &first);
    person_tag("b", 1, &keys, &second);
    ck_assert(!digest_equal(&first, &second));
}
END_TEST

/* ---------------------------------------------------------------- fingerprints */

START_TEST(fingerprints_name_the_fields_that_differ)
{
    struct profile before = usual_profile(), now = usual_profile();
    struct fingerprints a, b;
    set(&before, FIELD_CITY, "Hull");
    set(&before, FIELD_EMAIL, "a@example.edu");
    set(&before, FIELD_STREET, "12 rue X");
    set(&before, FIELD_STREET2, "");
    set(&now, FIELD_CITY, "Gatineau");
    set(&now, FIELD_EMAIL, "");
    set(&now, FIELD_PROVINCE, "QC");
    set_cleared(&now, FIELD_STREET2);
    profile_fingerprints(&before, &keys, &a);
    profile_fingerprints(&now, &keys, &b);
    ck_assert_uint_eq(fingerprints_differ(&a, &b), FIELD_BIT(FIELD_CITY) | FIELD_BIT(FIELD_EMAIL) |
                                                       FIELD_BIT(FIELD_STREET) |
                                                       FIELD_BIT(FIELD_PROVINCE));
    ck_assert_uint_eq(fingerprints_emptied(&a, &b),
                      FIELD_BIT(FIELD_EMAIL) | FIELD_BIT(FIELD_STREET));
    ck_assert_uint_eq(fingerprints_differ(&a, &a), 0);
}
END_TEST

START_TEST(fingerprints_of_one_value_in_two_fields_differ)
{
    struct profile profile = {0};
    struct fingerprints prints;
    set(&profile, FIELD_EMPLOY_NO, "123");
    set(&profile, FIELD_STUDENT_NO, "123");
    profile_fingerprints(&profile, &keys, &prints);
    ck_assert_uint_ne(prints.of[FIELD_EMPLOY_NO], prints.of[FIELD_STUDENT_NO]);
}
END_TEST

START_TEST(fingerprints_of_long_values_are_over_the_whole)
{
    struct profile profile = {0};
    struct fingerprints a, b;
    for (size_t length = 500; length < 530; length++) {
        char *value = mem_array(length + 1, 1);
        memset(value, 'x', length);
        set(&profile, FIELD_STREET, value);
        profile_fingerprints(&profile, &keys, &a);
        value[length - 1] = 'y';
        profile_fingerprints(&profile, &keys, &b);
        ck_assert_uint_eq(fingerprints_differ(&a, &b), FIELD_BIT(FIELD_STREET));
        free(value);
    }
}
END_TEST

START_TEST(fingerprints_stored_and_read_are_the_same)
{
    struct profile profile = usual_profile();
    struct fingerprints prints, read;
    struct text stored = {0};
    set(&profile, FIELD_LOCKER_USER_TYPE_ID, "");
    set(&profile, FIELD_USER_TYPE_ID, "1");
    profile.new_only = FIELD_BIT(FIELD_USER_TYPE_ID);
    profile_fingerprints(&profile, &keys, &prints);
    fingerprints_encode(&prints, &stored);
    ck_assert_uint_eq(stored.length, 1 + 5 * 9);
    ck_assert_int_eq(fingerprints_decode(stored.bytes, stored.length, &read), 0);
    ck_assert_uint_eq(read.present, prints.present);
    ck_assert_uint_eq(read.empty, FIELD_BIT(FIELD_LOCKER_USER_TYPE_ID));
    ck_assert_uint_eq(fingerprints_differ(&prints, &read), 0);
    text_clear(&stored);
}
END_TEST

START_TEST(stored_fingerprints_that_are_none_are_refused)
{
    static const struct {
        const char *bytes;
        size_t length;
    } wrong[] = {
        {"", 0},
        {"\x02", 1},
        {"\x01\x00", 2},
        {"\x01\x18........", 10},
        {"\x01\x01........\x01........", 19},
        {"\x01\x02........\x01........", 19},
        {"\x01\x01.......", 9},
    };
    struct fingerprints prints;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_eq(fingerprints_decode(wrong[i].bytes, wrong[i].length, &prints), -1);
    ck_assert_int_eq(fingerprints_decode("\x01", 1, &prints), 0);
    ck_assert_uint_eq(prints.present, 0);
}
END_TEST

/* ---------------------------------------------------------------- what is sent */

START_TEST(what_is_sent_depends_on_the_last_delivery)
{
    struct profile profile = {0}, earlier = {0};
    struct fingerprints before;
    set(&profile, FIELD_UNIQUE_ID, "1");
    set(&profile, FIELD_USER_TYPE_ID, "9");
    set_cleared(&profile, FIELD_CITY);
    set_cleared(&profile, FIELD_STREET);
    profile.new_only = FIELD_BIT(FIELD_USER_TYPE_ID);
    set(&earlier, FIELD_CITY, "Hull");
    set(&earlier, FIELD_STREET, "");
    profile_fingerprints(&earlier, &keys, &before);
    field_set id = FIELD_BIT(FIELD_UNIQUE_ID), type = FIELD_BIT(FIELD_USER_TYPE_ID);
    ck_assert_uint_eq(profile_sent(&profile, true, NULL), id | type);
    ck_assert_uint_eq(profile_sent(&profile, false, NULL), id);
    ck_assert_uint_eq(profile_sent(&profile, false, &before), id | FIELD_BIT(FIELD_CITY));
    ck_assert_uint_eq(profile_sent(&profile, true, &before), id | type | FIELD_BIT(FIELD_CITY));
}
END_TEST

START_TEST(the_body_has_the_token_first_and_strings_alone)
{
    struct profile profile = usual_profile();
    struct text body = {0};
    set(&profile, FIELD_USER_TYPE_ID, "6");
    set_cleared(&profile, FIELD_CITY);
    field_set sent = profile_sent(&profile, true, NULL) | FIELD_BIT(FIELD_CITY);
    profile_body(&profile, sent & ~FIELD_BIT(FIELD_FIRST_NAME), "secret", &body);
    ck_assert_str_eq(
        text_string(&body),
        "{\"apiToken\":\"secret\",\"unique_id\":\"@00123456\",\"login_source\":\"SAML\","
        "\"last_name\":\"O\\\"Neil\\\\\\n\",\"city\":\"\",\"user_type_id\":\"6\"}");
    text_clear(&body);
}
END_TEST

START_TEST(names_of_a_set_stand_in_the_order_of_the_table)
{
    struct text names = {0};
    field_set_names(FIELD_BIT(FIELD_CITY) | FIELD_BIT(FIELD_UNIQUE_ID) |
                        FIELD_BIT(FIELD_LOCKER_USER_TYPE_ID),
                    ", ", &names);
    ck_assert_str_eq(text_string(&names), "unique_id, city, locker_user_type_id");
    text_reset(&names);
    field_set_names(0, ", ", &names);
    ck_assert_str_eq(text_string(&names), "");
    text_clear(&names);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, D19_profiles_that_differ_anywhere_have_other_digests);
    tcase_add_test(tests, a_digest_does_not_hold_what_goes_to_new_people_only);
    tcase_add_test(tests, a_cleared_value_has_one_form);
    tcase_add_test(tests, a_digest_of_any_length_is_over_the_whole);
    tcase_add_test(tests, O3_another_key_gives_another_digest_and_the_token_none);
    tcase_add_test(tests, fingerprints_name_the_fields_that_differ);
    tcase_add_test(tests, fingerprints_of_one_value_in_two_fields_differ);
    tcase_add_test(tests, fingerprints_of_long_values_are_over_the_whole);
    tcase_add_test(tests, fingerprints_stored_and_read_are_the_same);
    tcase_add_test(tests, stored_fingerprints_that_are_none_are_refused);
    tcase_add_test(tests, what_is_sent_depends_on_the_last_delivery);
    tcase_add_test(tests, the_body_has_the_token_first_and_strings_alone);
    tcase_add_test(tests, names_of_a_set_stand_in_the_order_of_the_table);
}

int main(void)
{
    digest_start();
    static const uint8_t master[KEY_BYTES] = "a key for tests";
    keys_derive(&keys, master);
    return unit_run("profile/profile", all);
}
