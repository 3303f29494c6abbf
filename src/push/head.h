#ifndef OPSPUSH_PUSH_HEAD_H
#define OPSPUSH_PUSH_HEAD_H

#include "push/transport.h"

/* Keeps what an exchange wants of one header line: its type, date, wish to wait, and where it points to. */
void head_keep(struct exchange *exchange, const char *line, size_t length);
/* Another head begins (after an interim one): what the one before said does not count. */
void head_forget(struct exchange *exchange);

#endif
