#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "mapping/survey.h"
#include "mapping_private.h"
#include "suggest_private.h"
#include "json/write.h"

enum { TAKEN_MAX = 8, SHOWN_BYTES = 80, NAME_BYTES = 60, FIELD_WIDTH = 17 };

/* Columns that fill a field together. */
struct taken {
    struct draft_column *items[TAKEN_MAX];
    size_t count;
};

struct writer {
    struct draft draft;
    struct text *out;
};

/* ---------------------------------------------------------------- pieces */

static void put_string(struct text *out, const char *string)
{
    struct json_writer json;
    json_writer_init(&json, out, 0);
    json_put_string(&json, string);
}

static void put_shown(struct text *out, const char *string)
{
    utf8_add_clean(out, string, strlen(string), SHOWN_BYTES);
}

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
        put_string(out, taken->items[i]->name);
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
    put_string(writer->out, with);
}

static void put_line(struct writer *writer, const char *line)
{
    text_addf(writer->out, "%s\n", line);
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
        put_line(writer, "    // FILL IN: no heading looks like an id. Until a column stands here, "
                         "every person is rejected.");
        put_line(writer, "    \"unique_id\":        { \"value\": \"FILL IN\", \"never\": "
                         "[\"FILL IN\"] },   // { \"from\": \"...\" }");
        return;
    }
    if (role == ROLE_OTHER_ID || role == ROLE_PIDM)
        put_line(writer, "    // CHECK: is this the id by which OPS-COM knows people?");
    else
        put_line(writer, "    // A pattern finds ids that a spreadsheet damaged; for nine digits: "
                         "\"pattern\": \"[0-9]{9}\"");
    put_from(writer, active, "unique_id", &taken);
    put_line(writer, ", \"do\": [\"trim\"], \"required\": true },");
}

static void put_login_source(struct writer *writer)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, ROLE_LOGIN_SOURCE));
    if (taken.count) {
        put_from(writer, active, "login_source", &taken);
        put_line(writer, ", \"do\": [\"trim\"], \"required\": true },");
        return;
    }
    put_line(writer, "    // CHECK: this must be the Code of an active login source in OPS-COM");
    put_line(writer, "    \"login_source\":     { \"value\": \"SAML\" },");
}

/* A number that has a field of its own. */
static void put_number(struct writer *writer, enum role role, const char *field)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, role));
    if (taken.count == 0)
        return;
    put_from(writer, active, field, &taken);
    put_line(writer, ", \"do\": [\"trim\"] },");
}

static void put_whole_name(struct writer *writer)
{
    struct taken taken = {0};
    take(&taken, draft_find(&writer->draft, ROLE_WHOLE_NAME));
    if (taken.count == 0)
        return;
    put_line(writer, "    // one column holds the whole name; if it is written \"Last, First\":");
    put_from(writer, proposed, "first_name", &taken);
    put_line(writer, ", \"do\": [\"after ,\", \"trim\", \"one space\"], \"required\": true },");
    put_from(writer, proposed, "last_name", &taken);
    put_line(writer, ", \"do\": [\"before ,\", \"trim\", \"one space\"], \"required\": true },");
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
    put_line(writer, ", \"do\": [\"trim\", \"one space\"], \"required\": true },");
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
        put_line(writer, ", \"do\": [\"trim\", \"lower\"] },");
    }
    take_role(writer, &email, ROLE_EMAIL);
    take_role(writer, &email, ROLE_PERSONAL_EMAIL);
    if (email.count) {
        put_from(writer, active, "email", &email);
        put_line(writer, ", \"do\": [\"first of ;\", \"trim\", \"lower\"],");
        put_line(writer, "                           \"type\": \"email\", \"never\": "
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
        put_line(writer, "    // OPS-COM has 20 characters for the second street");
    put_join(writer, active, field, &lines, ", ");
    put_line(writer, address > 0 ? ", \"do\": [\"one line\", \"trim\", \"one space\"], "
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
    put_line(writer, rest);
}

static void put_addresses(struct writer *writer)
{
    static const char *const fields[][4] = {{"street", "city", "province", "postal_code"},
                                            {"street2", "city2", "province2", "postal_code2"}};
    static const char state[] = ", \"do\": [\"trim\", \"upper\"], \"if_wrong\": \"leave out "
                                "field\" },   // \"list\": a code list translates other spellings";
    static const char zip[] =
        ", \"do\": [\"trim\", \"upper\", \"postal code\"], \"if_wrong\": \"leave out field\" },";
    for (unsigned address = 0; address < 2; address++) {
        put_street(writer, address, fields[address][0]);
        put_place(writer, address, ROLE_CITY, fields[address][1], ", \"do\": [\"trim\"] },");
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
    put_line(writer, ", \"do\": [\"digits\", \"phone ###-###-####\"], \"if_wrong\": \"leave out "
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
        put_line(writer, ", \"do\": [\"trim\"], \"send\": \"new people only\" },");
    } else if (codes.count) {
        put_line(writer,
                 "    // the number of a user type in OPS-COM, from codes: see \"lists\"; for "
                 "new people only keeps changes made by hand");
        put_join(writer, proposed, "user_type_id", &codes, ",");
        put_line(writer, ", \"list\": \"user_type\", \"send\": \"new people only\" },");
    }
}

static void put_private(struct writer *writer)
{
    struct taken birth = {0}, licence = {0}, state = {0};
    take(&birth, draft_find(&writer->draft, ROLE_BIRTH));
    take(&licence, draft_find(&writer->draft, ROLE_LICENCE));
    take(&state, draft_find(&writer->draft, ROLE_LICENCE_STATE));
    if (birth.count + licence.count + state.count)
        put_line(writer, "\n    // private: send it only where OPS-COM needs it");
    if (birth.count) {
        put_line(writer, "    // written as in the file: YYYY-MM-DD, DD-MON-YYYY, MM/DD/YYYY, "
                         "DD/MM/YYYY, YYYYMMDD, DDMONYYYY;");
        put_line(writer, "    // years of two digits, DD-MON-YY, need the age of the youngest: "
                         "\"youngest\": 14");
        put_from(writer, proposed, "date_of_birth", &birth);
        put_line(writer, ", \"type\": \"date\", \"written\": [\"YYYY-MM-DD\"], \"between\": "
                         "[\"1900-01-01\", \"today\"], \"if_wrong\": \"leave out field\" },");
    }
    if (licence.count) {
        put_from(writer, proposed, "driver_licence_num", &licence);
        put_line(writer, ", \"do\": [\"trim\"] },");
    }
    if (state.count) {
        put_from(writer, proposed, "driver_licence_prov", &state);
        put_line(writer, ", \"do\": [\"trim\", \"upper\"], \"if_wrong\": \"leave out field\" },");
    }
}

/* ---------------------------------------------------------------- which people */

/* A proposed rule, where the export has such a column. */
static void put_rule(struct writer *writer, enum role role, const char *test)
{
    struct draft_column *column = draft_find(&writer->draft, role);
    if (!column)
        return;
    column->is_used = true;
    text_add(writer->out, "    //   { \"column\": ");
    put_string(writer->out, column->name);
    text_addf(writer->out, ", %s },\n", test);
}

struct proposal {
    enum role role;
    const char *test;
};

static void put_rules(struct writer *writer, const char *key, const struct proposal *proposals,
                      size_t count)
{
    bool has_one = false;
    for (size_t i = 0; i < count; i++)
        has_one = has_one || draft_find(&writer->draft, proposals[i].role);
    if (!has_one)
        return;
    text_addf(writer->out, "    // \"%s\": [\n", key);
    for (size_t i = 0; i < count; i++)
        put_rule(writer, proposals[i].role, proposals[i].test);
    put_line(writer, "    // ],");
}

static void put_keep(struct writer *writer)
{
    static const struct proposal proposals[] = {
        {ROLE_STUDENT_STATUS, "\"in\": [\"AS\"], \"because\": \"active\""},
        {ROLE_STAFF_STATUS, "\"in\": [\"A\", \"L\"], \"because\": \"employed\""},
        {ROLE_CHANGE, "\"empty\": true, \"because\": \"current name and id\""},
        {ROLE_ENTITY, "\"is\": \"P\", \"because\": \"a person, no company\""},
    };
    put_rules(writer, "keep", proposals, sizeof proposals / sizeof *proposals);
}

static void put_leave_out(struct writer *writer)
{
    static const struct proposal proposals[] = {
        {ROLE_CONFIDENTIAL, "\"is\": \"Y\", \"because\": \"confidentiality requested\""},
        {ROLE_DECEASED, "\"is\": \"Y\", \"because\": \"deceased\""},
        {ROLE_END_DATE, "\"before\": \"today\", \"written\": [\"DD-MON-YYYY\"], \"because\": "
                        "\"has left\""},
        {ROLE_LAST_NAME, "\"matches\": \"^MULTIPLE ID|DO NOT USE\", \"because\": \"marked as a "
                         "duplicate\""},
    };
    put_rules(writer, "leave_out", proposals, sizeof proposals / sizeof *proposals);
}

static void put_people(struct writer *writer)
{
    /* of several rows of one person, the one to send */
    static const struct proposal prefer[] = {
        {ROLE_ADDRESS_TYPE, "\"order\": [\"MA\", \"PR\"]"},
        {ROLE_SEQUENCE, "\"take\": \"highest\""},
    };
    struct draft_column *pidm = draft_find(&writer->draft, ROLE_PIDM);
    put_line(writer,
             "  // Which people: take the two slashes away where a rule is right, and put in "
             "your own codes.");
    put_line(writer, "  \"people\": {");
    put_keep(writer);
    put_leave_out(writer);
    put_rules(writer, "prefer", prefer, sizeof prefer / sizeof *prefer);
    if (pidm && !pidm->is_used) {
        pidm->is_used = true;
        text_add(writer->out, "    \"same_person\": ");
        put_string(writer->out, pidm->name);
        put_line(writer, ",   // the same person with a new id is held and reported");
    }
    put_line(writer, "    \"repeated_id\": \"reject\"   // or \"first\", \"last\"");
    put_line(writer, "  },\n");
}

static void put_lists(struct writer *writer)
{
    if (!draft_find(&writer->draft, ROLE_TYPE_CODE) || draft_find(&writer->draft, ROLE_USER_TYPE))
        return;
    put_line(writer,
             "  // Each code of the export, and the number of the user type in OPS-COM that it "
             "stands for; several columns are");
    put_line(writer, "  // joined by commas, and * stands for any code:");
    put_line(writer, "  // \"lists\": { \"user_type\": { \"UG,FT\": \"1\", \"GR,*\": \"9\" } },\n");
}

/* ---------------------------------------------------------------- the file */

static char *feed_name(const char *export_path)
{
    const char *base = file_base(export_path);
    struct text clean = {0};
    size_t length = strcspn(base, ".");
    while (length > 0 &&
           (isdigit((unsigned char)base[length - 1]) || strchr("-_ ", base[length - 1])))
        length--;
    if (length > NAME_BYTES)
        length = utf8_valid_prefix(base, NAME_BYTES);
    utf8_add_clean(&clean, base, length, length);
    if (clean.length == 0)
        text_add(&clean, "Students");
    return text_take(&clean);
}

static void put_must_hold(struct writer *writer)
{
    struct draft_column *term = draft_find(&writer->draft, ROLE_TERM);
    if (!term)
        return;
    term->is_used = true;
    text_add(writer->out, "    // \"must_hold\": [ { \"column\": ");
    put_string(writer->out, term->name);
    put_line(writer, ", \"in\": [\"202610\"], \"because\": \"current term\" } ],");
}

static void put_file(struct writer *writer, const struct export_guess *guess)
{
    const char delimiter[] = {guess->delimiter, '\0'};
    put_line(writer, "  \"file\": {");
    text_addf(writer->out, "    \"encoding\": \"%s\",%s\n", encoding_name(guess->encoding),
              guess->certain ? "" : "   // CHECK: a guess; do accents come out right?");
    text_addf(writer->out, "    \"delimiter\": \"%s\",\n",
              guess->delimiter == '\t' ? "tab" : delimiter);
    put_line(writer, "    \"empty_means\": [\"\", \"(null)\", \"NULL\", \"N/A\", \"--\", \".\"],");
    put_line(writer, "    \"not_rows\": [\"^[0-9,]+ rows? selected\\\\.$\", \"^[- ]+$\"],");
    put_must_hold(writer);
    put_line(writer, "    // with fewer or more rows, or an older file, nothing is sent:");
    put_line(writer, "    // \"rows_between\": [5000, 60000],");
    put_line(writer, "    // \"max_age_hours\": 26,");
    put_line(writer, "  },\n");
}

static void put_head(struct writer *writer, const char *export_path)
{
    char *name = feed_name(export_path);
    text_add(writer->out, "// A draft, made from the heading of ");
    put_shown(writer->out, file_base(export_path));
    put_line(writer, ". Read every line of it; those with CHECK and FILL IN need you.");
    put_line(writer,
             "// Save it with the ending .jsonc, then run:   opspush check MAPPING EXPORT     "
             "(nothing is sent)");
    put_line(writer, "{\n  \"version\": 1,");
    text_add(writer->out, "  \"name\": ");
    put_string(writer->out, name);
    put_line(writer, ",   // names the feed: its people are kept apart from other feeds'; do not "
                     "change it later\n");
    free(name);
}

/* ---------------------------------------------------------------- what was left */

static bool column_is_left(const struct draft_column *column, enum role role)
{
    if (column->is_used || column->heading[0] == '\0')
        return false;
    if (role != ROLE_NONE)
        return column->meaning.role == role;
    return column->meaning.role != ROLE_SECRET && column->meaning.role != ROLE_NO_FIELD;
}

/* The columns in a role that nothing uses; ROLE_NONE: all the others. */
static void put_left(struct writer *writer, enum role role, const char *title)
{
    bool is_first = true;
    for (size_t i = 0; i < writer->draft.count; i++) {
        const struct draft_column *column = &writer->draft.columns[i];
        if (!column_is_left(column, role))
            continue;
        if (is_first)
            text_addf(writer->out, "\n    // %s\n", title);
        is_first = false;
        text_addf(writer->out, "    //   %3zu  ", i + 1);
        put_shown(writer->out, column->heading);
        text_add(writer->out, "\n");
    }
}

static void put_fields(struct writer *writer)
{
    put_line(writer,
             "  // OPS-COM field  <-  how it is filled; nothing is sent unless it is named");
    put_line(writer, "  \"fields\": {");
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

/* All that the fields did not take. */
static void put_rest(struct writer *writer)
{
    put_left(writer, ROLE_NO_FIELD, "columns for which OPS-COM has no field:");
    put_left(writer, ROLE_NONE, "columns that are not used:");
    put_left(writer, ROLE_SECRET,
             "never mapped: these look like social security or insurance numbers; take them out of "
             "the export");
}

void mapping_suggest(const struct export_guess *guess, const struct export_record *heading,
                     const char *export_path, struct text *out)
{
    struct text fields = {0}, people = {0};
    struct writer writer = {.out = out};
    draft_init(&writer.draft, heading);
    put_head(&writer, export_path);
    put_file(&writer, guess);
    /* The fields choose their columns first, but people read about people first. */
    writer.out = &fields;
    put_fields(&writer);
    writer.out = &people;
    put_people(&writer);
    put_lists(&writer);
    writer.out = out;
    text_add_bytes(out, text_string(&people), people.length);
    text_add_bytes(out, text_string(&fields), fields.length);
    put_rest(&writer);
    put_line(&writer, "  },\n");
    put_line(&writer,
             "  \"otherwise\": { \"if_empty\": \"leave out field\", \"if_wrong\": \"reject "
             "person\", \"if_long\": \"reject person\" },\n}");
    text_clear(&fields);
    text_clear(&people);
    draft_clear(&writer.draft);
}
