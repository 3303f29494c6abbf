/*
 * A fault server on plain sockets: it can cut, stall or reset after any byte of a request or an answer, and send what no HTTP
 * library would let it send. Loopback alone; ends with its standard input. Usage: fault-server JOURNAL TOKEN
 *
 * Prints "listening PORT TRESPASS-PORT", then answers one line to each line of standard input:
 *   on RULE           adds a rule (script.h)                  ok
 *   clear             forgets all rules, counts anew          ok
 *   await N MS        until N requests have begun             ok, or late
 *   held N MS         until N requests are held               ok, or late
 *   release           lets go what is held                    ok
 *   down, up          closes the port, opens it again         ok
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conversation.h"

enum { LINE_MAX_BYTES = 1 << 20, BACKLOG = 128, CLEAR_MS = 2000 };

struct listener {
    struct service *service;
    int descriptor;
    unsigned short port;
    bool is_trespass;
};

struct arrival {
    struct service *service;
    int descriptor;
    unsigned connection; /* 0: at the port that nobody must call */
};

/* ---------------------------------------------------------------- listening */

static bool listener_open(struct listener *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(listener->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1;
    listener->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener->descriptor < 0)
        return false;
    setsockopt(listener->descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener->descriptor, (struct sockaddr *)&address, size) != 0 ||
        listen(listener->descriptor, BACKLOG) != 0 ||
        getsockname(listener->descriptor, (struct sockaddr *)&address, &size) != 0)
        return false;
    listener->port = ntohs(address.sin_port);
    return true;
}

static void *arrival_run(void *pointer)
{
    struct arrival arrival = *(struct arrival *)pointer;
    free(pointer);
    if (arrival.connection)
        conversation_run(arrival.service, arrival.descriptor, arrival.connection);
    else
        conversation_refuse(arrival.service, arrival.descriptor);
    return NULL;
}

static unsigned connection_count(struct service *service)
{
    pthread_mutex_lock(&service->guard);
    unsigned number = ++service->connections;
    service->live++;
    pthread_mutex_unlock(&service->guard);
    journal_note(service->journal, "\"event\": \"open\", \"connection\": %u", number);
    return number;
}

static void *listener_run(void *pointer)
{
    struct listener *listener = pointer;
    int descriptor, own = listener->descriptor;
    while ((descriptor = accept(own, NULL, NULL)) >= 0 || errno == EINTR || errno == ECONNABORTED) {
        struct arrival *arrival = descriptor >= 0 ? calloc(1, sizeof *arrival) : NULL;
        pthread_t thread;
        if (!arrival)
            continue;
        *arrival =
            (struct arrival){listener->service, descriptor,
                             listener->is_trespass ? 0 : connection_count(listener->service)};
        if (pthread_create(&thread, NULL, arrival_run, arrival) == 0)
            pthread_detach(thread);
        else
            exit(1);
    }
    close(own);
    return NULL;
}

static bool listener_start(struct listener *listener)
{
    pthread_t thread;
    if (!listener_open(listener) || pthread_create(&thread, NULL, listener_run, listener) != 0)
        return false;
    return pthread_detach(thread) == 0;
}

/* ---------------------------------------------------------------- what the harness says */

static const char *await(struct service *service, const unsigned *count, const char *words)
{
    unsigned long wanted, ms;
    struct timespec until;
    int late = 0;
    if (sscanf(words, "%lu %lu", &wanted, &ms) != 2)
        return "two numbers are needed";
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&service->guard);
    while (*count < wanted && !late)
        late = pthread_cond_timedwait(&service->changed, &service->guard, &until);
    bool reached = *count >= wanted;
    pthread_mutex_unlock(&service->guard);
    return reached ? "ok" : "late";
}

static bool is_quiet(struct service *service, const struct listener *listener)
{
    struct pollfd waiting = {.fd = listener->descriptor, .events = POLLIN};
    pthread_mutex_lock(&service->guard);
    bool quiet = service->live == 0;
    pthread_mutex_unlock(&service->guard);
    return quiet && poll(&waiting, 1, 0) == 0;
}

/* Waits for the connections of a program that has ended: what they still bring must not count among the next one's requests. */
static void clear(struct service *service, const struct listener *listener)
{
    struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < CLEAR_MS && !is_quiet(service, listener); i++)
        nanosleep(&pause, NULL);
    pthread_mutex_lock(&service->guard);
    service->requests = service->holding = 0;
    service->clearings++;
    pthread_mutex_unlock(&service->guard);
    script_clear(service->script);
}

static void release(struct service *service)
{
    pthread_mutex_lock(&service->guard);
    service->releases++;
    pthread_mutex_unlock(&service->guard);
}

static const char *obey(struct service *service, struct listener *listener, const char *line)
{
    if (strncmp(line, "on ", 3) == 0)
        return script_add(service->script, line + 3) ? "ok" : "cannot read this rule";
    if (strncmp(line, "await ", 6) == 0)
        return await(service, &service->requests, line + 6);
    if (strncmp(line, "held ", 5) == 0)
        return await(service, &service->holding, line + 5);
    if (strcmp(line, "clear") == 0)
        clear(service, listener);
    else if (strcmp(line, "release") == 0)
        release(service);
    else if (strcmp(line, "down") == 0)
        shutdown(listener->descriptor, SHUT_RDWR);
    else if (strcmp(line, "up") == 0)
        return listener_start(listener) ? "ok" : strerror(errno);
    else
        return "unknown word";
    return "ok";
}

int main(int argc, char **argv)
{
    struct service service = {.script = script_new()};
    struct listener main_port = {.service = &service};
    struct listener trespass = {.service = &service, .is_trespass = true};
    if (argc != 3 || !service.script || !(service.journal = journal_open(argv[1], argv[2]))) {
        fputs("usage: fault-server JOURNAL TOKEN\n", stderr);
        return 2;
    }
    pthread_mutex_init(&service.guard, NULL);
    pthread_cond_init(&service.changed, NULL);
    char *line = malloc(LINE_MAX_BYTES);
    if (!line || !listener_start(&main_port) || !listener_start(&trespass)) {
        perror("fault-server");
        return 1;
    }
    printf("listening %u %u\n", (unsigned)main_port.port, (unsigned)trespass.port);
    fflush(stdout);
    while (fgets(line, LINE_MAX_BYTES, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        puts(obey(&service, &main_port, line));
        fflush(stdout);
    }
    free(line);
    return 0; /* conversations that still run end with the process */
}
