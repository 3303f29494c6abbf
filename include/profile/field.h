#ifndef OPSPUSH_PROFILE_FIELD_H
#define OPSPUSH_PROFILE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The fields of a profile push, in the order in which they are sent. One table: names, aliases, limits, privacy. */
enum field {
    FIELD_UNIQUE_ID,
    FIELD_LOGIN_SOURCE,
    FIELD_FIRST_NAME,
    FIELD_LAST_NAME,
    FIELD_USER_NAME,
    FIELD_EMAIL,
    FIELD_STREET,
    FIELD_CITY,
    FIELD_PROVINCE,
    FIELD_POSTAL_CODE,
    FIELD_STREET2,
    FIELD_CITY2,
    FIELD_PROVINCE2,
    FIELD_POSTAL_CODE2,
    FIELD_PHONE_CELL,
    FIELD_USER_TYPE_ID,
    FIELD_EMPLOY_NO,
    FIELD_STUDENT_NO,
    FIELD_EMPLOYEE_PHONE,
    FIELD_STUDENT_PHONE,
    FIELD_DRIVER_LICENCE_NUM,
    FIELD_DRIVER_LICENCE_PROV,
    FIELD_DATE_OF_BIRTH,
    FIELD_LOCKER_USER_TYPE_ID,
    FIELD_COUNT
};

typedef uint32_t field_set; /* bit n is field n */
#define FIELD_BIT(field) ((field_set)1 << (field))

struct field_info {
    const char *name;       /* the first documented name: what goes out */
    const char *aliases[2]; /* other names of the same field, or NULL */
    unsigned limit;         /* characters; 0: none documented */
    bool required;          /* by the API: must be mapped */
    bool is_private;        /* masked unless the mapping says otherwise */
    const char *note;       /* one line for 'help fields' */
};

const struct field_info *field_info(enum field field);
/* A field by any of its names (exact); -1 when there is none. */
int field_find(const char *name);
/* The nearest name to a wrong one, or NULL. */
const char *field_nearest(const char *name);

#endif
