#ifndef OPSPUSH_PUSH_URL_PRIVATE_H
#define OPSPUSH_PUSH_URL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* What the room itself asks of URLs. */

bool url_is_plain(const char *normalised); /* http:, not https: */
/* 127.0.0.1, ::1 (with or without brackets) or localhost. */
bool url_host_is_loopback(const char *host);
/*
 * The host of a Location header, for people: without user, password, path; cleaned; "this host" for a relative one.
 * 'out' holds 'size' bytes.
 */
void url_host(const char *location, size_t length, char *out, size_t size);

#endif
