#ifndef OPSPUSH_PUSH_TRANSPORT_H
#define OPSPUSH_PUSH_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

enum { ANSWER_BODY_MAX = 65536 };

enum exchange_end {
    EXCHANGE_ANSWERED, /* a final status and a complete transfer */
    EXCHANGE_NOT_SENT, /* no byte of the request left: DNS, connect refused, connect timeout; a proxy that refuses: its status */
    EXCHANGE_UNTRUSTED, /* TLS was refused by us: certificate, host name, CA bundle; no byte of the request left */
    EXCHANGE_BROKEN /* a byte may have left and no complete answer came: reset, timeout, cut, over the caps */
};

struct exchange {
    uint64_t ticket;
    enum exchange_end end;
    int http_status; /* 0: none */
    char content_type[128];
    char retry_after[128]; /* raw; the later of several is chosen by the judge: joined by '\n' */
    char length[24];       /* Content-Length as written */
    bool lengths_differ;   /* several that contradict each other: RFC 9112 section 6.3 */
    char date[64];
    char location_host[128]; /* of a redirect, cleaned */
    struct text body;        /* at most ANSWER_BODY_MAX; owned by the exchange */
    bool body_over;          /* more came: cut off */
    char error[256];         /* transport's words when not answered; no secret in it */
    char error_code[32];     /* "dns", "connect", "timeout", "tls", "reset", ... */
    int64_t duration_ms;
};
void exchange_clear(struct exchange *exchange);

/* One that carries requests: libcurl in the tool, a model server in the simulator. */
struct transport {
    /* Starts one POST; body is lent until it is done or the last 'wait' has returned. -1 only when it cannot even be started. */
    int (*start)(void *self, uint64_t ticket, const char *body, size_t body_bytes,
                 struct fault *fault);
    /*
     * Waits until an exchange is done, at most 'timeout_ms', or until a signal asks for attention. Gives 1 with the exchange (caller clears), 0 when
     * none is done yet, -1 a fault of ours.
     */
    int (*wait)(void *self, int64_t timeout_ms, struct exchange *done, struct fault *fault);
    void (*close)(void *self);
    void *self;
};

struct http_settings {
    const char *url;     /* base, normalised; "/profiles/push" is appended */
    const char *path;    /* "/profiles/push", or "/profiles/types/list" for the probe */
    const char *proxy;   /* or NULL */
    const char *ca_file; /* or NULL */
    int connections;
    long connect_timeout_s; /* 10 */
    long total_timeout_s;   /* 60 */
};
/*
 * HTTP/1.1 by libcurl multi: keep-alive, no redirects, no re-sending by itself (prereq guard), protocols https (http to loopback), TLS
 * verified always, proxies of the environment and SSLKEYLOGFILE ignored. FAULT_CONFIG when a setting cannot be used.
 */
int http_open(const struct http_settings *settings, struct transport *out,
              struct fault *fault) MUST_CHECK;

/*
 * Normalises a base URL (lower-case scheme and host, no default port, no trailing slash); FAULT_CONFIG with the reason for
 * anything but https, or http to 127.0.0.1, [::1] or localhost; no credentials, query or fragment. free() the result.
 */
char *url_normalise(const char *url, struct fault *fault) MUST_CHECK;

/* Appends the names and versions of the library behind the transport and of its TLS. */
void http_versions(struct text *out);

#endif
