#include "stage.h"

/* What a single row of a person is: the action table of interface.md, as one table. */
START_TEST(a_row_is_what_the_action_table_says)
{
    enum { A = 1, B = 2, C = 3 };
    static const struct {
        const char *name;
        int delivered, intent, refused; /* a payload; 0: none */
        bool is_damaged, full, retry_refused, refresh;
        int today;
        const char *rows;
    } cases[] = {
        {"never seen", 0, 0, 0, 0, 0, 0, 0, A, "2 new"},
        {"never seen, full", 0, 0, 0, 0, 1, 0, 0, A, "2 new"},
        {"new, intent open", 0, A, 0, 0, 0, 0, 0, A, "2 new unsettled"},
        {"new, other intent open", 0, B, 0, 0, 0, 0, 0, A, "2 new unsettled"},
        {"new, refused as it is", 0, 0, A, 0, 0, 0, 0, A, "2 held:refused_before"},
        {"new, refused otherwise", 0, 0, B, 0, 0, 0, 0, A, "2 new"},
        {"new, refused, tried again", 0, 0, A, 0, 0, 1, 0, A, "2 new"},
        {"new, refused, full", 0, 0, A, 0, 1, 0, 0, A, "2 held:refused_before"},
        {"new, damaged", 0, 0, 0, 1, 0, 0, 0, A, "2 new unsettled"},
        {"as delivered", A, 0, 0, 0, 0, 0, 0, A, ""},
        {"as delivered, full", A, 0, 0, 0, 1, 0, 0, A, "2 changed full"},
        {"as delivered, refresh", A, 0, 0, 0, 0, 0, 1, A, "2 changed refresh"},
        {"as delivered, intent open", A, A, 0, 0, 0, 0, 0, A, "2 changed unsettled"},
        {"back to A, intent for B", A, B, 0, 0, 0, 0, 0, A, "2 changed unsettled"},
        {"back to A, B was refused", A, 0, B, 0, 0, 0, 0, A, ""},
        {"as delivered, damaged", A, 0, 0, 1, 0, 0, 0, A, "2 changed unsettled"},
        {"differs", A, 0, 0, 0, 0, 0, 0, B, "2 changed"},
        {"differs, full", A, 0, 0, 0, 1, 0, 0, B, "2 changed"},
        {"differs, refresh", A, 0, 0, 0, 0, 0, 1, B, "2 changed"},
        {"differs, intent open", A, B, 0, 0, 0, 0, 0, B, "2 changed unsettled"},
        {"differs, other intent", A, C, 0, 0, 0, 0, 0, B, "2 changed unsettled"},
        {"differs, refused as it is", A, 0, B, 0, 0, 0, 0, B, "2 held:refused_before"},
        {"held, full", A, 0, B, 0, 1, 0, 0, B, "2 held:refused_before"},
        {"held, refresh", A, 0, B, 0, 0, 0, 1, B, "2 held:refused_before"},
        {"refused, tried again", A, 0, B, 0, 0, 1, 0, B, "2 changed"},
        {"refused otherwise", A, 0, C, 0, 0, 0, 0, B, "2 changed"},
        {"refused after the try", A, B, B, 0, 0, 0, 0, B, "2 held:refused_before"},
        {"intent over refusal", A, C, B, 0, 0, 0, 0, B, "2 changed unsettled"},
        {"refused otherwise, open", A, B, C, 0, 0, 0, 0, B, "2 changed unsettled"},
        {"delivered, open, refused", A, B, B, 0, 0, 0, 0, A, "2 changed unsettled"},
        {"damaged, refused", A, 0, B, 1, 0, 0, 0, B, "2 changed unsettled"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage *stage = stage_new(
            (struct plan_settings){.full = cases[i].full, .retry_refused = cases[i].retry_refused});
        struct plan_known known = {.tag = person(7),
                                   .delivered = payload((uint64_t)cases[i].delivered),
                                   .handle = 8,
                                   .is_delivered = cases[i].delivered,
                                   .intent_open = cases[i].intent,
                                   .intent = payload((uint64_t)cases[i].intent),
                                   .is_refused = cases[i].refused,
                                   .refused = payload((uint64_t)cases[i].refused),
                                   .is_damaged = cases[i].is_damaged};
        struct text rows = {0};
        if (known.is_delivered || known.intent_open || known.is_refused || known.is_damaged)
            plan_know(stage->plan, &known);
        add_valid(stage, 7, (uint64_t)cases[i].today);
        if (cases[i].refresh)
            plan_refresh(stage->plan, &known.handle, 1, 1);
        plan_close(stage->plan);
        rows_text(stage->plan, &rows);
        ck_assert_msg(strcmp(text_string(&rows), cases[i].rows) == 0, "%s: %s", cases[i].name,
                      text_string(&rows));
        for (size_t row = 0; row < plan_row_count(stage->plan); row++)
            ck_assert(!!(plan_row_at(stage->plan, row).flags & PLAN_DELIVERED_BEFORE) ==
                      known.is_delivered);
        text_clear(&rows);
        stage_free(stage);
    }
}
END_TEST

START_TEST(V15_changes_are_counted_against_the_last_delivery_and_not_the_unsettled_as_intended)
{
    enum { A = 1, B = 2, C = 3 };
    static const struct {
        int delivered, intent, today;
        bool is_gone, full, is_damaged;
        unsigned fresh, changed, known;
    } cases[] = {
        {0, 0, A, 0, 0, 0, 1, 0, 0}, {0, A, A, 0, 0, 0, 0, 0, 0}, {0, B, A, 0, 0, 0, 1, 0, 0},
        {A, 0, A, 0, 0, 0, 0, 0, 1}, {A, 0, A, 0, 1, 0, 0, 0, 1}, {A, 0, B, 0, 0, 0, 0, 1, 1},
        {A, B, B, 0, 0, 0, 0, 0, 1}, {A, B, A, 0, 0, 0, 0, 0, 1}, {A, B, C, 0, 0, 0, 0, 1, 1},
        {A, 0, B, 1, 0, 0, 0, 0, 0}, {A, 0, B, 0, 0, 1, 0, 0, 1}, {0, 0, A, 0, 0, 1, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage *stage = stage_new((struct plan_settings){.full = cases[i].full});
        struct plan_known known = {.tag = person(1),
                                   .handle = 2,
                                   .delivered = payload((uint64_t)cases[i].delivered),
                                   .is_delivered = cases[i].delivered,
                                   .is_gone = cases[i].is_gone,
                                   .intent_open = cases[i].intent,
                                   .intent = payload((uint64_t)cases[i].intent),
                                   .is_damaged = cases[i].is_damaged};
        plan_know(stage->plan, &known);
        add_valid(stage, 1, (uint64_t)cases[i].today);
        plan_close(stage->plan);
        const struct plan_figures *figures = plan_figures(stage->plan);
        ck_assert_msg(figures->fresh == cases[i].fresh && figures->changed == cases[i].changed &&
                          figures->known == cases[i].known,
                      "case %zu: fresh %d changed %d known %d", i, (int)figures->fresh,
                      (int)figures->changed, (int)figures->known);
        ck_assert_uint_eq(figures->returned, cases[i].is_gone);
        stage_free(stage);
    }
}
END_TEST

static void add_sample(struct stage *stage, uint64_t who, struct sample sample, uint64_t what,
                       const struct digest *old)
{
    struct profile profile;
    struct plan_input row = row_of(stage, who);
    profile_fill(&profile, sample);
    row.action = ACTION_NEW;
    row.digest = payload(what);
    row.profile = &profile;
    row.digest_by_old_mapping = old;
    plan_add(stage->plan, &row);
}

START_TEST(a_change_names_the_fields_that_differ_from_the_last_delivery)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    know_delivered(stage, 1, 10);
    know_delivered(stage, 2, 10);
    know_delivered(stage, 3, 10);
    stage->delivered[2] = stage->delivered[3] = stage->delivered[4] =
        (struct sample){"a@example.edu", "Springfield"};
    add_sample(stage, 1, (struct sample){"b@example.edu", "Springfield"}, 11, NULL);
    add_sample(stage, 2, (struct sample){"a@example.edu", NULL}, 12, NULL);
    add_sample(stage, 3, (struct sample){"", "Ogden"}, 13, NULL);
    plan_close(stage->plan);
    ck_assert_uint_eq(plan_row_at(stage->plan, 0).fields, FIELD_BIT(FIELD_EMAIL));
    ck_assert_uint_eq(plan_row_at(stage->plan, 1).fields, FIELD_BIT(FIELD_CITY));
    ck_assert_uint_eq(plan_row_at(stage->plan, 2).fields,
                      FIELD_BIT(FIELD_EMAIL) | FIELD_BIT(FIELD_CITY));
    const struct plan_figures *figures = plan_figures(stage->plan);
    ck_assert_uint_eq(figures->field_changed[FIELD_EMAIL], 2);
    ck_assert_uint_eq(figures->field_changed[FIELD_CITY], 2);
    ck_assert_uint_eq(figures->field_emptied[FIELD_EMAIL], 1);
    ck_assert_uint_eq(figures->field_emptied[FIELD_CITY], 1);
    ck_assert_uint_eq(figures->fields_sent[FIELD_CITY], 2);
    stage_free(stage);
}
END_TEST

START_TEST(C4_changes_by_the_mapping_alone_are_told_apart_from_changes_in_the_data)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    struct digest delivered = payload(10), intended = payload(20), other = payload(30);
    struct plan_known unsettled = {.tag = person(3),
                                   .handle = 4,
                                   .delivered = delivered,
                                   .is_delivered = true,
                                   .intent_open = true,
                                   .intent = intended};
    struct sample before = {"a@example.edu", NULL}, now = {"a@example.edu", "Ogden"};
    know_delivered(stage, 1, 10);
    know_delivered(stage, 2, 10);
    plan_know(stage->plan, &unsettled);
    stage->delivered[2] = stage->delivered[3] = stage->delivered[4] = before;
    add_sample(stage, 1, now, 11, &delivered);
    add_sample(stage, 2, now, 12, &other);
    add_sample(stage, 3, now, 13, &intended);
    close_and_assert(stage, "2 changed mapping; 3 changed; 4 changed unsettled");
    const struct plan_figures *figures = plan_figures(stage->plan);
    ck_assert_uint_eq(figures->changed, 3);
    ck_assert_uint_eq(figures->changed_by_mapping, 2);
    ck_assert_uint_eq(figures->field_changed[FIELD_CITY], 1);
    ck_assert_uint_eq(figures->fields_sent[FIELD_CITY], 3);
    stage_free(stage);
}
END_TEST

/* ---------------------------------------------------------------- presence */

static void collect_gone(void *self, person_handle handle, bool newly)
{
    text_addf(self, " %u%s", handle, newly ? "+" : "");
}

static void collect(void *self, person_handle handle)
{
    text_addf(self, " %u", handle);
}

static void know_gone(struct stage *stage, uint64_t who)
{
    struct plan_known known = {.tag = person(who),
                               .handle = (person_handle)who + 1,
                               .delivered = payload(1),
                               .is_delivered = true,
                               .is_gone = true};
    plan_know(stage->plan, &known);
}

START_TEST(gone_are_the_known_without_any_row)
{
    static const struct {
        bool partial, id_unreadable;
        const char *gone, *returned;
        unsigned newly;
    } cases[] = {
        {false, false, " 2+ 7", " 8 9", 1}, {true, false, "", "", 0}, {false, true, "", " 8 9", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text gone = {0}, returned = {0};
        struct stage *stage = stage_new((struct plan_settings){.partial = cases[i].partial});
        struct plan_known intended = {.tag = person(5), .handle = 6, .intent_open = true};
        for (uint64_t who = 1; who <= 4; who++)
            know_delivered(stage, who, 1);
        plan_know(stage->plan, &intended);
        for (uint64_t who = 6; who <= 8; who++)
            know_gone(stage, who);
        add_found(stage, 2, ACTION_LEFT_OUT, "leave_out");
        add_found(stage, 3, ACTION_REJECTED, "required");
        add_found(stage, 4, ACTION_HELD, "elsewhere");
        add_valid(stage, 7, 1);
        add_found(stage, 8, ACTION_LEFT_OUT, "leave_out");
        if (cases[i].id_unreadable) {
            struct plan_input row = row_of(stage, 0);
            row.has_tag = false;
            row.action = ACTION_REJECTED;
            row.reason = plan_reason(stage->plan, ACTION_REJECTED, "damaged", 0, "damaged", NULL);
            plan_add(stage->plan, &row);
        }
        plan_close(stage->plan);
        plan_each_gone(stage->plan, collect_gone, &gone);
        plan_each_returned(stage->plan, collect, &returned);
        ck_assert_str_eq(text_string(&gone), cases[i].gone);
        ck_assert_str_eq(text_string(&returned), cases[i].returned);
        ck_assert_uint_eq(plan_counts(stage->plan)->gone, cases[i].newly);
        ck_assert_uint_eq(plan_counts(stage->plan)->known, 4);
        ck_assert(plan_figures(stage->plan)->id_unreadable == cases[i].id_unreadable);
        text_clear(&gone);
        text_clear(&returned);
        stage_free(stage);
    }
}
END_TEST

START_TEST(a_person_who_is_back_as_delivered_is_unchanged_and_not_among_the_known)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    know_gone(stage, 1);
    know_gone(stage, 2);
    add_valid(stage, 1, 1);
    add_valid(stage, 2, 2);
    close_and_assert(stage, "3 changed");
    ck_assert_uint_eq(plan_counts(stage->plan)->known, 0);
    ck_assert_uint_eq(plan_counts(stage->plan)->action[ACTION_UNCHANGED], 1);
    ck_assert_uint_eq(plan_figures(stage->plan)->returned, 2);
    stage_free(stage);
}
END_TEST

START_TEST(open_intents_without_a_valid_row_are_listed)
{
    struct text stranded = {0};
    struct stage *stage = stage_new((struct plan_settings){.repeated_id = REPEATED_REJECT});
    for (uint64_t who = 1; who <= 6; who++) {
        struct plan_known known = {.tag = person(who),
                                   .handle = (person_handle)who,
                                   .intent_open = who != 6,
                                   .is_refused = who == 6,
                                   .intent = payload(1)};
        plan_know(stage->plan, &known);
    }
    add_valid(stage, 1, 1);
    add_found(stage, 2, ACTION_REJECTED, "required");
    add_found(stage, 3, ACTION_LEFT_OUT, "keep");
    add_valid(stage, 4, 1);
    add_valid(stage, 4, 2);
    plan_close(stage->plan);
    plan_each_stranded(stage->plan, collect, &stranded);
    ck_assert_str_eq(text_string(&stranded), " 2 3 4 5");
    text_clear(&stranded);
    stage_free(stage);
}
END_TEST

/* ---------------------------------------------------------------- holds, reasons, order */

START_TEST(only_a_row_that_would_be_new_and_never_left_is_put_on_hold)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    struct plan_known intended = {
        .tag = person(2), .handle = 3, .intent_open = true, .intent = payload(1)};
    struct plan_known refused = {
        .tag = person(4), .handle = 5, .is_refused = true, .refused = payload(9)};
    know_delivered(stage, 1, 1);
    plan_know(stage->plan, &intended);
    plan_know(stage->plan, &refused);
    uint32_t reason = plan_reason(stage->plan, ACTION_HELD, "same_person", -1, "words", "mend");
    for (uint64_t who = 1; who <= 4; who++) {
        struct digest tag = person(who);
        add_valid(stage, who, 2);
        plan_hold(stage->plan, &tag, reason);
    }
    struct digest nobody = person(99);
    plan_hold(stage->plan, &nobody, reason);
    add_valid(stage, 3, 2);
    close_and_assert(stage, "2 changed; 3 new unsettled; 4 held:same_person; 5 held:same_person; "
                            "6 repeated:repeated");
    stage_free(stage);
}
END_TEST

START_TEST(a_reason_is_kept_once_however_many_rows_share_it)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    char message[32];
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 500; i++) {
            snprintf(message, sizeof message, "words %u", i);
            ck_assert_uint_eq(
                plan_reason(stage->plan, ACTION_REJECTED, "type", FIELD_EMAIL, message, NULL), i);
        }
    ck_assert_uint_eq(
        plan_reason(stage->plan, ACTION_LEFT_OUT, "type", FIELD_EMAIL, "words 1", NULL), 500);
    ck_assert_uint_eq(plan_reason(stage->plan, ACTION_REJECTED, "type", -1, "words 1", NULL), 501);
    ck_assert_uint_eq(plan_reason(stage->plan, ACTION_REJECTED, "type", -1, "words 1", "fix"), 502);
    ck_assert_uint_eq(plan_reason_count(stage->plan), 503);
    ck_assert_str_eq(plan_reason_at(stage->plan, 502)->fix, "fix");
    ck_assert_ptr_null(plan_reason_at(stage->plan, 501)->fix);
    stage_free(stage);
}
END_TEST

START_TEST(rows_come_in_the_order_of_their_lines_with_their_places)
{
    enum { PEOPLE = 3000 };
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    for (uint64_t who = 0; who < PEOPLE; who++)
        know_delivered(stage, who, 1);
    for (uint64_t i = 0; i < PEOPLE; i++) {
        uint64_t who = i * 1777 % PEOPLE; /* prime to PEOPLE: everybody once */
        if (who % 5 == 0)
            add_found(stage, who, ACTION_LEFT_OUT, "keep");
        else
            add_valid(stage, who, 1 + who % 2);
    }
    plan_close(stage->plan);
    uint32_t line = 0;
    for (size_t i = 0; i < plan_row_count(stage->plan); i++) {
        struct plan_row row = plan_row_at(stage->plan, i);
        ck_assert_uint_gt(row.line, line);
        ck_assert_uint_eq(row.offset, row.line * UINT64_C(100));
        ck_assert_uint_eq(row.bytes, 50);
        ck_assert_uint_eq(row.handle, (row.line - 2) * 1777 % PEOPLE + 1);
        line = row.line;
    }
    ck_assert_uint_eq(plan_counts(stage->plan)->action[ACTION_UNCHANGED], PEOPLE * 2 / 5);
    ck_assert_uint_eq(plan_row_count(stage->plan), PEOPLE * 3 / 5);
    stage_free(stage);
}
END_TEST

START_TEST(I30_places_far_into_a_file_are_kept)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    struct plan_input rows[2] = {row_of(stage, 1), row_of(stage, 2)};
    rows[0].offset = (UINT64_C(1) << 40) - 1;
    rows[0].bytes = 1 << 20;
    rows[0].line = 4000000000U;
    rows[1].offset = UINT64_C(0x80ffffff12);
    rows[1].line = 4000000001U;
    rows[1].action = ACTION_LEFT_OUT;
    rows[1].reason = plan_reason(stage->plan, ACTION_LEFT_OUT, "keep", -1, "keep", NULL);
    for (int i = 0; i < 2; i++)
        plan_add(stage->plan, &rows[i]);
    plan_close(stage->plan);
    for (size_t i = 0; i < 2; i++) {
        struct plan_row row = plan_row_at(stage->plan, i);
        ck_assert_uint_eq(row.offset, rows[i].offset);
        ck_assert_uint_eq(row.bytes, rows[i].bytes);
        ck_assert_uint_eq(row.line, rows[i].line);
    }
    stage_free(stage);
}
END_TEST

START_TEST(peeking_shows_what_a_row_will_be_compared_with)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    struct plan_known refused = {.tag = person(2), .handle = 3, .is_refused = true};
    struct plan_known damaged = {
        .tag = person(3), .handle = 4, .is_delivered = true, .is_damaged = true};
    know_delivered(stage, 1, 5);
    plan_know(stage->plan, &refused);
    plan_know(stage->plan, &damaged);
    static const struct {
        int who, answer, handle;
    } cases[] = {{1, 1, 2}, {2, 0, 3}, {3, 0, 4}, {4, 0, 0}};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 4; i++) {
            struct digest tag = person((uint64_t)cases[i].who), delivered, expected = payload(5);
            person_handle handle = 77;
            ck_assert_int_eq(plan_peek(stage->plan, &tag, &delivered, &handle), cases[i].answer);
            ck_assert_uint_eq(handle, (unsigned)cases[i].handle);
            if (cases[i].answer)
                ck_assert(digest_equal(&delivered, &expected));
        }
        add_valid(stage, 1, 6); /* the answer is the same after a row */
    }
    stage_free(stage);
}
END_TEST

START_TEST(I22_ids_that_differ_only_in_case_are_counted)
{
    static const struct {
        const char *ids[5];
        unsigned near;
    } cases[] = {
        {{"A1", "B1"}, 0}, {{"a1", "b1"}, 0},
        {{"A1", "a1"}, 1}, {{"a1", "A1"}, 1},
        {{"Ab", "aB"}, 1}, {{"AB", "aB", "ab"}, 2},
        {{"a1", "a1"}, 0}, {{"a1", "A1", "a1", "b2", "B2"}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage *stage = stage_new((struct plan_settings){.full = false});
        for (size_t n = 0; n < 5 && cases[i].ids[n]; n++) {
            struct plan_input row = row_of(stage, 0);
            struct digest folded;
            char capitals[8] = "";
            const char *id = cases[i].ids[n];
            for (size_t at = 0; id[at]; at++)
                capitals[at] = (char)(id[at] >= 'a' && id[at] <= 'z' ? id[at] - 32 : id[at]);
            person_tag(id, strlen(id), &stage->keys, &row.tag);
            person_tag(capitals, strlen(capitals), &stage->keys, &folded);
            row.folded_tag = strcmp(id, capitals) == 0 ? NULL : &folded;
            row.digest = payload(1);
            plan_add(stage->plan, &row);
        }
        plan_close(stage->plan);
        ck_assert_msg(plan_figures(stage->plan)->near_duplicates == cases[i].near, "case %zu: %d",
                      i, (int)plan_figures(stage->plan)->near_duplicates);
        stage_free(stage);
    }
}
END_TEST

START_TEST(people_whose_tags_begin_alike_are_kept_apart)
{
    enum { PEOPLE = 5000 };
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < PEOPLE; i++) {
            uint32_t number = round ? PEOPLE - 1 - i : i;
            uint32_t words[4] = {number / 50 * 40000000, number / 10, number, 0};
            struct plan_input row = row_of(stage, 0);
            stage->line = 2;
            memcpy(&row.tag, words, sizeof words);
            row.line = round * PEOPLE + i + 2;
            row.digest = payload(number);
            plan_add(stage->plan, &row);
        }
    plan_close(stage->plan);
    ck_assert_uint_eq(plan_counts(stage->plan)->action[ACTION_NEW], PEOPLE);
    ck_assert_uint_eq(plan_counts(stage->plan)->action[ACTION_REPEATED], PEOPLE);
    stage_free(stage);
}
END_TEST

START_TEST(an_export_without_rows_makes_an_empty_plan)
{
    struct stage *stage = stage_new((struct plan_settings){.full = false});
    know_delivered(stage, 1, 1);
    plan_refresh(stage->plan, NULL, 0, 0);
    close_and_assert(stage, "");
    ck_assert_uint_eq(plan_counts(stage->plan)->gone, 1);
    stage_free(stage);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, a_row_is_what_the_action_table_says);
    tcase_add_test(
        c, V15_changes_are_counted_against_the_last_delivery_and_not_the_unsettled_as_intended);
    tcase_add_test(c, a_change_names_the_fields_that_differ_from_the_last_delivery);
    tcase_add_test(c, C4_changes_by_the_mapping_alone_are_told_apart_from_changes_in_the_data);
    tcase_add_test(c, gone_are_the_known_without_any_row);
    tcase_add_test(c, a_person_who_is_back_as_delivered_is_unchanged_and_not_among_the_known);
    tcase_add_test(c, open_intents_without_a_valid_row_are_listed);
    tcase_add_test(c, only_a_row_that_would_be_new_and_never_left_is_put_on_hold);
    tcase_add_test(c, a_reason_is_kept_once_however_many_rows_share_it);
    tcase_add_test(c, rows_come_in_the_order_of_their_lines_with_their_places);
    tcase_add_test(c, I30_places_far_into_a_file_are_kept);
    tcase_add_test(c, peeking_shows_what_a_row_will_be_compared_with);
    tcase_add_test(c, I22_ids_that_differ_only_in_case_are_counted);
    tcase_add_test(c, people_whose_tags_begin_alike_are_kept_apart);
    tcase_add_test(c, an_export_without_rows_makes_an_empty_plan);
}

int main(void)
{
    return unit_run("plan/plan", all);
}
