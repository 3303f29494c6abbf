#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "mapping/survey.h"
#include "mapping_private.h"
#include "suggest_private.h"
#include "json/write.h"

enum { SHOWN_BYTES = 80, NAME_BYTES = 60 };

/* ---------------------------------------------------------------- pieces */

void draft_put_string(struct text *out, const char *string)
{
    struct json_writer json;
    json_writer_init(&json, out, 0);
    json_put_string(&json, string);
}

void draft_put_line(struct writer *writer, const char *line)
{
    text_addf(writer->out, "%s\n", line);
}

static void put_shown(struct text *out, const char *string)
{
    utf8_add_clean(out, string, strlen(string), SHOWN_BYTES);
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
    draft_put_string(writer->out, column->name);
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
    draft_put_line(writer, "    // ],");
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
    draft_put_line(writer,
                   "  // Which people: take the two slashes away where a rule is right, and put in "
                   "your own codes.");
    draft_put_line(writer, "  \"people\": {");
    put_keep(writer);
    put_leave_out(writer);
    put_rules(writer, "prefer", prefer, sizeof prefer / sizeof *prefer);
    if (pidm && !pidm->is_used) {
        pidm->is_used = true;
        text_add(writer->out, "    \"same_person\": ");
        draft_put_string(writer->out, pidm->name);
        draft_put_line(writer, ",   // the same person with a new id is held and reported");
    }
    draft_put_line(writer, "    \"repeated_id\": \"reject\"   // or \"first\", \"last\"");
    draft_put_line(writer, "  },\n");
}

static void put_lists(struct writer *writer)
{
    if (!draft_find(&writer->draft, ROLE_TYPE_CODE) || draft_find(&writer->draft, ROLE_USER_TYPE))
        return;
    draft_put_line(
        writer, "  // Each code of the export, and the number of the user type in OPS-COM that it "
                "stands for; several columns are");
    draft_put_line(writer, "  // joined by commas, and * stands for any code:");
    draft_put_line(writer,
                   "  // \"lists\": { \"user_type\": { \"UG,FT\": \"1\", \"GR,*\": \"9\" } },\n");
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
    draft_put_string(writer->out, term->name);
    draft_put_line(writer, ", \"in\": [\"202610\"], \"because\": \"current term\" } ],");
}

static void put_patterns(struct writer *writer, const char *const patterns[], size_t count,
                         const char *between)
{
    for (size_t i = 0; i < count; i++) {
        text_add(writer->out, i ? between : "");
        draft_put_string(writer->out, patterns[i]);
    }
}

/* What tools print between the rows; then the export's own titles and footers, a line each. */
static void put_not_rows(struct writer *writer, const struct export_guess *guess)
{
    size_t usual = guess->not_rows_count - guess->own_count;
    if (guess->not_rows_count == 0)
        return;
    if (guess->own_count)
        draft_put_line(writer,
                       "    // CHECK: lines above the heading or below the rows that are no rows "
                       "of this export: the last patterns here, a line each");
    text_add(writer->out, "    \"not_rows\": [");
    put_patterns(writer, guess->not_rows, usual, ", ");
    if (guess->own_count) {
        text_add(writer->out, usual ? ",\n                 " : "");
        put_patterns(writer, guess->not_rows + usual, guess->own_count, ",\n                 ");
    }
    draft_put_line(writer, "],");
}

static void put_file(struct writer *writer, const struct export_guess *guess)
{
    const char delimiter[] = {guess->delimiter, '\0'};
    draft_put_line(writer, "  \"file\": {");
    text_addf(writer->out, "    \"encoding\": \"%s\",%s\n", encoding_name(guess->encoding),
              guess->certain ? "" : "   // CHECK: a guess; do accents come out right?");
    text_addf(writer->out, "    \"delimiter\": \"%s\",\n",
              guess->delimiter == '\t' ? "tab" : delimiter);
    draft_put_line(writer,
                   "    \"empty_means\": [\"\", \"(null)\", \"NULL\", \"N/A\", \"--\", \".\"],");
    put_not_rows(writer, guess);
    put_must_hold(writer);
    draft_put_line(writer, "    // with fewer or more rows, or an older file, nothing is sent:");
    draft_put_line(writer, "    // \"rows_between\": [5000, 60000],");
    draft_put_line(writer, "    // \"max_age_hours\": 26,");
    draft_put_line(writer, "  },\n");
}

static void put_head(struct writer *writer, const char *export_path)
{
    char *name = feed_name(export_path);
    text_add(writer->out, "// A draft, made from the heading of ");
    put_shown(writer->out, file_base(export_path));
    draft_put_line(writer, ". Read every line of it; those with CHECK and FILL IN need you.");
    draft_put_line(
        writer, "// Save it with the ending .jsonc, then run:   opspush check MAPPING EXPORT     "
                "(nothing is sent)");
    draft_put_line(writer, "{\n  \"version\": 1,");
    text_add(writer->out, "  \"name\": ");
    draft_put_string(writer->out, name);
    draft_put_line(writer,
                   ",   // names the feed: its people are kept apart from other feeds'; do not "
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
    draft_put_fields(&writer);
    writer.out = &people;
    put_people(&writer);
    put_lists(&writer);
    writer.out = out;
    text_add_bytes(out, text_string(&people), people.length);
    text_add_bytes(out, text_string(&fields), fields.length);
    put_rest(&writer);
    draft_put_line(&writer, "  },\n");
    draft_put_line(&writer,
                   "  \"otherwise\": { \"if_empty\": \"leave out field\", \"if_wrong\": \"reject "
                   "person\", \"if_long\": \"reject person\" },\n}");
    text_clear(&fields);
    text_clear(&people);
    draft_clear(&writer.draft);
}
