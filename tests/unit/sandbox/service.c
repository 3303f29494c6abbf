#include "../../../src/sandbox/service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "json/document.h"

static struct rules rules;
static struct service *service;
static int64_t steps;

static void open_with(struct mischief_plan *plan)
{
    struct fault fault = {0};
    struct service_setup setup = {.rules = &rules, .plan = plan};
    service = service_open(&setup, &fault);
    ck_assert_ptr_nonnull(service);
}

static void set_up(void)
{
    rules_init(&rules);
    steps = 0;
    open_with(NULL);
}

static void tear_down(void)
{
    service_close(service);
    rules_clear(&rules);
}

/* Asks and gives the reply as "STATUS BODY"; lent until the next call. */
static const char *ask(const char *method, const char *path, const char *body)
{
    static struct text said;
    struct text sent = {0};
    struct turn turn = {0};
    text_add(&sent, body);
    struct call call = {method, path, true, false, &sent, 1, ++steps};
    service_decide(service, &call, &turn);
    text_reset(&said);
    text_addf(&said, "%d %s", turn.reply.status, text_string(&turn.reply.body));
    service_answered(service, &turn);
    text_clear(&turn.reply.body);
    text_clear(&sent);
    return text_string(&said);
}

static const char push_path[] = "/api/sandbox/v1/profiles/push";

static const char *push(const char *members)
{
    char body[4096];
    snprintf(body, sizeof body,
             "{\"apiToken\":\"sandbox-token\",\"login_source\":\"SAML\",\"first_name\":\"Ada\","
             "\"last_name\":\"Roy\",%s}",
             members);
    return ask("POST", push_path, body);
}

static long stat_of(const char *name)
{
    const char *why;
    const char *said = ask("GET", "/sandbox/stats", "");
    ck_assert_int_eq(strncmp(said, "200 ", 4), 0);
    struct json_document *document = json_strict(said + 4, strlen(said + 4), 8, &why);
    ck_assert_ptr_nonnull(document);
    long count = -1;
    json_integer(json_member(json_root(document), name), 0, 1000000, &count);
    json_free(document);
    return count;
}

START_TEST(a_good_push_is_answered_as_the_page_says_with_a_number_that_stays)
{
    const char *first = "\"unique_id\":\"A1\",\"email\":\"a@example.edu\"";
    ck_assert_str_eq(push(first), "200 {\"status\":\"success\",\"reference_id\":1001}");
    ck_assert_str_eq(push("\"unique_id\":\"A2\",\"email\":\"b@example.edu\""),
                     "200 {\"status\":\"success\",\"reference_id\":1002}");
    ck_assert_str_eq(push(first), "200 {\"status\":\"success\",\"reference_id\":1001}");
    ck_assert_int_eq(stat_of("people"), 2);
    ck_assert_int_eq(stat_of("accepted"), 3);
}
END_TEST

#define FINE                                                                                       \
    "\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"SAML\","               \
    "\"first_name\":\"Ada\",\"last_name\":\"Roy\",\"email\":\"ada@example.edu\""
#define TEN        "0123456789"
#define FIFTY      TEN TEN TEN TEN TEN
#define UMLAUT_TEN "\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc"

START_TEST(each_error_of_the_page_comes_for_its_reason)
{
    static const struct {
        int status, code;
        const char *body;
    } cases[] = {
        {400, 9003, ""},
        {400, 9003, "{" FINE},
        {400, 9003, "[]"},
        {400, 9003, "{" FINE ",}"},
        {401, 9001, "{}"},
        {401, 9001, "{\"apiToken\":\"\"}"},
        {401, 9001, "{\"apiToken\":7}"},
        {401, 9002, "{\"apiToken\":\"sandbox-tokem\"}"},
        {400, 9013, "{\"apiToken\":\"sandbox-token\"}"},
        {400, 9013, "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"\"}"},
        {400, 9014, "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\"}"},
        {400, 9015,
         "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"saml\"}"},
        {400, 9017,
         "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"SAML\"}"},
        {400, 9018,
         "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"SAML\","
         "\"first_name\":\"Ada\",\"email\":\"ada@example.edu\"}"},
        {400, 9016,
         "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"SAML\","
         "\"first_name\":\"Ada\",\"last_name\":\"Roy\"}"},
        {400, 9030, "{" FINE ",\"city\":\"" FIFTY "x\"}"},
        {400, 9030, "{" FINE ",\"province\":\"ONT\"}"},
        {400, 9030, "{" FINE ",\"street2\":\"" TEN TEN "x\"}"},
        {400, 9032, "{" FINE ",\"state\":\"O\"}"},
        {400, 9033, "{" FINE ",\"date_of_birth\":\"2001-02-29\"}"},
        {400, 9033, "{" FINE ",\"date_of_birth\":\"01-05-1999\"}"},
        {400, 9033, "{" FINE ",\"user_type_id\":\"2\"}"},
        {400, 9033, "{" FINE ",\"user_type_id\":6}"},
        {400, 9033, "{" FINE ",\"locker_user_type_id\":\"three\"}"},
        {400, 9033,
         "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"A9\",\"login_source\":\"SAML\","
         "\"first_name\":\"Ada\",\"last_name\":\"Roy\",\"email\":\"nobody\"}"},
        {200, 0, "{" FINE ",\"city\":\"" FIFTY "\"}"},
        {200, 0, "{" FINE ",\"street2\":\"" UMLAUT_TEN UMLAUT_TEN "\"}"},
        {200, 0, "{" FINE ",\"street\":\"" FIFTY FIFTY FIFTY FIFTY FIFTY "\"}"},
        {200, 0, "{" FINE ",\"city\":\"\",\"date_of_birth\":\"\",\"province\":\"\"}"},
        {200, 0, "{" FINE ",\"favourite_colour\":\"blue\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[64];
        const char *said = ask("POST", push_path, cases[i].body);
        if (cases[i].code)
            snprintf(wanted, sizeof wanted, "%d {\"ErrorCode\":%d,\"ErrorMessage\":\"",
                     cases[i].status, cases[i].code);
        else
            snprintf(wanted, sizeof wanted, "200 {\"status\":\"success\"");
        ck_assert_msg(!strncmp(said, wanted, strlen(wanted)), "case %zu: %s", i, said);
    }
}
END_TEST

START_TEST(an_address_or_a_user_name_of_another_person_is_refused_until_it_is_given_up)
{
    push("\"unique_id\":\"A1\",\"email\":\"a@example.edu\",\"user_name\":\"ada\"");
    ck_assert_ptr_nonnull(strstr(push("\"unique_id\":\"A2\",\"email\":\"A@EXAMPLE.edu\""), "9019"));
    ck_assert_ptr_nonnull(strstr(
        push("\"unique_id\":\"A2\",\"email\":\"b@example.edu\",\"user_name\":\"ADA\""), "9020"));
    push("\"unique_id\":\"A1\",\"email\":\"c@example.edu\",\"user_name\":\"ada2\"");
    ck_assert_ptr_nonnull(strstr(
        push("\"unique_id\":\"A2\",\"email\":\"a@example.edu\",\"user_name\":\"ada\""), "success"));
}
END_TEST

START_TEST(of_two_names_of_a_field_the_last_wins_and_is_counted)
{
    push("\"unique_id\":\"A1\",\"email\":\"a@example.edu\",\"province\":\"BC\",\"state\":\"NY\","
         "\"zip\":\"12345\",\"driver_license_state\":\"CA\",\"nickname\":\"Al\"");
    const char *said = ask("GET", "/sandbox/received", "");
    ck_assert_ptr_nonnull(strstr(said, "\"province\":\"NY\",\"postal_code\":\"12345\""));
    ck_assert_ptr_nonnull(strstr(said, "\"driver_licence_prov\":\"CA\""));
    ck_assert_int_eq(stat_of("alias_pairs"), 1);
    ck_assert_int_eq(stat_of("unknown_fields"), 1);
}
END_TEST

START_TEST(errors_may_all_come_with_200)
{
    rules.errors_as_200 = true;
    ck_assert_int_eq(strncmp(ask("POST", push_path, "{}"), "200 {\"ErrorCode\":9001,", 20), 0);
}
END_TEST

START_TEST(only_the_named_client_is_known)
{
    rules.client = strdup("OC_TOMA");
    ck_assert_ptr_nonnull(strstr(push("\"unique_id\":\"A1\",\"email\":\"a@example.edu\""),
                                 "401 {\"ErrorCode\":9000"));
    ck_assert_ptr_nonnull(
        strstr(ask("POST", "/api/OC_TOMA/v1/profiles/push", "{" FINE "}"), "success"));
    ck_assert_ptr_nonnull(strstr(ask("POST", "/api//v1/profiles/push", "{" FINE "}"), "9000"));
}
END_TEST

START_TEST(the_list_of_user_types_wants_the_token_and_has_the_documented_shape)
{
    static const char path[] = "/api/sandbox/v1/profiles/types/list";
    word_list_set(&rules.types, "1, 77");
    ck_assert_str_eq(ask("POST", path, "{\"apiToken\":\"sandbox-token\"}"),
                     "200 {\"status\":\"success\",\"user_types\":["
                     "{\"id\":\"1\",\"type_name\":\"Full Time Student\",\"ext_info\":\"Student\"},"
                     "{\"id\":\"77\",\"type_name\":\"Another type\",\"ext_info\":\"Public\"}]}");
    ck_assert_ptr_nonnull(strstr(ask("POST", path, "{\"apiToken\":\"x\"}"), "9002"));
    ck_assert_int_eq(stat_of("types_lists"), 2);
    ck_assert_int_eq(stat_of("requests"), 0);
}
END_TEST

START_TEST(wrong_methods_types_and_paths_get_their_status)
{
    struct text body = {0};
    struct turn turn = {0};
    struct call call = {"POST", push_path, false, false, &body, 1, 1};
    service_decide(service, &call, &turn);
    ck_assert_int_eq(turn.reply.status, 415);
    text_clear(&turn.reply.body);
    ck_assert_int_eq(strncmp(ask("GET", push_path, ""), "405 ", 4), 0);
    ck_assert_int_eq(strncmp(ask("POST", "/api/sandbox/v2/profiles/push", ""), "404 ", 4), 0);
    ck_assert_int_eq(strncmp(ask("GET", "/sandbox/reset", ""), "404 ", 4), 0);
    ck_assert_int_eq(stat_of("requests"), 0);
}
END_TEST

START_TEST(what_was_received_is_given_back_in_order_and_without_the_token)
{
    push("\"unique_id\":\"A1\",\"email\":\"a@example.edu\",\"city\":\"Qu\u00e9bec\"");
    push("\"unique_id\":\"A2\",\"email\":\"a@example.edu\"");
    push("\"unique_id\":\"A1\",\"email\":\"\"");
    const char *said = ask("GET", "/sandbox/received", "");
    ck_assert_ptr_null(strstr(said, "sandbox-token"));
    ck_assert_str_eq(
        said + 4,
        "{\"people\":[{\"unique_id\":\"A1\",\"reference_id\":1001,\"posts\":1,\"received\":2,"
        "\"first\":1,\"last\":1,\"profile\":{\"unique_id\":\"A1\",\"login_source\":\"SAML\","
        "\"first_name\":\"Ada\",\"last_name\":\"Roy\",\"email\":\"a@example.edu\","
        "\"city\":\"Qu\u00e9bec\"},\"pushed\":[\"unique_id\",\"login_source\",\"first_name\","
        "\"last_name\",\"email\",\"city\"]}],\"requests\":["
        "{\"number\":1,\"ms\":1,\"connection\":1,\"unique_id\":\"A1\",\"outcome\":\"accepted\","
        "\"status\":200},"
        "{\"number\":2,\"ms\":2,\"connection\":1,\"unique_id\":\"A2\",\"outcome\":\"refused\","
        "\"status\":400,\"code\":9019},"
        "{\"number\":3,\"ms\":3,\"connection\":1,\"unique_id\":\"A1\",\"outcome\":\"refused\","
        "\"status\":400,\"code\":9016}]}\n");
    ask("POST", "/sandbox/reset", "");
    ck_assert_str_eq(ask("GET", "/sandbox/received", "") + 4, "{\"people\":[],\"requests\":[]}\n");
}
END_TEST

START_TEST(the_page_for_people_escapes_what_came_from_outside)
{
    push("\"unique_id\":\"<script>&\\\"'\",\"email\":\"a@example.edu\"");
    const char *said = ask("GET", "/", "");
    ck_assert_ptr_null(strstr(said, "<script>"));
    ck_assert_ptr_nonnull(strstr(said, "&lt;script&gt;&amp;&quot;&#39;"));
}
END_TEST

START_TEST(two_pushes_of_a_person_at_once_are_noticed)
{
    struct text body = {0};
    static struct turn turns[3];
    text_add(&body, "{" FINE "}");
    struct call call = {"POST", push_path, true, false, &body, 1, 1};
    service_decide(service, &call, &turns[0]);
    service_decide(service, &call, &turns[1]);
    service_answered(service, &turns[0]);
    service_answered(service, &turns[0]);
    service_answered(service, &turns[1]);
    service_decide(service, &call, &turns[2]);
    ck_assert_int_eq(stat_of("overlaps"), 1);
    ck_assert_int_eq(stat_of("most_in_flight"), 2);
    ask("POST", "/sandbox/reset", "");
    service_answered(service, &turns[2]);
    for (int i = 0; i < 3; i++)
        text_clear(&turns[i].reply.body);
    text_clear(&body);
}
END_TEST

START_TEST(a_misbehaving_answer_tells_what_was_stored)
{
    static const struct {
        const char *script;
        int status;
        enum ending ending;
        const char *body; /* begins so */
        int people;
    } cases[] = {
        {"1 429:retry-after=2", 429, ENDING_WHOLE, "<!doctype html>", 0},
        {"1 500:applied", 500, ENDING_WHOLE, "<!doctype html>", 1},
        {"1 reset-before", 0, ENDING_RESET, "", 0},
        {"1 reset-after", 200, ENDING_RESET, "{\"status\":\"success\"", 1},
        {"1 stall", 0, ENDING_RESET, "", 0},
        {"1 stall:applied", 200, ENDING_RESET, "{\"status\":\"success\"", 1},
        {"1 cut", 200, ENDING_CUT, "{\"status\":\"success\"", 1},
        {"1 html", 200, ENDING_WHOLE, "<!doctype html>", 0},
        {"1 redirect", 307, ENDING_WHOLE, "<!doctype html>", 0},
        {"1 late", 200, ENDING_WHOLE, "{\"status\":\"success\"", 1},
        {"1 says-error", 200, ENDING_WHOLE, "{\"status\":\"error\"", 0},
        {"1 echo", 400, ENDING_WHOLE, "{\"ErrorCode\":9033,\"ErrorMessage\":\"{", 0},
        {"id=A9 9022", 400, ENDING_WHOLE, "{\"ErrorCode\":9022,", 0},
        {"id=A8 9022", 200, ENDING_WHOLE, "{\"status\":\"success\"", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        struct text lines = {0}, body = {0};
        struct turn turn = {0};
        struct mischief_plan *plan = mischief_plan_new(1, false);
        text_add(&lines, cases[i].script);
        ck_assert_int_eq(mischief_plan_script(plan, "script", &lines, &fault), 0);
        service_close(service);
        open_with(plan);
        text_add(&body, "{" FINE "}");
        struct call call = {"POST", push_path, true, false, &body, 1, 1};
        service_decide(service, &call, &turn);
        service_answered(service, &turn);
        ck_assert_msg(turn.reply.status == cases[i].status, "%s: %d", cases[i].script,
                      turn.reply.status);
        ck_assert_int_eq(turn.reply.ending, cases[i].ending);
        ck_assert_msg(!strncmp(text_string(&turn.reply.body), cases[i].body, strlen(cases[i].body)),
                      "%s: %s", cases[i].script, text_string(&turn.reply.body));
        ck_assert_int_eq(stat_of("people"), cases[i].people);
        text_clear(&turn.reply.body);
        text_clear(&lines);
        text_clear(&body);
        service_close(service);
        mischief_plan_free(plan);
        open_with(NULL);
    }
}
END_TEST

START_TEST(the_log_has_a_line_a_push_with_the_profile_and_never_the_token)
{
    struct fault fault = {0};
    char path[] = "/tmp/opspush-sandbox-log-XXXXXX", line[1024] = "";
    close(mkstemp(path));
    struct service_setup setup = {.rules = &rules, .log_path = path};
    service_close(service);
    service = service_open(&setup, &fault);
    ask("POST", push_path, "{" FINE "}");
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    remove(path);
    ck_assert_str_eq(line,
                     "{\"number\":1,\"ms\":1,\"connection\":1,\"unique_id\":\"A9\","
                     "\"outcome\":\"accepted\",\"status\":200,\"profile\":{\"unique_id\":\"A9\","
                     "\"login_source\":\"SAML\",\"first_name\":\"Ada\",\"last_name\":\"Roy\","
                     "\"email\":\"ada@example.edu\"}}\n");
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_good_push_is_answered_as_the_page_says_with_a_number_that_stays);
    tcase_add_test(c, each_error_of_the_page_comes_for_its_reason);
    tcase_add_test(c, an_address_or_a_user_name_of_another_person_is_refused_until_it_is_given_up);
    tcase_add_test(c, of_two_names_of_a_field_the_last_wins_and_is_counted);
    tcase_add_test(c, errors_may_all_come_with_200);
    tcase_add_test(c, only_the_named_client_is_known);
    tcase_add_test(c, the_list_of_user_types_wants_the_token_and_has_the_documented_shape);
    tcase_add_test(c, wrong_methods_types_and_paths_get_their_status);
    tcase_add_test(c, what_was_received_is_given_back_in_order_and_without_the_token);
    tcase_add_test(c, the_page_for_people_escapes_what_came_from_outside);
    tcase_add_test(c, two_pushes_of_a_person_at_once_are_noticed);
    tcase_add_test(c, a_misbehaving_answer_tells_what_was_stored);
    tcase_add_test(c, the_log_has_a_line_a_push_with_the_profile_and_never_the_token);
}

int main(void)
{
    return unit_run("sandbox/service", all);
}
