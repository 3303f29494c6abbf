#ifndef OPSPUSH_TESTS_PUSH_SERVER_H
#define OPSPUSH_TESTS_PUSH_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server on loopback that plays one reply after the other, whatever it is asked; the last one repeats. One connection at a time. */

enum server_then {
    THEN_KEEP,  /* the connection stays open */
    THEN_CLOSE, /* closed in order */
    THEN_RESET, /* RST */
    THEN_STALL, /* open and silent until the other side goes */
};

struct reply {
    const char *bytes;
    size_t length;   /* 0: all of the string */
    size_t read_max; /* 0: reads the whole request first; else only that many bytes */
    enum server_then then;
};

struct server {
    const struct reply *replies;
    size_t count;
    int listener;
    int port;
    pthread_t thread;
    atomic_int connections, requests;
    char last[65536]; /* the last request as it came */
    char reading[65536];
};

static inline size_t server_body_length(const char *head)
{
    for (const char *line = head; line; line = strstr(line, "\r\n")) {
        line += line == head ? 0 : 2;
        if (strncasecmp(line, "content-length:", 15) == 0)
            return strtoul(line + 15, NULL, 10);
    }
    return 0;
}

/* One request, or its first 'max' bytes; false when the other side has gone. */
static inline bool server_read(struct server *server, int client, size_t max)
{
    size_t have = 0, limit = max ? max : sizeof server->reading - 1;
    for (;;) {
        server->reading[have] = '\0';
        char *end = strstr(server->reading, "\r\n\r\n");
        if (!max && end &&
            have >= (size_t)(end + 4 - server->reading) + server_body_length(server->reading))
            return true;
        if (have == limit)
            return true;
        ssize_t got = recv(client, server->reading + have, limit - have, 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
}

static inline void server_close_hard(int client)
{
    struct linger linger = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(client);
}

static inline void server_serve(struct server *server, int client)
{
    for (;;) {
        size_t next = (size_t)server->requests;
        const struct reply *reply =
            &server->replies[next < server->count ? next : server->count - 1];
        if (!server_read(server, client, reply->read_max))
            break;
        memcpy(server->last, server->reading, sizeof server->last);
        server->requests++;
        size_t length = reply->length ? reply->length : strlen(reply->bytes);
        for (size_t sent = 0; sent < length;) {
            ssize_t put = send(client, reply->bytes + sent, length - sent, MSG_NOSIGNAL);
            if (put <= 0)
                break;
            sent += (size_t)put;
        }
        if (reply->then == THEN_RESET) {
            server_close_hard(client);
            return;
        }
        char byte;
        while (reply->then == THEN_STALL && recv(client, &byte, 1, 0) > 0)
            continue;
        if (reply->then != THEN_KEEP)
            break;
    }
    close(client);
}

static inline void *server_main(void *self)
{
    struct server *server = self;
    for (int client; (client = accept(server->listener, NULL, NULL)) >= 0;) {
        server->connections++;
        server_serve(server, client);
    }
    return NULL;
}

/* Listens on a free port of 127.0.0.1; replies are lent. */
static inline void server_start(struct server *server, const struct reply *replies, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    memset(server, 0, sizeof *server);
    server->replies = replies;
    server->count = count;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server->listener, (struct sockaddr *)&address, sizeof address) ||
        listen(server->listener, 16) ||
        getsockname(server->listener, (struct sockaddr *)&address, &length))
        abort();
    server->port = ntohs(address.sin_port);
    pthread_create(&server->thread, NULL, server_main, server);
}

/* The client side must be closed before. */
static inline void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
