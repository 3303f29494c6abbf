#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "probe.h"
#include "state_commands.h"
#include "json/write.h"

/*
 * config: effective settings and their origins. doctor: looks over everything that a push needs and says each finding; with --probe it
 * makes the one call that changes nothing at the server (profiles/types/list).
 */

int command_config(struct call *call)
{
    struct text out = {0}, value = {0};
    struct json_writer json;
    json_writer_init(&json, &out, 2);
    if (call->settings.json)
        json_open_object(&json);
    for (size_t i = 0; i < option_count; i++) {
        char key[64];
        const char *origin = call->origins[i] ? call->origins[i] : "built-in";
        if (!option_table[i].in_config)
            continue;
        option_key(i, key);
        text_reset(&value);
        option_show(call, i, &value);
        if (call->settings.json) {
            json_put_key(&json, key);
            json_open_object(&json);
            json_put_member(&json, "value", text_string(&value));
            json_put_member(&json, "from", origin);
            json_close_object(&json);
        } else {
            text_addf(&out, "%-16s %-44s %s\n", key, text_string(&value), origin);
        }
    }
    if (call->settings.json) {
        json_close_object(&json);
        text_add(&out, "\n");
    }
    cli_print(&out);
    text_clear(&value);
    text_clear(&out);
    return 0;
}

/* ---------------------------------------------------------------- doctor */

struct examination {
    struct call *call;
    struct text out;
    int exit;
    struct text token;
    char *url;
};

static void good(struct examination *examination, const char *what, const char *words)
{
    text_addf(&examination->out, "ok    %-10s %s\n", what, words);
}

static void bad(struct examination *examination, const char *what, const struct fault *fault)
{
    text_addf(&examination->out, "FAIL  %-10s %s\n", what, fault->text);
    examination->exit = job_worse(examination->exit, fault_exit(fault->kind));
}

static void examine_mapping(struct examination *examination)
{
    struct problems problems = {0};
    struct fault fault;
    struct mapping *mapping = feed_mapping(examination->call->settings.mapping, &problems, &fault);
    if (mapping)
        good(examination, "mapping", mapping_path(mapping));
    else
        bad(examination, "mapping", &fault);
    mapping_free(mapping);
    problems_clear(&problems);
}

static void examine_target(struct examination *examination)
{
    struct fault fault;
    const char *url = examination->call->settings.url;
    if (!url)
        fault_set(&fault, FAULT_CONFIG, "no target is named: give --url");
    else
        examination->url = url_normalise(url, &fault);
    if (examination->url)
        good(examination, "target", examination->url);
    else
        bad(examination, "target", &fault);
}

static void examine_token(struct examination *examination)
{
    struct fault fault;
    struct text warnings = {0};
    if (feed_token(&examination->call->settings, &examination->token, &warnings, &fault) < 0)
        bad(examination, "token", &fault);
    else
        good(examination, "token",
             warnings.length ? "from OPSPUSH_TOKEN: better a file"
                             : "there is one, and it is private");
    text_clear(&warnings);
}

static void examine_clock(struct examination *examination)
{
    enum { YEAR_BUILT = 2026 };
    char now[32];
    struct fault fault;
    int64_t wall = examination->call->world.clock.wall_ms(examination->call->world.clock.self);
    clock_utc(wall, now);
    if (clock_local_date(wall).year < YEAR_BUILT) {
        fault_set(&fault, FAULT_CONFIG,
                  "this host's clock says %s: certificates will seem not yet valid", now);
        bad(examination, "clock", &fault);
        return;
    }
    good(examination, "clock", now);
}

static void examine_disk(struct examination *examination)
{
    enum { LEAST_MIB = 64 };
    struct statvfs disk;
    struct fault fault;
    char words[128];
    char *folder = file_folder(examination->call->settings.state);
    if (statvfs(folder, &disk) < 0) {
        snprintf(words, sizeof words, "%s is not there yet; the first push makes it", folder);
        good(examination, "disk", words);
    } else if ((double)disk.f_bavail * (double)disk.f_frsize < LEAST_MIB * 1048576.0) {
        fault_set(&fault, FAULT_STATE, "less than %d MiB are free where the state lies (%s)",
                  LEAST_MIB, folder);
        bad(examination, "disk", &fault);
    } else {
        snprintf(words, sizeof words, "%.0f MiB free where the state lies",
                 (double)disk.f_bavail * (double)disk.f_frsize / 1048576.0);
        good(examination, "disk", words);
    }
    free(folder);
}

static void examine_state(struct examination *examination)
{
    struct feed feed;
    struct fault fault;
    struct text report = {0};
    if (feed_open(&examination->call->settings, &examination->call->world, STATE_READ, NULL, NULL,
                  false, &feed, &fault) < 0)
        bad(examination, "state", &fault);
    else if (!feed.state)
        good(examination, "state", "there is none yet; the first push makes it (--first-load)");
    else if (state_check(feed.state, &report, &fault) < 0)
        bad(examination, "state", &fault);
    else
        good(examination, "state", report.length ? text_string(&report) : "whole");
    text_clear(&report);
    feed_close(&feed);
}

static int probe_exchange(struct examination *examination, struct exchange *done,
                          struct fault *fault)
{
    const struct settings *settings = &examination->call->settings;
    struct http_settings http = {.url = examination->url,
                                 .path = "/profiles/types/list",
                                 .proxy = settings->proxy,
                                 .ca_file = settings->ca_file,
                                 .connections = 1,
                                 .connect_timeout_s = 10,
                                 .total_timeout_s = 30};
    struct transport transport;
    struct text body = {0};
    struct json_writer json;
    json_writer_init(&json, &body, 0);
    json_open_object(&json);
    json_put_member(&json, "apiToken", examination->token.bytes);
    json_close_object(&json);
    int result =
        examination->call->world.open_transport(examination->call, &http, &transport, fault);
    if (result == 0) {
        result = transport.start(transport.self, 1, body.bytes, body.length, fault);
        while (result == 0)
            result = transport.wait(transport.self, 1000, done, fault);
        transport.close(transport.self);
    }
    mem_wipe(body.bytes, body.length);
    text_clear(&body);
    return result;
}

static void examine_server(struct examination *examination)
{
    struct exchange done = {0};
    struct fault fault;
    struct text words = {0};
    if (!examination->url || !examination->token.length)
        return;
    if (probe_exchange(examination, &done, &fault) < 0) {
        bad(examination, "server", &fault);
        return;
    }
    int64_t wall = examination->call->world.clock.wall_ms(examination->call->world.clock.self);
    text_add(&words, "profiles/types/list ");
    if (probe_judge(&done, examination->token.bytes, wall, &words, &fault) == 0) {
        good(examination, "server", words.bytes);
    } else {
        fault_place(&fault, "profiles/types/list");
        bad(examination, "server", &fault);
    }
    text_clear(&words);
    exchange_clear(&done);
}

int command_doctor(struct call *call)
{
    struct examination examination = {.call = call};
    digest_start();
    examine_mapping(&examination);
    examine_target(&examination);
    examine_token(&examination);
    examine_clock(&examination);
    examine_disk(&examination);
    examine_state(&examination);
    if (call->settings.probe)
        examine_server(&examination);
    if (!call->settings.quiet || examination.exit)
        cli_print(&examination.out);
    mem_wipe(examination.token.bytes, examination.token.capacity);
    text_clear(&examination.token);
    text_clear(&examination.out);
    free(examination.url);
    return examination.exit;
}
