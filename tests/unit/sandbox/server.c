#include "../../../src/sandbox/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static volatile sig_atomic_t stop;
static pid_t child;
static uint16_t port;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int serve(const char *script, int tell)
{
    struct rules rules;
    struct fault fault = {0};
    struct text lines = {0};
    struct mischief_plan *plan = mischief_plan_new(1, false);
    text_add(&lines, script);
    int result = mischief_plan_script(plan, "script", &lines, &fault);
    text_clear(&lines);
    rules_init(&rules);
    struct service_setup setup = {.rules = &rules, .plan = plan};
    struct service *service = service_open(&setup, &fault);
    struct server *server = result ? NULL : server_open(service, 0, &fault);
    uint16_t own = server ? server_port(server) : 0;
    if (write(tell, &own, sizeof own) != sizeof own || !server)
        return 1;
    result = server_run(server, &stop, 60000, &fault);
    server_close(server);
    service_close(service);
    mischief_plan_free(plan);
    rules_clear(&rules);
    return result ? 1 : 0;
}

/* The stand-in in a process of its own, until end(); 'script' as for --script. */
static void start(const char *script)
{
    int told[2];
    ck_assert_int_eq(pipe(told), 0);
    signal(SIGTERM, on_signal);
    child = fork();
    if (child == 0)
        exit(serve(script, told[1]));
    ck_assert_int_eq(read(told[0], &port, sizeof port), sizeof port);
    ck_assert_uint_ne(port, 0);
    close(told[0]);
    close(told[1]);
}

static void end(void)
{
    int status = 0;
    kill(child, SIGTERM);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int connected(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {20, 0};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return descriptor;
}

static void send_request(int descriptor, const char *method, const char *path, const char *body)
{
    char request[8192];
    int length = snprintf(request, sizeof request,
                          "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          method, path, strlen(body), body);
    ck_assert_int_eq(send(descriptor, request, (size_t)length, MSG_NOSIGNAL), length);
}

static void send_push(int descriptor, const char *id)
{
    char body[1024];
    snprintf(body, sizeof body,
             "{\"apiToken\":\"sandbox-token\",\"unique_id\":\"%s\",\"login_source\":\"SSO\","
             "\"first_name\":\"Ada\",\"last_name\":\"Roy\",\"email\":\"%s@example.edu\"}",
             id, id);
    send_request(descriptor, "POST", "/api/sandbox/v1/profiles/push", body);
}

/* Reads one answer (headers and the body they announce) or until the end; gives the bytes, -1 for a reset. */
static ssize_t receive(int descriptor, char *answer, size_t room)
{
    size_t length = 0;
    for (;;) {
        answer[length] = '\0';
        char *body = strstr(answer, "\r\n\r\n");
        char *announced = strstr(answer, "Content-Length: ");
        if (body && announced &&
            length >= (size_t)(body + 4 - answer) + strtoul(announced + 16, NULL, 10))
            return (ssize_t)length;
        ssize_t got = recv(descriptor, answer + length, room - 1 - length, 0);
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)length;
        length += (size_t)got;
    }
}

static char answer[65536];

static const char *push(int descriptor, const char *id)
{
    send_push(descriptor, id);
    return receive(descriptor, answer, sizeof answer) < 0 ? "reset" : answer;
}

static const char *page(const char *path)
{
    int descriptor = connected();
    send_request(descriptor, "GET", path, "");
    receive(descriptor, answer, sizeof answer);
    close(descriptor);
    return answer;
}

START_TEST(many_pushes_go_over_one_connection)
{
    start("");
    int descriptor = connected();
    for (int i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof id, "A%d", i);
        ck_assert_ptr_nonnull(strstr(push(descriptor, id), "\"status\":\"success\""));
        ck_assert_ptr_nonnull(strstr(answer, "Content-Type: application/json\r\n"));
    }
    close(descriptor);
    ck_assert_ptr_nonnull(strstr(page("/sandbox/stats"), "\"people\": 50"));
    ck_assert_ptr_nonnull(strstr(answer, "\"connections\": 2"));
    end();
}
END_TEST

START_TEST(a_body_in_pieces_is_one_push)
{
    start("");
    int descriptor = connected();
    static const char *const pieces[] = {
        "POST /api/x/v1/profiles/types/list HTTP/1.1\r\nHost: a\r\nContent-Ty",
        "pe: Application/JSON; charset=utf-8\r\nContent-Length: 28\r\n\r\n{\"apiT",
        "oken\":\"sandbox-to", "ken\"}"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        ck_assert_int_gt(send(descriptor, pieces[i], strlen(pieces[i]), 0), 0);
    receive(descriptor, answer, sizeof answer);
    ck_assert_ptr_nonnull(strstr(answer, "\"user_types\":["));
    close(descriptor);
    end();
}
END_TEST

START_TEST(a_reset_is_a_reset_and_says_nothing_about_what_was_stored)
{
    start("1 reset-before\n2 reset-after\n");
    int descriptor = connected();
    ck_assert_str_eq(push(descriptor, "A1"), "reset");
    close(descriptor);
    descriptor = connected();
    ck_assert_str_eq(push(descriptor, "A2"), "reset");
    close(descriptor);
    page("/sandbox/received");
    ck_assert_ptr_null(strstr(answer, "{\"unique_id\":\"A1\",\"reference_id\""));
    ck_assert_ptr_nonnull(strstr(answer, "{\"unique_id\":\"A2\",\"reference_id\""));
    end();
}
END_TEST

START_TEST(a_cut_answer_announces_more_than_it_gives)
{
    start("1 cut\n");
    int descriptor = connected();
    push(descriptor, "A1");
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    ck_assert_ptr_nonnull(strstr(answer, "Content-Length: 40\r\n"));
    ck_assert_str_eq(body, "{\"status\":\"success\",");
    ck_assert_int_eq(recv(descriptor, answer, 1, 0), 0);
    close(descriptor);
    end();
}
END_TEST

START_TEST(headers_of_misbehaviour_go_out)
{
    start("1 429:retry-after=17\n2 redirect\n3 redirect:to=https://elsewhere.example/\n4 html\n");
    int descriptor = connected();
    push(descriptor, "A1");
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 429 ", 13), 0);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nRetry-After: 17\r\n"));
    push(descriptor, "A1");
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 307 ", 13), 0);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nLocation: /sandbox/elsewhere\r\n"));
    push(descriptor, "A1");
    ck_assert_ptr_nonnull(strstr(answer, "\r\nLocation: https://elsewhere.example/\r\n"));
    push(descriptor, "A1");
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nContent-Type: text/html"));
    close(descriptor);
    end();
}
END_TEST

START_TEST(a_late_answer_holds_up_nobody_else_and_a_stall_ends_with_the_stand_in)
{
    start("1 late:ms=300\n2 stall\n");
    int late = connected(), stalled = connected(), third = connected();
    send_push(late, "A1");
    send_push(stalled, "A2");
    ck_assert_ptr_nonnull(strstr(push(third, "A3"), "success"));
    ck_assert_int_gt(receive(late, answer, sizeof answer), 0);
    ck_assert_ptr_nonnull(strstr(answer, "success"));
    end();
    ck_assert_int_le(receive(stalled, answer, sizeof answer), 0);
    close(late);
    close(stalled);
    close(third);
}
END_TEST

START_TEST(a_body_over_the_ceiling_is_refused_and_not_kept)
{
    start("");
    int descriptor = connected();
    char head[160];
    static char filler[70000];
    memset(filler, 'x', sizeof filler);
    int length = snprintf(head, sizeof head,
                          "POST /api/x/v1/profiles/push HTTP/1.1\r\nHost: a\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                          sizeof filler);
    ck_assert_int_eq(send(descriptor, head, (size_t)length, 0), length);
    ck_assert_int_eq(send(descriptor, filler, sizeof filler, 0), sizeof filler);
    receive(descriptor, answer, sizeof answer);
    ck_assert_ptr_nonnull(strstr(answer, "{\"ErrorCode\":9003,"));
    close(descriptor);
    end();
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, many_pushes_go_over_one_connection);
    tcase_add_test(c, a_body_in_pieces_is_one_push);
    tcase_add_test(c, a_reset_is_a_reset_and_says_nothing_about_what_was_stored);
    tcase_add_test(c, a_cut_answer_announces_more_than_it_gives);
    tcase_add_test(c, headers_of_misbehaviour_go_out);
    tcase_add_test(c, a_late_answer_holds_up_nobody_else_and_a_stall_ends_with_the_stand_in);
    tcase_add_test(c, a_body_over_the_ceiling_is_refused_and_not_kept);
}

int main(void)
{
    return unit_run("sandbox/server", all);
}
