#define _GNU_SOURCE 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "push/transport.h"
#include "server.h"
#include "unit.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define BODY "{\"status\":\"success\",\"reference_id\":44}"
#define GOOD HEAD "Content-Length: 38\r\n\r\n" BODY

/* ---------------------------------------------------------------- every option that is set is noted */

enum { OPTIONS_MAX = 200 };
static struct {
    CURLoption option;
    long value; /* of those that take a number */
    char *string;
} noted[OPTIONS_MAX];
static size_t noted_count;

#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    static CURLcode (*real)(CURL *, CURLoption, ...);
    va_list arguments;
    if (!real)
        *(void **)(&real) = dlsym(RTLD_NEXT, "curl_easy_setopt");
    va_start(arguments, option);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    if (noted_count < OPTIONS_MAX) {
        bool is_string = option >= CURLOPTTYPE_OBJECTPOINT && option < CURLOPTTYPE_FUNCTIONPOINT;
        bool is_text = is_string && option != CURLOPT_HTTPHEADER && option != CURLOPT_PRIVATE &&
                       option != CURLOPT_WRITEDATA && option != CURLOPT_HEADERDATA &&
                       option != CURLOPT_PREREQDATA && option != CURLOPT_ERRORBUFFER;
        noted[noted_count].option = option;
        noted[noted_count].value = (long)(intptr_t)value;
        noted[noted_count++].string = is_text ? mem_string(value) : NULL;
    }
    return real(easy, option, value);
}

static void notes_clear(void)
{
    for (size_t i = 0; i < noted_count; i++)
        free(noted[i].string);
    noted_count = 0;
}

static size_t note_of(CURLoption option)
{
    for (size_t i = noted_count; i > 0; i--)
        if (noted[i - 1].option == option)
            return i - 1;
    ck_abort_msg("option %d was not set", (int)option);
    return 0;
}

static bool is_noted(CURLoption option)
{
    for (size_t i = 0; i < noted_count; i++)
        if (noted[i].option == option)
            return true;
    return false;
}

/* ---------------------------------------------------------------- talking to the scripted server */

static struct transport open_to(const char *url, const char *proxy)
{
    struct http_settings settings = {.url = url,
                                     .path = "/profiles/push",
                                     .proxy = proxy,
                                     .connections = 1,
                                     .connect_timeout_s = 5,
                                     .total_timeout_s = 1};
    struct transport transport;
    struct fault fault = {0};
    ck_assert_msg(http_open(&settings, &transport, &fault) == 0, "%s", fault.text);
    return transport;
}

static struct transport open_port(int port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api/X/v1", port);
    return open_to(url, NULL);
}

static struct exchange ask(struct transport transport, const char *body)
{
    struct exchange done = {0};
    struct fault fault = {0};
    int result = 0;
    ck_assert_int_eq(transport.start(transport.self, 7, body, strlen(body), &fault), 0);
    for (int turn = 0; turn < 200 && result == 0; turn++)
        result = transport.wait(transport.self, 1000, &done, &fault);
    ck_assert_msg(result == 1, "no answer: %s", fault.text);
    ck_assert_uint_eq(done.ticket, 7);
    return done;
}

/* One request to a server that plays 'replies'. */
static struct exchange once(const struct reply *replies, size_t count)
{
    struct server server;
    server_start(&server, replies, count);
    struct transport transport = open_port(server.port);
    struct exchange done = ask(transport, "{}");
    transport.close(transport.self);
    server_stop(&server);
    return done;
}

static struct exchange once_bytes(const char *bytes, enum server_then then)
{
    struct reply reply = {.bytes = bytes, .then = then};
    return once(&reply, 1);
}

static int free_port(void)
{
    struct server server;
    struct reply reply = {.bytes = GOOD};
    server_start(&server, &reply, 1);
    int port = server.port;
    server_stop(&server);
    return port;
}

/* ---------------------------------------------------------------- the request */

START_TEST(a_request_is_one_plain_post)
{
    struct reply replies[] = {{.bytes = GOOD}};
    struct server server;
    char wanted[512];
    server_start(&server, replies, 1);
    struct transport transport = open_port(server.port);
    struct exchange done = ask(transport, "{\"apiToken\":\"t\"}");
    snprintf(wanted, sizeof wanted,
             "POST /api/X/v1/profiles/push HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
             "User-Agent: opspush/" OPSPUSH_VERSION "\r\nAccept: application/json\r\n"
             "Content-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"apiToken\":\"t\"}",
             server.port);
    ck_assert_str_eq(server.last, wanted);
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    ck_assert_int_eq(done.http_status, 200);
    ck_assert_str_eq(done.content_type, "application/json");
    ck_assert_str_eq(text_string(&done.body), BODY);
    ck_assert(!done.body_over);
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

START_TEST(a_connection_is_kept_for_the_next_request)
{
    struct reply replies[] = {{.bytes = GOOD}};
    struct server server;
    server_start(&server, replies, 1);
    struct transport transport = open_port(server.port);
    for (int i = 0; i < 5; i++) {
        struct exchange done = ask(transport, "{}");
        ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
        exchange_clear(&done);
    }
    ck_assert_int_eq(server.requests, 5);
    ck_assert_int_eq(server.connections, 1);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

START_TEST(several_connections_carry_several_requests_and_no_more)
{
    struct http_settings settings = {.url = "http://127.0.0.1:1",
                                     .path = "/x",
                                     .connections = 2,
                                     .connect_timeout_s = 1,
                                     .total_timeout_s = 1};
    struct transport transport;
    struct fault fault = {0};
    ck_assert_int_eq(http_open(&settings, &transport, &fault), 0);
    ck_assert_int_eq(transport.start(transport.self, 1, "a", 1, &fault), 0);
    ck_assert_int_eq(transport.start(transport.self, 2, "b", 1, &fault), 0);
    ck_assert_int_eq(transport.start(transport.self, 3, "c", 1, &fault), -1);
    transport.close(transport.self);
}
END_TEST

START_TEST(waiting_ends_by_itself_when_nothing_is_in_flight)
{
    struct exchange done = {0};
    struct fault fault = {0};
    struct transport transport = open_port(1);
    ck_assert_int_eq(transport.wait(transport.self, 1, &done, &fault), 0);
    transport.close(transport.self);
}
END_TEST

/* ---------------------------------------------------------------- nothing left this machine */

START_TEST(N1_an_unknown_host_name_is_not_sent)
{
    struct transport transport = open_to("http://nobody.invalid", NULL);
    struct exchange done = ask(transport, "{}");
    ck_assert_int_eq(done.end, EXCHANGE_NOT_SENT);
    ck_assert(done.http_status == 0 && done.error[0]);
    ck_assert_msg(strcmp(done.error_code, "dns") == 0 ||
                      strcmp(done.error_code, "connect_timeout") == 0,
                  "%s", done.error_code);
    exchange_clear(&done);
    transport.close(transport.self);
}
END_TEST

START_TEST(N2_a_refused_connection_is_not_sent)
{
    struct transport transport = open_port(free_port());
    struct exchange done = ask(transport, "{}");
    ck_assert_int_eq(done.end, EXCHANGE_NOT_SENT);
    ck_assert_str_eq(done.error_code, "connect");
    exchange_clear(&done);
    transport.close(transport.self);
}
END_TEST

START_TEST(N17_tls_to_something_else_is_not_trusted_and_nothing_is_sent)
{
    struct reply replies[] = {
        {.bytes = "HTTP/1.1 400 Bad\r\n\r\n", .read_max = 1, .then = THEN_CLOSE}};
    struct server server;
    char url[64];
    server_start(&server, replies, 1);
    snprintf(url, sizeof url, "https://127.0.0.1:%d", server.port);
    struct transport transport = open_to(url, NULL);
    struct exchange done = ask(transport, "{\"apiToken\":\"canary\"}");
    ck_assert_msg(done.end == EXCHANGE_UNTRUSTED, "%s", done.error);
    ck_assert_str_eq(done.error_code, "tls");
    ck_assert_ptr_null(strstr(server.last, "canary"));
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

START_TEST(N3_a_reset_within_the_tls_handshake_is_not_sent)
{
    struct reply replies[] = {{.bytes = "\x16", .read_max = 1, .then = THEN_RESET}};
    struct server server;
    char url[64];
    server_start(&server, replies, 1);
    snprintf(url, sizeof url, "https://127.0.0.1:%d", server.port);
    struct transport transport = open_to(url, NULL);
    struct exchange done = ask(transport, "{}");
    ck_assert_msg(done.end == EXCHANGE_NOT_SENT, "%s", done.error);
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

/* ---------------------------------------------------------------- a byte may have left */

START_TEST(N3_an_answer_cut_at_any_byte_is_broken_and_asked_for_once)
{
    for (size_t cut = 1; cut < strlen(GOOD); cut++)
        for (int hard = 0; hard < 2; hard++) {
            struct reply reply = {
                .bytes = GOOD, .length = cut, .then = hard ? THEN_RESET : THEN_CLOSE};
            struct server server;
            server_start(&server, &reply, 1);
            struct transport transport = open_port(server.port);
            struct exchange done = ask(transport, "{}");
            ck_assert_msg(done.end == EXCHANGE_BROKEN, "cut at %zu", cut);
            ck_assert_int_eq(server.requests, 1);
            exchange_clear(&done);
            transport.close(transport.self);
            server_stop(&server);
        }
}
END_TEST

START_TEST(N3_a_request_cut_at_any_byte_is_broken_and_asked_for_once)
{
    for (size_t cut = 1; cut < 200; cut += 7) {
        struct reply reply = {.bytes = "", .read_max = cut, .then = THEN_RESET};
        struct server server;
        server_start(&server, &reply, 1);
        struct transport transport = open_port(server.port);
        struct exchange done = ask(transport, "{\"a\":\"some more bytes for the body\"}");
        ck_assert_msg(done.end == EXCHANGE_BROKEN, "cut at %zu", cut);
        ck_assert_str_eq(done.error_code, "reset");
        ck_assert_int_eq(server.requests, 1);
        exchange_clear(&done);
        transport.close(transport.self);
        server_stop(&server);
    }
}
END_TEST

START_TEST(N4_a_kept_connection_that_dies_is_not_asked_again_behind_our_back)
{
    struct reply replies[] = {{.bytes = GOOD}, {.bytes = "", .then = THEN_CLOSE}, {.bytes = GOOD}};
    struct server server;
    server_start(&server, replies, 3);
    struct transport transport = open_port(server.port);
    struct exchange first = ask(transport, "{\"n\":1}"), second = ask(transport, "{\"n\":2}");
    ck_assert_int_eq(first.end, EXCHANGE_ANSWERED);
    ck_assert_int_eq(second.end, EXCHANGE_BROKEN);
    ck_assert_int_eq(server.requests, 2);
    struct exchange third = ask(transport, "{\"n\":3}");
    ck_assert_int_eq(third.end, EXCHANGE_ANSWERED);
    ck_assert_int_eq(server.requests, 3);
    exchange_clear(&first);
    exchange_clear(&second);
    exchange_clear(&third);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

START_TEST(N5_a_head_without_end_is_cut_off)
{
    struct text head = {0};
    text_add(&head, HEAD);
    for (int i = 0; i < 400; i++)
        text_addf(&head, "X-%d: y\r\n", i);
    struct exchange done = once_bytes(text_string(&head), THEN_STALL);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    ck_assert_str_eq(done.error_code, "too_big");
    exchange_clear(&done);
    text_reset(&head);
    text_add(&head, HEAD);
    for (int i = 0; i < 100; i++)
        text_addf(&head, "X-%d: %01000d\r\n", i, 0);
    done = once_bytes(text_string(&head), THEN_STALL);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    exchange_clear(&done);
    text_clear(&head);
}
END_TEST

START_TEST(N5_an_answer_that_stands_still_is_given_up_after_the_total_timeout)
{
    struct exchange done = once_bytes(HEAD "Content-Length: 38\r\n\r\n{", THEN_STALL);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    ck_assert_str_eq(done.error_code, "timeout");
    exchange_clear(&done);
}
END_TEST

START_TEST(N6_no_answer_at_all_is_broken_after_the_total_timeout)
{
    struct exchange done = once_bytes("", THEN_STALL);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    ck_assert_str_eq(done.error_code, "timeout");
    exchange_clear(&done);
}
END_TEST

START_TEST(A4_wrong_lengths_never_give_a_whole_answer)
{
    struct exchange done = once_bytes(HEAD "Content-Length: 50\r\n\r\n" BODY, THEN_CLOSE);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    ck_assert_str_eq(done.error_code, "cut");
    exchange_clear(&done);
    done = once_bytes(HEAD "Content-Length: 10\r\n\r\n" BODY, THEN_CLOSE);
    ck_assert_uint_eq(done.body.length, 10);
    exchange_clear(&done);
    done = once_bytes(HEAD "Transfer-Encoding: chunked\r\n\r\n26\r\n" BODY "\r\n", THEN_CLOSE);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    exchange_clear(&done);
    done =
        once_bytes(HEAD "Transfer-Encoding: chunked\r\n\r\n26\r\n" BODY "\r\n0\r\n\r\n", THEN_KEEP);
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    ck_assert_str_eq(text_string(&done.body), BODY);
    exchange_clear(&done);
}
END_TEST

START_TEST(A5_a_body_is_taken_up_to_64_kib_and_cut_off_above)
{
    struct text answer = {0};
    for (size_t over = 0; over < 2; over++) {
        text_reset(&answer);
        text_addf(&answer, HEAD "Content-Length: %zu\r\n\r\n", (size_t)ANSWER_BODY_MAX + over);
        for (size_t i = 0; i < (size_t)ANSWER_BODY_MAX + over; i++)
            text_add_byte(&answer, ' ');
        struct exchange done = once_bytes(text_string(&answer), THEN_CLOSE);
        ck_assert_int_eq(done.end, over ? EXCHANGE_BROKEN : EXCHANGE_ANSWERED);
        ck_assert_int_eq(done.body_over, over == 1);
        ck_assert_uint_eq(done.body.length, ANSWER_BODY_MAX);
        ck_assert_int_eq(done.http_status, 200);
        exchange_clear(&done);
    }
    text_clear(&answer);
}
END_TEST

START_TEST(A5_a_compressed_answer_stays_as_it_is)
{
    struct exchange done = once_bytes(
        HEAD "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x01", THEN_KEEP);
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    ck_assert_mem_eq(done.body.bytes, "\x1f\x8b\x08\x01", 4);
    exchange_clear(&done);
}
END_TEST

/* ---------------------------------------------------------------- heads */

START_TEST(N14_a_redirect_is_never_followed_and_its_host_is_told)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    struct reply good = {.bytes = GOOD};
    struct server second;
    server_start(&second, &good, 1);
    for (size_t i = 0; i < 5; i++) {
        char bytes[256], wanted[64];
        snprintf(bytes, sizeof bytes,
                 "HTTP/1.1 %d Moved\r\nLocation: http://u:p@127.0.0.1:%d/x?t=1\r\n"
                 "Content-Length: 0\r\n\r\n",
                 statuses[i], second.port);
        snprintf(wanted, sizeof wanted, "127.0.0.1:%d", second.port);
        struct exchange done = once_bytes(bytes, THEN_KEEP);
        ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
        ck_assert_int_eq(done.http_status, statuses[i]);
        ck_assert_str_eq(done.location_host, wanted);
        exchange_clear(&done);
    }
    ck_assert_int_eq(second.connections, 0);
    server_stop(&second);
}
END_TEST

START_TEST(N15_interim_answers_are_skipped_and_a_flood_of_them_is_cut_off)
{
    struct text flood = {0};
    struct exchange done = once_bytes(
        "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\nContent-Type: text/html\r\n\r\n" GOOD,
        THEN_KEEP);
    ck_assert_int_eq(done.http_status, 200);
    ck_assert_str_eq(done.content_type, "application/json");
    ck_assert_str_eq(done.retry_after, "");
    exchange_clear(&done);
    for (int i = 0; i < 1000; i++)
        text_add(&flood, "HTTP/1.1 100 Continue\r\n\r\n");
    text_add(&flood, GOOD);
    done = once_bytes(text_string(&flood), THEN_CLOSE);
    ck_assert_int_eq(done.end, EXCHANGE_BROKEN);
    exchange_clear(&done);
    text_clear(&flood);
}
END_TEST

START_TEST(N15_an_answer_of_http_0_9_or_2_is_none)
{
    static const char *const bytes[] = {BODY, "HTTP/0.9 200 OK\r\n\r\n" BODY,
                                        "HTTP/2 200\r\ncontent-type: application/json\r\n\r\n" BODY,
                                        "ICY 200 OK\r\n\r\n" BODY};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct exchange done = once_bytes(bytes[i], THEN_CLOSE);
        ck_assert_msg(done.end == EXCHANGE_BROKEN, "%s", bytes[i]);
        exchange_clear(&done);
    }
}
END_TEST

START_TEST(N9_all_retry_after_headers_and_the_date_are_kept_but_no_trailer)
{
    struct exchange done =
        once_bytes("HTTP/1.1 503 No\r\nRetry-After: 5\r\nretry-after:  7 \r\nDate: now\r\n"
                   "Content-Type: a/b\r\nContent-Type: application/json\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\nRetry-After: 99\r\n\r\n",
                   THEN_KEEP);
    ck_assert_int_eq(done.http_status, 503);
    ck_assert_str_eq(done.retry_after, "5\n7");
    ck_assert_str_eq(done.date, "now");
    ck_assert_str_eq(done.content_type, "a/b, application/json");
    exchange_clear(&done);
}
END_TEST

START_TEST(A13_cookies_and_alternative_services_are_not_remembered)
{
    struct reply replies[] = {
        {.bytes = HEAD "Set-Cookie: a=b\r\nAlt-Svc: h2=\":1\"\r\nStrict-Transport-Security: "
                       "max-age=9\r\nContent-Length: 2\r\n\r\n{}"},
        {.bytes = GOOD}};
    struct server server;
    server_start(&server, replies, 2);
    struct transport transport = open_port(server.port);
    for (int i = 0; i < 2; i++) {
        struct exchange done = ask(transport, "{}");
        ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
        exchange_clear(&done);
    }
    ck_assert_ptr_null(strcasestr(server.last, "cookie"));
    ck_assert_int_eq(server.requests, 2);
    transport.close(transport.self);
    server_stop(&server);
    ck_assert(!is_noted(CURLOPT_COOKIEFILE) && !is_noted(CURLOPT_COOKIEJAR));
    ck_assert(!is_noted(CURLOPT_ALTSVC) && !is_noted(CURLOPT_HSTS));
}
END_TEST

/* ---------------------------------------------------------------- the surroundings */

START_TEST(N18_proxies_of_the_environment_are_ignored)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy",
                                        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"};
    struct reply good = {.bytes = GOOD}, trap = {.bytes = GOOD};
    struct server server, proxy;
    char url[64];
    server_start(&server, &good, 1);
    server_start(&proxy, &trap, 1);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", proxy.port);
    for (size_t i = 0; i < 6; i++)
        setenv(names[i], url, 1);
    struct transport transport = open_port(server.port);
    struct exchange done = ask(transport, "{}");
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    ck_assert_int_eq(server.requests, 1);
    ck_assert_int_eq(proxy.connections, 0);
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&server);
    server_stop(&proxy);
    for (size_t i = 0; i < 6; i++)
        unsetenv(names[i]);
}
END_TEST

START_TEST(N18_a_proxy_of_the_settings_is_used_whatever_no_proxy_says)
{
    struct reply good = {.bytes = GOOD};
    struct server proxy;
    char url[64];
    setenv("no_proxy", "*", 1);
    server_start(&proxy, &good, 1);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", proxy.port);
    struct transport transport = open_to("http://127.0.0.1:9/api", url);
    struct exchange done = ask(transport, "{}");
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    ck_assert_int_eq(strncmp(proxy.last, "POST http://127.0.0.1:9/api/profiles/push ", 42), 0);
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&proxy);
    unsetenv("no_proxy");
}
END_TEST

START_TEST(N18_a_proxy_that_refuses_the_tunnel_means_nothing_was_sent)
{
    static const int statuses[] = {407, 502};
    for (size_t i = 0; i < 2; i++) {
        char bytes[128], url[64];
        snprintf(bytes, sizeof bytes, "HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n", statuses[i]);
        struct reply reply = {.bytes = bytes, .then = THEN_CLOSE};
        struct server proxy;
        server_start(&proxy, &reply, 1);
        snprintf(url, sizeof url, "http://127.0.0.1:%d", proxy.port);
        struct transport transport = open_to("https://controller.example.edu/api", url);
        struct exchange done = ask(transport, "{\"apiToken\":\"canary\"}");
        ck_assert_int_eq(done.end, EXCHANGE_NOT_SENT);
        ck_assert_int_eq(done.http_status, statuses[i]);
        ck_assert_str_eq(done.error_code, "proxy");
        ck_assert_ptr_null(strstr(proxy.last, "canary"));
        exchange_clear(&done);
        transport.close(transport.self);
        server_stop(&proxy);
    }
}
END_TEST

START_TEST(N19_a_name_with_a_dead_first_address_still_gets_there)
{
    struct reply good = {.bytes = GOOD};
    struct server server;
    char url[64];
    server_start(&server, &good, 1);
    snprintf(url, sizeof url, "http://localhost:%d",
             server.port); /* ::1 first, where nobody listens */
    struct transport transport = open_to(url, NULL);
    struct exchange done = ask(transport, "{}");
    ck_assert_int_eq(done.end, EXCHANGE_ANSWERED);
    exchange_clear(&done);
    transport.close(transport.self);
    server_stop(&server);
}
END_TEST

START_TEST(N22_a_broken_pipe_does_not_end_the_program)
{
    struct sigaction action;
    struct transport transport = open_port(1);
    sigaction(SIGPIPE, NULL, &action);
    ck_assert(action.sa_handler == SIG_IGN);
    transport.close(transport.self);
}
END_TEST

START_TEST(the_key_log_of_the_environment_is_switched_off)
{
    setenv("SSLKEYLOGFILE", "/dev/null", 1);
    struct transport transport = open_port(1);
    ck_assert_ptr_null(getenv("SSLKEYLOGFILE"));
    transport.close(transport.self);
}
END_TEST

/* ---------------------------------------------------------------- options */

START_TEST(N21_every_option_is_as_it_must_be)
{
    static const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_POST, 1},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
        {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
        {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_TCP_NODELAY, 1},
        {CURLOPT_MAXLIFETIME_CONN, 300},
        {CURLOPT_CONNECTTIMEOUT, 5},
        {CURLOPT_TIMEOUT, 1},
    };
    static const struct {
        CURLoption option;
        const char *value;
    } strings[] = {
        {CURLOPT_URL, "https://h.example/api/profiles/push"},
        {CURLOPT_PROTOCOLS_STR, "https"},
        {CURLOPT_REDIR_PROTOCOLS_STR, "https"},
        {CURLOPT_PROXY, ""},
        {CURLOPT_PRE_PROXY, ""},
        {CURLOPT_NOPROXY, ""},
        {CURLOPT_USERAGENT, "opspush/" OPSPUSH_VERSION},
    };
    static const CURLoption never[] = {
        CURLOPT_ACCEPT_ENCODING, CURLOPT_USERPWD,     CURLOPT_HTTPAUTH, CURLOPT_UNRESTRICTED_AUTH,
        CURLOPT_POSTREDIR,       CURLOPT_AUTOREFERER, CURLOPT_VERBOSE,  CURLOPT_RESOLVE,
        CURLOPT_SSL_OPTIONS,     CURLOPT_CAINFO,      CURLOPT_CAPATH};
    notes_clear();
    struct transport transport = open_to("https://h.example/api", NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_msg(noted[note_of(numbers[i].option)].value == numbers[i].value, "option %d",
                      (int)numbers[i].option);
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        ck_assert_str_eq(noted[note_of(strings[i].option)].string, strings[i].value);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        ck_assert_msg(!is_noted(never[i]), "option %d", (int)never[i]);
    ck_assert(is_noted(CURLOPT_PREREQFUNCTION) && is_noted(CURLOPT_ERRORBUFFER));
    transport.close(transport.self);
    notes_clear();
}
END_TEST

START_TEST(a_plain_target_may_speak_http_alone)
{
    notes_clear();
    struct transport transport = open_port(1);
    ck_assert_str_eq(noted[note_of(CURLOPT_PROTOCOLS_STR)].string, "http");
    transport.close(transport.self);
    notes_clear();
}
END_TEST

START_TEST(settings_that_cannot_be_used_are_refused)
{
    static const struct {
        const char *url, *proxy, *ca_file, *words;
    } cases[] = {
        {"https://h.example", "ftp://p:1", NULL, "scheme"},
        {"https://h.example", "http://", NULL, "not a URL"},
        {"http://127.0.0.1:1", "http://proxy.example:3128", NULL, "this machine alone"},
        {"https://h.example", NULL, "/nonexistent/ca.pem", "ca.pem"},
        {"https://h.example", NULL, "/etc/hostname", "no certificate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_settings settings = {.url = cases[i].url,
                                         .path = "/x",
                                         .proxy = cases[i].proxy,
                                         .ca_file = cases[i].ca_file,
                                         .connections = 1};
        struct transport transport;
        struct fault fault = {0};
        ck_assert_int_eq(http_open(&settings, &transport, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_CONFIG);
        ck_assert_msg(strstr(fault.text, cases[i].words) != NULL, "%s", fault.text);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, a_request_is_one_plain_post);
    tcase_add_test(c, a_connection_is_kept_for_the_next_request);
    tcase_add_test(c, several_connections_carry_several_requests_and_no_more);
    tcase_add_test(c, waiting_ends_by_itself_when_nothing_is_in_flight);
    tcase_add_test(c, N1_an_unknown_host_name_is_not_sent);
    tcase_add_test(c, N2_a_refused_connection_is_not_sent);
    tcase_add_test(c, N17_tls_to_something_else_is_not_trusted_and_nothing_is_sent);
    tcase_add_test(c, N3_a_reset_within_the_tls_handshake_is_not_sent);
    tcase_add_test(c, N3_an_answer_cut_at_any_byte_is_broken_and_asked_for_once);
    tcase_add_test(c, N3_a_request_cut_at_any_byte_is_broken_and_asked_for_once);
    tcase_add_test(c, N4_a_kept_connection_that_dies_is_not_asked_again_behind_our_back);
    tcase_add_test(c, N5_a_head_without_end_is_cut_off);
    tcase_add_test(c, N5_an_answer_that_stands_still_is_given_up_after_the_total_timeout);
    tcase_add_test(c, N6_no_answer_at_all_is_broken_after_the_total_timeout);
    tcase_add_test(c, A4_wrong_lengths_never_give_a_whole_answer);
    tcase_add_test(c, A5_a_body_is_taken_up_to_64_kib_and_cut_off_above);
    tcase_add_test(c, A5_a_compressed_answer_stays_as_it_is);
    tcase_add_test(c, N14_a_redirect_is_never_followed_and_its_host_is_told);
    tcase_add_test(c, N15_interim_answers_are_skipped_and_a_flood_of_them_is_cut_off);
    tcase_add_test(c, N15_an_answer_of_http_0_9_or_2_is_none);
    tcase_add_test(c, N9_all_retry_after_headers_and_the_date_are_kept_but_no_trailer);
    tcase_add_test(c, A13_cookies_and_alternative_services_are_not_remembered);
    tcase_add_test(c, N18_proxies_of_the_environment_are_ignored);
    tcase_add_test(c, N18_a_proxy_of_the_settings_is_used_whatever_no_proxy_says);
    tcase_add_test(c, N18_a_proxy_that_refuses_the_tunnel_means_nothing_was_sent);
    tcase_add_test(c, N19_a_name_with_a_dead_first_address_still_gets_there);
    tcase_add_test(c, N22_a_broken_pipe_does_not_end_the_program);
    tcase_add_test(c, the_key_log_of_the_environment_is_switched_off);
    tcase_add_test(c, N21_every_option_is_as_it_must_be);
    tcase_add_test(c, a_plain_target_may_speak_http_alone);
    tcase_add_test(c, settings_that_cannot_be_used_are_refused);
}

int main(void)
{
    return unit_run("push/http", all);
}
