#include "mapped.h"

/* A mapping bound to a heading, with a mapper. */
struct bench {
    struct mapping *mapping;
    struct mapper *mapper;
};

static struct bench bench_of(const char *more, const char *fields, const char *heading)
{
    struct bench bench = {.mapping = load_around(more, fields)};
    bind_to(bench.mapping, heading);
    bench.mapper = mapper_new(bench.mapping, test_day);
    return bench;
}

static void bench_clear(struct bench *bench)
{
    mapper_free(bench->mapper);
    mapping_free(bench->mapping);
}

START_TEST(I17_formula_like_cells_go_out_unchanged)
{
    static const char *const cells[] = {
        "=1+1", "+1", "-1", "@x", "\tx", "\rx", "=HYPERLINK(\"a\")", "\xEF\xBC\x9Dx"};
    struct bench bench = bench_of("", "\"city\": { \"from\": \"X\" }", "ID|X");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char *row = mem_format("1|%s", cells[i]);
        assert_value(apply_to(bench.mapper, row), FIELD_CITY, cells[i]);
        free(row);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(I22_keys_are_compared_as_the_mapping_makes_them)
{
    struct mapping *mapping;
    struct problems problems = {0};
    mapping =
        load_text("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { \"from\": "
                  "\"ID\", \"do\": [\"trim\", \"upper\"] }, \"login_source\": { \"value\": "
                  "\"S\" } } }",
                  &problems);
    ck_assert_ptr_nonnull(mapping);
    bind_to(mapping, "ID");
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, " a1\xC2\xA0"), FIELD_UNIQUE_ID, "A1");
    mapper_free(mapper);
    mapping_free(mapping);
    struct bench bench = bench_of("", "\"city\": { \"value\": \"x\" }", "ID");
    assert_value(apply_to(bench.mapper, "a1"), FIELD_UNIQUE_ID, "a1");
    bench_clear(&bench);
}
END_TEST

START_TEST(I23_a_key_that_is_empty_too_long_or_not_plain_rejects_the_row)
{
    struct bench bench =
        bench_of("\"otherwise\": { \"if_empty\": \"leave out field\", \"if_wrong\": "
                 "\"leave out field\", \"if_long\": \"cut to fit\" },",
                 "\"city\": { \"value\": \"x\" }", "ID");
    const struct mapped_row *row = apply_to(bench.mapper, " ");
    assert_code(row, ROW_REJECTED, "required");
    ck_assert_str_eq(row->findings[0].message, "unique_id is missing");
    assert_value(row, FIELD_UNIQUE_ID, NULL);
    row = apply_to(bench.mapper, "123456789012345678901234567890123456789012345678901");
    assert_code(row, ROW_REJECTED, "too_long");
    row = apply_to(bench.mapper, "12345678901234567890123456789012345678901234567890");
    ck_assert_int_eq(row->verdict, ROW_VALID);
    assert_code(apply_to(bench.mapper, "a\nb"), ROW_REJECTED, "key");
    assert_code(apply_to(bench.mapper, "a\tb"), ROW_REJECTED, "key");
    bench_clear(&bench);
}
END_TEST

/* A text of 'count' characters, each of two bytes where 'wide'. */
static char *text_of(size_t count, bool wide)
{
    struct text text = {0};
    for (size_t i = 0; i < count; i++)
        text_add(&text, wide ? "\xC3\xA9" : "a");
    return text_take(&text);
}

static void check_boundary(enum field field, size_t count, bool wide)
{
    const struct field_info *info = field_info(field);
    bool is_own = field == FIELD_UNIQUE_ID || field == FIELD_LOGIN_SOURCE;
    char *text = mem_format("{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { "
                            "\"from\": \"%s\" }, \"login_source\": { \"from\": \"%s\" } %s%s%s } }",
                            field == FIELD_UNIQUE_ID ? "X" : "ID",
                            field == FIELD_LOGIN_SOURCE ? "X" : "ID", is_own ? "" : ", \"",
                            is_own ? "" : info->name, is_own ? "" : "\": { \"from\": \"X\" }");
    struct problems problems = {0};
    struct mapping *mapping = load_text(text, &problems);
    ck_assert_ptr_nonnull(mapping);
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    char *value = text_of(count, wide);
    char *cells = mem_format("1|%s", value);
    const struct mapped_row *row = apply_to(mapper, cells);
    if (count > info->limit) {
        assert_code(row, ROW_REJECTED, "too_long");
        char *words = mem_format("%s is over %u characters", info->name, info->limit);
        ck_assert_str_eq(row->findings[0].message, words);
        free(words);
    } else {
        assert_value(row, field, value);
    }
    free(cells);
    free(value);
    mapper_free(mapper);
    mapping_free(mapping);
    free(text);
}

START_TEST(I24_every_field_takes_its_limit_in_characters_and_no_more)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        unsigned limit = field_info((enum field)field)->limit;
        if (limit == 0 || limit == 2 || field == FIELD_DATE_OF_BIRTH)
            continue;
        for (size_t count = limit - 1; count <= limit + 1; count++) {
            check_boundary((enum field)field, count, false);
            check_boundary((enum field)field, count, true);
        }
    }
}
END_TEST

START_TEST(I24_codes_of_two_letters_and_dates_are_checked_unasked)
{
    static const enum field fields[] = {FIELD_PROVINCE, FIELD_PROVINCE2, FIELD_DRIVER_LICENCE_PROV};
    for (size_t i = 0; i < 3; i++) {
        char *rule = mem_format("\"%s\": { \"from\": \"X\" }", field_info(fields[i])->name);
        struct bench bench = bench_of("", rule, "ID|X");
        assert_value(apply_to(bench.mapper, "1|ON"), fields[i], "ON");
        assert_code(apply_to(bench.mapper, "1|O"), ROW_REJECTED, "type");
        assert_code(apply_to(bench.mapper, "1|1A"), ROW_REJECTED, "type");
        assert_code(apply_to(bench.mapper, "1|ONT"), ROW_REJECTED, "too_long");
        bench_clear(&bench);
        free(rule);
    }
    struct bench bench = bench_of("", "\"date_of_birth\": { \"from\": \"X\" }", "ID|X");
    assert_value(apply_to(bench.mapper, "1|1999-01-05"), FIELD_DATE_OF_BIRTH, "1999-01-05");
    assert_code(apply_to(bench.mapper, "1|05-JAN-1999"), ROW_REJECTED, "type");
    bench_clear(&bench);
}
END_TEST

START_TEST(I24_a_wrong_date_names_the_masks_and_not_the_value)
{
    struct bench bench = bench_of("",
                                  "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", "
                                  "\"written\": [\"DD-MON-YYYY\", \"YYYY-MM-DD\"] }",
                                  "ID|X");
    const struct mapped_row *row = apply_to(bench.mapper, "1|31-FEB-2001");
    assert_code(row, ROW_REJECTED, "type");
    ck_assert_str_eq(row->findings[0].message,
                     "date_of_birth is not a date in any of the masks DD-MON-YYYY, YYYY-MM-DD");
    bench_clear(&bench);
}
END_TEST

START_TEST(I24_between_includes_both_ends_and_today)
{
    struct bench bench = bench_of("",
                                  "\"date_of_birth\": { \"from\": \"X\", \"type\": \"date\", "
                                  "\"between\": [\"1900-01-01\", \"today\"] }",
                                  "ID|X");
    assert_value(apply_to(bench.mapper, "1|1900-01-01"), FIELD_DATE_OF_BIRTH, "1900-01-01");
    assert_value(apply_to(bench.mapper, "1|2026-01-10"), FIELD_DATE_OF_BIRTH, "2026-01-10");
    assert_code(apply_to(bench.mapper, "1|1899-12-31"), ROW_REJECTED, "between");
    const struct mapped_row *row = apply_to(bench.mapper, "1|2026-01-11");
    assert_code(row, ROW_REJECTED, "between");
    ck_assert_str_eq(row->findings[0].message, "date_of_birth is not between 1900-01-01 and today");
    bench_clear(&bench);
}
END_TEST

START_TEST(I26_a_guard_for_a_spreadsheet_is_damage_in_every_field_blanks_or_not)
{
    static const char *const cells[] = {"1|=\"001\"", "1| =\"001\"", "1|\xC2\xA0=\"001\" "};
    struct bench bench = bench_of("", "\"city\": { \"from\": \"X\", \"do\": [\"trim\"] }", "ID|X");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_code(apply_to(bench.mapper, cells[i]), ROW_REJECTED, "damaged");
    assert_value(apply_to(bench.mapper, "1| = 1"), FIELD_CITY, "= 1");
    bench_clear(&bench);
    bench = bench_of("", "\"city\": { \"from\": \"X\", \"do\": [\"excel guards\"] }", "ID|X");
    assert_value(apply_to(bench.mapper, "1| =\"001\""), FIELD_CITY, "001");
    bench_clear(&bench);
}
END_TEST

START_TEST(I26_damage_by_a_spreadsheet_is_named)
{
    static const struct {
        const char *cell, *code, *words;
    } cases[] = {
        {"12345678", NULL, NULL},
        {"123456", "damaged", "lost its leading zeros"},
        {"1", "damaged", "lost its leading zeros"},
        {"A123", "pattern", "does not have the form"},
        {"123456789", "pattern", "does not have the form"},
        {"1.23E+08", "damaged", "shortened"},
        {"9,00123E+08", "damaged", "shortened"},
        {"1E+08", "damaged", "shortened"},
        {"=\"00123456\"", "damaged", "excel guards"},
        {"'00123456", "damaged", "excel guards"},
    };
    struct bench bench = bench_of(
        "", "\"student_no\": { \"from\": \"X\", \"pattern\": \"@?[A-Z]?[0-9]{8}\" }", "ID|X");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *cells = mem_format("1|%s", cases[i].cell);
        const struct mapped_row *row = apply_to(bench.mapper, cells);
        assert_code(row, cases[i].code ? ROW_REJECTED : ROW_VALID, cases[i].code);
        if (cases[i].code) {
            struct text both = {0};
            text_addf(&both, "%s %s", row->findings[0].message, row->findings[0].fix);
            ck_assert_msg(strstr(text_string(&both), cases[i].words), "%s", text_string(&both));
            text_clear(&both);
        }
        free(cells);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(I26_zeros_are_missed_only_where_one_length_is_right)
{
    struct bench bench =
        bench_of("", "\"student_no\": { \"from\": \"X\", \"pattern\": \"[0-9]{7,9}\" }", "ID|X");
    assert_code(apply_to(bench.mapper, "1|123"), ROW_REJECTED, "pattern");
    bench_clear(&bench);
}
END_TEST

START_TEST(text_that_was_encoded_twice_is_named)
{
    static const struct {
        const char *name;
        bool is_damaged;
    } cases[] = {
        {"Jos\xC3\x83\xC2\xA9", true},                   /* JosÃ© */
        {"L\xC3\x83\xE2\x80\xB0VESQUE", true},           /* LÃ‰VESQUE */
        {"Fran\xC3\x83\xC2\xA7ois", true},               /* FranÃ§ois */
        {"O\xC3\xA2\xE2\x82\xAC\xE2\x84\xA2Neil", true}, /* Oâ€™Neil */
        {"c\xC3\x85\xE2\x80\x9Cur", true},               /* cÅ“ur */
        {"Jos\xC3\xA9", false},
        {"JO\xC3\x83O", false},
        {"CAF\xC3\x89\xC2\xA0", false},
        {"ANDR\xC3\x89\xE2\x80\x99S", false},
        {"\xC3\x85se \xC3\x82ngstr\xC3\xB6m", false},
        {"ch\xC3\xA2teau", false},
        {"bad\xEF\xBF\xBD", true},
    };
    struct bench bench = bench_of("", "\"last_name\": { \"from\": \"X\" }", "ID|X");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *cells = mem_format("1|%s", cases[i].name);
        const struct mapped_row *row = apply_to(bench.mapper, cells);
        ck_assert_msg((row->verdict == ROW_REJECTED) == cases[i].is_damaged, "%s", cases[i].name);
        if (cases[i].is_damaged)
            ck_assert_str_eq(row->findings[0].code, "damaged");
        free(cells);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(a_question_mark_in_a_name_goes_out_and_is_noted)
{
    struct bench bench =
        bench_of("", "\"last_name\": { \"from\": \"X\" }, \"city\": { \"from\": \"X\" }", "ID|X");
    const struct mapped_row *row = apply_to(bench.mapper, "1|L?VESQUE");
    assert_value(row, FIELD_LAST_NAME, "L?VESQUE");
    ck_assert_uint_eq(row->note_count, 1);
    ck_assert_int_eq(row->notes[0].policy, POLICY_SEND_ANYWAY);
    ck_assert_str_eq(row->notes[0].finding.code, "damaged");
    ck_assert_int_eq(row->notes[0].finding.field, FIELD_LAST_NAME);
    bench_clear(&bench);
}
END_TEST

START_TEST(every_policy_does_what_it_says_and_is_noted)
{
    static const struct {
        const char *rule, *cell;
        enum row_verdict verdict;
        enum value_state state;
        const char *value;
        int policy; /* that is noted; -1: none */
        const char *code;
    } cases[] = {
        {"", "", ROW_VALID, VALUE_ABSENT, "", POLICY_LEAVE_OUT, "empty"},
        {", \"required\": true", "", ROW_REJECTED, VALUE_ABSENT, "", -1, "required"},
        {", \"if_empty\": \"reject person\"", "", ROW_REJECTED, VALUE_ABSENT, "", -1, "required"},
        {", \"if_empty\": \"send empty\"", "", ROW_VALID, VALUE_PRESENT, "", POLICY_SEND_EMPTY,
         "empty"},
        {", \"if_empty\": \"clear\"", "", ROW_VALID, VALUE_CLEARED, "", POLICY_CLEAR, "empty"},
        {", \"if_empty\": \"stop run\"", "", ROW_STOP, VALUE_ABSENT, "", -1, "empty"},
        {", \"if_wrong\": \"leave out field\"", "bad", ROW_VALID, VALUE_ABSENT, "",
         POLICY_LEAVE_OUT, "never"},
        {", \"if_wrong\": \"send empty\"", "bad", ROW_VALID, VALUE_PRESENT, "", POLICY_SEND_EMPTY,
         "never"},
        {", \"if_wrong\": \"clear\"", "bad", ROW_VALID, VALUE_CLEARED, "", POLICY_CLEAR, "never"},
        {", \"if_wrong\": \"send anyway and warn\"", "bad", ROW_VALID, VALUE_PRESENT, "bad",
         POLICY_SEND_ANYWAY, "never"},
        {", \"if_wrong\": \"stop run\"", "bad", ROW_STOP, VALUE_ABSENT, "", -1, "never"},
        {"", "bad", ROW_REJECTED, VALUE_ABSENT, "", -1, "never"},
        {"", "123456789012345678901", ROW_REJECTED, VALUE_ABSENT, "", -1, "too_long"},
        {", \"if_long\": \"cut to fit\"", "123456789012345678901", ROW_VALID, VALUE_PRESENT,
         "12345678901234567890", POLICY_CUT, "too_long"},
        {", \"if_long\": \"send anyway and warn\"", "123456789012345678901", ROW_VALID,
         VALUE_PRESENT, "123456789012345678901", POLICY_SEND_ANYWAY, "too_long"},
        {", \"if_long\": \"leave out field\"", "123456789012345678901", ROW_VALID, VALUE_ABSENT, "",
         POLICY_LEAVE_OUT, "too_long"},
        {"", "good", ROW_VALID, VALUE_PRESENT, "good", -1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rule =
            mem_format("\"street2\": { \"from\": \"X\", \"never\": [\"bad\"] %s }", cases[i].rule);
        struct bench bench = bench_of("", rule, "ID|X");
        char *cells = mem_format("1|%s", cases[i].cell);
        const struct mapped_row *row = apply_to(bench.mapper, cells);
        const struct profile_value *value = &row->profile.values[FIELD_STREET2];
        ck_assert_msg(row->verdict == cases[i].verdict, "%s: verdict %d", rule, (int)row->verdict);
        ck_assert_msg(value->state == cases[i].state, "%s: state %d", rule, (int)value->state);
        ck_assert_msg(value->length == strlen(cases[i].value) &&
                          memcmp(value->bytes ? value->bytes : "", cases[i].value, value->length) ==
                              0,
                      "%s", rule);
        ck_assert_uint_eq(row->note_count, cases[i].policy >= 0);
        if (cases[i].policy >= 0) {
            ck_assert_int_eq((int)row->notes[0].policy, cases[i].policy);
            ck_assert_str_eq(row->notes[0].finding.code, cases[i].code);
        } else if (cases[i].code) {
            ck_assert_str_eq(row->findings[0].code, cases[i].code);
        }
        assert_value(row, FIELD_UNIQUE_ID, "1");
        free(cells);
        free(rule);
        bench_clear(&bench);
    }
}
END_TEST

START_TEST(otherwise_holds_where_a_field_says_nothing)
{
    struct bench bench = bench_of("\"otherwise\": { \"if_empty\": \"clear\", \"if_wrong\": \"leave "
                                  "out field\", \"if_long\": \"cut to fit\" },",
                                  "\"street2\": { \"from\": \"X\", \"never\": [\"bad\"] }", "ID|X");
    ck_assert_int_eq(apply_to(bench.mapper, "1|")->profile.values[FIELD_STREET2].state,
                     VALUE_CLEARED);
    assert_value(apply_to(bench.mapper, "1|bad"), FIELD_STREET2, NULL);
    assert_value(apply_to(bench.mapper, "1|123456789012345678901"), FIELD_STREET2,
                 "12345678901234567890");
    bench_clear(&bench);
}
END_TEST

START_TEST(all_that_is_wrong_with_a_row_is_found)
{
    struct bench bench = bench_of("",
                                  "\"email\": { \"from\": \"X\", \"required\": true }, "
                                  "\"last_name\": { \"from\": \"X\", \"required\": true }",
                                  "ID|X");
    const struct mapped_row *row = apply_to(bench.mapper, "1|");
    assert_code(row, ROW_REJECTED, "required");
    ck_assert_uint_eq(row->finding_count, 2);
    ck_assert_str_eq(row->findings[0].message, "last_name is missing");
    ck_assert_str_eq(row->findings[1].message, "email is missing");
    assert_value(row, FIELD_UNIQUE_ID, "1");
    assert_value(row, FIELD_LOGIN_SOURCE, NULL);
    bench_clear(&bench);
}
END_TEST

START_TEST(rows_left_out_keep_their_id_and_say_because)
{
    struct bench bench = bench_of(
        "\"people\": { \"keep\": [ { \"column\": \"S\", \"in\": [\"AS\", \"RE\"], \"because\": "
        "\"active or returning\" }, { \"column\": \"T\", \"not_in\": [\"0\"], \"because\": \"in a "
        "term\" } ], \"leave_out\": [ { \"column\": \"D\", \"is\": \"Y\", \"because\": "
        "\"deceased\" } "
        "] },",
        "\"email\": { \"from\": \"X\", \"required\": true }", "ID|S|T|D|X");
    static const struct {
        const char *cells, *code, *because;
    } cases[] = {
        {"1|IS|1|N|a@b.ca", "keep", "active or returning"},
        {"1|AS|0|N|a@b.ca", "keep", "in a term"},
        {"1|AS|1|Y|", "leave_out", "deceased"},
        {"1|IS|0|Y|", "keep", "active or returning"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mapped_row *row = apply_to(bench.mapper, cases[i].cells);
        assert_code(row, ROW_LEFT_OUT, cases[i].code);
        ck_assert_str_eq(row->findings[0].message, cases[i].because);
        ck_assert_uint_eq(row->finding_count, 1);
        assert_value(row, FIELD_UNIQUE_ID, "1");
        assert_value(row, FIELD_EMAIL, NULL);
    }
    ck_assert_int_eq(apply_to(bench.mapper, "1|RE||N|a@b.ca")->verdict, ROW_VALID);
    assert_code(apply_to(bench.mapper, "1|RE||N|"), ROW_REJECTED, "required");
    assert_code(apply_to(bench.mapper, "|IS|1|N|"), ROW_LEFT_OUT, "keep");
    bench_clear(&bench);
}
END_TEST

START_TEST(rules_look_at_the_cell_without_blanks_and_empty_words)
{
    static const struct {
        const char *rule, *cell;
        bool holds;
    } cases[] = {
        {"\"is\": \"Y\"", "\xC2\xA0Y ", true},
        {"\"is\": \"Y\"", "y", false},
        {"\"is\": \"\"", "(null)", true},
        {"\"in\": [\"a\", \"b\"]", "b", true},
        {"\"in\": [\"a\", \"b\"]", "", false},
        {"\"not_in\": [\"a\"]", "", true},
        {"\"not_in\": [\"a\"]", "a", false},
        {"\"matches\": \"b+\"", "abbc", true},
        {"\"matches\": \"^b\"", "abbc", false},
        {"\"empty\": true", " (null) ", true},
        {"\"empty\": true", "x", false},
        {"\"empty\": false", "x", true},
        {"\"empty\": false", "", false},
        {"\"is\": \"\xC3\xA9\"", "e\xCC\x81", true},
        {"\"before\": \"2026-01-10\"", "2026-01-09", true},
        {"\"before\": \"2026-01-10\"", "2026-01-10", false},
        {"\"after\": \"today\"", "2026-01-11", true},
        {"\"after\": \"today\"", "2026-01-10", false},
        {"\"after\": \"today\"", "", false},
        {"\"before\": \"today\", \"written\": [\"DD-MON-YY\"], \"youngest\": 14", "05-JAN-05",
         true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *more =
            mem_format("\"file\": { \"empty_means\": [\"(null)\"] }, \"people\": { "
                       "\"leave_out\": [ { \"column\": \"X\", %s, \"because\": \"b\" } ] },",
                       cases[i].rule);
        struct bench bench = bench_of(more, "\"city\": { \"value\": \"x\" }", "ID|X");
        char *cells = mem_format("1|%s", cases[i].cell);
        ck_assert_msg((apply_to(bench.mapper, cells)->verdict == ROW_LEFT_OUT) == cases[i].holds,
                      "%s on \"%s\"", cases[i].rule, cases[i].cell);
        free(cells);
        free(more);
        bench_clear(&bench);
    }
}
END_TEST

START_TEST(must_hold_is_asked_of_kept_rows_and_stops_the_run)
{
    struct bench bench = bench_of(
        "\"file\": { \"must_hold\": [ { \"column\": \"T\", \"in\": [\"202610\"], \"because\": "
        "\"current terms\" } ] }, \"people\": { \"keep\": [ { \"column\": \"S\", \"is\": \"AS\", "
        "\"because\": \"active\" } ] },",
        "\"email\": { \"from\": \"X\", \"required\": true }", "ID|S|T|X");
    ck_assert_int_eq(apply_to(bench.mapper, "1|AS|202610|a")->verdict, ROW_VALID);
    assert_code(apply_to(bench.mapper, "1|IS|202510|a"), ROW_LEFT_OUT, "keep");
    const struct mapped_row *row = apply_to(bench.mapper, "1|AS|202510|");
    assert_code(row, ROW_STOP, "must_hold");
    ck_assert_str_eq(row->findings[0].message,
                     "\"must_hold\" does not hold: current terms (column T)");
    bench_clear(&bench);
}
END_TEST

START_TEST(when_that_is_not_met_leaves_the_field_out_without_a_word)
{
    struct bench bench =
        bench_of("",
                 "\"employ_no\": { \"from\": \"X\", \"required\": true, \"when\": { "
                 "\"column\": \"K\", \"is\": \"EMP\" } }",
                 "ID|X|K");
    const struct mapped_row *row = apply_to(bench.mapper, "1||STU");
    ck_assert_int_eq(row->verdict, ROW_VALID);
    ck_assert_uint_eq(row->note_count, 0);
    assert_value(row, FIELD_EMPLOY_NO, NULL);
    assert_code(apply_to(bench.mapper, "1||EMP"), ROW_REJECTED, "required");
    bench_clear(&bench);
}
END_TEST

START_TEST(damaged_records_are_rejected_and_keep_a_readable_id)
{
    static const struct {
        enum record_damage damage;
        size_t cell;
        const char *code;
        bool has_id;
    } cases[] = {
        {RECORD_RAGGED, 0, "ragged", false},        {RECORD_UNDECODABLE, 1, "encoding", true},
        {RECORD_UNDECODABLE, 0, "encoding", false}, {RECORD_NUL, 1, "nul", true},
        {RECORD_CONTROL, 1, "control", true},       {RECORD_CONTROL, 0, "control", false},
        {RECORD_QUOTE, 1, "quote", true},           {RECORD_QUOTE, 0, "quote", false},
    };
    struct bench bench = bench_of("", "\"city\": { \"from\": \"X\" }", "ID|X");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record_of record;
        cells_of(&record, "17|x");
        record.record.damage = cases[i].damage;
        record.record.damage_cell = cases[i].cell;
        const struct mapped_row *row = mapper_apply(bench.mapper, &record.record);
        assert_code(row, ROW_REJECTED, cases[i].code);
        ck_assert_int_eq(row->findings[0].field, -1);
        assert_value(row, FIELD_UNIQUE_ID, cases[i].has_id ? "17" : NULL);
        assert_value(row, FIELD_CITY, NULL);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(I7_a_nul_byte_names_the_column)
{
    struct bench bench = bench_of("", "\"city\": { \"from\": \"X\" }", "ID|X");
    struct record_of record;
    cells_of(&record, "17|x");
    record.record.damage = RECORD_NUL;
    record.record.damage_cell = 1;
    ck_assert_str_eq(mapper_apply(bench.mapper, &record.record)->findings[0].message,
                     "a NUL byte in column 2 (X)");
    bench_clear(&bench);
}
END_TEST

START_TEST(the_same_person_is_known_by_all_its_cells)
{
    struct bench bench = bench_of("\"people\": { \"same_person\": { \"columns\": [\"A\", \"B\"], "
                                  "\"then\": \"hold\" } },",
                                  "\"city\": { \"value\": \"x\" }", "ID|A|B");
    struct text first = {0};
    const struct mapped_row *row = apply_to(bench.mapper, "1|a| bc ");
    text_add_bytes(&first, text_string(&row->person), row->person.length);
    ck_assert_uint_gt(first.length, 0);
    row = apply_to(bench.mapper, "2|a|bc");
    ck_assert(row->person.length == first.length &&
              memcmp(row->person.bytes, first.bytes, first.length) == 0);
    row = apply_to(bench.mapper, "2|ab|c");
    ck_assert(memcmp(row->person.bytes, first.bytes, first.length) != 0);
    ck_assert_uint_eq(apply_to(bench.mapper, "2|a|")->person.length, 0);
    text_clear(&first);
    bench_clear(&bench);
}
END_TEST

START_TEST(email_addresses_are_checked)
{
    static const char *const good[] = {
        "a@b.ca",       "o'neil@uni.ca", "first.last+tag@mail.uni-x.edu",
        "a_b@x.museum", "a@b.c.d.ca",    "A@B.CA"};
    static const char *const wrong[] = {"a",
                                        "@b.ca",
                                        "a@",
                                        "a@b",
                                        "a@b.c",
                                        "a b@c.ca",
                                        "a@b..ca",
                                        ".a@b.ca",
                                        "a.@b.ca",
                                        "a..b@c.ca",
                                        "a@-b.ca",
                                        "a@b-.ca",
                                        "a@b.ca.",
                                        "a@@b.ca",
                                        "a@b@c.ca",
                                        "a@b.ca;c@d.ca",
                                        "jos\xC3\xA9@uni.ca",
                                        "a@b_c.ca",
                                        "a@1.2.3.4",
                                        "a,b@c.ca",
                                        "<a@b.ca>"};
    struct bench bench =
        bench_of("", "\"email\": { \"from\": \"X\", \"type\": \"email\" }", "ID|X");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char *cells = mem_format("1|%s", good[i]);
        assert_value(apply_to(bench.mapper, cells), FIELD_EMAIL, good[i]);
        free(cells);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *cells = mem_format("1|%s", wrong[i]);
        const struct mapped_row *row = apply_to(bench.mapper, cells);
        ck_assert_msg(row->verdict == ROW_REJECTED, "%s", wrong[i]);
        ck_assert_str_eq(row->findings[0].message, "email is not an e-mail address");
        free(cells);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(no_message_holds_a_value)
{
    struct bench bench = bench_of("\"lists\": { \"l\": { \"a\": \"b\" } },",
                                  "\"city\": { \"from\": \"X\", \"list\": \"l\" }, \"street2\": { "
                                  "\"from\": \"X\" }, \"student_no\": { \"from\": \"X\", \"do\": "
                                  "[\"phone ###\"] }",
                                  "ID|X");
    const struct mapped_row *row = apply_to(bench.mapper, "1|canary canary canary canary");
    ck_assert_uint_eq(row->finding_count, 3);
    for (size_t i = 0; i < row->finding_count; i++) {
        ck_assert_ptr_null(strstr(row->findings[i].message, "canary"));
        ck_assert_ptr_null(strstr(row->findings[i].fix, "canary"));
    }
    bench_clear(&bench);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, I17_formula_like_cells_go_out_unchanged);
    tcase_add_test(tests, I22_keys_are_compared_as_the_mapping_makes_them);
    tcase_add_test(tests, I23_a_key_that_is_empty_too_long_or_not_plain_rejects_the_row);
    tcase_add_test(tests, I24_every_field_takes_its_limit_in_characters_and_no_more);
    tcase_add_test(tests, I24_codes_of_two_letters_and_dates_are_checked_unasked);
    tcase_add_test(tests, I24_a_wrong_date_names_the_masks_and_not_the_value);
    tcase_add_test(tests, I24_between_includes_both_ends_and_today);
    tcase_add_test(tests, I26_a_guard_for_a_spreadsheet_is_damage_in_every_field_blanks_or_not);
    tcase_add_test(tests, I26_damage_by_a_spreadsheet_is_named);
    tcase_add_test(tests, I26_zeros_are_missed_only_where_one_length_is_right);
    tcase_add_test(tests, text_that_was_encoded_twice_is_named);
    tcase_add_test(tests, a_question_mark_in_a_name_goes_out_and_is_noted);
    tcase_add_test(tests, every_policy_does_what_it_says_and_is_noted);
    tcase_add_test(tests, otherwise_holds_where_a_field_says_nothing);
    tcase_add_test(tests, all_that_is_wrong_with_a_row_is_found);
    tcase_add_test(tests, rows_left_out_keep_their_id_and_say_because);
    tcase_add_test(tests, rules_look_at_the_cell_without_blanks_and_empty_words);
    tcase_add_test(tests, must_hold_is_asked_of_kept_rows_and_stops_the_run);
    tcase_add_test(tests, when_that_is_not_met_leaves_the_field_out_without_a_word);
    tcase_add_test(tests, damaged_records_are_rejected_and_keep_a_readable_id);
    tcase_add_test(tests, I7_a_nul_byte_names_the_column);
    tcase_add_test(tests, the_same_person_is_known_by_all_its_cells);
    tcase_add_test(tests, email_addresses_are_checked);
    tcase_add_test(tests, no_message_holds_a_value);
}

int main(void)
{
    return unit_run("mapping/rows", all);
}
