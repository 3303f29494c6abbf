#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

static int take_long(const char *value, long max, long *out, struct fault *fault)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || end == value || *end || *value < '0' || *value > '9' || number > max)
        return fault_set(fault, FAULT_USAGE, "\"%s\" is not a whole number up to %ld", value, max);
    *out = number;
    return 0;
}

static int take_port(struct options *options, const char *value, struct fault *fault)
{
    long port;
    if (take_long(value, 65535, &port, fault) < 0)
        return -1;
    options->port = (uint16_t)port;
    return 0;
}

static int take_port_file(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    options->port_file = value;
    return 0;
}

static int set_token(struct options *options, const char *value, size_t length, struct fault *fault)
{
    if (!length)
        return fault_set(fault, FAULT_USAGE, "the token is empty");
    free(options->rules.token);
    options->rules.token = mem_bytes(value, length);
    return 0;
}

static int take_token(struct options *options, const char *value, struct fault *fault)
{
    return set_token(options, value, strlen(value), fault);
}

static int take_token_file(struct options *options, const char *value, struct fault *fault)
{
    struct text content = {0};
    int result = file_read(value, 4096, &content, FAULT_CONFIG, fault);
    if (!result)
        result = set_token(options, text_string(&content), strcspn(text_string(&content), "\r\n"),
                           fault);
    text_clear(&content);
    return result;
}

static int take_client(struct options *options, const char *value, struct fault *fault)
{
    if (!*value || strpbrk(value, "/?# "))
        return fault_set(fault, FAULT_USAGE, "\"%s\" cannot be a client code", value);
    free(options->rules.client);
    options->rules.client = mem_string(value);
    return 0;
}

static int take_sources(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    word_list_set(&options->rules.sources, value);
    return 0;
}

static int take_types(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    word_list_set(&options->rules.types, value);
    return 0;
}

static int take_require(struct options *options, const char *value, struct fault *fault)
{
    struct word_list names = {0};
    int result = 0;
    word_list_set(&names, strcmp(value, "none") != 0 ? value : "");
    options->rules.required = 0;
    for (size_t i = 0; !result && i < names.count; i++) {
        int field = field_find(names.words[i]);
        if (field < 0)
            result =
                fault_set(fault, FAULT_USAGE, "there is no field called \"%s\"", names.words[i]);
        else
            options->rules.required |= FIELD_BIT((unsigned)field);
    }
    word_list_clear(&names);
    return result;
}

static int take_errors_as(struct options *options, const char *value, struct fault *fault)
{
    options->rules.errors_as_200 = !strcmp(value, "200");
    if (options->rules.errors_as_200 || !strcmp(value, "400"))
        return 0;
    return fault_set(fault, FAULT_USAGE, "\"%s\" is neither 200 nor 400", value);
}

static int take_seed(struct options *options, const char *value, struct fault *fault)
{
    long seed;
    if (take_long(value, 2147483647, &seed, fault) < 0)
        return -1;
    options->seed = (uint64_t)seed;
    return 0;
}

static int take_misbehave(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    options->misbehave = value;
    return 0;
}

static int take_misbehave_by(struct options *options, const char *value, struct fault *fault)
{
    options->by_person = !strcmp(value, "person");
    if (options->by_person || !strcmp(value, "request"))
        return 0;
    return fault_set(fault, FAULT_USAGE, "\"%s\" is neither request nor person", value);
}

static int take_script(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    options->script = value;
    return 0;
}

static int take_latency(struct options *options, const char *value, struct fault *fault)
{
    char *low = mem_string(value);
    char *high = strchr(low, '-');
    if (high)
        *high++ = '\0';
    int result = take_long(low, 600000, &options->latency_min_ms, fault);
    options->latency_max_ms = options->latency_min_ms;
    if (!result && high)
        result = take_long(high, 600000, &options->latency_max_ms, fault);
    if (!result && options->latency_max_ms < options->latency_min_ms)
        result = fault_set(fault, FAULT_USAGE, "\"%s\" ends before it begins", value);
    free(low);
    return result;
}

static int take_bare(struct options *options, const char *value, struct fault *fault)
{
    (void)value, (void)fault;
    options->bare = true;
    return 0;
}

static int take_log(struct options *options, const char *value, struct fault *fault)
{
    (void)fault;
    options->log_path = value;
    return 0;
}

static int take_quit_after(struct options *options, const char *value, struct fault *fault)
{
    long seconds;
    if (take_long(value, 86400, &seconds, fault) < 0)
        return -1;
    options->for_ms = seconds * 1000L;
    return 0;
}

static int take_die_with_parent(struct options *options, const char *value, struct fault *fault)
{
    (void)value, (void)fault;
    options->die_with_parent = true;
    return 0;
}

static int take_help(struct options *options, const char *value, struct fault *fault)
{
    (void)value, (void)fault;
    options->help = true;
    return 0;
}

static int take_version(struct options *options, const char *value, struct fault *fault)
{
    (void)value, (void)fault;
    options->version = true;
    return 0;
}

static const struct option {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    int (*take)(struct options *options, const char *value, struct fault *fault);
} table[] = {
    {"port", "N", "listen on this port of 127.0.0.1; 0 takes a free one (built-in)", take_port},
    {"port-file", "FILE", "write the port's number there once it listens", take_port_file},
    {"token", "TOKEN", "the API token to ask for; built-in: sandbox-token", take_token},
    {"token-file", "FILE", "the same, from the first line of a file", take_token_file},
    {"client", "CODE", "the only client code to know; built-in: any", take_client},
    {"sources", "LIST", "login sources; built-in: OPSCOM,SAML,LDAP,SSO", take_sources},
    {"types", "LIST", "ids of user types; built-in: 1,6,7,8,9,10,11,12,13", take_types},
    {"require", "LIST",
     "fields that every push needs, or none; built-in: first_name,last_name,email", take_require},
    {"errors-as", "200|400",
     "HTTP status of OPS-COM's errors: always 200, or 400 and 401 (built-in)", take_errors_as},
    {"seed", "N", "what --misbehave and --latency draw from; built-in: 1", take_seed},
    {"misbehave", "LIST", "KIND=SHARE%[:PARAMETER...], separated by commas", take_misbehave},
    {"misbehave-by", "WHAT", "draw by request (built-in) or by person and try", take_misbehave_by},
    {"script", "FILE", "lines NUMBER KIND, FROM-TO KIND, FROM- KIND or id=UNIQUE_ID KIND [TIMES]",
     take_script},
    {"latency", "MS|MS-MS", "answer every push so much later", take_latency},
    {"bare", NULL, "answer success without looking: for benchmarks of the other side", take_bare},
    {"log", "FILE", "one JSON line a push, without the token; - is standard error", take_log},
    {"quit-after", "SECONDS", "end by itself", take_quit_after},
    {"die-with-parent", NULL, "end when the program that started this one ends",
     take_die_with_parent},
    {"help", NULL, "this text", take_help},
    {"version", NULL, "the version", take_version},
};
enum { TABLE_COUNT = sizeof table / sizeof *table };

static const struct option *option_find(const char *name, size_t length)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (strlen(table[i].name) == length && !memcmp(table[i].name, name, length))
            return &table[i];
    return NULL;
}

int options_parse(struct options *options, int count, char *const words[], struct fault *fault)
{
    *options = (struct options){.seed = 1, .for_ms = -1};
    rules_init(&options->rules);
    for (int i = 1; i < count; i++) {
        const char *name = words[i];
        if (strncmp(name, "--", 2) != 0 || !name[2])
            return fault_set(fault, FAULT_USAGE, "\"%s\" is not an option; see --help", name);
        name += 2;
        size_t length = strcspn(name, "=");
        const struct option *option = option_find(name, length);
        const char *value = name[length] ? name + length + 1 : NULL;
        if (!option)
            return fault_set(fault, FAULT_USAGE, "there is no option --%.*s; see --help",
                             (int)(length < 100 ? length : 100), name);
        if (option->argument && !value && ++i < count)
            value = words[i];
        if (option->argument && !value)
            return fault_set(fault, FAULT_USAGE, "--%s needs %s", option->name, option->argument);
        if (!option->argument && value)
            return fault_set(fault, FAULT_USAGE, "--%s takes no value", option->name);
        if (option->take(options, value, fault) < 0)
            return fault_place(fault, "--%s", option->name);
    }
    return 0;
}

void options_clear(struct options *options)
{
    rules_clear(&options->rules);
}

void options_help(FILE *out)
{
    fputs("opspush-sandbox: a stand-in for the OPS-COM Controller on 127.0.0.1\n\n"
          "usage: opspush-sandbox [OPTION]...\n\n",
          out);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        char name[40];
        snprintf(name, sizeof name, "--%s %s", table[i].name,
                 table[i].argument ? table[i].argument : "");
        fprintf(out, "  %-22s %s\n", name, table[i].help);
    }
    fputs(
        "\nThe first line on standard output is \"listening on URL\"; URL is what opspush wants\n"
        "as --url. SIGTERM and SIGINT end it with exit 0.\n\n"
        "Kinds of misbehaviour:\n"
        "  200 to 599    this HTTP status with a web page     9000 to 9999  this OPS-COM error\n"
        "  reset-before  nothing stored, connection reset     reset-after   stored, then reset\n"
        "  stall         no answer for two minutes            cut           stored, half an "
        "answer\n"
        "  html          200 with a sign-in page              redirect      307\n"
        "  says-error    200, JSON, but \"status\" is \"error\"   late          stored, answered "
        "late\n"
        "  echo          an error that repeats the request, its token too\n"
        "Parameters: :applied (stored before the misbehaviour), :ms=NUMBER (wait so long first),\n"
        "and as the last one :retry-after=VALUE or :to=URL. As in\n"
        "  --misbehave 429=5%:retry-after=1,500=2%:applied,late=1%:ms=300\n\n"
        "Its own pages: GET / (for people), GET /sandbox/received and /sandbox/stats (JSON),\n"
        "POST /sandbox/reset.\n",
        out);
}
