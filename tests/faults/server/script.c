#include "script.h"

#include <ctype.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    unsigned long first, last;
    struct steps steps;
    bool is_cleared;
    struct rule *next;
};

struct script {
    struct rule *rules; /* in the order in which they came */
    struct rule **end;
    pthread_mutex_t guard;
};

static struct step usual_steps[] = {
    {.kind = STEP_TAKE}, {.kind = STEP_APPLY}, {.kind = STEP_ANSWER}};
static const struct steps usual = {usual_steps, 3};

static const struct {
    const char *name;
    enum step_kind kind;
    int numbers;
    bool has_text;
} step_words[] = {
    {"read", STEP_READ, 1, false},     {"take", STEP_TAKE, 0, false},
    {"apply", STEP_APPLY, 0, false},   {"send", STEP_SEND, 1, false},
    {"answer", STEP_ANSWER, 0, false}, {"text", STEP_TEXT, 0, true},
    {"repeat", STEP_REPEAT, 2, true},  {"nap", STEP_NAP, 1, false},
    {"hold", STEP_HOLD, 0, false},     {"close", STEP_CLOSE, 0, false},
    {"reset", STEP_RESET, 0, false},
};

/* ---------------------------------------------------------------- reading a rule */

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static bool take_number(const char **at, unsigned long *out)
{
    char *end;
    skip_blanks(at);
    if (!isdigit((unsigned char)**at))
        return false;
    *out = strtoul(*at, &end, 10);
    *at = end;
    return true;
}

static bool take_range(const char **at, struct rule *rule)
{
    bool has_first = take_number(at, &rule->first);
    rule->last = rule->first;
    if (**at == '-') {
        (*at)++;
        rule->last = ULONG_MAX;
        if (isdigit((unsigned char)**at))
            take_number(at, &rule->last);
    } else if (!has_first) {
        return false;
    }
    return **at == ' ' || **at == '\0';
}

static char escaped(const char **at)
{
    char digits[3] = {0};
    switch (*++*at) {
    case 'r':
        return '\r';
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'x':
        for (int i = 0; i < 2 && isxdigit((unsigned char)(*at)[1]); i++)
            digits[i] = *++*at;
        return (char)strtoul(digits, NULL, 16);
    default:
        return **at;
    }
}

static bool take_text(const char **at, struct step *step)
{
    skip_blanks(at);
    if (**at != '"' || !(step->bytes = calloc(strlen(*at), 1)))
        return false;
    for ((*at)++; **at && **at != '"'; (*at)++)
        step->bytes[step->length++] = **at == '\\' ? escaped(at) : **at;
    if (**at != '"')
        return false;
    (*at)++;
    return true;
}

static bool take_step(const char **at, struct step *step)
{
    size_t length = strcspn(*at, " \t");
    for (size_t i = 0; i < sizeof step_words / sizeof *step_words; i++) {
        if (strlen(step_words[i].name) != length || memcmp(*at, step_words[i].name, length) != 0)
            continue;
        *at += length;
        step->kind = step_words[i].kind;
        return (step_words[i].numbers < 1 || take_number(at, &step->count)) &&
               (step_words[i].numbers < 2 || take_number(at, &step->gap_ms)) &&
               (!step_words[i].has_text || take_text(at, step));
    }
    return false;
}

static bool take_steps(const char **at, struct steps *steps)
{
    for (skip_blanks(at); **at; skip_blanks(at)) {
        struct step *items = realloc(steps->items, (steps->count + 1) * sizeof *items);
        if (!items)
            return false;
        steps->items = items;
        items[steps->count] = (struct step){0};
        if (!take_step(at, &items[steps->count++]))
            return false;
    }
    return steps->count > 0;
}

static void rule_free(struct rule *rule)
{
    for (size_t i = 0; i < rule->steps.count; i++)
        free(rule->steps.items[i].bytes);
    free(rule->steps.items);
    free(rule);
}

/* ---------------------------------------------------------------- the script */

struct script *script_new(void)
{
    struct script *script = calloc(1, sizeof *script);
    if (!script)
        return NULL;
    script->end = &script->rules;
    pthread_mutex_init(&script->guard, NULL);
    return script;
}

bool script_add(struct script *script, const char *words)
{
    struct rule *rule = calloc(1, sizeof *rule);
    const char *at = words;
    if (!rule || !take_range(&at, rule) || !take_steps(&at, &rule->steps)) {
        if (rule)
            rule_free(rule);
        return false;
    }
    pthread_mutex_lock(&script->guard);
    *script->end = rule;
    script->end = &rule->next;
    pthread_mutex_unlock(&script->guard);
    return true;
}

void script_clear(struct script *script)
{
    pthread_mutex_lock(&script->guard);
    for (struct rule *rule = script->rules; rule; rule = rule->next)
        rule->is_cleared = true;
    pthread_mutex_unlock(&script->guard);
}

const struct steps *script_steps(struct script *script, unsigned number)
{
    const struct steps *found = &usual;
    pthread_mutex_lock(&script->guard);
    for (struct rule *rule = script->rules; rule && found == &usual; rule = rule->next)
        if (!rule->is_cleared && rule->first <= number && number <= rule->last)
            found = &rule->steps;
    pthread_mutex_unlock(&script->guard);
    return found;
}
