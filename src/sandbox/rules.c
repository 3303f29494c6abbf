#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "json/write.h"

static const struct opscom_error errors[] = {
    {9000, 401, "Client code is missing or unknown"},
    {9001, 401, "API token is missing"},
    {9002, 401, "API token does not have permission for this request"},
    {9003, 400, "The request could not be parsed"},
    {9004, 400, "Permit error"},
    {9005, 400, "Permit error"},
    {9006, 400, "Permit error"},
    {9007, 400, "Vehicle error"},
    {9008, 400, "Vehicle error"},
    {9009, 404, "Record not found"},
    {9010, 400, "Permit error"},
    {9011, 400, "Permit error"},
    {9012, 400, "Vehicle error"},
    {9013, 400, "Unique ID is required"},
    {9014, 400, "Login source is required"},
    {9015, 400, "Login source is invalid"},
    {9016, 400, "Email is required"},
    {9017, 400, "First name is required"},
    {9018, 400, "Last name is required"},
    {9019, 400, "Email must be unique"},
    {9020, 400, "User name must be unique"},
    {9021, 400, "Vehicle error"},
    {9022, 400, "A record already exists with these details"},
    {9030, 400, "A value exceeds its maximum length"},
    {9031, 400, "A required value is missing"},
    {9032, 400, "A value is shorter than its minimum length"},
    {9033, 400, "A value is invalid"},
};

static const struct user_type {
    const char *id, *name, *group;
} user_types[] = {
    {"1", "Full Time Student", "Student"},   {"6", "Demo", "Public"},
    {"7", "Full Time Staff", "Staff"},       {"8", "Part Time Staff", "Staff"},
    {"9", "Part Time Student", "Student"},   {"10", "Exchange Student", "Student"},
    {"11", "Athletics Member", "Athletics"}, {"12", "Complimentary", "Public"},
    {"13", "Daily Reserved", "Public"},
};

struct opscom_error opscom_error(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code)
            return errors[i];
    return (struct opscom_error){code, 400, "An error that no page lists"};
}

void word_list_set(struct word_list *list, const char *commas)
{
    word_list_clear(list);
    while (*commas) {
        commas += strspn(commas, " ,");
        size_t length = strcspn(commas, ",");
        size_t kept = length;
        while (kept && commas[kept - 1] == ' ')
            kept--;
        if (kept) {
            list->words = mem_resize(list->words, list->count + 1, sizeof *list->words);
            list->words[list->count++] = mem_bytes(commas, kept);
        }
        commas += length;
    }
}

bool word_list_has(const struct word_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->words[i], word))
            return true;
    return false;
}

void word_list_clear(struct word_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->words[i]);
    free(list->words);
    *list = (struct word_list){0};
}

void rules_init(struct rules *rules)
{
    *rules = (struct rules){.token = mem_string("sandbox-token")};
    word_list_set(&rules->sources, "OPSCOM,SAML,LDAP,SSO");
    word_list_set(&rules->types, "1,6,7,8,9,10,11,12,13");
    rules->required =
        FIELD_BIT(FIELD_FIRST_NAME) | FIELD_BIT(FIELD_LAST_NAME) | FIELD_BIT(FIELD_EMAIL);
}

void rules_clear(struct rules *rules)
{
    if (rules->token)
        mem_wipe(rules->token, strlen(rules->token));
    free(rules->token);
    free(rules->client);
    word_list_clear(&rules->sources);
    word_list_clear(&rules->types);
    *rules = (struct rules){0};
}

int reading_take(struct reading *reading, const struct json_value *root)
{
    *reading = (struct reading){0};
    if (json_kind(root) != JSON_OBJECT)
        return 9003;
    for (const struct json_value *member = json_first(root); member; member = json_next(member)) {
        const char *value = json_string(member);
        if (!strcmp(json_key(member), "apiToken")) {
            reading->token = value;
            continue;
        }
        int field = field_find(json_key(member));
        if (field < 0) {
            reading->unknown_fields++;
            continue;
        }
        if (!value)
            return 9033;
        if (reading->submission.values[field])
            reading->alias_pairs++;
        reading->submission.values[field] = value;
    }
    return 0;
}

static bool is_given(const char *value)
{
    return value && *value;
}

int rules_judge_token(const struct rules *rules, const char *token)
{
    if (!is_given(token))
        return 9001;
    return strcmp(token, rules->token) != 0 ? 9002 : 0;
}

/* Required means given with every push: whether an update may leave them out, the page does not say. */
static int judge_required(const struct rules *rules, const struct submission *submission)
{
    static const struct {
        enum field field;
        int code;
    } own_codes[] = {
        {FIELD_FIRST_NAME, 9017},
        {FIELD_LAST_NAME, 9018},
        {FIELD_EMAIL, 9016},
    };
    field_set missing = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if ((rules->required & FIELD_BIT(field)) && !is_given(submission->values[field]))
            missing |= FIELD_BIT(field);
    for (size_t i = 0; i < sizeof own_codes / sizeof *own_codes; i++)
        if (missing & FIELD_BIT(own_codes[i].field))
            return own_codes[i].code;
    return missing ? 9031 : 0;
}

static int judge_lengths(const struct submission *submission)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const char *value = submission->values[field];
        unsigned limit = field_info((enum field)field)->limit;
        if (!value || !limit)
            continue;
        size_t bytes = strlen(value);
        if (bytes > limit && utf8_count(value, bytes) > limit)
            return 9030;
    }
    return 0;
}

/* A province has two letters; the page documents no other minimum. */
static int judge_short(const struct submission *submission)
{
    static const enum field provinces[] = {FIELD_PROVINCE, FIELD_PROVINCE2,
                                           FIELD_DRIVER_LICENCE_PROV};
    for (size_t i = 0; i < sizeof provinces / sizeof *provinces; i++) {
        const char *value = submission->values[provinces[i]];
        if (is_given(value) && !value[1])
            return 9032;
    }
    return 0;
}

static int digits_read(const char *digits, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++)
        number = number * 10 + (digits[i] - '0');
    return number;
}

static bool is_iso_date(const char *value)
{
    static const char mask[] = "dddd-dd-dd";
    if (strlen(value) != sizeof mask - 1)
        return false;
    for (size_t i = 0; i < sizeof mask - 1; i++)
        if (mask[i] == 'd' ? value[i] < '0' || value[i] > '9' : value[i] != mask[i])
            return false;
    struct date date = {digits_read(value, 4), digits_read(value + 5, 2),
                        digits_read(value + 8, 2)};
    return date_is_real(date);
}

/* One @ with something on both sides, no blank. */
static bool is_address(const char *value)
{
    const char *at = strchr(value, '@');
    return at && at != value && at[1] && !strchr(at + 1, '@') && !strpbrk(value, " \t\r\n");
}

static bool is_number(const char *value)
{
    return !value[strspn(value, "0123456789")];
}

static int judge_values(const struct rules *rules, const struct submission *submission)
{
    const char *const *values = submission->values;
    if (is_given(values[FIELD_EMAIL]) && !is_address(values[FIELD_EMAIL]))
        return 9033;
    if (is_given(values[FIELD_DATE_OF_BIRTH]) && !is_iso_date(values[FIELD_DATE_OF_BIRTH]))
        return 9033;
    if (is_given(values[FIELD_USER_TYPE_ID]) &&
        !word_list_has(&rules->types, values[FIELD_USER_TYPE_ID]))
        return 9033;
    if (is_given(values[FIELD_LOCKER_USER_TYPE_ID]) &&
        !is_number(values[FIELD_LOCKER_USER_TYPE_ID]))
        return 9033;
    return 0;
}

static int judge_unique(const struct people *people, const struct person *person,
                        const struct submission *submission)
{
    const char *email = submission->values[FIELD_EMAIL];
    const char *user_name = submission->values[FIELD_USER_NAME];
    if (is_given(email) && people_taken(people, FIELD_EMAIL, email, person))
        return 9019;
    if (is_given(user_name) && people_taken(people, FIELD_USER_NAME, user_name, person))
        return 9020;
    return 0;
}

int rules_judge(const struct rules *rules, const struct people *people, const struct person *person,
                const struct submission *submission)
{
    const char *source = submission->values[FIELD_LOGIN_SOURCE];
    if (!is_given(submission->values[FIELD_UNIQUE_ID]))
        return 9013;
    if (!is_given(source))
        return 9014;
    if (!word_list_has(&rules->sources, source))
        return 9015;
    int code = judge_required(rules, submission);
    if (!code)
        code = judge_lengths(submission);
    if (!code)
        code = judge_short(submission);
    if (!code)
        code = judge_values(rules, submission);
    if (!code)
        code = judge_unique(people, person, submission);
    return code;
}

static const struct user_type *user_type_find(const char *id)
{
    for (size_t i = 0; i < sizeof user_types / sizeof *user_types; i++)
        if (!strcmp(user_types[i].id, id))
            return &user_types[i];
    return NULL;
}

void rules_add_types(const struct rules *rules, struct text *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    json_open_object(&writer);
    json_put_member(&writer, "status", "success");
    json_put_key(&writer, "user_types");
    json_open_array(&writer);
    for (size_t i = 0; i < rules->types.count; i++) {
        const char *id = rules->types.words[i];
        const struct user_type *type = user_type_find(id);
        json_open_object(&writer);
        json_put_member(&writer, "id", id);
        json_put_member(&writer, "type_name", type ? type->name : "Another type");
        json_put_member(&writer, "ext_info", type ? type->group : "Public");
        json_close_object(&writer);
    }
    json_close_array(&writer);
    json_close_object(&writer);
}
