#include "options.h"

#include <errno.h>
#include <stddef.h>
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

/* What an option does with its value; 'place' is the member of struct options that it sets. */

static int take_text(void *place, const char *value, struct fault *fault)
{
    (void)fault;
    *(const char **)place = value;
    return 0;
}

static int take_flag(void *place, const char *value, struct fault *fault)
{
    (void)value, (void)fault;
    *(bool *)place = true;
    return 0;
}

static int take_words(void *place, const char *value, struct fault *fault)
{
    (void)fault;
    word_list_set(place, value);
    return 0;
}

static int take_port(void *place, const char *value, struct fault *fault)
{
    long port = 0;
    int result = take_long(value, 65535, &port, fault);
    *(uint16_t *)place = (uint16_t)port;
    return result;
}

static int take_seed(void *place, const char *value, struct fault *fault)
{
    long seed = 0;
    int result = take_long(value, 2147483647, &seed, fault);
    *(uint64_t *)place = (uint64_t)seed;
    return result;
}

static int take_seconds(void *place, const char *value, struct fault *fault)
{
    long seconds = 0;
    int result = take_long(value, 86400, &seconds, fault);
    *(int64_t *)place = seconds * 1000L;
    return result;
}

static int set_token(char **token, const char *value, size_t length, struct fault *fault)
{
    if (!length)
        return fault_set(fault, FAULT_USAGE, "the token is empty");
    free(*token);
    *token = mem_bytes(value, length);
    return 0;
}

static int take_token(void *place, const char *value, struct fault *fault)
{
    return set_token(place, value, strlen(value), fault);
}

static int take_token_file(void *place, const char *value, struct fault *fault)
{
    struct text content = {0};
    int result = file_read(value, 4096, &content, FAULT_CONFIG, fault);
    const char *line = text_string(&content);
    if (!result)
        result = set_token(place, line, strcspn(line, "\r\n"), fault);
    text_clear(&content);
    return result;
}

static int take_client(void *place, const char *value, struct fault *fault)
{
    char **client = place;
    if (!*value || strpbrk(value, "/?# "))
        return fault_set(fault, FAULT_USAGE, "\"%s\" cannot be a client code", value);
    free(*client);
    *client = mem_string(value);
    return 0;
}

static int take_fields(void *place, const char *value, struct fault *fault)
{
    field_set *fields = place;
    struct word_list names = {0};
    int result = 0;
    word_list_set(&names, strcmp(value, "none") != 0 ? value : "");
    *fields = 0;
    for (size_t i = 0; !result && i < names.count; i++) {
        int field = field_find(names.words[i]);
        if (field < 0)
            result =
                fault_set(fault, FAULT_USAGE, "there is no field called \"%s\"", names.words[i]);
        else
            *fields |= FIELD_BIT((unsigned)field);
    }
    word_list_clear(&names);
    return result;
}

/* One of two words: sets the flag when it is the first of them. */
static int take_either(bool *place, const char *value, const char *on, const char *off,
                       struct fault *fault)
{
    *place = !strcmp(value, on);
    if (*place || !strcmp(value, off))
        return 0;
    return fault_set(fault, FAULT_USAGE, "\"%s\" is neither %s nor %s", value, off, on);
}

static int take_errors_as(void *place, const char *value, struct fault *fault)
{
    return take_either(place, value, "200", "400", fault);
}

static int take_misbehave_by(void *place, const char *value, struct fault *fault)
{
    return take_either(place, value, "person", "request", fault);
}

static int take_latency(void *place, const char *value, struct fault *fault)
{
    struct latency *latency = place;
    char *low = mem_string(value);
    char *high = strchr(low, '-');
    if (high)
        *high++ = '\0';
    int result = take_long(low, 600000, &latency->min_ms, fault);
    latency->max_ms = latency->min_ms;
    if (!result && high)
        result = take_long(high, 600000, &latency->max_ms, fault);
    if (!result && latency->max_ms < latency->min_ms)
        result = fault_set(fault, FAULT_USAGE, "\"%s\" ends before it begins", value);
    free(low);
    return result;
}

#define AT(member) offsetof(struct options, member)
static const struct option {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    int (*take)(void *place, const char *value, struct fault *fault);
    size_t place;
} table[] = {
    {"port", "N", "listen on this port of 127.0.0.1; 0 takes a free one (built-in)", take_port,
     AT(port)},
    {"port-file", "FILE", "write the port's number there once it listens", take_text,
     AT(port_file)},
    {"token", "TOKEN", "the API token to ask for; built-in: sandbox-token", take_token,
     AT(rules.token)},
    {"token-file", "FILE", "the same, from the first line of a file", take_token_file,
     AT(rules.token)},
    {"client", "CODE", "the only client code to know; built-in: any", take_client,
     AT(rules.client)},
    {"sources", "LIST", "login sources; built-in: OPSCOM,SAML,LDAP,SSO", take_words,
     AT(rules.sources)},
    {"types", "LIST", "ids of user types; built-in: 1,6,7,8,9,10,11,12,13", take_words,
     AT(rules.types)},
    {"require", "LIST",
     "fields that every push needs, or none; built-in: first_name,last_name,email", take_fields,
     AT(rules.required)},
    {"errors-as", "200|400",
     "HTTP status of OPS-COM's errors: always 200, or 400 and 401 (built-in)", take_errors_as,
     AT(rules.errors_as_200)},
    {"seed", "N", "what --misbehave and --latency draw from; built-in: 1", take_seed, AT(seed)},
    {"misbehave", "LIST", "KIND=SHARE%[:PARAMETER...], separated by commas", take_text,
     AT(misbehave)},
    {"misbehave-by", "WHAT", "draw by request (built-in) or by person and try", take_misbehave_by,
     AT(by_person)},
    {"script", "FILE", "lines NUMBER KIND, FROM-TO KIND, FROM- KIND or id=UNIQUE_ID KIND [TIMES]",
     take_text, AT(script)},
    {"latency", "MS|MS-MS", "answer every push so much later", take_latency, AT(latency)},
    {"bare", NULL, "answer success without looking: for benchmarks of the other side", take_flag,
     AT(bare)},
    {"log", "FILE", "one JSON line a push, without the token; - is standard error", take_text,
     AT(log_path)},
    {"quit-after", "SECONDS", "end by itself", take_seconds, AT(for_ms)},
    {"die-with-parent", NULL, "end when the program that started this one ends", take_flag,
     AT(die_with_parent)},
    {"help", NULL, "this text", take_flag, AT(help)},
    {"version", NULL, "the version", take_flag, AT(version)},
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
        if (option->take((char *)options + option->place, value, fault) < 0)
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
