#include <string.h>

#include "suggest_private.h"

enum { TAKEN_MAX = 8, FIELD_WIDTH = 17 };

/* Columns that fill a field together. */
struct taken {
    struct draft_column *items[TAKEN_MAX];
    size_t count;
};

/* ---------------------------------------------------------------- pieces */

static void take(struct taken *taken, struct draft_column *column)
{
    if (!column || taken->count == TAKEN_MAX)
        return;
    column->is_used = true;
    taken->items[taken->count++] = column;
}

/* All columns in a role. */
static void take_role(struct writer *writer, struct taken *taken, enum role role)
{
    for (size_t i = 0; i < writer->draft.count; i++) {
        struct draft_column *column = &writer->draft.columns[i];
        if (column->meaning.role == role && column->name)
            take(taken, column);
    }
}

static void put_names(struct text *out, const struct taken *taken, bool as_list)
{
    text_add(out, as_list ? "[" : "");
    for (size_t i = 0; i < taken->count; i++) {
        text_add(out, i ? ", " : "");
        draft_put_string(out, taken->items[i]->name);
    }
    text_add(out, as_list ? "]" : "");
}

/* "    "city":  { "from": "CITY"" or, with more columns, the first of them that is filled. */
static void put_from(struct writer *writer, const char *indent, const char *field,
                     const struct taken *taken)
{
    text_addf(writer->out, "%s\"%s\":%*s{ \"from\": ", indent, field,
              (int)(FIELD_WIDTH - strlen(field)), "");
    put_names(writer->out, taken, taken->count > 1);
}

static void put_join(struct writer *writer, const char *indent, const char *field,
                     const struct taken *taken, const char *with)
{
    if (taken->count == 1) {
        put_from(writer, indent, field, taken);
        return;
    }
    text_addf(writer->out, "%s\"%s\":%*s{ \"join\": ", indent, field,
              (int)(FIELD_WIDTH - strlen(field)), "");
    put_names(writer->out, taken, true);
    text_add(writer->out, ", \"with\": ");
    draft_put_string(writer->out, with);
}

static const char active[] = "    ", proposed[] = "    // ";

/* ---------------------------------------------------------------- who somebody is */

static void put_id(struct writer *writer)
{
    static const enum role roles[] = {ROLE_ID, ROLE_STUDENT_NO, ROLE_EMPLOY_NO, ROLE_OTHER_ID,
                                      ROLE_PIDM};
    struct taken taken = {0};
    enum role role = ROLE_NONE;
    for (size_t i = 0; i < sizeof roles / sizeof *roles && taken.count == 0; i++) {
        role = roles[i];
        take(&taken, draft_find(&writer->draft, role));
    }
    if (taken.count == 0) {
        draft_put_line(writer,
                       "    // FILL IN: no heading looks like an id. Until a column stands here, "
                       "every person is rejected.");
        draft_put_line(writer, "    \"unique_id\":        { \"value\": \"FILL IN\", \"never\": "
                               "[\"FILL IN\"] },   // { \"from\": \"...\" }");
        return;
    }
    if (role == ROLE_OTHER_ID || role == ROLE_PIDM)
        draft_put_line(writer, "    // CHECK: is this the id by which OPS-COM knows people?");
    else
        draft_put_line(writer,
                       "    // A pattern finds ids that a spreadsheet damaged; for nine digits: "
                       "\"pattern\": \"[0-9]{9}\"");
    put_from(writer, active, "unique_id", &taken);
    draft_put_line(writer, ", \"do\": [\"trim\"], \"required\": true },");
}

static void put_login_source(struct writer *writer)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, ROLE_LOGIN_SOURCE));
    if (taken.count) {
        put_from(writer, active, "login_source", &taken);
        draft_put_line(writer, ", \"do\": [\"trim\"], \"required\": true },");
        return;
    }
    draft_put_line(writer,
                   "    // CHECK: this must be the Code of an active login source in OPS-COM");
    draft_put_line(writer, "    \"login_source\":     { \"value\": \"SAML\" },");
}

/* A number that has a field of its own. */
static void put_number(struct writer *writer, enum role role, const char *field)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, role));
    if (taken.count == 0)
        return;
    put_from(writer, active, field, &taken);
    draft_put_line(writer, ", \"do\": [\"trim\"] },");
}

static void put_whole_name(struct writer *writer)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, ROLE_WHOLE_NAME));
    if (taken.count == 0)
        return;
    draft_put_line(writer,
                   "    // one column holds the whole name; if it is written \"Last, First\":");
    put_from(writer, proposed, "first_name", &taken);
    draft_put_line(writer,
                   ", \"do\": [\"after ,\", \"trim\", \"one space\"], \"required\": true },");
    put_from(writer, proposed, "last_name", &taken);
    draft_put_line(writer,
                   ", \"do\": [\"before ,\", \"trim\", \"one space\"], \"required\": true },");
}

static void put_name(struct writer *writer, const char *field, const struct taken *taken,
                     bool is_joined)
{
    if (taken->count == 0)
        return;
    if (is_joined)
        put_join(writer, active, field, taken, " ");
    else
        put_from(writer, active, field, taken);
    draft_put_line(writer, ", \"do\": [\"trim\", \"one space\"], \"required\": true },");
}

static void put_person(struct writer *writer)
{
    struct taken first = {0}, last = {0}, user = {0}, email = {0};
    take_role(writer, &first, ROLE_PREFERRED_FIRST);
    take_role(writer, &first, ROLE_FIRST_NAME);
    take_role(writer, &last, ROLE_SURNAME_PREFIX);
    bool has_prefix = last.count > 0;
    if (!has_prefix)
        take_role(writer, &last, ROLE_PREFERRED_LAST);
    take_role(writer, &last, ROLE_LAST_NAME);
    put_name(writer, "first_name", &first, false);
    put_name(writer, "last_name", &last, has_prefix);
    if (first.count == 0 || last.count == 0)
        put_whole_name(writer);
    take(&user, draft_find(&writer->draft, ROLE_USER_NAME));
    if (user.count) {
        put_from(writer, active, "user_name", &user);
        draft_put_line(writer, ", \"do\": [\"trim\", \"lower\"] },");
    }
    take_role(writer, &email, ROLE_EMAIL);
    take_role(writer, &email, ROLE_PERSONAL_EMAIL);
    if (email.count) {
        put_from(writer, active, "email", &email);
        draft_put_line(writer, ", \"do\": [\"first of ;\", \"trim\", \"lower\"],");
        draft_put_line(writer, "                           \"type\": \"email\", \"never\": "
                               "[\"none@none.com\"], \"required\": true },");
    }
}

/* ---------------------------------------------------------------- where somebody is */

static void put_street(struct writer *writer, unsigned address, const char *field)
{
    struct taken lines = {0};
    for (unsigned number = 1; number < TAKEN_MAX; number++)
        take(&lines, draft_find_address(&writer->draft, ROLE_STREET, address, number));
    if (lines.count == 0)
        take(&lines, draft_find_address(&writer->draft, ROLE_STREET, address, 0));
    if (lines.count == 0)
        return;
    if (address > 0)
        draft_put_line(writer, "    // OPS-COM has 20 characters for the second street");
    put_join(writer, active, field, &lines, ", ");
    draft_put_line(writer, address > 0 ? ", \"do\": [\"one line\", \"trim\", \"one space\"], "
                                         "\"if_long\": \"leave out field\" },"
                                       : ", \"do\": [\"one line\", \"trim\", \"one space\"] },");
}

static void put_place(struct writer *writer, unsigned address, enum role role, const char *field,
                      const char *rest)
{
    struct taken taken = {0};
    take(&taken, draft_find_address(&writer->draft, role, address, 0));
    if (taken.count == 0)
        return;
    put_from(writer, active, field, &taken);
    draft_put_line(writer, rest);
}

static void put_addresses(struct writer *writer)
{
    static const char *const fields[][4] = {{"street", "city", "province", "postal_code"},
                                            {"street2", "city2", "province2", "postal_code2"}};
    static const char state[] = ", \"do\": [\"trim\", \"upper\"], \"if_wrong\": \"leave out "
                                "field\", \"if_long\": \"leave out field\" },";
    static const char zip[] =
        ", \"do\": [\"trim\", \"upper\", \"postal code\"], \"if_wrong\": \"leave out field\" },";
    for (unsigned address = 0; address < 2; address++) {
        put_street(writer, address, fields[address][0]);
        put_place(writer, address, ROLE_CITY, fields[address][1], ", \"do\": [\"trim\"] },");
        if (address == 0 && draft_find_address(&writer->draft, ROLE_STATE, 0, 0))
            draft_put_line(writer,
                           "    // two letters; a code list translates other spellings (ONT, "
                           "PQ): \"list\": \"province\"");
        put_place(writer, address, ROLE_STATE, fields[address][2], state);
        put_place(writer, address, ROLE_ZIP, fields[address][3], zip);
    }
}

/* Area and number together; false when there is no number. */
static bool put_phone(struct writer *writer, const char *field, enum role area, enum role number)
{
    struct taken taken = {0};
    struct draft_column *found = draft_find(&writer->draft, number);
    if (!found || found->is_used)
        return false;
    take(&taken, draft_find(&writer->draft, area));
    take(&taken, found);
    put_join(writer, active, field, &taken, "");
    draft_put_line(writer,
                   ", \"do\": [\"digits\", \"phone ###-###-####\"], \"if_wrong\": \"leave out "
                   "field\" },");
    return true;
}

static void put_phones(struct writer *writer)
{
    if (!put_phone(writer, "phone_cell", ROLE_CELL_AREA, ROLE_CELL))
        put_phone(writer, "phone_cell", ROLE_AREA, ROLE_PHONE);
    if (!put_phone(writer, "student_phone", ROLE_AREA, ROLE_PHONE))
        put_phone(writer, "student_phone", ROLE_OTHER_AREA, ROLE_OTHER_PHONE);
    put_phone(writer, "employee_phone", ROLE_WORK_AREA, ROLE_WORK_PHONE);
}

/* ---------------------------------------------------------------- what only a person can decide */

static void put_user_type(struct writer *writer)
{
    struct taken ready = {0}, codes = {0};
    take(&ready, draft_find(&writer->draft, ROLE_USER_TYPE));
    take_role(writer, &codes, ROLE_TYPE_CODE);
    if (ready.count) {
        put_from(writer, active, "user_type_id", &ready);
        draft_put_line(writer, ", \"do\": [\"trim\"], \"send\": \"new people only\" },");
    } else if (codes.count) {
        draft_put_line(
            writer, "    // the number of a user type in OPS-COM, from codes: see \"lists\"; for "
                    "new people only keeps changes made by hand");
        put_join(writer, proposed, "user_type_id", &codes, ",");
        draft_put_line(writer, ", \"list\": \"user_type\", \"send\": \"new people only\" },");
    }
}

static void put_private(struct writer *writer)
{
    struct taken birth = {0}, licence = {0}, state = {0};
    take(&birth, draft_find(&writer->draft, ROLE_BIRTH));
    take(&licence, draft_find(&writer->draft, ROLE_LICENCE));
    take(&state, draft_find(&writer->draft, ROLE_LICENCE_STATE));
    if (birth.count + licence.count + state.count)
        draft_put_line(writer, "\n    // private: send it only where OPS-COM needs it");
    if (birth.count) {
        draft_put_line(writer,
                       "    // written as in the file: YYYY-MM-DD, DD-MON-YYYY, MM/DD/YYYY, "
                       "DD/MM/YYYY, YYYYMMDD, DDMONYYYY;");
        draft_put_line(writer,
                       "    // years of two digits, DD-MON-YY, need the age of the youngest: "
                       "\"youngest\": 14");
        put_from(writer, proposed, "date_of_birth", &birth);
        draft_put_line(writer, ", \"type\": \"date\", \"written\": [\"YYYY-MM-DD\"], \"between\": "
                               "[\"1900-01-01\", \"today\"], \"if_wrong\": \"leave out field\" },");
    }
    if (licence.count) {
        put_from(writer, proposed, "driver_licence_num", &licence);
        draft_put_line(writer, ", \"do\": [\"trim\"] },");
    }
    if (state.count) {
        put_from(writer, proposed, "driver_licence_prov", &state);
        draft_put_line(writer,
                       ", \"do\": [\"trim\", \"upper\"], \"if_wrong\": \"leave out field\", "
                       "\"if_long\": \"leave out field\" },");
    }
}

void draft_put_fields(struct writer *writer)
{
    draft_put_line(writer,
                   "  // OPS-COM field  <-  how it is filled; nothing is sent unless it is named");
    draft_put_line(writer, "  \"fields\": {");
    put_id(writer);
    put_login_source(writer);
    put_number(writer, ROLE_STUDENT_NO, "student_no");
    put_number(writer, ROLE_EMPLOY_NO, "employ_no");
    put_person(writer);
    put_addresses(writer);
    put_phones(writer);
    put_user_type(writer);
    put_private(writer);
}
