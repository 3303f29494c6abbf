#include "cli.h"

#include <string.h>

/* help man: opspush(1) for man(7), from the tables that help itself comes from. `make install` puts it beside the program. */

/* Words as they are: what roff would take for a request, an escape or a hyphen that may break. */
static void roff_add(struct text *out, const char *words)
{
    bool at_start = out->length == 0 || out->bytes[out->length - 1] == '\n';
    for (const char *at = words; *at; at++) {
        if (at_start && (*at == '.' || *at == '\''))
            text_add(out, "\\&");
        if (*at == '\\')
            text_add(out, "\\e");
        else if (*at == '-')
            text_add(out, "\\-");
        else
            text_add_byte(out, *at);
        at_start = *at == '\n';
    }
}

static void section(struct text *out, const char *name)
{
    text_addf(out, ".SH %s\n", name);
}

/* A topic of help as it stands there, in the width of a terminal. */
static void topic_add(struct text *out, const char *name, const char *topic)
{
    struct text words = {0};
    bool known;
    help_write(topic, &words, &known);
    section(out, name);
    text_add(out, ".nf\n");
    roff_add(out, text_string(&words));
    text_add(out, ".fi\n");
    text_clear(&words);
}

static void add_commands(struct text *out)
{
    section(out, "COMMANDS");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        text_addf(out, ".TP\n.BI \"%s \" \"", commands[i].name);
        roff_add(out, commands[i].arguments);
        text_add(out, "\"\n");
        roff_add(out, commands[i].summary);
        text_add(out, "\n");
    }
}

static void add_option(struct text *out, const struct option_info *option)
{
    text_add(out, ".TP\n.B ");
    if (option->letter)
        text_addf(out, "\\-%c, ", option->letter);
    roff_add(out, "--");
    roff_add(out, option->name);
    if (option->argument) {
        text_add(out, " \\fI");
        roff_add(out, option->argument);
        text_add(out, "\\fP");
    }
    text_add(out, "\n");
    roff_add(out, option->help);
    text_add(out, ".\n");
    if (option->built_in) {
        text_add(out, "Built in: ");
        roff_add(out, option->built_in);
        text_add(out, ".\n");
    }
    text_add(out, "With:");
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (option->commands & COMMAND_BIT(i))
            text_addf(out, " %s", commands[i].name);
    text_add(out, ".\n");
}

void manual_write(struct text *out)
{
    text_add(out, ".TH OPSPUSH 1 \"\" \"opspush " OPSPUSH_VERSION "\"\n");
    section(out, "NAME");
    text_add(out, "opspush \\- bring people from a CSV export to OPS\\-COM\n");
    section(out, "SYNOPSIS");
    text_add(out, ".B opspush\n.I COMMAND\n[arguments] [options]\n");
    section(out, "DESCRIPTION");
    text_add(out, "Takes a CSV export of people, applies a mapping file, compares each person with "
                  "a local record of what was delivered before, and pushes new and changed "
                  "profiles alone.\nStart with\n.BR \"opspush plan\" ,\nwhich sends nothing.\n");
    add_commands(out);
    section(out, "OPTIONS");
    text_add(out, "Those that have a variable (see ENVIRONMENT) may also stand in a configuration "
                  "file, by their names with underscores.\n");
    for (size_t i = 0; i < option_count; i++)
        add_option(out, &option_table[i]);
    topic_add(out, "EXIT STATUS", "exit-codes");
    topic_add(out, "FILES", "files");
    topic_add(out, "ENVIRONMENT", "environment");
    topic_add(out, "STEPS OF A MAPPING", "steps");
    topic_add(out, "FIELDS OF A MAPPING", "fields");
}
