#include "plan/saved.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

static char folder[] = "/tmp/opspush-plan-XXXXXX";
static char *path;

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = file_join(folder, "night.plan");
}

static void tear_down(void)
{
    struct fault fault;
    ck_assert_int_eq(file_remove_folder(folder, &fault), 0);
    free(path);
}

static struct saved_plan *plan_make(size_t rows)
{
    struct saved_plan *plan = mem_new(sizeof *plan);
    plan->binding =
        (struct plan_binding){.export_digest = mem_string("e1"),
                              .mapping_digest = mem_string("m1"),
                              .target = mem_string("https://ops.example.edu/api"),
                              .feed = mem_string("Students \"2026\"\n\xC3\xA9t\xC3\xA9"),
                              .state_identity = mem_string("none"),
                              .run_counter = 9007199254740991,
                              .options = mem_string("full=0 only=ab")};
    plan->created = mem_string("2026-11-22T01:20:00Z");
    plan->export_path = mem_string("/data/students.csv");
    plan->mapping_path = mem_string("students.jsonc");
    plan->counts = (struct counts){.rows = rows + 7, .gone = 3, .known = 8000};
    plan->counts.action[ACTION_CHANGED] = rows;
    plan->counts.action[ACTION_UNCHANGED] = 7;
    plan->approved = 1U << GUARD_GONE | 1U << GUARD_CHANGED;
    plan->guards.tripped = plan->approved;
    for (int i = 0; i < GUARD_COUNT; i++) {
        plan->guards.of[i] = (struct guard_verdict){.value = i + 0.125,
                                                    .limit = 10.5 * i,
                                                    .applies = i % 2,
                                                    .passed = !(plan->approved >> i & 1),
                                                    .ignored = i == GUARD_ROWS};
        snprintf(plan->guards.of[i].text, sizeof plan->guards.of[i].text, "words %d", i);
    }
    plan->reasons = mem_array(2, sizeof *plan->reasons);
    plan->reason_count = 2;
    plan->reasons[0] = (struct reason){.action = ACTION_REJECTED,
                                       .code = mem_string("required"),
                                       .field = FIELD_EMAIL,
                                       .message = mem_string("email is missing"),
                                       .fix = mem_string("give one")};
    plan->reasons[1] = (struct reason){.action = ACTION_LEFT_OUT,
                                       .code = mem_string("keep"),
                                       .field = -1,
                                       .message = mem_string("active")};
    plan->rows = mem_array(rows, sizeof *plan->rows);
    plan->row_count = rows;
    for (size_t i = 0; i < rows; i++) {
        struct saved_row *row = &plan->rows[i];
        *row = (struct saved_row){
            .line = (uint32_t)i + 2, .action = ACTION_CHANGED, .reason = UINT32_MAX};
        if (i % 3 == 0) {
            row->fields = FIELD_BIT(FIELD_EMAIL) | FIELD_BIT(FIELD_LOCKER_USER_TYPE_ID);
            row->flags = PLAN_UNSETTLED | PLAN_DELIVERED_BEFORE;
            row->sealed_id = saved_bytes_text("\x00\xff\x7f!", 4);
            strcpy(row->digest, "00112233445566778899aabbccddeeff");
        } else if (i % 3 == 1) {
            row->action = ACTION_REJECTED;
            row->reason = 0;
        }
    }
    return plan;
}

static void bindings_same(const struct plan_binding *a, const struct plan_binding *b)
{
    ck_assert_ptr_null(plan_binding_differs(a, b));
    ck_assert_str_eq(a->feed, b->feed);
    ck_assert_uint_eq(a->run_counter, b->run_counter);
}

static void guards_same(const struct saved_plan *a, const struct saved_plan *b)
{
    ck_assert_uint_eq(a->approved, b->approved);
    ck_assert_uint_eq(a->guards.tripped, b->guards.tripped);
    for (int i = 0; i < GUARD_COUNT; i++) {
        const struct guard_verdict *left = &a->guards.of[i], *right = &b->guards.of[i];
        ck_assert_double_eq_tol(left->value, right->value, 1e-6);
        ck_assert_double_eq_tol(left->limit, right->limit, 1e-6);
        ck_assert(left->applies == right->applies && left->passed == right->passed &&
                  left->ignored == right->ignored);
        ck_assert_str_eq(left->text, right->text);
    }
}

static void rows_same(const struct saved_plan *a, const struct saved_plan *b)
{
    ck_assert_uint_eq(a->row_count, b->row_count);
    for (size_t i = 0; i < a->row_count; i++) {
        const struct saved_row *left = &a->rows[i], *right = &b->rows[i];
        ck_assert(left->line == right->line && left->action == right->action &&
                  left->reason == right->reason && left->flags == right->flags &&
                  left->fields == right->fields);
        ck_assert_str_eq(left->digest, right->digest);
        ck_assert(text_is(left->sealed_id, right->sealed_id));
    }
}

START_TEST(a_plan_is_read_as_it_was_written)
{
    static const size_t sizes[] = {0, 1, 5, 20000};
    for (size_t i = 0; i < 4; i++) {
        struct fault fault;
        struct saved_plan *written = plan_make(sizes[i]);
        ck_assert_int_eq(saved_plan_write(path, written, &fault), 0);
        struct saved_plan *read = saved_plan_read(path, &fault);
        ck_assert_msg(read != NULL, "%s", read ? "" : fault.text);
        bindings_same(&written->binding, &read->binding);
        ck_assert_str_eq(written->created, read->created);
        ck_assert_str_eq(written->export_path, read->export_path);
        ck_assert_str_eq(written->mapping_path, read->mapping_path);
        ck_assert_mem_eq(&written->counts, &read->counts, sizeof read->counts);
        guards_same(written, read);
        ck_assert_uint_eq(read->reason_count, 2);
        ck_assert_int_eq(read->reasons[0].field, FIELD_EMAIL);
        ck_assert_int_eq(read->reasons[1].field, -1);
        ck_assert_str_eq(read->reasons[0].fix, "give one");
        ck_assert_ptr_null(read->reasons[1].fix);
        rows_same(written, read);
        saved_plan_free(written);
        saved_plan_free(read);
    }
}
END_TEST

static enum fault_kind kind_of(const char *bytes, size_t length)
{
    struct fault fault = {.kind = FAULT_NONE};
    FILE *file = fopen(path, "w");
    ck_assert(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
    struct saved_plan *plan = saved_plan_read(path, &fault);
    saved_plan_free(plan);
    return plan ? FAULT_NONE : fault.kind;
}

static void plan_bytes(size_t rows, struct text *out)
{
    struct fault fault;
    struct saved_plan *plan = plan_make(rows);
    ck_assert_int_eq(saved_plan_write(path, plan, &fault), 0);
    ck_assert_int_eq(file_read(path, 1 << 20, out, FAULT_FAILED, &fault), 0);
    saved_plan_free(plan);
}

START_TEST(a_plan_with_one_byte_changed_is_stale)
{
    struct text bytes = {0};
    plan_bytes(2, &bytes);
    for (size_t i = 0; i < bytes.length; i++) {
        char before = bytes.bytes[i];
        bytes.bytes[i] = (char)(before ^ (1 << i % 7));
        ck_assert_msg(kind_of(bytes.bytes, bytes.length) == FAULT_STALE, "byte %zu", i);
        bytes.bytes[i] = before;
    }
    text_clear(&bytes);
}
END_TEST

START_TEST(a_plan_with_one_byte_more_or_less_is_stale)
{
    struct text bytes = {0}, other = {0};
    plan_bytes(1, &bytes);
    for (size_t i = 0; i < bytes.length; i++) {
        text_reset(&other);
        text_add_bytes(&other, bytes.bytes, i);
        text_add_bytes(&other, bytes.bytes + i + 1, bytes.length - i - 1);
        ck_assert_msg(kind_of(other.bytes, other.length) == FAULT_STALE, "without byte %zu", i);
        text_reset(&other);
        text_add_bytes(&other, bytes.bytes, i);
        text_add_byte(&other, ' ');
        text_add_bytes(&other, bytes.bytes + i, bytes.length - i);
        ck_assert_msg(kind_of(other.bytes, other.length) == FAULT_STALE, "a byte at %zu", i);
    }
    text_clear(&bytes);
    text_clear(&other);
}
END_TEST

START_TEST(a_plan_that_was_cut_is_stale)
{
    struct text bytes = {0};
    plan_bytes(1, &bytes);
    for (size_t i = 64; i < bytes.length; i++)
        ck_assert_msg(kind_of(bytes.bytes, i) == FAULT_STALE, "cut at %zu", i);
    text_clear(&bytes);
}
END_TEST

START_TEST(what_is_no_plan_at_all_is_named_as_such)
{
    static const char *const others[] = {
        "",
        "\n",
        "{}",
        "ID,LAST_NAME\n1,Doe\n",
        "{\"schema\": \"opspush-run-1\"}\n",
        "{\n \"schema\": \"opspush-run-1\",\n \"digest\": \"0\"\n}\n"};
    struct fault fault;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(kind_of(others[i], strlen(others[i])) == FAULT_INPUT, "case %zu", i);
    ck_assert_ptr_null(saved_plan_read("/nowhere/night.plan", &fault));
    ck_assert_int_eq(fault.kind, FAULT_INPUT);
    ck_assert_ptr_null(saved_plan_read(folder, &fault));
    ck_assert_int_eq(fault.kind, FAULT_INPUT);
}
END_TEST

/* The bytes with a digest that fits them, as somebody could write them on purpose. */
static void digest_renew(struct text *bytes)
{
    char digest[65];
    size_t end = bytes->length - strlen(" \"digest\": \"\"\n}\n") - 64;
    digest_plain_hex(bytes->bytes, end, digest);
    bytes->length = end;
    bytes->bytes[end] = '\0';
    text_addf(bytes, " \"digest\": \"%s\"\n}\n", digest);
}

START_TEST(a_plan_written_by_hand_is_read_with_care)
{
    static const char *const changes[][2] = {
        {"opspush-plan-1", "opspush-plan-2"},
        {"\"changed\"", "\"changes\""},
        {"\"reason\":0", "\"reason\":2"},
        {"\"reason\":0", "\"reason\":-1"},
        {"\"line\":2", "\"line\":4294967296"},
        {"\"line\":2", "\"line\":\"2\""},
        {"\"line\":2", "\"lines\":2"},
        {"\"fields\":[\"email\"", "\"fields\":[\"mail\""},
        {"\"fields\":[\"email\"", "\"fields\":[7"},
        {"\"flags\":[\"unsettled\"", "\"flags\":[\"settled\""},
        {"\"digest\":\"0011", "\"digest\":\"zz11"},
        {"\"digest\":\"0011", "\"digest\":\"00"},
        {"\"rows\":9", "\"rows\":8"},
        {"\"name\":\"gone\"", "\"name\":\"left\""},
        {"\"field\":\"email\"", "\"field\":\"mail\""},
        {"\"code\":\"keep\"", "\"code\":7"},
        {"\"target\":\"https", "\"aim\":\"https"},
        {"\"run_counter\":9", "\"run_counter\":-9"},
        {" \"rows\": [\n", " \"rows\": [ \n"},
        {" ],\n \"digest\"", " \n \"digest\""},
        {"{\"line\":2", "[\"line\":2"},
        {" \"created\": ", " \"export_path\": "},
        {" \"guards\": [\n", " \"guards\": [],\n \"old\": [\n"},
        {" \"reasons\": [\n", " \"reasons\": 7,\n \"old\": [\n"},
        {" \"binding\": {", " \"binding\": 7, \"old\": {"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct text bytes = {0}, other = {0};
        plan_bytes(2, &bytes);
        const char *at = strstr(bytes.bytes, changes[i][0]);
        ck_assert_msg(at != NULL, "case %zu", i);
        text_add_bytes(&other, bytes.bytes, (size_t)(at - bytes.bytes));
        text_add(&other, changes[i][1]);
        text_add(&other, at + strlen(changes[i][0]));
        digest_renew(&other);
        ck_assert_msg(kind_of(other.bytes, other.length) == FAULT_INPUT, "case %zu", i);
        text_clear(&bytes);
        text_clear(&other);
    }
}
END_TEST

START_TEST(O11_a_plan_holds_what_it_was_given_and_is_private)
{
    struct text bytes = {0};
    plan_bytes(1, &bytes);
    ck_assert_ptr_nonnull(strstr(bytes.bytes, "\n  {\"line\":2,\"action\":\"changed\",\"fields\":["
                                              "\"email\",\"locker_user_type_id\"],\"flags\":["
                                              "\"unsettled\",\"delivered_before\"],\"digest\":\""
                                              "00112233445566778899aabbccddeeff\",\"id\":\""
                                              "00ff7f21\"}\n"));
    struct fault fault;
    ck_assert_int_eq(file_check_private(path, &fault), 0);
    text_clear(&bytes);
}
END_TEST

START_TEST(each_difference_of_a_binding_is_told)
{
    static char a[] = "a", b[] = "b";
    struct plan_binding same = {a, a, a, a, a, 1, a};
    static const char *const words[] = {"export", "mapping", "target", "feed",
                                        "state",  "pushed",  "options"};
    ck_assert_ptr_null(plan_binding_differs(&same, &same));
    for (int i = 0; i < 7; i++) {
        struct plan_binding other = same;
        char **members[] = {&other.export_digest, &other.mapping_digest, &other.target,
                            &other.feed,          &other.state_identity, NULL,
                            &other.options};
        if (members[i])
            *members[i] = b;
        else
            other.run_counter = 2;
        const char *told = plan_binding_differs(&same, &other);
        ck_assert_msg(told && strstr(told, words[i]), "%s: %s", words[i], told ? told : "nothing");
    }
}
END_TEST

START_TEST(bytes_survive_as_text)
{
    struct text out = {0};
    char *text = saved_bytes_text("\x00\x01\xfe\xff", 4);
    ck_assert_str_eq(text, "0001feff");
    ck_assert_int_eq(saved_bytes_from(text, &out), 0);
    ck_assert_uint_eq(out.length, 4);
    ck_assert_mem_eq(out.bytes, "\x00\x01\xfe\xff", 4);
    static const char *const others[] = {"0", "0g", "ABCD", "00 1", "001"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(saved_bytes_from(others[i], &out), -1);
    ck_assert_int_eq(saved_bytes_from("", &out), 0);
    ck_assert_uint_eq(out.length, 4);
    free(text);
    text_clear(&out);
}
END_TEST

START_TEST(D17_a_plan_that_cannot_be_written_is_a_fault)
{
    struct fault fault;
    struct saved_plan *plan = plan_make(1);
    ck_assert_int_eq(saved_plan_write("/nowhere/night.plan", plan, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_FAILED);
    free(plan->export_path);
    plan->export_path = mem_string("caf\xe9.csv");
    ck_assert_int_eq(saved_plan_write(path, plan, &fault), -1);
    ck_assert(!file_exists(path));
    saved_plan_free(plan);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_plan_is_read_as_it_was_written);
    tcase_add_test(c, a_plan_with_one_byte_changed_is_stale);
    tcase_add_test(c, a_plan_with_one_byte_more_or_less_is_stale);
    tcase_add_test(c, a_plan_that_was_cut_is_stale);
    tcase_add_test(c, what_is_no_plan_at_all_is_named_as_such);
    tcase_add_test(c, a_plan_written_by_hand_is_read_with_care);
    tcase_add_test(c, O11_a_plan_holds_what_it_was_given_and_is_private);
    tcase_add_test(c, each_difference_of_a_binding_is_told);
    tcase_add_test(c, bytes_survive_as_text);
    tcase_add_test(c, D17_a_plan_that_cannot_be_written_is_a_fault);
}

int main(void)
{
    return unit_run("plan/saved", all);
}
