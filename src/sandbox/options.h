#ifndef OPSPUSH_SANDBOX_OPTIONS_H
#define OPSPUSH_SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "rules.h"
#include "service.h"

/* The command line of opspush-sandbox, from one table. */
struct options {
    struct rules rules;
    uint16_t port;
    const char *port_file;
    uint64_t seed;
    const char *misbehave, *script;
    bool by_person;
    struct latency latency;
    bool bare;
    const char *log_path;
    int64_t for_ms; /* -1: until a signal */
    bool die_with_parent;
    bool help, version;
};

/* Strings are lent by 'words'. FAULT_USAGE for what it does not know, FAULT_CONFIG for a token file. */
int options_parse(struct options *options, int count, char *const words[],
                  struct fault *fault) MUST_CHECK;
void options_clear(struct options *options);
void options_help(FILE *out);

#endif
