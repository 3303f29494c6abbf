#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "export/export.h"
#include "push/transport.h"
#include "state/state.h"
#include "json/document.h"

const struct command commands[COMMAND_COUNT] = {
    [COMMAND_CHECK] = {"check", "MAPPING [EXPORT]", 1, 2,
                       "validate a mapping, then an export against it; list every problem",
                       command_check},
    [COMMAND_SUGGEST] = {"suggest", "EXPORT", 1, 1,
                         "draft a commented mapping from the heading line", command_suggest},
    [COMMAND_PLAN] = {"plan", "EXPORT", 1, 1,
                      "print what a push would do; no network, changes nothing", command_plan},
    [COMMAND_PUSH] = {"push", "EXPORT", 1, 1, "push new and changed people; guards, send, reports",
                      command_push},
    [COMMAND_SHOW] = {"show", "PLAN|RUN", 1, 1, "the whole list behind a saved plan or a run",
                      command_show},
    [COMMAND_MAP] = {"map", "EXPORT", 1, 1, "the mapped profiles as CSV, or JSON lines",
                     command_map},
    [COMMAND_EXPLAIN] = {"explain", "EXPORT", 1, 1,
                         "one person: from raw cell to sent value, and why", command_explain},
    [COMMAND_STATUS] = {"status", "", 0, 0,
                        "last run, last success, people known, anything unsettled", command_status},
    [COMMAND_HISTORY] = {"history", "", 0, 0, "the last runs as a table", command_history},
    [COMMAND_GONE] = {"gone", "", 0, 0, "people no longer in the export", command_gone},
    [COMMAND_ADOPT] = {"adopt", "EXPORT", 1, 1,
                       "mark the export's people as already delivered; sends nothing",
                       command_adopt},
    [COMMAND_DOCTOR] = {"doctor", "", 0, 0,
                        "look over configuration, token, TLS, clock, disk and state",
                        command_doctor},
    [COMMAND_BACKUP] = {"backup", "FILE", 1, 1, "a consistent copy of the state", command_backup},
    [COMMAND_CONFIG] = {"config", "", 0, 0, "effective settings and where each came from",
                        command_config},
    [COMMAND_HELP] = {"help", "[TOPIC]", 0, 1, "help on a command or a topic", command_help},
    [COMMAND_COMPLETION] = {"completion", "SHELL", 1, 1, "completion for bash, zsh or fish",
                            command_completion},
};

int command_find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return i;
    return -1;
}

static int open_http(void *self, const struct http_settings *http, struct transport *out,
                     struct fault *fault)
{
    (void)self;
    return http_open(http, out, fault);
}

static void call_init(struct call *call)
{
    *call = (struct call){.settings = {.rate = 5,
                                       .connections = 2,
                                       .limit = -1,
                                       .max_duration_ms = INT64_C(6) * 3600 * 1000,
                                       .max_age_ms = -1,
                                       .last = 20,
                                       .retention_days = 90,
                                       .gone_nights = 3}};
    call->origins = mem_array(option_count, sizeof *call->origins);
    call->world.clock = clock_system();
    call->world.open_transport = open_http;
    call->world.progress = progress_show;
    call->world.self = call;
    process_start(&call->world);
}

void call_clear(struct call *call)
{
    for (size_t i = 0; i < option_count; i++) {
        void *at = (char *)&call->settings + option_table[i].offset;
        if (option_table[i].kind == OPTION_TEXT || option_table[i].kind == OPTION_PATH)
            free(*(char **)at);
        else if (option_table[i].kind == OPTION_LIST)
            strings_clear(at);
    }
    strings_clear(&call->paths);
    free(call->settings.repeat_where);
    free(call->settings.repeat_what);
    free(call->origins);
}

static void print_version(void)
{
    static void (*const rooms[])(struct text *) = {http_versions, export_versions, json_versions,
                                                   state_versions, base_versions};
    struct text out = {0};
    text_add(&out, "opspush " OPSPUSH_VERSION "\n");
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        text_add(&out, i ? ", " : "with ");
        rooms[i](&out);
    }
    text_add(&out, "\n");
    cli_print(&out);
    text_clear(&out);
}

/* --help and --version, wherever they stand. Returns the exit code, or -1 when neither is asked for. */
static int early(int argc, char **argv)
{
    struct text out = {0};
    bool known;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--version") == 0 || (i == 1 && strcmp(argv[i], "-V") == 0)) {
            print_version();
            return 0;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            help_write(argc > 1 && command_find(argv[1]) >= 0 ? argv[1] : NULL, &out, &known);
            cli_print(&out);
            text_clear(&out);
            return 0;
        }
    }
    return -1;
}

static int run(struct call *call, int argc, char **argv)
{
    struct fault fault;
    if (argc < 2) {
        struct text out = {0};
        bool known;
        help_write(NULL, &out, &known);
        cli_print_error(&out);
        text_clear(&out);
        return fault_exit(FAULT_USAGE);
    }
    int done = early(argc, argv);
    if (done >= 0)
        return done;
    if (call_parse(call, argc, argv, &fault) < 0)
        return cli_fail(&fault);
    bool needs_settings = call->command != COMMAND_HELP && call->command != COMMAND_COMPLETION;
    if (needs_settings && call_configure(call, &fault) < 0)
        return cli_fail(&fault);
    call->world.colour = terminal_colours(stdout, (enum colour_wish)call->settings.colour);
    call->world.width = terminal_width(stdout);
    return commands[call->command].run(call);
}

int main(int argc, char **argv)
{
    struct call call;
    call_init(&call);
    int done = run(&call, argc, argv);
    call_clear(&call);
    if (!cli_printed() && done == 0) {
        fputs("opspush: standard output could not be written\n", stderr);
        done = 1;
    }
    return done;
}
