#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"

enum { BODY_BYTES_MAX = 65536, CONNECTIONS_MAX = 1000 };

/* One request, from its first header to its answer. */
struct request {
    struct MHD_Connection *connection;
    struct text body;
    bool is_long, is_decided;
    struct turn turn;
    int64_t due_ms;
    struct request *next_waiting;
};

struct server {
    struct service *service;
    struct MHD_Daemon *daemon;
    int epoll;
    struct clock clock;
    int64_t started_ms;
    struct request *waiting; /* suspended until they are due */
    bool closing;
};

static int64_t now_ms(const struct server *server)
{
    return server->clock.steady_ms(server->clock.self);
}

/* ------------------------------------------------------------------------------- on the wire */

static bool is_json(struct MHD_Connection *connection)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    static const char wanted[] = "application/json";
    size_t length = type ? strcspn(type, "; ") : 0;
    char name[sizeof wanted] = "";
    if (length != sizeof wanted - 1)
        return false;
    memcpy(name, type, length);
    return text_is_folded(name, wanted);
}

static uint64_t connection_number(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info && info->socket_context ? *(const uint64_t *)info->socket_context : 0;
}

static ssize_t half_of_body(void *context, uint64_t position, char *out, size_t room)
{
    const struct request *request = context;
    size_t half = request->turn.reply.body.length / 2;
    if (position >= half)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t length = half - (size_t)position < room ? half - (size_t)position : room;
    memcpy(out, request->turn.reply.body.bytes + position, length);
    return (ssize_t)length;
}

/* A TCP reset, at once: dissolving the association discards what is queued (tcp(7), AF_UNSPEC). */
static void reset_connection(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct linger abruptly = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
    (void)connect(info->connect_fd, &nobody, sizeof nobody);
}

static struct MHD_Response *response_of(struct request *request)
{
    struct text *body = &request->turn.reply.body;
    if (request->turn.reply.ending == ENDING_CUT)
        return MHD_create_response_from_callback(body->length, 4096, half_of_body, request, NULL);
    size_t length = body->length;
    return MHD_create_response_from_buffer(length, text_take(body), MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result put_reply(struct server *server, struct request *request)
{
    struct reply *reply = &request->turn.reply;
    service_answered(server->service, &request->turn);
    if (reply->ending == ENDING_RESET) {
        reset_connection(request->connection);
        return MHD_NO;
    }
    struct MHD_Response *response = response_of(request);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->retry_after)
        MHD_add_response_header(response, "Retry-After", reply->retry_after);
    if (reply->location)
        MHD_add_response_header(response, "Location", reply->location);
    if (reply->status == 405)
        MHD_add_response_header(response, "Allow", "POST");
    enum MHD_Result queued =
        MHD_queue_response(request->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

static void decide(struct server *server, struct request *request, const char *method,
                   const char *path)
{
    struct call call = {.method = method,
                        .path = path,
                        .is_json = is_json(request->connection),
                        .is_long = request->is_long,
                        .body = &request->body,
                        .connection = connection_number(request->connection),
                        .ms = now_ms(server) - server->started_ms};
    service_decide(server->service, &call, &request->turn);
    request->is_decided = true;
}

static void wait_until_due(struct server *server, struct request *request)
{
    request->due_ms = now_ms(server) + request->turn.wait_ms;
    request->next_waiting = server->waiting;
    server->waiting = request;
    MHD_suspend_connection(request->connection);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *bytes, size_t *length, void **held)
{
    struct server *server = context;
    struct request *request = *held;
    (void)version;
    if (!request) {
        *held = request = mem_new(sizeof *request);
        request->connection = connection;
        return MHD_YES;
    }
    if (*length) {
        request->is_long = request->is_long || request->body.length + *length > BODY_BYTES_MAX;
        if (!request->is_long)
            text_add_bytes(&request->body, bytes, *length);
        *length = 0;
        return MHD_YES;
    }
    if (server->closing)
        return MHD_NO;
    if (!request->is_decided) {
        decide(server, request, method, path);
        if (request->turn.wait_ms > 0) {
            wait_until_due(server, request);
            return MHD_YES;
        }
    }
    return put_reply(server, request);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **held,
                         enum MHD_RequestTerminationCode why)
{
    struct server *server = context;
    struct request *request = *held;
    (void)connection, (void)why;
    if (!request)
        return;
    service_answered(server->service, &request->turn);
    text_clear(&request->body);
    text_clear(&request->turn.reply.body);
    free(request);
    *held = NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *server = context;
    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        uint64_t *number = mem_new(sizeof *number);
        *number = service_connected(server->service);
        *socket_context = number;
    } else {
        free(*socket_context);
        *socket_context = NULL;
    }
}

/* ------------------------------------------------------------------------------- the loop */

static int start_daemon(struct server *server, uint16_t port, struct fault *fault)
{
    struct sockaddr_in loopback = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, on_request, server,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&loopback, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        server->daemon ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info)
        return fault_set(fault, FAULT_CONFIG, "cannot listen on 127.0.0.1:%u: %s", (unsigned)port,
                         strerror(errno));
    server->epoll = info->epoll_fd;
    return 0;
}

struct server *server_open(struct service *service, uint16_t port, struct fault *fault)
{
    struct server *server = mem_new(sizeof *server);
    server->service = service;
    server->clock = clock_system();
    server->started_ms = now_ms(server);
    if (start_daemon(server, port, fault) < 0) {
        server_close(server);
        return NULL;
    }
    return server;
}

uint16_t server_port(const struct server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* Resumes those that are due ('all': every one). */
static void release_waiting(struct server *server, bool all)
{
    int64_t now = server->waiting ? now_ms(server) : 0;
    struct request **place = &server->waiting;
    while (*place) {
        struct request *request = *place;
        if (!all && request->due_ms > now) {
            place = &request->next_waiting;
            continue;
        }
        *place = request->next_waiting;
        MHD_resume_connection(request->connection);
    }
}

/* How long nothing is to be done unless a socket speaks. */
static int64_t idle_ms(const struct server *server, int64_t until_ms)
{
    int64_t now = now_ms(server), idle = 60000;
    MHD_UNSIGNED_LONG_LONG wanted = 0;
    if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES && (int64_t)wanted < idle)
        idle = (int64_t)wanted;
    for (const struct request *request = server->waiting; request; request = request->next_waiting)
        if (request->due_ms - now < idle)
            idle = request->due_ms - now;
    if (until_ms >= 0 && until_ms - now < idle)
        idle = until_ms - now;
    return idle > 0 ? idle : 0;
}

int server_run(struct server *server, const volatile sig_atomic_t *stop, int64_t for_ms,
               struct fault *fault)
{
    int64_t until = for_ms < 0 ? -1 : now_ms(server) + for_ms;
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &before); /* they arrive in pselect alone: none is missed */
    int result = 0;
    while (!*stop && (until < 0 || now_ms(server) < until)) {
        int64_t idle = idle_ms(server, until);
        struct timespec wait = {idle / 1000, idle % 1000 * 1000000};
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(server->epoll, &ready);
        if (pselect(server->epoll + 1, &ready, NULL, NULL, &wait, &before) < 0 && errno != EINTR) {
            result = fault_set(fault, FAULT_FAILED, "cannot wait: %s", strerror(errno));
            break;
        }
        release_waiting(server, false);
        MHD_run(server->daemon);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return result;
}

void server_close(struct server *server)
{
    if (!server)
        return;
    server->closing = true;
    if (server->daemon) {
        release_waiting(server, true);
        MHD_run(server->daemon);
        MHD_stop_daemon(server->daemon);
    }
    free(server);
}
