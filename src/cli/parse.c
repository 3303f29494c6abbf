#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The words of the command line. No abbreviations, no default command; options may stand anywhere behind the command; "--" ends them. */

static int unknown_option(const struct call *call, const char *word, struct fault *fault)
{
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < option_count && count < 64; i++)
        if (option_table[i].commands & COMMAND_BIT(call->command))
            names[count++] = option_table[i].name;
    const char *nearest = text_nearest(word, names, count);
    return fault_set(fault, FAULT_USAGE,
                     "%s has no option --%s%s%s%s; `opspush help %s` lists them",
                     commands[call->command].name, word, nearest ? "; did you mean --" : "",
                     nearest ? nearest : "", nearest ? "?" : "", commands[call->command].name);
}

static void keep_for_repeat(struct settings *settings, const struct option_info *info,
                            const char *value)
{
    char **kept = info->repeat == REPEAT_WHERE ? &settings->repeat_where : &settings->repeat_what;
    struct text words = {0};
    if (info->repeat == REPEAT_NONE)
        return;
    text_add(&words, *kept ? *kept : "");
    text_addf(&words, " --%s", info->name);
    if (info->kind != OPTION_FLAG) {
        text_add_byte(&words, ' ');
        text_add_shell_word(&words, value);
    }
    free(*kept);
    *kept = text_take(&words);
}

static int set_option(struct call *call, size_t option, const char *value, struct fault *fault)
{
    const struct option_info *info = &option_table[option];
    if (call->origins[option] && info->kind != OPTION_LIST && info->kind != OPTION_FLAG)
        return fault_set(fault, FAULT_USAGE, "--%s is given twice", info->name);
    keep_for_repeat(&call->settings, info, value);
    return option_set(call, option, value, "option", FAULT_USAGE, fault);
}

/* A long option at argv[i]; returns how many words it took, or -1. */
static int parse_long(struct call *call, int left, char **words, struct fault *fault)
{
    char name[64];
    const char *equals = strchr(words[0], '=');
    size_t length = equals ? (size_t)(equals - words[0]) - 2 : strlen(words[0]) - 2;
    snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), words[0] + 2);
    int option = option_find(name);
    if (option < 0 || !(option_table[option].commands & COMMAND_BIT(call->command)))
        return unknown_option(call, name, fault);
    if (option_table[option].kind == OPTION_FLAG) {
        if (equals)
            return fault_set(fault, FAULT_USAGE, "--%s takes no value", name);
        return set_option(call, (size_t)option, "1", fault) < 0 ? -1 : 1;
    }
    if (equals)
        return set_option(call, (size_t)option, equals + 1, fault) < 0 ? -1 : 1;
    if (left < 2)
        return fault_set(fault, FAULT_USAGE, "--%s needs a value: --%s %s", name, name,
                         option_table[option].argument);
    return set_option(call, (size_t)option, words[1], fault) < 0 ? -1 : 2;
}

static int parse_letters(struct call *call, int left, char **words, struct fault *fault)
{
    for (const char *letter = words[0] + 1; *letter; letter++) {
        size_t option = 0;
        while (option < option_count &&
               (option_table[option].letter != *letter ||
                !(option_table[option].commands & COMMAND_BIT(call->command))))
            option++;
        if (option == option_count)
            return fault_set(fault, FAULT_USAGE,
                             "%s has no option -%c; `opspush help %s` lists them",
                             commands[call->command].name, *letter, commands[call->command].name);
        if (option_table[option].kind == OPTION_FLAG) {
            if (set_option(call, option, "1", fault) < 0)
                return -1;
            continue;
        }
        if (letter[1])
            return set_option(call, option, letter + 1, fault) < 0 ? -1 : 1;
        if (left < 2)
            return fault_set(fault, FAULT_USAGE, "-%c needs a value", *letter);
        return set_option(call, option, words[1], fault) < 0 ? -1 : 2;
    }
    return 1;
}

static int parse_words(struct call *call, int count, char **words, struct fault *fault)
{
    const struct command *command = &commands[call->command];
    bool options_end = false;
    for (int i = 0; i < count;) {
        int taken = 1;
        if (!options_end && strcmp(words[i], "--") == 0)
            options_end = true;
        else if (!options_end && strncmp(words[i], "--", 2) == 0)
            taken = parse_long(call, count - i, words + i, fault);
        else if (!options_end && words[i][0] == '-' && words[i][1])
            taken = parse_letters(call, count - i, words + i, fault);
        else if (call->argument_count == command->most)
            return fault_set(fault, FAULT_USAGE, "%s takes %s; \"%s\" is one argument too many",
                             command->name, command->most ? command->arguments : "no argument",
                             words[i]);
        else
            call->arguments[call->argument_count++] = words[i];
        if (taken < 0)
            return -1;
        i += taken;
    }
    return 0;
}

/* Options that contradict each other, or that need another. */
static int check_contradictions(const struct call *call, struct fault *fault)
{
    const struct settings *settings = &call->settings;
    bool saved = settings->plan != NULL;
    if (settings->quiet && settings->verbose)
        return fault_set(fault, FAULT_USAGE, "--quiet and --verbose contradict each other");
    if (settings->full && settings->only_data)
        return fault_set(fault, FAULT_USAGE, "--full and --only-data contradict each other");
    if (settings->json && settings->csv)
        return fault_set(fault, FAULT_USAGE, "--json and --csv contradict each other");
    if (saved && settings->dry_run)
        return fault_set(fault, FAULT_USAGE,
                         "--plan and --dry-run contradict each other; `opspush show PLAN` "
                         "shows a saved plan");
    if (saved && (settings->only.count || settings->full || settings->only_data ||
                  settings->retry_refused || settings->limit >= 0 || settings->refresh))
        return fault_set(fault, FAULT_USAGE,
                         "what --plan sends is what the plan says: --only, --full, --limit, "
                         "--refresh, --retry-refused and --only-data belong to `opspush plan`");
    if (call->command == COMMAND_PUSH && !settings->dry_run &&
        (settings->out || settings->report || settings->exit_code))
        return fault_set(fault, FAULT_USAGE,
                         "--out, --report and --exit-code belong to plan (or push --dry-run)");
    if (call->command == COMMAND_EXPLAIN && !settings->id)
        return fault_set(fault, FAULT_USAGE, "explain needs --id ID: whose row?");
    return 0;
}

int call_parse(struct call *call, int argc, char **argv, struct fault *fault)
{
    const char *names[COMMAND_COUNT];
    int id = command_find(argv[1]);
    if (id < 0) {
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            names[i] = commands[i].name;
        const char *nearest =
            argv[1][0] == '-' ? NULL : text_nearest(argv[1], names, COMMAND_COUNT);
        return fault_set(fault, FAULT_USAGE,
                         "there is no command \"%s\"%s%s%s; `opspush help` lists them", argv[1],
                         nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                         nearest ? "\"?" : "");
    }
    call->command = (enum command_id)id;
    if (parse_words(call, argc - 2, argv + 2, fault) < 0)
        return -1;
    size_t least = commands[id].least;
    if (id == COMMAND_PUSH && call->settings.plan)
        least = 0;
    if (call->argument_count < least)
        return fault_set(fault, FAULT_USAGE, "%s needs %s; `opspush help %s` shows how",
                         commands[id].name, commands[id].arguments, commands[id].name);
    return check_contradictions(call, fault);
}
