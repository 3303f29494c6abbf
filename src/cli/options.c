#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "plan/guard.h"

/* The one table of options: the command line, configuration keys, environment variables, help and completion come from it. */

#define BIT(name)  COMMAND_BIT(COMMAND_##name)
#define RUNS       (BIT(PLAN) | BIT(PUSH))
#define EVERY      ((1u << COMMAND_COUNT) - 1)
#define WORK       (EVERY & ~(BIT(HELP) | BIT(COMPLETION)))
#define AT(member) offsetof(struct settings, member)

static const char *const progress_words[] = {"auto", "lines", "none", NULL};
static const char *const colour_words[] = {"auto", "always", "never", NULL};

const struct option_info option_table[] = {
    {"config", 0, OPTION_PATH, AT(config), WORK, true, "FILE", "settings (JSON with comments)",
     "the user's and the system's opspush.jsonc", 0, 0, NULL, REPEAT_WHERE},
    {"mapping", 'm', OPTION_PATH, AT(mapping), WORK, true, "FILE", "the mapping", "none", 0, 0,
     NULL, REPEAT_WHERE},
    {"url", 0, OPTION_TEXT, AT(url), WORK, true, "URL",
     "base of the client's API; /profiles/push is appended", "none", 0, 0, NULL, REPEAT_WHERE},
    {"token-file", 0, OPTION_PATH, AT(token_file), WORK, true, "FILE",
     "file holding the API token, mode 0600 or stricter",
     "$CREDENTIALS_DIRECTORY/opscom-token, then OPSPUSH_TOKEN", 0, 0, NULL, REPEAT_WHERE},
    {"proxy", 0, OPTION_TEXT, AT(proxy), RUNS | BIT(DOCTOR), true, "URL",
     "an explicit proxy; those of the environment are ignored", "none", 0, 0, NULL, REPEAT_WHERE},
    {"ca-file", 0, OPTION_PATH, AT(ca_file), RUNS | BIT(DOCTOR), true, "FILE",
     "certificates to trust beside the system's", "the system's", 0, 0, NULL, REPEAT_WHERE},
    {"state", 0, OPTION_PATH, AT(state), WORK, true, "FILE", "the state (SQLite)",
     "$STATE_DIRECTORY/state.db, then $XDG_STATE_HOME/opspush/state.db", 0, 0, NULL, REPEAT_WHERE},
    {"runs", 0, OPTION_PATH, AT(runs), WORK, true, "DIR", "where run folders go",
     "runs beside the state", 0, 0, NULL, REPEAT_WHERE},
    {"rate", 0, OPTION_RATE, AT(rate), RUNS, true, "R",
     "requests per second, a ceiling; none lifts it", "5", 0, 0, NULL, REPEAT_NONE},
    {"connections", 0, OPTION_COUNT, AT(connections), RUNS, true, "N", "requests in flight at once",
     "2", 1, 64, NULL, REPEAT_NONE},
    {"limit", 0, OPTION_COUNT, AT(limit), RUNS, true, "N", "pilot: push the first N alone", "none",
     0, 1000000000, NULL, REPEAT_WHAT},
    {"only", 0, OPTION_LIST, AT(only), RUNS, true, "ID", "just this person; may be repeated",
     "none", 0, 0, NULL, REPEAT_WHAT},
    {"full", 0, OPTION_FLAG, AT(full), RUNS, true, NULL,
     "push everybody valid, whatever the state says", "off", 0, 0, NULL, REPEAT_WHAT},
    {"only-data", 0, OPTION_FLAG, AT(only_data), RUNS, true, NULL,
     "leave out people whom only a change of the mapping would change", "off", 0, 0, NULL,
     REPEAT_WHAT},
    {"retry-refused", 0, OPTION_FLAG, AT(retry_refused), RUNS, true, NULL,
     "send again what the server refused with the same payload before", "off", 0, 0, NULL,
     REPEAT_WHAT},
    {"refresh", 0, OPTION_COUNT, AT(refresh), RUNS, true, "N",
     "re-push up to N of the longest-unrefreshed unchanged people", "0", 0, 10000000, NULL,
     REPEAT_WHAT},
    {"first-load", 0, OPTION_FLAG, AT(first_load), RUNS | BIT(ADOPT), true, NULL,
     "allow the first load of this feed to this target", "off", 0, 0, NULL, REPEAT_WHAT},
    {"ignore", 0, OPTION_LIST, AT(ignore), RUNS | BIT(ADOPT), true, "GUARD",
     "pass one guard, by name, this once; may be repeated", "none", 0, 0, NULL, REPEAT_WHAT},
    {"wait", 0, OPTION_DURATION, AT(wait_ms), RUNS | BIT(ADOPT), true, "D",
     "wait so long for another run to end", "0s", 0, 0, NULL, REPEAT_NONE},
    {"max-duration", 0, OPTION_DURATION, AT(max_duration_ms), RUNS, true, "D",
     "stop cleanly after this time", "6h", 0, 0, NULL, REPEAT_NONE},
    {"out", 'o', OPTION_PATH, AT(out), RUNS, true, "PLAN", "plan: save the plan", "none", 0, 0,
     NULL, REPEAT_NONE},
    {"report", 0, OPTION_PATH, AT(report), RUNS, true, "DIR", "plan: write its reports there",
     "none", 0, 0, NULL, REPEAT_NONE},
    {"exit-code", 0, OPTION_FLAG, AT(exit_code), RUNS, true, NULL,
     "plan: exit 10, 8 or 3 for what a push would do", "off", 0, 0, NULL, REPEAT_NONE},
    {"tolerate", 0, OPTION_TOLERANCE, AT(tolerate), RUNS | BIT(ADOPT), true, "N|N%",
     "exit 0 instead of 3 up to so many undelivered people", "0", 0, 0, NULL, REPEAT_NONE},
    {"values", 0, OPTION_FLAG, AT(values), RUNS, true, NULL,
     "show values in reports; private fields stay masked", "off", 0, 0, NULL, REPEAT_NONE},
    {"all", 0, OPTION_FLAG, AT(all), RUNS | BIT(GONE) | BIT(STATUS) | BIT(SHOW), true, NULL,
     "list also what is left out of lists", "off", 0, 0, NULL, REPEAT_NONE},
    {"json", 0, OPTION_FLAG, AT(json),
     RUNS | BIT(SHOW) | BIT(MAP) | BIT(EXPLAIN) | BIT(STATUS) | BIT(HISTORY) | BIT(GONE) |
         BIT(ADOPT) | BIT(CONFIG),
     true, NULL, "a JSON document on standard output", "off", 0, 0, NULL, REPEAT_NONE},
    {"metrics", 0, OPTION_PATH, AT(metrics), RUNS, true, "FILE",
     "push: node_exporter textfile, written by rename", "none", 0, 0, NULL, REPEAT_NONE},
    {"plan", 0, OPTION_PATH, AT(plan), BIT(PUSH), false, "PLAN",
     "push exactly what this saved plan says", "none", 0, 0, NULL, REPEAT_NONE},
    {"dry-run", 'n', OPTION_FLAG, AT(dry_run), BIT(PUSH), false, NULL,
     "the same as the command plan", "off", 0, 0, NULL, REPEAT_NONE},
    {"newest", 0, OPTION_FLAG, AT(newest), RUNS | BIT(MAP) | BIT(EXPLAIN) | BIT(ADOPT) | BIT(CHECK),
     true, NULL, "EXPORT is a pattern: take the newest file that has stopped growing", "off", 0, 0,
     NULL, REPEAT_NONE},
    {"table", 0, OPTION_FLAG, AT(table), BIT(CHECK), false, NULL, "print the mapping as a table",
     "off", 0, 0, NULL, REPEAT_NONE},
    {"id", 0, OPTION_TEXT, AT(id), BIT(EXPLAIN) | BIT(SHOW), false, "ID", "one person", "none", 0,
     0, NULL, REPEAT_NONE},
    {"action", 0, OPTION_TEXT, AT(action), BIT(SHOW), false, "ACTION",
     "rows with this action or outcome", "none", 0, 0, NULL, REPEAT_NONE},
    {"field", 0, OPTION_TEXT, AT(field), BIT(SHOW), false, "FIELD",
     "rows in which this field differs", "none", 0, 0, NULL, REPEAT_NONE},
    {"feed", 0, OPTION_TEXT, AT(feed),
     BIT(SHOW) | BIT(STATUS) | BIT(HISTORY) | BIT(GONE) | BIT(BACKUP) | BIT(DOCTOR), false, "NAME",
     "the feed by its name, instead of --mapping", "none", 0, 0, NULL, REPEAT_NONE},
    {"max-age", 0, OPTION_DURATION, AT(max_age_ms), BIT(STATUS), false, "D",
     "exit 1 when the last success is older", "none", 0, 0, NULL, REPEAT_NONE},
    {"strict", 0, OPTION_FLAG, AT(strict), BIT(STATUS), false, NULL,
     "count exit 0 alone as a success", "off", 0, 0, NULL, REPEAT_NONE},
    {"last", 0, OPTION_COUNT, AT(last), BIT(HISTORY), false, "N", "so many runs", "20", 1, 100000,
     NULL, REPEAT_NONE},
    {"csv", 0, OPTION_FLAG, AT(csv), BIT(HISTORY) | BIT(GONE), false, NULL,
     "CSV on standard output", "off", 0, 0, NULL, REPEAT_NONE},
    {"probe", 0, OPTION_FLAG, AT(probe), BIT(DOCTOR), false, NULL,
     "make one safe read call (profiles/types/list)", "off", 0, 0, NULL, REPEAT_NONE},
    {"network-state", 0, OPTION_FLAG, AT(network_state), WORK, true, NULL,
     "allow a state on a network file system", "off", 0, 0, NULL, REPEAT_WHERE},
    {"retention-days", 0, OPTION_COUNT, AT(retention_days), RUNS, true, "N",
     "keep run folders and people's history so long", "90", 1, 36500, NULL, REPEAT_NONE},
    {"gone-nights", 0, OPTION_COUNT, AT(gone_nights), BIT(GONE), true, "N",
     "name people from this night on", "3", 1, 1000, NULL, REPEAT_NONE},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), EVERY, true, NULL, "print nothing on success", "off", 0,
     0, NULL, REPEAT_NONE},
    {"verbose", 'v', OPTION_FLAG, AT(verbose), EVERY, true, NULL, "say more", "off", 0, 0, NULL,
     REPEAT_NONE},
    {"progress", 0, OPTION_CHOICE, AT(progress), EVERY, true, "auto|lines|none",
     "how progress is shown", "auto", 0, 0, progress_words, REPEAT_NONE},
    {"color", 0, OPTION_CHOICE, AT(colour), EVERY, true, "auto|always|never", "when to use colour",
     "auto", 0, 0, colour_words, REPEAT_NONE},
};
const size_t option_count = sizeof option_table / sizeof *option_table;

int option_find(const char *name)
{
    for (size_t i = 0; i < option_count; i++)
        if (strcmp(option_table[i].name, name) == 0)
            return (int)i;
    return -1;
}

void option_key(size_t option, char out[64])
{
    const char *name = option_table[option].name;
    size_t i = 0;
    for (; name[i]; i++)
        out[i] = name[i] == '-' ? '_' : name[i];
    out[i] = '\0';
}

void option_variable(size_t option, char out[64])
{
    char key[64];
    option_key(option, key);
    for (char *at = key; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    snprintf(out, 64, "OPSPUSH_%.54s", key);
}

/* ---------------------------------------------------------------- values */

static int bad(const struct option_info *info, const char *from, enum fault_kind kind,
               struct fault *fault, const char *wanted)
{
    return fault_set(fault, kind, "%s: --%s takes %s", from, info->name, wanted);
}

static int set_flag(const char *value, bool *out)
{
    static const char *const yes[] = {"1", "true", "yes", "on"}, *const no[] = {"", "0", "false",
                                                                                "no", "off"};
    for (size_t i = 0; i < 4; i++)
        if (text_is_folded(value, yes[i])) {
            *out = true;
            return 0;
        }
    for (size_t i = 0; i < 5; i++)
        if (text_is_folded(value, no[i])) {
            *out = false;
            return 0;
        }
    return -1;
}

static int set_count(const struct option_info *info, const char *value, long *out)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end || errno || number < info->min || number > info->max)
        return -1;
    *out = number;
    return 0;
}

static int parse_number(const char *value, double *out, char **end)
{
    if (!isdigit((unsigned char)*value) && *value != '.')
        return -1;
    *out = strtod(value, end);
    return isfinite(*out) ? 0 : -1;
}

static int set_rate(const char *value, double *out)
{
    char *end;
    if (strcmp(value, "none") == 0) {
        *out = 0;
        return 0;
    }
    return parse_number(value, out, &end) < 0 || *end || *out <= 0 || *out > 100000 ? -1 : 0;
}

static int set_tolerance(const char *value, struct settings *settings)
{
    char *end;
    double number;
    if (parse_number(value, &number, &end) < 0)
        return -1;
    bool percent = *end == '%';
    if (end[percent] || (percent && number > 100) || (!percent && number != floor(number)))
        return -1;
    settings->tolerate = number;
    settings->tolerate_percent = percent;
    return 0;
}

static int set_choice(const struct option_info *info, const char *value, int *out)
{
    for (int i = 0; info->choices[i]; i++)
        if (strcmp(info->choices[i], value) == 0) {
            *out = i;
            return 0;
        }
    return -1;
}

static void set_text(const char *value, char **out)
{
    free(*out);
    *out = mem_string(value);
}

int option_set(struct call *call, size_t option, const char *value, const char *from,
               enum fault_kind kind, struct fault *fault)
{
    const struct option_info *info = &option_table[option];
    void *at = (char *)&call->settings + info->offset;
    call->origins[option] = from;
    switch (info->kind) {
    case OPTION_FLAG:
        return set_flag(value, at) < 0 ? bad(info, from, kind, fault, "yes or no") : 0;
    case OPTION_TEXT:
    case OPTION_PATH:
        if (!*value)
            return bad(info, from, kind, fault, "a value that is not empty");
        set_text(value, at);
        return 0;
    case OPTION_LIST:
        if (strcmp(info->name, "ignore") == 0 && guard_find(value) < 0)
            return bad(info, from, kind, fault,
                       "a guard: rows, age, same, first-load, new, changed, gone, rejected, field "
                       "or mapping");
        strings_add(at, mem_string(value));
        return 0;
    case OPTION_COUNT:
        if (set_count(info, value, at) < 0)
            return fault_set(fault, kind, "%s: --%s takes a whole number from %ld to %ld", from,
                             info->name, info->min, info->max);
        return 0;
    case OPTION_RATE:
        return set_rate(value, at) < 0 ? bad(info, from, kind, fault, "a number over 0, or none")
                                       : 0;
    case OPTION_DURATION:
        *(int64_t *)at = clock_parse_duration(value);
        return *(int64_t *)at < 0 ? bad(info, from, kind, fault,
                                        "a whole number with s, m, h or d, such as 45m or 6h")
                                  : 0;
    case OPTION_TOLERANCE:
        return set_tolerance(value, &call->settings) < 0
                   ? bad(info, from, kind, fault,
                         "a whole number of people, or a percentage such as 2%")
                   : 0;
    case OPTION_CHOICE:
        return set_choice(info, value, at) < 0 ? bad(info, from, kind, fault, info->argument) : 0;
    }
    return -1;
}

static void show_duration(int64_t ms, struct text *out)
{
    int64_t seconds = ms / 1000;
    if (ms < 0)
        text_add(out, "none");
    else if (seconds && seconds % 3600 == 0)
        text_addf(out, "%lldh", (long long)(seconds / 3600));
    else if (seconds && seconds % 60 == 0)
        text_addf(out, "%lldm", (long long)(seconds / 60));
    else
        text_addf(out, "%llds", (long long)seconds);
}

void option_show(const struct call *call, size_t option, struct text *out)
{
    const struct option_info *info = &option_table[option];
    const void *at = (const char *)&call->settings + info->offset;
    const struct strings *list = at;
    switch (info->kind) {
    case OPTION_FLAG:
        text_add(out, *(const bool *)at ? "on" : "off");
        return;
    case OPTION_TEXT:
    case OPTION_PATH:
        text_add(out, *(char *const *)at ? *(char *const *)at : "none");
        return;
    case OPTION_LIST:
        for (size_t i = 0; i < list->count; i++)
            text_addf(out, "%s%s", i ? ", " : "", list->items[i]);
        if (!list->count)
            text_add(out, "none");
        return;
    case OPTION_COUNT:
        if (*(const long *)at < 0)
            text_add(out, "none");
        else
            text_addf(out, "%ld", *(const long *)at);
        return;
    case OPTION_RATE:
        if (*(const double *)at > 0)
            text_addf(out, "%g", *(const double *)at);
        else
            text_add(out, "none");
        return;
    case OPTION_DURATION:
        show_duration(*(const int64_t *)at, out);
        return;
    case OPTION_TOLERANCE:
        text_addf(out, "%g%s", call->settings.tolerate, call->settings.tolerate_percent ? "%" : "");
        return;
    case OPTION_CHOICE:
        text_add(out, info->choices[*(const int *)at]);
        return;
    }
}
