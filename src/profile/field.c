#include "profile/field.h"

#include <assert.h>

#include "base/text.h"

/* In the order of enum field. Names, aliases and limits: the API page, "profiles/push". */
static const struct field_info fields[FIELD_COUNT] = {
    [FIELD_UNIQUE_ID] = {.name = "unique_id",
                         .limit = 50,
                         .required = true,
                         .note = "the key of the person; never changes, never given to another"},
    [FIELD_LOGIN_SOURCE] = {.name = "login_source",
                            .limit = 20,
                            .required = true,
                            .note =
                                "Code of an active login source, e.g. SAML; usually a constant"},
    [FIELD_FIRST_NAME] = {.name = "first_name", .limit = 50, .note = "asked for by most clients"},
    [FIELD_LAST_NAME] = {.name = "last_name", .limit = 50, .note = "asked for by most clients"},
    [FIELD_USER_NAME] = {.name = "user_name", .limit = 50, .note = "one person's alone"},
    [FIELD_EMAIL] = {.name = "email", .limit = 100, .note = "one person's alone"},
    [FIELD_STREET] = {.name = "street", .note = "no limit is documented"},
    [FIELD_CITY] = {.name = "city", .limit = 50, .note = "first address"},
    [FIELD_PROVINCE] = {.name = "province",
                        .aliases = {"state"},
                        .limit = 2,
                        .note = "two letters, upper case"},
    [FIELD_POSTAL_CODE] = {.name = "postal_code",
                           .aliases = {"zip"},
                           .limit = 20,
                           .note = "first address"},
    [FIELD_STREET2] = {.name = "street2",
                       .limit = 20,
                       .note = "second address; only 20 characters"},
    [FIELD_CITY2] = {.name = "city2", .limit = 50, .note = "second address"},
    [FIELD_PROVINCE2] = {.name = "province2",
                         .aliases = {"state2"},
                         .limit = 2,
                         .note = "two letters, upper case"},
    [FIELD_POSTAL_CODE2] = {.name = "postal_code2",
                            .aliases = {"zip2"},
                            .limit = 20,
                            .note = "second address"},
    [FIELD_PHONE_CELL] = {.name = "phone_cell", .limit = 20, .note = "mobile phone"},
    [FIELD_USER_TYPE_ID] = {.name = "user_type_id",
                            .note = "number of a user type of the client; decides about permits"},
    [FIELD_EMPLOY_NO] = {.name = "employ_no", .limit = 50, .note = "staff number"},
    [FIELD_STUDENT_NO] = {.name = "student_no", .limit = 50, .note = "student number"},
    [FIELD_EMPLOYEE_PHONE] = {.name = "employee_phone", .limit = 50, .note = "phone at work"},
    [FIELD_STUDENT_PHONE] = {.name = "student_phone", .limit = 50, .note = "phone of a student"},
    [FIELD_DRIVER_LICENCE_NUM] = {.name = "driver_licence_num",
                                  .aliases = {"driver_license_num"},
                                  .limit = 255,
                                  .is_private = true,
                                  .note = "send only where it is needed"},
    [FIELD_DRIVER_LICENCE_PROV] = {.name = "driver_licence_prov",
                                   .aliases = {"driver_license_state"},
                                   .limit = 2,
                                   .is_private = true,
                                   .note = "two letters, upper case"},
    [FIELD_DATE_OF_BIRTH] = {.name = "date_of_birth",
                             .limit = 10,
                             .is_private = true,
                             .note = "YYYY-MM-DD; send only where it is needed"},
    [FIELD_LOCKER_USER_TYPE_ID] = {.name = "locker_user_type_id",
                                   .note = "number of a locker user type of the client"},
};

enum { ALIASES_MAX = sizeof fields[0].aliases / sizeof fields[0].aliases[0] };

const struct field_info *field_info(enum field field)
{
    assert(field < FIELD_COUNT);
    return &fields[field];
}

int field_find(const char *name)
{
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (text_is(fields[f].name, name))
            return f;
        for (int a = 0; a < ALIASES_MAX && fields[f].aliases[a]; a++)
            if (text_is(fields[f].aliases[a], name))
                return f;
    }
    return -1;
}

const char *field_nearest(const char *name)
{
    const char *names[FIELD_COUNT * (1 + ALIASES_MAX)];
    size_t count = 0;
    for (int f = 0; f < FIELD_COUNT; f++) {
        names[count++] = fields[f].name;
        for (int a = 0; a < ALIASES_MAX && fields[f].aliases[a]; a++)
            names[count++] = fields[f].aliases[a];
    }
    return text_nearest(name, names, count);
}
