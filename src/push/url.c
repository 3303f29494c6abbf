#include "url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "push/transport.h"

enum { URL_BYTES_MAX = 2000, PRIVILEGED_PORTS = 1024 };

struct parts {
    bool is_plain; /* http: */
    char *host;    /* lower-case, an IPv6 address in brackets */
    long port;     /* 0: the scheme's own */
    const char *path;
    size_t path_length; /* without slashes at its end */
};

#define REFUSE(...) fault_set(fault, FAULT_CONFIG, __VA_ARGS__)

bool url_is_plain(const char *normalised)
{
    return strncmp(normalised, "http:", 5) == 0;
}

bool url_host_is_loopback(const char *host)
{
    return text_is_folded(host, "localhost") || text_is(host, "127.0.0.1") ||
           text_is(host, "::1") || text_is(host, "[::1]");
}

void url_host(const char *location, size_t length, char *out, size_t size)
{
    const char *end = location + length, *start = location;
    while (start < end && (isalnum((unsigned char)*start) || strchr("+-.", *start)))
        start++;
    start = start < end && *start == ':' ? start + 1 : location;
    struct text clean = {0};
    if (end - start >= 2 && start[0] == '/' && start[1] == '/') {
        const char *host = start + 2, *stop = host;
        while (stop < end && !strchr("/?#\\", *stop)) {
            if (*stop == '@')
                host = stop + 1;
            stop++;
        }
        utf8_add_clean(&clean, host, (size_t)(stop - host), size / 4);
    } else {
        text_add(&clean, "this host");
    }
    size_t kept = clean.length < size ? clean.length : size - 1;
    memcpy(out, text_string(&clean), kept);
    out[utf8_valid_prefix(out, kept)] = '\0';
    text_clear(&clean);
}

/* Every byte is one that a URL may hold as it is; nothing that a log or a shell could trip over. */
static int check_bytes(const char *url, struct fault *fault)
{
    if (strlen(url) > URL_BYTES_MAX)
        return REFUSE("the URL is longer than %d bytes", URL_BYTES_MAX);
    for (const char *at = url; *at; at++) {
        if (*at <= ' ' || *at > '~' || strchr("\\\"<>^`{|}", *at))
            return REFUSE("the URL holds a character that no URL may hold (byte %zu)",
                          (size_t)(at - url) + 1);
        if (*at == '%' && !(isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])))
            return REFUSE("the URL holds a '%%' without two hexadecimal digits behind it");
    }
    if (strchr(url, '#'))
        return REFUSE("the URL has a fragment (#...): give the base of the API alone");
    if (strchr(url, '?'))
        return REFUSE("the URL has a query (?...): give the base of the API alone");
    return 0;
}

static int take_scheme(const char **at, struct parts *parts, struct fault *fault)
{
    if (strncasecmp(*at, "https://", 8) == 0)
        *at += 8;
    else if (strncasecmp(*at, "http://", 7) == 0)
        *at += 7, parts->is_plain = true;
    else if (strstr(*at, "://"))
        return REFUSE("the URL's scheme must be https");
    else
        return REFUSE("the URL must begin with https://");
    return 0;
}

static int take_port(const char *start, const char *end, struct parts *parts, struct fault *fault)
{
    long port = 0;
    for (const char *digit = start; digit < end; digit++) {
        if (!isdigit((unsigned char)*digit) || port > 65535)
            return REFUSE("the URL's port is not a number from 1 to 65535");
        port = port * 10 + (*digit - '0');
    }
    if (start == end || port < 1 || port > 65535)
        return REFUSE("the URL's port is not a number from 1 to 65535");
    parts->port = port == (parts->is_plain ? 80 : 443) ? 0 : port;
    return 0;
}

static int check_ipv6(struct parts *parts, struct fault *fault)
{
    struct in6_addr address;
    char *bare = mem_bytes(parts->host + 1, strlen(parts->host) - 2);
    int known = inet_pton(AF_INET6, bare, &address);
    free(bare);
    if (known != 1)
        return REFUSE("the URL's host is not an IPv6 address");
    if (memcmp(&address, &in6addr_loopback, sizeof address) != 0)
        return REFUSE("the URL's host is an IP address: a certificate is made out to a name");
    memcpy(parts->host, "[::1]", sizeof "[::1]"); /* the shortest way to write it */
    return 0;
}

/* Labels of letters, digits and hyphens; where the last one begins with a digit, it is an address and must be 127.0.0.1. */
static int check_name(const char *host, struct fault *fault)
{
    const char *last = host;
    size_t label = 0;
    for (const char *at = host; *at; at++) {
        bool is_dot = *at == '.';
        if (!is_dot && !isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            return REFUSE("the URL's host is not a host name");
        if ((is_dot && label == 0) || label > 63)
            return REFUSE("the URL's host is not a host name");
        label = is_dot ? 0 : label + 1;
        if (is_dot)
            last = at + 1;
    }
    if (label == 0 || label > 63 || host[0] == '-' || strlen(host) > 253)
        return REFUSE("the URL's host is not a host name");
    if (isdigit((unsigned char)*last) && !text_is(host, "127.0.0.1"))
        return REFUSE("the URL's host is an IP address: a certificate is made out to a name");
    return 0;
}

static int take_host(const char **at, struct parts *parts, struct fault *fault)
{
    const char *start = *at, *end = start + strcspn(start, "/"), *stop;
    if (memchr(start, '@', (size_t)(end - start)))
        return REFUSE("the URL holds a user name or a password: the token stands in a file");
    if (*start == '[') {
        stop = memchr(start, ']', (size_t)(end - start));
        if (!stop)
            return REFUSE("the URL's host is not an IPv6 address");
        stop++;
    } else {
        const char *colon = memchr(start, ':', (size_t)(end - start));
        stop = colon ? colon : end;
    }
    if (stop < end && *stop != ':')
        return REFUSE("the URL's host is not a host name");
    if (stop < end && take_port(stop + 1, end, parts, fault))
        return -1;
    parts->host = mem_bytes(start, (size_t)(stop - start));
    for (char *letter = parts->host; *letter; letter++)
        *letter = (char)tolower((unsigned char)*letter);
    *at = end;
    return *start == '[' ? check_ipv6(parts, fault) : check_name(parts->host, fault);
}

static int check_reach(const struct parts *parts, struct fault *fault)
{
    if (url_host_is_loopback(parts->host))
        return 0;
    if (parts->is_plain)
        return REFUSE("the URL must be https: http is for this machine alone (127.0.0.1, [::1], "
                      "localhost)");
    if (parts->port && parts->port < PRIVILEGED_PORTS)
        return REFUSE("port %ld belongs to another service than https", parts->port);
    return 0;
}

static int take_path(const char *at, struct parts *parts, struct fault *fault)
{
    static const char tail[] = "/profiles/push";
    size_t length = strlen(at), tail_length = sizeof tail - 1;
    while (length && at[length - 1] == '/')
        length--;
    if (length >= tail_length && memcmp(at + length - tail_length, tail, tail_length) == 0)
        return REFUSE("the URL ends with %s: give the base, the rest is appended", tail);
    for (const char *segment = at; segment < at + length; segment += strcspn(segment, "/")) {
        segment++;
        size_t bytes = strcspn(segment, "/");
        if ((bytes == 1 && segment[0] == '.') || (bytes == 2 && memcmp(segment, "..", 2) == 0))
            return REFUSE("the URL's path holds a '.' or '..'");
    }
    parts->path = at;
    parts->path_length = length;
    return 0;
}

char *url_normalise(const char *url, struct fault *fault)
{
    struct parts parts = {0};
    const char *at = url;
    char *result = NULL;
    if (check_bytes(url, fault) || take_scheme(&at, &parts, fault) ||
        take_host(&at, &parts, fault) || check_reach(&parts, fault) || take_path(at, &parts, fault))
        goto out;
    char port[16] = "";
    if (parts.port)
        snprintf(port, sizeof port, ":%ld", parts.port);
    result = mem_format("%s://%s%s%.*s", parts.is_plain ? "http" : "https", parts.host, port,
                        (int)parts.path_length, parts.path);
out:
    free(parts.host);
    return result;
}
