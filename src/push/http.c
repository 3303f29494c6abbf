/*
 * The only file that knows libcurl. One easy handle for each connection, set up once; a request changes its body alone.
 * What libcurl does by itself and must not (failures.md, "Measured"): send a POST again, follow, trust the environment.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "head.h"
#include "push/transport.h"
#include "url.h"

enum {
    HEADER_LINES_MAX = 256,
    HEADER_BYTES_MAX = 65536,
    CONNECTION_LIFE_S = 300,
    CA_FILE_MAX = 16 << 20,
    WAIT_SLICE_MS = 250 /* a signal that falls between two looks is seen this late at most */
};

struct slot {
    CURL *easy;
    bool is_busy;
    int sends; /* times that libcurl was about to send the request: a second time is refused */
    size_t header_lines, header_bytes;
    bool head_is_over; /* what still looks like a header is a trailer */
    bool over_caps;
    bool is_stray; /* nothing was sent: bytes came on the kept connection before */
    struct http *http;
    struct exchange exchange;
    char error[CURL_ERROR_SIZE];
};

/* A connection that is open. */
struct wire {
    curl_socket_t socket;
    bool was_used;
};

struct http {
    CURLM *multi;
    struct wire *wires;
    size_t wire_count;
    struct curl_slist *headers;
    char *url;
    size_t count;
    struct slot slots[];
};

/* ---------------------------------------------------------------- what comes back */

static int wire_opened(void *http_pointer, curl_socket_t opened, curlsocktype purpose)
{
    (void)purpose;
    struct http *http = http_pointer;
    http->wires = mem_resize(http->wires, http->wire_count + 1, sizeof *http->wires);
    http->wires[http->wire_count++] = (struct wire){.socket = opened};
    return CURL_SOCKOPT_OK;
}

static int wire_closed(void *http_pointer, curl_socket_t closed)
{
    struct http *http = http_pointer;
    size_t at = 0;
    while (at < http->wire_count && http->wires[at].socket != closed)
        at++;
    if (at < http->wire_count)
        http->wires[at] = http->wires[--http->wire_count];
    return close(closed);
}

static int local_port_of(curl_socket_t socket)
{
    struct sockaddr_in6 address = {0}; /* its port stands where that of a sockaddr_in does */
    socklen_t size = sizeof address;
    return getsockname(socket, (struct sockaddr *)&address, &size) == 0 ? ntohs(address.sin6_port)
                                                                        : -1;
}

/*
 * Bytes that nobody asked for, waiting on a kept connection (a second answer, a 408 before closing, or its end), would be
 * taken for the answer to the next person. libcurl tells which connection it chose by its port alone.
 */
static bool has_stray_input(struct http *http, int local_port)
{
    struct wire *wire = http->wires, *end = wire + http->wire_count;
    while (wire < end && local_port_of(wire->socket) != local_port)
        wire++;
    if (wire == end)
        return false;
    bool was_used = wire->was_used;
    struct pollfd waiting = {.fd = wire->socket, .events = POLLIN};
    wire->was_used = true;
    return was_used && poll(&waiting, 1, 0) > 0;
}

/* Called when the connection is there and before a byte of the request leaves; a second time in a transfer is libcurl's own re-sending. */
static int guard_resend(void *slot_pointer, char *primary_ip, char *local_ip, int primary_port,
                        int local_port)
{
    (void)primary_ip, (void)local_ip, (void)primary_port;
    struct slot *slot = slot_pointer;
    if (slot->sends == 0 && has_stray_input(slot->http, local_port)) {
        slot->is_stray = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return slot->sends++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *slot_pointer)
{
    struct slot *slot = slot_pointer;
    struct text *body = &slot->exchange.body;
    size_t length = size * count, room = (size_t)ANSWER_BODY_MAX - body->length;
    text_add_bytes(body, bytes, length < room ? length : room);
    if (length <= room)
        return length;
    slot->exchange.body_over = slot->over_caps = true;
    return 0;
}

/* One line of a head, the interim ones and those of a proxy included: only the last head counts, trailers do not. */
static size_t take_header(char *bytes, size_t size, size_t count, void *slot_pointer)
{
    struct slot *slot = slot_pointer;
    size_t length = size * count;
    slot->header_bytes += length;
    if (++slot->header_lines > HEADER_LINES_MAX || slot->header_bytes > HEADER_BYTES_MAX) {
        slot->over_caps = true;
        return 0;
    }
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        slot->head_is_over = false;
        head_forget(&slot->exchange);
    } else if (length <= 2) {
        slot->head_is_over = true;
    } else if (!slot->head_is_over) {
        head_keep(&slot->exchange, bytes, length);
    }
    return length;
}

/* ---------------------------------------------------------------- how it ended */

static const char *failure_name(CURLcode code, bool was_sent)
{
    static const struct {
        CURLcode code;
        const char *name;
    } names[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "dns"},
        {CURLE_COULDNT_RESOLVE_PROXY, "proxy"},
        {CURLE_PROXY, "proxy"},
        {CURLE_COULDNT_CONNECT, "connect"},
        {CURLE_SSL_CONNECT_ERROR, "tls"},
        {CURLE_PEER_FAILED_VERIFICATION, "tls"},
        {CURLE_SSL_CACERT_BADFILE, "tls"},
        {CURLE_SSL_CERTPROBLEM, "tls"},
        {CURLE_SSL_CIPHER, "tls"},
        {CURLE_SSL_ISSUER_ERROR, "tls"},
        {CURLE_SSL_INVALIDCERTSTATUS, "tls"},
        {CURLE_SEND_ERROR, "reset"},
        {CURLE_RECV_ERROR, "reset"},
        {CURLE_GOT_NOTHING, "reset"},
        {CURLE_ABORTED_BY_CALLBACK, "reset"},
        {CURLE_PARTIAL_FILE, "cut"},
        {CURLE_WRITE_ERROR, "too_big"},
        {CURLE_UNSUPPORTED_PROTOCOL, "not_http"},
        {CURLE_WEIRD_SERVER_REPLY, "not_http"},
    };
    if (code == CURLE_OPERATION_TIMEDOUT)
        return was_sent ? "timeout" : "connect_timeout";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return names[i].name;
    return "transport";
}

/* OpenSSL's words for "we will not talk to this one", as against a handshake that was cut. */
static bool handshake_was_refused(const char *words)
{
    static const char *const reasons[] = {
        "certificate",       "unsupported protocol",  "wrong version", "protocol version",
        "wrong ssl version", "handshake failure",     "too weak",      "too small",
        "no shared cipher",  "no protocols available"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(words, reasons[i]))
            return true;
    return false;
}

static bool is_untrusted(CURLcode code, const char *words)
{
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return true;
    case CURLE_SSL_CONNECT_ERROR:
        return handshake_was_refused(words);
    default:
        return false;
    }
}

static const char *failure_words(const struct slot *slot, CURLcode code)
{
    if (slot->exchange.body_over)
        return "the answer is larger than 64 KiB";
    if (slot->over_caps)
        return "the answer's headers are too many or too long";
    if (slot->is_stray)
        return "bytes that nobody asked for came on the kept connection; nothing was sent on it";
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return "the connection was closed before an answer came";
    return slot->error[0] ? slot->error : curl_easy_strerror(code);
}

/* What libcurl calls well and is not: a head that was cut, of another protocol, or with two lengths. */
static CURLcode answer_check(const struct slot *slot)
{
    long version = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_HTTP_VERSION, &version);
    if (!slot->head_is_over)
        return CURLE_PARTIAL_FILE;
    if (slot->exchange.lengths_differ)
        return CURLE_WEIRD_SERVER_REPLY;
    if (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1)
        return CURLE_WEIRD_SERVER_REPLY;
    return CURLE_OK;
}

static void exchange_fail(struct slot *slot, CURLcode code)
{
    struct exchange *exchange = &slot->exchange;
    const char *words = failure_words(slot, code);
    bool was_sent = slot->sends > 0;
    exchange->end = was_sent                    ? EXCHANGE_BROKEN
                    : is_untrusted(code, words) ? EXCHANGE_UNTRUSTED
                                                : EXCHANGE_NOT_SENT;
    snprintf(exchange->error, sizeof exchange->error, "%s", words);
    const char *name = slot->over_caps ? "too_big" : failure_name(code, was_sent);
    long tunnel = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (!was_sent && tunnel) {
        exchange->http_status = (int)tunnel;
        name = "proxy";
    }
    snprintf(exchange->error_code, sizeof exchange->error_code, "%s", name);
}

static void slot_finish(struct http *http, struct slot *slot, CURLcode code, struct exchange *done)
{
    struct exchange *exchange = &slot->exchange;
    long status = 0;
    curl_off_t total_us = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(slot->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    exchange->http_status = (int)status;
    exchange->duration_ms = (int64_t)(total_us / 1000);
    if (code == CURLE_OK)
        code = answer_check(slot);
    if (code == CURLE_OK)
        exchange->end = EXCHANGE_ANSWERED;
    else
        exchange_fail(slot, code);
    curl_multi_remove_handle(http->multi, slot->easy);
    slot->is_busy = false;
    *done = *exchange;
    memset(exchange, 0, sizeof *exchange);
}

/* ---------------------------------------------------------------- the transport */

static int http_start(void *self, uint64_t ticket, const char *body, size_t body_bytes,
                      struct fault *fault)
{
    struct http *http = self;
    struct slot *slot = http->slots, *end = http->slots + http->count;
    while (slot < end && slot->is_busy)
        slot++;
    if (slot == end)
        return fault_set(fault, FAULT_FAILED, "more requests at once than connections");
    slot->sends = 0;
    slot->is_stray = false;
    slot->header_lines = slot->header_bytes = 0;
    slot->head_is_over = slot->over_caps = false;
    slot->error[0] = '\0';
    slot->exchange.ticket = ticket;
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_bytes);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, body);
    CURLMcode code = curl_multi_add_handle(http->multi, slot->easy);
    if (code != CURLM_OK)
        return fault_set(fault, FAULT_FAILED, "libcurl: %s", curl_multi_strerror(code));
    slot->is_busy = true;
    return 0;
}

static bool http_take_done(struct http *http, struct exchange *done)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *slot = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        slot_finish(http, (struct slot *)(void *)slot, message->data.result, done);
        return true;
    }
    return false;
}

static int http_wait(void *self, int64_t timeout_ms, struct exchange *done, struct fault *fault)
{
    struct http *http = self;
    int running, slice = timeout_ms < WAIT_SLICE_MS ? (int)timeout_ms : WAIT_SLICE_MS;
    if (http_take_done(http, done))
        return 1;
    CURLMcode code = curl_multi_perform(http->multi, &running);
    if (code == CURLM_OK && !http_take_done(http, done)) {
        code = curl_multi_poll(http->multi, NULL, 0, slice < 0 ? 0 : slice, NULL);
        if (code == CURLM_OK)
            code = curl_multi_perform(http->multi, &running);
        if (code == CURLM_OK)
            return http_take_done(http, done);
    }
    if (code != CURLM_OK)
        return fault_set(fault, FAULT_FAILED, "libcurl: %s", curl_multi_strerror(code));
    return 1;
}

static void http_close(void *self)
{
    struct http *http = self;
    for (struct slot *slot = http->slots; slot < http->slots + http->count; slot++) {
        if (slot->is_busy)
            curl_multi_remove_handle(http->multi, slot->easy);
        curl_easy_cleanup(slot->easy);
        exchange_clear(&slot->exchange);
    }
    curl_multi_cleanup(http->multi);
    curl_slist_free_all(http->headers);
    free(http->wires);
    free(http->url);
    free(http);
    curl_global_cleanup();
}

/* ---------------------------------------------------------------- setting up */

#define CURL_SET(easy, option, value)                                                              \
    do {                                                                                           \
        CURLcode set_code = curl_easy_setopt(easy, option, value);                                 \
        if (set_code != CURLE_OK)                                                                  \
            return fault_set(fault, FAULT_CONFIG, "libcurl does not take %s: %s", #option,         \
                             curl_easy_strerror(set_code));                                        \
    } while (0)

/* The same for every host and every user; nothing in the settings can change these. */
static int slot_set_rules(CURL *easy, struct fault *fault)
{
    CURL_SET(easy, CURLOPT_POST, 1L);
    CURL_SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    CURL_SET(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    CURL_SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    CURL_SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    CURL_SET(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    CURL_SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    CURL_SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    CURL_SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    CURL_SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    CURL_SET(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    CURL_SET(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    CURL_SET(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    CURL_SET(easy, CURLOPT_NOSIGNAL, 1L);
    CURL_SET(easy, CURLOPT_TCP_NODELAY, 1L);
    CURL_SET(easy, CURLOPT_MAXLIFETIME_CONN, (long)CONNECTION_LIFE_S);
    CURL_SET(easy, CURLOPT_USERAGENT, "opspush/" OPSPUSH_VERSION);
    return 0;
}

static int slot_set_callbacks(struct slot *slot, struct fault *fault)
{
    CURL_SET(slot->easy, CURLOPT_PREREQFUNCTION, guard_resend);
    CURL_SET(slot->easy, CURLOPT_PREREQDATA, slot);
    CURL_SET(slot->easy, CURLOPT_SOCKOPTFUNCTION, wire_opened);
    CURL_SET(slot->easy, CURLOPT_SOCKOPTDATA, slot->http);
    CURL_SET(slot->easy, CURLOPT_CLOSESOCKETFUNCTION, wire_closed);
    CURL_SET(slot->easy, CURLOPT_CLOSESOCKETDATA, slot->http);
    CURL_SET(slot->easy, CURLOPT_WRITEFUNCTION, take_body);
    CURL_SET(slot->easy, CURLOPT_WRITEDATA, slot);
    CURL_SET(slot->easy, CURLOPT_HEADERFUNCTION, take_header);
    CURL_SET(slot->easy, CURLOPT_HEADERDATA, slot);
    CURL_SET(slot->easy, CURLOPT_ERRORBUFFER, slot->error);
    CURL_SET(slot->easy, CURLOPT_PRIVATE, slot);
    return 0;
}

static int slot_set_target(const struct http *http, CURL *easy,
                           const struct http_settings *settings, struct fault *fault)
{
    CURL_SET(easy, CURLOPT_URL, http->url);
    CURL_SET(easy, CURLOPT_PROTOCOLS_STR, url_is_plain(http->url) ? "http" : "https");
    CURL_SET(easy, CURLOPT_HTTPHEADER, http->headers);
    CURL_SET(easy, CURLOPT_PROXY, settings->proxy ? settings->proxy : "");
    CURL_SET(easy, CURLOPT_PRE_PROXY, "");
    CURL_SET(easy, CURLOPT_NOPROXY, "");
    CURL_SET(easy, CURLOPT_CONNECTTIMEOUT, settings->connect_timeout_s);
    CURL_SET(easy, CURLOPT_TIMEOUT, settings->total_timeout_s);
    if (settings->ca_file) /* beside the system's folder of certificates, which stays */
        CURL_SET(easy, CURLOPT_CAINFO, settings->ca_file);
    return 0;
}

static int slot_open(struct http *http, struct slot *slot, const struct http_settings *settings,
                     struct fault *fault)
{
    slot->http = http;
    slot->easy = curl_easy_init();
    if (!slot->easy)
        return fault_set(fault, FAULT_FAILED, "libcurl could not be started");
    if (slot_set_rules(slot->easy, fault) || slot_set_callbacks(slot, fault))
        return -1;
    return slot_set_target(http, slot->easy, settings, fault);
}

static int ca_file_check(const char *path, struct fault *fault)
{
    struct text content = {0};
    int result = file_read(path, CA_FILE_MAX, &content, FAULT_CONFIG, fault);
    if (!result && !strstr(text_string(&content), "-----BEGIN CERTIFICATE-----"))
        result = fault_set(fault, FAULT_CONFIG, "%s holds no certificate in PEM form", path);
    text_clear(&content);
    return result;
}

/* http: goes to this machine alone, so its proxy must be on this machine too: a body holds the token. */
static int proxy_check(const char *proxy, const char *url, struct fault *fault)
{
    CURLU *parts = curl_url();
    char *host = NULL, *scheme = NULL;
    int result = 0;
    if (!parts ||
        curl_url_set(parts, CURLUPART_URL, proxy,
                     CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME) ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0))
        result = fault_set(fault, FAULT_CONFIG, "the proxy is not a URL such as http://host:3128");
    else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0 &&
             strcmp(scheme, "socks5") != 0 && strcmp(scheme, "socks5h") != 0)
        result = fault_set(fault, FAULT_CONFIG,
                           "the proxy's scheme is not one of http, https, socks5 and socks5h");
    else if (url_is_plain(url) && !url_host_is_loopback(host))
        result = fault_set(fault, FAULT_CONFIG,
                           "an http: target is for this machine alone and does not go through a "
                           "proxy elsewhere");
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return result;
}

/* Writes to a connection that the other side closed must not end the program; libcurl leaves that to us (NOSIGNAL). */
static void ignore_broken_pipes(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
}

static struct http *http_new(const struct http_settings *settings)
{
    static const char *const lines[] = {"Accept: application/json",
                                        "Content-Type: application/json", "Expect:"};
    size_t count = settings->connections > 0 ? (size_t)settings->connections : 1;
    struct http *http = mem_new(sizeof *http + count * sizeof *http->slots);
    http->count = count;
    http->url = mem_format("%s%s", settings->url, settings->path);
    http->multi = curl_multi_init();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        http->headers = curl_slist_append(http->headers, lines[i]);
    return http;
}

int http_open(const struct http_settings *settings, struct transport *out, struct fault *fault)
{
    if (settings->ca_file && ca_file_check(settings->ca_file, fault))
        return -1;
    if (settings->proxy && proxy_check(settings->proxy, settings->url, fault))
        return -1;
    unsetenv("SSLKEYLOGFILE"); /* read by curl_global_init */
    ignore_broken_pipes();
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fault_set(fault, FAULT_FAILED, "libcurl could not be started");
    struct http *http = http_new(settings);
    int result = http->multi && http->headers
                     ? 0
                     : fault_set(fault, FAULT_FAILED, "libcurl could not be started");
    for (size_t i = 0; i < http->count && !result; i++)
        result = slot_open(http, &http->slots[i], settings, fault);
    if (result) {
        http_close(http);
        return -1;
    }
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->count);
    *out = (struct transport){
        .start = http_start, .wait = http_wait, .close = http_close, .self = http};
    return 0;
}

void http_versions(struct text *out)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    text_addf(out, "libcurl %s (%s)", info->version,
              info->ssl_version ? info->ssl_version : "no TLS");
}
