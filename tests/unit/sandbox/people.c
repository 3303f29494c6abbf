#include "../../../src/sandbox/people.h"

#include <stdio.h>

#include "unit.h"

static struct submission submission_of(const char *first_name, const char *email)
{
    struct submission submission = {0};
    submission.values[FIELD_FIRST_NAME] = first_name;
    submission.values[FIELD_EMAIL] = email;
    return submission;
}

START_TEST(a_person_is_found_again_by_the_same_id_in_the_same_case)
{
    struct people *people = people_new();
    struct person *ada = people_find(people, "A001");
    ck_assert_ptr_eq(people_find(people, "A001"), ada);
    ck_assert_ptr_ne(people_find(people, "a001"), ada);
    ck_assert_uint_eq(people_seen(people), 2);
    ck_assert_uint_eq(people_count(people), 0);
    people_free(people);
}
END_TEST

START_TEST(a_push_replaces_what_it_names_and_leaves_the_rest)
{
    struct people *people = people_new();
    struct person *ada = people_find(people, "A001");
    struct submission both = submission_of("Ada", "ada@example.edu");
    struct submission name = submission_of("Adele", NULL);
    struct submission none = submission_of(NULL, "");
    people_store(people, ada, &both, 1);
    people_store(people, ada, &name, 2);
    ck_assert_str_eq(person_value(ada, FIELD_FIRST_NAME), "Adele");
    ck_assert_str_eq(person_value(ada, FIELD_EMAIL), "ada@example.edu");
    people_store(people, ada, &none, 7);
    ck_assert_str_eq(person_value(ada, FIELD_FIRST_NAME), "Adele");
    ck_assert_str_eq(person_value(ada, FIELD_EMAIL), "");
    ck_assert_ptr_null(person_value(ada, FIELD_CITY));
    ck_assert_uint_eq(ada->posts, 3);
    ck_assert_uint_eq(ada->first_request, 1);
    ck_assert_uint_eq(ada->last_request, 7);
    ck_assert_uint_eq(ada->pushed, FIELD_BIT(FIELD_EMAIL));
    people_free(people);
}
END_TEST

START_TEST(an_address_is_taken_by_others_alone_whatever_its_case_and_free_once_given_up)
{
    struct people *people = people_new();
    struct person *ada = people_find(people, "A001"), *bob = people_find(people, "A002");
    struct submission first = submission_of("Ada", "ada@example.edu");
    struct submission second = submission_of("Ada", "lovelace@example.edu");
    people_store(people, ada, &first, 1);
    ck_assert(people_taken(people, FIELD_EMAIL, "ADA@example.edu", bob));
    ck_assert(people_taken(people, FIELD_EMAIL, "ada@example.edu", NULL));
    ck_assert(!people_taken(people, FIELD_EMAIL, "ada@example.edu", ada));
    ck_assert(!people_taken(people, FIELD_USER_NAME, "ada@example.edu", bob));
    people_store(people, ada, &second, 2);
    ck_assert(!people_taken(people, FIELD_EMAIL, "ada@example.edu", bob));
    people_store(people, ada, &first, 3);
    ck_assert(people_taken(people, FIELD_EMAIL, "ada@example.edu", bob));
    ck_assert(!people_taken(people, FIELD_EMAIL, "lovelace@example.edu", bob));
    people_free(people);
}
END_TEST

START_TEST(a_hundred_thousand_people_are_told_apart_and_a_reset_forgets_them)
{
    struct people *people = people_new();
    char id[16], email[40];
    for (int i = 0; i < 100000; i++) {
        snprintf(id, sizeof id, "A%08d", i);
        snprintf(email, sizeof email, "p%d@example.edu", i);
        struct submission submission = submission_of("P", email);
        people_store(people, people_find(people, id), &submission, (uint64_t)i);
    }
    ck_assert_uint_eq(people_count(people), 100000);
    for (int i = 0; i < 100000; i += 777) {
        snprintf(id, sizeof id, "A%08d", i);
        snprintf(email, sizeof email, "p%d@example.edu", i);
        struct person *person = people_find(people, id);
        ck_assert_str_eq(person_value(person, FIELD_EMAIL), email);
        ck_assert(!people_taken(people, FIELD_EMAIL, email, person));
    }
    ck_assert_uint_eq(people_seen(people), 100000);
    people_reset(people);
    ck_assert_uint_eq(people_seen(people), 0);
    ck_assert(!people_taken(people, FIELD_EMAIL, "p0@example.edu", NULL));
    people_free(people);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, a_person_is_found_again_by_the_same_id_in_the_same_case);
    tcase_add_test(c, a_push_replaces_what_it_names_and_leaves_the_rest);
    tcase_add_test(c, an_address_is_taken_by_others_alone_whatever_its_case_and_free_once_given_up);
    tcase_add_test(c, a_hundred_thousand_people_are_told_apart_and_a_reset_forgets_them);
}

int main(void)
{
    return unit_run("sandbox/people", all);
}
