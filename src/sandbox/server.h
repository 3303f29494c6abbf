#ifndef OPSPUSH_SANDBOX_SERVER_H
#define OPSPUSH_SANDBOX_SERVER_H

#include <signal.h>
#include <stdint.h>

#include "base/fault.h"
#include "service.h"

/* The HTTP side, by libmicrohttpd: one thread, one loop, 127.0.0.1 and no other address. */

struct server;
/* Listens on the port (0: a free one) from here on; the service is lent. FAULT_CONFIG when the port is taken. */
struct server *server_open(struct service *service, uint16_t port, struct fault *fault) MUST_CHECK;
uint16_t server_port(const struct server *server);
/* Answers until *stop is set by a handler of SIGINT or SIGTERM, or for 'for_ms' (-1: without end). */
int server_run(struct server *server, const volatile sig_atomic_t *stop, int64_t for_ms,
               struct fault *fault) MUST_CHECK;
void server_close(struct server *server);

#endif
