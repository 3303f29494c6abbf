#include <stdio.h>
#include <string.h>

#include "push/answer.h"
#include "unit.h"

#define TOKEN "s3cr3t/Token"
#define OK    "{\"status\":\"success\",\"reference_id\":44}"

static const int64_t wall = 1795310400000;

static struct answer judge_typed(int status, const char *type, const char *body, size_t length)
{
    struct exchange exchange = {.end = EXCHANGE_ANSWERED, .http_status = status};
    struct answer answer;
    snprintf(exchange.content_type, sizeof exchange.content_type, "%s", type);
    text_add_bytes(&exchange.body, body, length);
    answer_judge(&exchange, TOKEN, wall, &answer);
    exchange_clear(&exchange);
    return answer;
}

static struct answer judge(int status, const char *body)
{
    return judge_typed(status, "application/json", body, strlen(body));
}

static struct answer judge_end(enum exchange_end end, const char *code, const char *words)
{
    struct exchange exchange = {.end = end};
    struct answer answer;
    snprintf(exchange.error_code, sizeof exchange.error_code, "%s", code);
    snprintf(exchange.error, sizeof exchange.error, "%s", words);
    answer_judge(&exchange, TOKEN, wall, &answer);
    return answer;
}

/* ---------------------------------------------------------------- accepted */

START_TEST(A3_only_status_success_in_one_strict_object_is_accepted)
{
    static const char *const good[] = {
        OK,
        "{\"status\":\"success\"}",
        " \r\n\t{ \"status\" : \"success\" } \n",
        "{\"a\":{\"status\":\"error\"},\"status\":\"success\"}",
        "{\"stat\\u0075s\":\"succes\\u0073\"}",
        "{\"status\":\"success\",\"Status\":\"error\"}",
    };
    static const char *const bad[] = {
        "",
        " ",
        "success",
        "\"success\"",
        "[\"success\"]",
        "[{\"status\":\"success\"}]",
        "{\"STATUS\":\"success\"}",
        "{\"Status\":\"success\"}",
        "{\"status \":\"success\"}",
        "{\"status\":\"Success\"}",
        "{\"status\":\"SUCCESS\"}",
        "{\"status\":\"success \"}",
        "{\"status\":\" success\"}",
        "{\"status\":\"successful\"}",
        "{\"status\":\"succes\"}",
        "{\"status\":\"\"}",
        "{\"status\":true}",
        "{\"status\":1}",
        "{\"status\":null}",
        "{\"status\":[\"success\"]}",
        "{\"status\":{\"status\":\"success\"}}",
        "{\"data\":{\"status\":\"success\"}}",
        "{\"data\":\"{\\\"status\\\":\\\"success\\\"}\"}",
        "\xef\xbb\xbf{\"status\":\"success\"}",
        "{\"status\":\"success\",\"status\":\"error\"}",
        "{\"status\":\"error\",\"status\":\"success\"}",
        "{\"status\":\"success\",\"status\":\"success\"}",
        "{\"status\":\"success\",\"stat\\u0075s\":\"error\"}",
        "{\"status\":\"success\\u0000x\"}",
        "{\"status\\u0000x\":\"success\"}",
        "{\"status\":\"success\"} x",
        "{\"status\":\"success\"}{}",
        "{\"status\":\"success\"},",
        "{\"status\":\"success\",}",
        "{\"status\":\"success\"",
        "{\"status\":\"success",
        "{'status':'success'}",
        "{status:\"success\"}",
        "{\"status\":\"success\" // ok\n}",
        "{\"status\":\"success\",\"n\":012}",
        "{\"status\":\"success\",\"n\":+1}",
        "{\"status\":\"success\",\"n\":.5}",
        "{\"status\":\"success\",\"n\":NaN}",
        "{\"status\":\"success\",\"s\":\"a\nb\"}",
        "{\"status\":\"success\",\"s\":\"\xff\"}",
        "{\"status\":\"success\",\"s\":\"\xc0\xaf\"}",
        "{\"status\":\"success\",\"s\":\"\\ud800\"}",
        "{\"status\":\"success\",\"s\":\"\\x\"}",
        "callback({\"status\":\"success\"})",
        "<html>{\"status\":\"success\"}</html>",
        "data: {\"status\":\"success\"}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(judge(200, good[i]).verdict == VERDICT_ACCEPTED, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(judge(200, bad[i]).verdict == VERDICT_UNKNOWN, "%s", bad[i]);
    const char nul[] = "{\"status\":\"success\"}\0";
    ck_assert_int_eq(judge_typed(200, "application/json", nul, sizeof nul - 1).verdict,
                     VERDICT_UNKNOWN);
}
END_TEST

START_TEST(A4_every_truncation_of_a_good_body_is_unknown)
{
    for (size_t length = 0; length < strlen(OK); length++)
        ck_assert_int_eq(judge_typed(200, "application/json", OK, length).verdict, VERDICT_UNKNOWN);
}
END_TEST

START_TEST(A6_deep_and_wild_bodies_are_unknown)
{
    for (int depth = 1; depth <= 1000; depth *= 10) {
        struct text body = {0};
        text_add(&body, "{\"status\":\"success\",\"x\":");
        for (int i = 0; i < depth; i++)
            text_add_byte(&body, '[');
        for (int i = 0; i < depth; i++)
            text_add_byte(&body, ']');
        text_add_byte(&body, '}');
        enum verdict wanted = depth < 16 ? VERDICT_ACCEPTED : VERDICT_UNKNOWN;
        ck_assert_msg(judge(200, text_string(&body)).verdict == wanted, "depth %d", depth);
        text_clear(&body);
    }
}
END_TEST

START_TEST(the_content_type_must_be_json)
{
    static const char *const good[] = {"application/json",
                                       "Application/JSON",
                                       "application/json;charset=utf-8",
                                       "application/json ; charset=\"utf-8\"",
                                       "application/problem+json",
                                       "application/vnd.opscom.v1+json; x=y"};
    static const char *const bad[] = {"",
                                      "text/html",
                                      "text/plain",
                                      "text/json",
                                      "application/jsonp",
                                      "application/json-seq",
                                      "application/json, text/html",
                                      "text/html, application/json",
                                      "application/json text/html",
                                      "application/+json",
                                      "+json",
                                      "json",
                                      "application/x-json",
                                      "application / json"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(judge_typed(200, good[i], OK, strlen(OK)).verdict == VERDICT_ACCEPTED, "%s",
                      good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(judge_typed(200, bad[i], OK, strlen(OK)).verdict == VERDICT_UNKNOWN, "%s",
                      bad[i]);
}
END_TEST

START_TEST(A7_the_reference_is_kept_as_it_was_written)
{
    static const char *const cases[][2] = {
        {"44", "44"},
        {"-1", "-1"},
        {"44.50", "44.50"},
        {"1e3", "1e3"},
        {"9007199254740993", "9007199254740993"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"\"0b5a-77\"", "0b5a-77"},
        {"\"\"", ""},
        {"null", ""},
        {"true", ""},
        {"[1]", ""},
        {"{}", ""},
        {"\"a\\u001b[31mb\"", "a\xef\xbf\xbd[31mb"},
        {"\"x" TOKEN "\"", "x[token]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"status\":\"success\",\"reference_id\":%s}", cases[i][0]);
        struct answer answer = judge(200, body);
        ck_assert_int_eq(answer.verdict, VERDICT_ACCEPTED);
        ck_assert_str_eq(answer.reference_id, cases[i][1]);
    }
}
END_TEST

/* ---------------------------------------------------------------- what OPS-COM says */

START_TEST(every_documented_code_has_its_class_and_words)
{
    static const struct {
        long first, last;
        enum verdict verdict;
        enum fault_kind kind;
    } cases[] = {
        {9000, 9000, VERDICT_STOP, FAULT_CONFIG},    {9001, 9002, VERDICT_STOP, FAULT_AUTH},
        {9003, 9003, VERDICT_SUSPECT, FAULT_CONFIG}, {9004, 9018, VERDICT_REFUSED, FAULT_NONE},
        {9019, 9020, VERDICT_DEFER, FAULT_NONE},     {9021, 9022, VERDICT_REFUSED, FAULT_NONE},
        {9030, 9033, VERDICT_REFUSED, FAULT_NONE},
    };
    static const int statuses[] = {200, 201, 400, 403, 404, 409, 422};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (long code = cases[i].first; code <= cases[i].last; code++)
            for (size_t s = 0; s < 2 * sizeof statuses / sizeof *statuses; s++) {
                char body[128], wanted[16];
                snprintf(body, sizeof body,
                         s % 2 ? "{\"ErrorCode\":%ld,\"ErrorMessage\":\"no\"}"
                               : "{\"ErrorCode\":\"%ld\",\"ErrorMessage\":\"no\"}",
                         code);
                snprintf(wanted, sizeof wanted, "%ld", code);
                struct answer answer = judge(statuses[s / 2], body);
                ck_assert_msg(answer.verdict == cases[i].verdict, "%ld", code);
                ck_assert_int_eq(answer.stop_kind, cases[i].kind);
                ck_assert_int_eq(answer.opscom_code, code);
                ck_assert_str_eq(answer.code, wanted);
                ck_assert_str_eq(answer.message, "no");
                ck_assert(!answer.is_new_shape && opscom_meaning(code) != NULL);
            }
    ck_assert_ptr_null(opscom_meaning(9023));
    ck_assert_ptr_null(opscom_meaning(0));
}
END_TEST

START_TEST(a_code_without_words_gets_ours)
{
    ck_assert_str_eq(judge(400, "{\"ErrorCode\":9016}").message, opscom_meaning(9016));
}
END_TEST

START_TEST(an_unknown_code_refuses_the_person_and_is_told_as_new)
{
    struct answer answer = judge(200, "{\"ErrorCode\":9077,\"ErrorMessage\":\"Locker gone\"}");
    ck_assert_int_eq(answer.verdict, VERDICT_REFUSED);
    ck_assert(answer.is_new_shape);
    ck_assert_str_eq(answer.code, "9077");
    answer = judge(400, "{\"ErrorCode\":9078,\"ErrorMessage\":\"Your API token has expired\"}");
    ck_assert_int_eq(answer.verdict, VERDICT_SUSPECT);
    ck_assert_int_eq(answer.stop_kind, FAULT_AUTH);
    ck_assert_int_eq(judge(403, "{\"ErrorCode\":9079}").verdict, VERDICT_SUSPECT);
}
END_TEST

START_TEST(N10_a_row_level_code_behind_a_5xx_is_not_believed_but_a_run_level_one_is)
{
    ck_assert_int_eq(judge(500, "{\"ErrorCode\":9019}").verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(500, "{\"ErrorCode\":9016}").verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(502, "{\"ErrorCode\":9999}").verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(500, "{\"ErrorCode\":9001}").verdict, VERDICT_STOP);
    ck_assert_int_eq(judge(429, "{\"ErrorCode\":9016}").verdict, VERDICT_THROTTLED);
}
END_TEST

START_TEST(A2_a_status_of_error_refuses_the_person_with_its_words)
{
    static const struct {
        const char *body;
        enum verdict verdict;
        const char *message;
    } cases[] = {
        {"{\"status\":\"error\",\"message\":\"E-mail \\u001b[1mtaken\"}", VERDICT_REFUSED,
         "E-mail \xef\xbf\xbd[1mtaken"},
        {"{\"status\":\"Failed\",\"reason\":\"x\"}", VERDICT_REFUSED, "x"},
        {"{\"status\":\"error\",\"message\":\"Invalid API Token\"}", VERDICT_SUSPECT,
         "Invalid API Token"},
        {"{\"status\":\"error\",\"message\":\"Unauthorised.\"}", VERDICT_SUSPECT, "Unauthorised."},
        {"{\"status\":\"error\",\"message\":\"apiToken is required\"}", VERDICT_SUSPECT,
         "apiToken is required"},
        {"{\"error\":1,\"message\":\"plate\"}", VERDICT_REFUSED, "plate"},
        {"{\"error\":\"bad thing\"}", VERDICT_REFUSED, "bad thing"},
        {"{\"error\":true,\"message\":\"m\"}", VERDICT_REFUSED, "m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer answer = judge(200, cases[i].body);
        ck_assert_msg(answer.verdict == cases[i].verdict, "%s", cases[i].body);
        ck_assert_str_eq(answer.message, cases[i].message);
        ck_assert_int_eq(answer.stop_kind,
                         answer.verdict == VERDICT_SUSPECT ? FAULT_AUTH : FAULT_NONE);
    }
    ck_assert_int_eq(judge(200, "{\"error\":9019,\"message\":\"m\"}").verdict, VERDICT_DEFER);
}
END_TEST

START_TEST(a_shape_not_seen_before_is_unknown_and_told_as_new)
{
    static const char *const bodies[] = {"{}",
                                         "{\"status\":\"pending\"}",
                                         "{\"error\":0}",
                                         "{\"ErrorCode\":0}",
                                         "{\"ErrorCode\":\"x9\"}",
                                         "{\"result\":\"ok\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct answer answer = judge(200, bodies[i]);
        ck_assert_msg(answer.verdict == VERDICT_UNKNOWN && answer.is_new_shape, "%s", bodies[i]);
        ck_assert_str_eq(answer.code, "not_success");
    }
}
END_TEST

START_TEST(A1_html_with_200_is_unknown_and_shows_its_beginning)
{
    static const char page[] =
        "<!DOCTYPE html>\r\n<html>\r\n\t<title>\x1b]0;Wartung\x07</title>"
        "<p>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p>";
    struct answer answer = judge_typed(200, "text/html; charset=utf-8", page, strlen(page));
    ck_assert_int_eq(answer.verdict, VERDICT_UNKNOWN);
    ck_assert_str_eq(answer.code, "not_json");
    ck_assert_int_eq(
        strncmp(answer.message, "HTTP 200: <!DOCTYPE html> <html> <title>\xef\xbf\xbd", 43), 0);
    ck_assert_uint_le(strlen(answer.message), 10 + 80);
}
END_TEST

/* ---------------------------------------------------------------- statuses */

START_TEST(N13_every_status_has_its_verdict)
{
    static const struct {
        int first, last;
        enum verdict verdict;
        enum fault_kind kind;
    } cases[] = {
        {0, 199, VERDICT_UNKNOWN, FAULT_NONE},   {200, 299, VERDICT_UNKNOWN, FAULT_NONE},
        {300, 399, VERDICT_STOP, FAULT_CONFIG},  {400, 400, VERDICT_REFUSED, FAULT_NONE},
        {401, 401, VERDICT_STOP, FAULT_AUTH},    {402, 402, VERDICT_REFUSED, FAULT_NONE},
        {403, 403, VERDICT_SUSPECT, FAULT_AUTH}, {404, 406, VERDICT_REFUSED, FAULT_NONE},
        {407, 407, VERDICT_STOP, FAULT_CONFIG},  {408, 408, VERDICT_UNKNOWN, FAULT_NONE},
        {409, 424, VERDICT_REFUSED, FAULT_NONE}, {425, 425, VERDICT_UNKNOWN, FAULT_NONE},
        {426, 428, VERDICT_REFUSED, FAULT_NONE}, {429, 429, VERDICT_THROTTLED, FAULT_NONE},
        {430, 499, VERDICT_REFUSED, FAULT_NONE}, {500, 999, VERDICT_UNKNOWN, FAULT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int status = cases[i].first; status <= cases[i].last; status++) {
            struct answer answer = judge_typed(status, "text/html", "<p>no", 5);
            ck_assert_msg(answer.verdict == cases[i].verdict, "%d", status);
            ck_assert_msg(answer.stop_kind == cases[i].kind, "%d", status);
            ck_assert_int_eq(answer.http_status, status);
            ck_assert(answer.code[0] != '\0');
        }
}
END_TEST

START_TEST(N15_a_2xx_without_a_body_is_unknown)
{
    for (int status = 200; status < 300; status++)
        ck_assert_int_eq(judge(status, "").verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(206, OK).verdict, VERDICT_ACCEPTED); /* 2xx, as the rule has it */
    ck_assert_int_eq(judge(199, OK).verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(302, OK).verdict, VERDICT_STOP);
    ck_assert_int_eq(judge(500, OK).verdict, VERDICT_UNKNOWN);
    ck_assert_int_eq(judge(400, OK).verdict, VERDICT_REFUSED);
}
END_TEST

START_TEST(N11_a_401_stops_the_run_whatever_its_body_says)
{
    struct answer answer = judge(401, "{\"ErrorCode\":9019,\"ErrorMessage\":\"x\"}");
    struct fault fault = {0};
    ck_assert_int_eq(answer.verdict, VERDICT_STOP);
    ck_assert_int_eq(answer_fault(&answer, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_AUTH);
    ck_assert_ptr_nonnull(strstr(fault.text, "token"));
}
END_TEST

START_TEST(N14_a_redirect_stops_the_run_and_names_the_host)
{
    struct exchange exchange = {
        .end = EXCHANGE_ANSWERED, .http_status = 307, .location_host = "evil.example"};
    struct answer answer;
    struct fault fault = {0};
    answer_judge(&exchange, TOKEN, wall, &answer);
    ck_assert_int_eq(answer.verdict, VERDICT_STOP);
    ck_assert_str_eq(answer.code, "redirect");
    ck_assert_int_eq(answer_fault(&answer, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
    ck_assert_ptr_nonnull(strstr(fault.text, "evil.example"));
}
END_TEST

START_TEST(N13_a_404_first_means_a_wrong_address_and_later_the_person)
{
    static const int statuses[] = {404, 405, 415};
    for (size_t i = 0; i < 3; i++) {
        struct answer first = judge(statuses[i], ""), later = first, coded;
        answer_weigh(&first, false, false);
        ck_assert_int_eq(first.verdict, VERDICT_STOP);
        ck_assert_int_eq(first.stop_kind, FAULT_CONFIG);
        answer_weigh(&later, false, true);
        ck_assert_int_eq(later.verdict, VERDICT_REFUSED);
        coded = judge(statuses[i], "{\"ErrorCode\":9009}");
        answer_weigh(&coded, false, false);
        ck_assert_int_eq(coded.verdict, VERDICT_REFUSED);
    }
    struct answer other = judge(422, "");
    answer_weigh(&other, true, false);
    ck_assert_int_eq(other.verdict, VERDICT_REFUSED);
}
END_TEST

START_TEST(a_constant_login_source_that_is_invalid_stops_the_run)
{
    for (int constant = 0; constant < 2; constant++) {
        struct answer answer = judge(400, "{\"ErrorCode\":9015}");
        answer_weigh(&answer, constant, true);
        ck_assert_int_eq(answer.verdict, constant ? VERDICT_STOP : VERDICT_REFUSED);
    }
}
END_TEST

START_TEST(N9_retry_after_is_read_where_it_means_something)
{
    static const struct {
        int status;
        int64_t wanted;
    } cases[] = {{200, -1},   {307, -1},   {400, -1},   {408, 7000}, {413, 7000},
                 {429, 7000}, {500, 7000}, {503, 7000}, {599, 7000}, {600, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange exchange = {
            .end = EXCHANGE_ANSWERED, .http_status = cases[i].status, .retry_after = "7"};
        struct answer answer;
        answer_judge(&exchange, TOKEN, wall, &answer);
        ck_assert_msg(answer.retry_after_ms == cases[i].wanted, "%d", cases[i].status);
    }
}
END_TEST

/* ---------------------------------------------------------------- no answer */

START_TEST(N2_not_sent_may_go_again_and_broken_is_unknown)
{
    struct answer answer = judge_end(EXCHANGE_NOT_SENT, "connect", "refused");
    ck_assert_int_eq(answer.verdict, VERDICT_AGAIN);
    ck_assert_str_eq(answer.code, "connect");
    ck_assert_str_eq(answer.message, "refused");
    answer = judge_end(EXCHANGE_BROKEN, "reset", "cut");
    ck_assert_int_eq(answer.verdict, VERDICT_UNKNOWN);
    ck_assert_str_eq(answer.code, "reset");
}
END_TEST

START_TEST(A4_a_broken_exchange_is_unknown_even_with_success_in_its_body)
{
    struct exchange exchange = {.end = EXCHANGE_BROKEN,
                                .http_status = 200,
                                .content_type = "application/json",
                                .error_code = "cut"};
    struct answer answer;
    text_add(&exchange.body, OK);
    answer_judge(&exchange, TOKEN, wall, &answer);
    ck_assert_int_eq(answer.verdict, VERDICT_UNKNOWN);
    exchange_clear(&exchange);
}
END_TEST

START_TEST(A5_an_answer_over_the_cap_is_unknown_unless_its_status_says_no)
{
    static const struct {
        int status;
        enum verdict verdict;
    } cases[] = {{200, VERDICT_UNKNOWN},   {401, VERDICT_STOP},    {403, VERDICT_SUSPECT},
                 {429, VERDICT_THROTTLED}, {500, VERDICT_UNKNOWN}, {308, VERDICT_STOP}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange exchange = {.end = EXCHANGE_BROKEN,
                                    .http_status = cases[i].status,
                                    .content_type = "application/json",
                                    .body_over = true,
                                    .error_code = "too_big"};
        struct answer answer;
        text_add(&exchange.body, OK);
        answer_judge(&exchange, TOKEN, wall, &answer);
        ck_assert_msg(answer.verdict == cases[i].verdict, "%d", cases[i].status);
        exchange_clear(&exchange);
    }
}
END_TEST

START_TEST(N16_a_certificate_that_is_not_trusted_stops_the_run_and_shows_this_clock)
{
    static const char *const words[] = {"SSL certificate problem: certificate has expired",
                                        "SSL certificate problem: certificate is not yet valid"};
    for (size_t i = 0; i < 2; i++) {
        struct answer answer = judge_end(EXCHANGE_UNTRUSTED, "tls", words[i]);
        struct fault fault = {0};
        ck_assert_int_eq(answer.verdict, VERDICT_STOP);
        ck_assert_int_eq(answer_fault(&answer, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_CONFIG);
        ck_assert_ptr_nonnull(strstr(fault.text, words[i]));
        ck_assert_ptr_nonnull(strstr(fault.text, "this host's clock is wrong: it says 2026-"));
    }
    struct answer answer = judge_end(EXCHANGE_UNTRUSTED, "tls", "self-signed certificate");
    ck_assert_str_eq(answer.message, "self-signed certificate");
}
END_TEST

START_TEST(N18_a_proxy_that_wants_a_login_stops_the_run)
{
    struct exchange exchange = {
        .end = EXCHANGE_NOT_SENT, .http_status = 407, .error_code = "proxy"};
    struct answer answer;
    answer_judge(&exchange, TOKEN, wall, &answer);
    ck_assert_int_eq(answer.verdict, VERDICT_STOP);
    exchange.http_status = 502;
    answer_judge(&exchange, TOKEN, wall, &answer);
    ck_assert_int_eq(answer.verdict, VERDICT_AGAIN);
}
END_TEST

/* ---------------------------------------------------------------- words */

START_TEST(A10_the_token_is_masked_however_it_is_written)
{
    static const char *const forms[] = {"s3cr3t/Token", "S3CR3T/TOKEN", "s3cr3t\\/Token",
                                        "\\u00733cr3t\\u002fToken",
                                        "\\u0073\\u0033\\u0063\\u0072\\u0033\\u0074/Token"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char body[256];
        snprintf(body, sizeof body, "<p>token %s is wrong</p>", forms[i]);
        struct answer answer = judge_typed(200, "text/html", body, strlen(body));
        ck_assert_str_eq(answer.message, "HTTP 200: <p>token [token] is wrong</p>");
        snprintf(body, sizeof body, "{\"ErrorCode\":9016,\"ErrorMessage\":\"x %s y\"}", forms[i]);
        ck_assert_str_eq(judge(400, body).message, "x [token] y");
    }
}
END_TEST

START_TEST(A10_a_token_at_the_cut_does_not_show_its_beginning)
{
    for (size_t before = 0; before < 260; before++) {
        char words[400], body[512];
        memset(words, 'a', before);
        snprintf(words + before, sizeof words - before, "%s%s", TOKEN, TOKEN);
        snprintf(body, sizeof body, "{\"ErrorCode\":9016,\"ErrorMessage\":\"%s\"}", words);
        ck_assert_ptr_null(strstr(judge(400, body).message, "s3c"));
        ck_assert_ptr_null(
            strstr(judge_typed(502, "text/plain", words, strlen(words)).message, "s3c"));
    }
}
END_TEST

START_TEST(A10_messages_are_clean_and_at_most_200_bytes)
{
    struct text body = {0};
    text_add(&body, "{\"ErrorCode\":9016,\"ErrorMessage\":\"\\u202e\\u0007");
    for (int i = 0; i < 300; i++)
        text_add(&body, "\xc3\xa9");
    text_add(&body, "\"}");
    struct answer answer = judge(400, text_string(&body));
    ck_assert_uint_le(strlen(answer.message), 200);
    ck_assert_uint_ge(strlen(answer.message), 195);
    ck_assert_int_eq(strncmp(answer.message, "\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9", 8), 0);
    text_clear(&body);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, A3_only_status_success_in_one_strict_object_is_accepted);
    tcase_add_test(c, A4_every_truncation_of_a_good_body_is_unknown);
    tcase_add_test(c, A6_deep_and_wild_bodies_are_unknown);
    tcase_add_test(c, the_content_type_must_be_json);
    tcase_add_test(c, A7_the_reference_is_kept_as_it_was_written);
    tcase_add_test(c, every_documented_code_has_its_class_and_words);
    tcase_add_test(c, a_code_without_words_gets_ours);
    tcase_add_test(c, an_unknown_code_refuses_the_person_and_is_told_as_new);
    tcase_add_test(c, N10_a_row_level_code_behind_a_5xx_is_not_believed_but_a_run_level_one_is);
    tcase_add_test(c, A2_a_status_of_error_refuses_the_person_with_its_words);
    tcase_add_test(c, a_shape_not_seen_before_is_unknown_and_told_as_new);
    tcase_add_test(c, A1_html_with_200_is_unknown_and_shows_its_beginning);
    tcase_add_test(c, N13_every_status_has_its_verdict);
    tcase_add_test(c, N15_a_2xx_without_a_body_is_unknown);
    tcase_add_test(c, N11_a_401_stops_the_run_whatever_its_body_says);
    tcase_add_test(c, N14_a_redirect_stops_the_run_and_names_the_host);
    tcase_add_test(c, N13_a_404_first_means_a_wrong_address_and_later_the_person);
    tcase_add_test(c, a_constant_login_source_that_is_invalid_stops_the_run);
    tcase_add_test(c, N9_retry_after_is_read_where_it_means_something);
    tcase_add_test(c, N2_not_sent_may_go_again_and_broken_is_unknown);
    tcase_add_test(c, A4_a_broken_exchange_is_unknown_even_with_success_in_its_body);
    tcase_add_test(c, A5_an_answer_over_the_cap_is_unknown_unless_its_status_says_no);
    tcase_add_test(c, N16_a_certificate_that_is_not_trusted_stops_the_run_and_shows_this_clock);
    tcase_add_test(c, N18_a_proxy_that_wants_a_login_stops_the_run);
    tcase_add_test(c, A10_the_token_is_masked_however_it_is_written);
    tcase_add_test(c, A10_a_token_at_the_cut_does_not_show_its_beginning);
    tcase_add_test(c, A10_messages_are_clean_and_at_most_200_bytes);
}

int main(void)
{
    return unit_run("push/answer", all);
}
