#define _GNU_SOURCE /* POLLRDHUP */
#include "conversation.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20, HOLD_SLICE_MS = 20, DRAIN_MS = 2000 };

struct conversation {
    struct service *service;
    int descriptor;
    unsigned connection, number;
    char *bytes; /* of the request, as far as it was read */
    size_t length, head_length;
    size_t sent;       /* bytes of an answer, of any */
    size_t usual_sent; /* bytes of the usual answer */
    bool is_whole, is_over;
    const char *end; /* how the request ended, for the journal */
};

/* ---------------------------------------------------------------- the wire */

static void nap(unsigned long ms)
{
    struct timespec pause = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

static void over(struct conversation *talk, const char *how)
{
    talk->is_over = true;
    talk->end = how;
}

static void send_bytes(struct conversation *talk, const char *bytes, size_t length)
{
    while (length && !talk->is_over) {
        ssize_t done = send(talk->descriptor, bytes, length, MSG_NOSIGNAL);
        if (done <= 0) {
            over(talk, "gone");
            return;
        }
        bytes += done;
        length -= (size_t)done;
        talk->sent += (size_t)done;
    }
}

/* Reads until 'length' bytes of the request are there. False when the other side ended before. */
static bool read_up_to(struct conversation *talk, size_t length)
{
    while (talk->length < length) {
        ssize_t got = recv(talk->descriptor, talk->bytes + talk->length, length - talk->length, 0);
        if (got <= 0)
            return false;
        talk->length += (size_t)got;
        talk->bytes[talk->length] = '\0';
    }
    return true;
}

static size_t body_length(const char *head)
{
    for (const char *line = strchr(head, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
        if (strncasecmp(line + 1, "content-length:", 15) == 0)
            return strtoul(line + 16, NULL, 10);
    return 0;
}

/* The head byte by byte, so that nothing of a next request is taken along; then the body at once. */
static void take_request(struct conversation *talk)
{
    const char *end = NULL;
    while (!(end = strstr(talk->bytes, "\r\n\r\n")))
        if (talk->length + 1 >= REQUEST_MAX || !read_up_to(talk, talk->length + 1)) {
            over(talk, talk->length ? "cut by the other side" : "gone");
            return;
        }
    talk->head_length = (size_t)(end - talk->bytes) + 4;
    size_t whole = talk->head_length + body_length(talk->bytes);
    if (whole >= REQUEST_MAX || !read_up_to(talk, whole)) {
        over(talk, "cut by the other side");
        return;
    }
    talk->is_whole = true;
    journal_request(talk->service->journal, talk->number, talk->connection, talk->bytes,
                    talk->head_length, talk->length);
}

static void apply(struct conversation *talk)
{
    if (talk->is_whole)
        journal_note(talk->service->journal, "\"event\": \"applied\", \"n\": %u", talk->number);
}

/* ---------------------------------------------------------------- the steps */

static void send_usual(struct conversation *talk, size_t up_to)
{
    char body[64], answer[256];
    int body_bytes = snprintf(body, sizeof body, "{\"status\":\"success\",\"reference_id\":%u}",
                              10000 + talk->number);
    int bytes = snprintf(answer, sizeof answer,
                         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         "Content-Length: %d\r\n\r\n%s",
                         body_bytes, body);
    size_t end = up_to < (size_t)bytes ? up_to : (size_t)bytes;
    if (end > talk->usual_sent)
        send_bytes(talk, answer + talk->usual_sent, end - talk->usual_sent);
    talk->usual_sent = end;
}

/* Told even while bytes that nobody read stand before the end. */
static bool peer_is_gone(const struct conversation *talk)
{
    struct pollfd wait = {.fd = talk->descriptor, .events = POLLRDHUP};
    return poll(&wait, 1, 0) > 0;
}

static void repeat(struct conversation *talk, const struct step *step)
{
    for (unsigned long i = 0; !talk->is_over && (step->count == 0 || i < step->count); i++) {
        send_bytes(talk, step->bytes, step->length);
        if (step->gap_ms)
            nap(step->gap_ms);
    }
}

static void hold(struct conversation *talk)
{
    struct service *service = talk->service;
    pthread_mutex_lock(&service->guard);
    unsigned releases = service->releases, clearings = service->clearings;
    service->holding++;
    pthread_cond_broadcast(&service->changed);
    while (service->releases == releases && !talk->is_over) {
        pthread_mutex_unlock(&service->guard);
        nap(HOLD_SLICE_MS);
        if (peer_is_gone(talk))
            over(talk, "gone");
        pthread_mutex_lock(&service->guard);
    }
    if (service->clearings == clearings)
        service->holding--;
    pthread_mutex_unlock(&service->guard);
}

/* Unread bytes would turn the close into a reset: they are read away first. */
static void close_in_order(struct conversation *talk)
{
    char waste[4096];
    struct pollfd wait = {.fd = talk->descriptor, .events = POLLIN};
    shutdown(talk->descriptor, SHUT_WR);
    while (poll(&wait, 1, DRAIN_MS) > 0 && recv(talk->descriptor, waste, sizeof waste, 0) > 0)
        ;
    over(talk, "closed");
}

static void reset(struct conversation *talk)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(talk->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    over(talk, "reset");
}

static void take_step(struct conversation *talk, const struct step *step)
{
    switch (step->kind) {
    case STEP_READ:
        if (!read_up_to(talk, step->count))
            over(talk, "cut by the other side");
        return;
    case STEP_TAKE:
        take_request(talk);
        return;
    case STEP_APPLY:
        apply(talk);
        return;
    case STEP_SEND:
        send_usual(talk, step->count);
        return;
    case STEP_ANSWER:
        send_usual(talk, SIZE_MAX);
        return;
    case STEP_TEXT:
        send_bytes(talk, step->bytes, step->length);
        return;
    case STEP_REPEAT:
        repeat(talk, step);
        return;
    case STEP_NAP:
        nap(step->count);
        return;
    case STEP_HOLD:
        hold(talk);
        return;
    case STEP_CLOSE:
        close_in_order(talk);
        return;
    case STEP_RESET:
        reset(talk);
        return;
    }
}

/* ---------------------------------------------------------------- one request after another */

/* Waits for the first byte of a next request and gives it its number. False when none comes. */
static bool request_begins(struct conversation *talk, unsigned *since_cleared)
{
    struct service *service = talk->service;
    char byte;
    if (recv(talk->descriptor, &byte, 1, MSG_PEEK) <= 0)
        return false;
    pthread_mutex_lock(&service->guard);
    talk->number = ++service->serial;
    *since_cleared = ++service->requests;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->guard);
    journal_note(service->journal, "\"event\": \"begun\", \"n\": %u, \"connection\": %u",
                 talk->number, talk->connection);
    return true;
}

static bool request_run(struct conversation *talk)
{
    unsigned since_cleared;
    talk->length = talk->head_length = talk->sent = talk->usual_sent = 0;
    talk->is_whole = false;
    talk->bytes[0] = '\0';
    talk->end = "kept";
    if (!request_begins(talk, &since_cleared))
        return false;
    const struct steps *steps = script_steps(talk->service->script, since_cleared);
    for (size_t i = 0; i < steps->count && !talk->is_over; i++)
        take_step(talk, &steps->items[i]);
    journal_note(talk->service->journal,
                 "\"event\": \"end\", \"n\": %u, \"read\": %zu, \"sent\": %zu, \"how\": \"%s\"",
                 talk->number, talk->length, talk->sent, talk->end);
    return !talk->is_over;
}

void conversation_run(struct service *service, int descriptor, unsigned connection)
{
    struct conversation talk = {
        .service = service, .descriptor = descriptor, .connection = connection};
    talk.bytes = malloc(REQUEST_MAX);
    while (talk.bytes && request_run(&talk))
        ;
    close(descriptor);
    free(talk.bytes);
    pthread_mutex_lock(&service->guard);
    service->live--;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->guard);
}

void conversation_refuse(struct service *service, int descriptor)
{
    char waste[4096];
    size_t bytes = 0;
    for (ssize_t got; (got = recv(descriptor, waste, sizeof waste, 0)) > 0;)
        bytes += (size_t)got;
    journal_note(service->journal, "\"event\": \"trespass\", \"bytes\": %zu", bytes);
    close(descriptor);
}
