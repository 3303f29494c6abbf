#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "profile/field.h"

/* help [TOPIC] and completion SHELL: both from the tables of commands, options and fields. */

static const char exit_codes[] =
    "Exit codes. An unknown code means failure; only complete success is 0.\n"
    "\n"
    "  code  name         meaning                                                     does a rerun "
    "help?\n"
    "     0  ok           done, or nothing to do                                      -\n"
    "     1  failed       unexpected failure (out of memory, counts do not add up)    maybe\n"
    "     2  usage        unknown option or argument                                  no\n"
    "     3  partial      finished; some people are not delivered: rejected here,     after "
    "fixing\n"
    "                     refused there, or held\n"
    "     4  config       configuration, mapping, key or token file, URL or           after "
    "fixing\n"
    "                     certificate wrong; nothing accepted\n"
    "     5  auth         token or client code refused; stopped at once               after "
    "fixing\n"
    "     6  input        the export cannot be read as declared; nothing sent         after "
    "fixing\n"
    "     7  unavailable  service kept failing, or out of time; progress kept         yes\n"
    "     8  guard        a limit tripped; nothing sent; a person must decide         after a "
    "decision\n"
    "     9  busy         another run holds the lock                                  yes, later\n"
    "    10  changes      only plan --exit-code: there is something to push           -\n"
    "    11  stale        saved plan no longer fits; nothing sent                     plan again\n"
    "    12  state        state damaged, foreign, newer than the program, disk full   after "
    "fixing\n"
    "   130, 143          interrupted by SIGINT, SIGTERM; progress kept               yes\n";

static const char steps[] =
    "Steps of a mapping (\"do\": [...]), applied left to right. TEXT is everything behind the "
    "single space after the\n"
    "step's name, blanks included. A step that cannot apply makes the value wrong; an empty value "
    "stays empty.\n"
    "\n"
    "  trim               \"  Smith \" -> \"Smith\"            (no-break spaces too)\n"
    "  one space          \"Mary  Ann\" -> \"Mary Ann\"\n"
    "  upper, lower       by Unicode: \"Zoë\" -> \"ZOË\"\n"
    "  names              \"MARTIN-ROY\" -> \"Martin-Roy\"     (mixed case is left alone)\n"
    "  digits             \"(613) 555-0101\" -> \"6135550101\"\n"
    "  postal code        \"k1a0b1\" -> \"K1A 0B1\", \"123451212\" -> \"12345-1212\"\n"
    "  straight quotes    curly quotes and apostrophes become straight ones\n"
    "  one line           line breaks become \", \"\n"
    "  excel guards       =\"00123\" and '00123 -> 00123\n"
    "  before TEXT        what stands in front of the first TEXT\n"
    "  after TEXT         what stands behind the first TEXT\n"
    "  first of X         \"a;b\" -> \"a\" (first of ;)\n"
    "  pad N X            \"123\" -> \"000123\" (pad 6 0)\n"
    "  remove TEXT        every TEXT is taken out\n"
    "  replace A by B     every A becomes B; splits at the first \" by \"\n"
    "  phone MASK         \"6135550101\" -> \"613-555-0101\" (phone ###-###-####)\n"
    "  add TEXT before    add TEXT after\n";

static const char files[] =
    "Files.\n"
    "\n"
    "  mapping        NAME.jsonc; cases beside it in NAME.cases.jsonc; lists where it says\n"
    "  settings       --config FILE, then $XDG_CONFIG_HOME/opspush/opspush.jsonc, then "
    "/etc/opspush/opspush.jsonc\n"
    "  token          --token-file FILE (mode 0600), then $CREDENTIALS_DIRECTORY/opscom-token\n"
    "  state          --state FILE (SQLite), with FILE.key (the key), FILE.lock, FILE.counter; all "
    "0600\n"
    "  RUNS/<run id>/ what a push leaves; RUNS/latest points to the newest; folder 0700, files "
    "0600:\n"
    "    summary.txt  one screen: verdict, counts that add up, causes, what to do next\n"
    "    run.json     for machines (schema opspush-run-1)\n"
    "    results.csv  one line for every row that was not unchanged\n"
    "    rejects.csv  rejected rows as they stand in the export, with the reason: fix and push "
    "again\n"
    "    report.html  one self-contained page\n";

static void topic_fields(struct text *out)
{
    text_add(out, "Fields of a profile push; a mapping may use any of a field's names.\n\n");
    text_addf(out, "  %-22s %-22s %5s  %s\n", "field", "also called", "limit", "note");
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct field_info *info = field_info((enum field)field);
        char also[64], limit[16];
        snprintf(also, sizeof also, "%s%s%s", info->aliases[0] ? info->aliases[0] : "",
                 info->aliases[1] ? ", " : "", info->aliases[1] ? info->aliases[1] : "");
        snprintf(limit, sizeof limit, info->limit ? "%u" : "-", info->limit);
        text_addf(out, "  %-22s %-22s %5s  %s%s%s\n", info->name, also, limit,
                  info->note ? info->note : "", info->required ? " (required)" : "",
                  info->is_private ? " (private: masked)" : "");
    }
}

static void topic_environment(struct text *out)
{
    text_add(out, "Environment. A variable is used where no option is given; lists are separated "
                  "by commas.\n\n");
    for (size_t i = 0; i < option_count; i++) {
        char name[64];
        option_variable(i, name);
        if (option_table[i].in_config)
            text_addf(out, "  %-26s as --%s\n", name, option_table[i].name);
    }
    text_add(out,
             "  OPSPUSH_TOKEN              the API token, when no file holds it (with a warning)\n"
             "  CREDENTIALS_DIRECTORY      the service manager's: opscom-token in it\n"
             "  STATE_DIRECTORY            the service manager's: state.db in it\n"
             "  XDG_CONFIG_HOME, XDG_STATE_HOME, HOME, NO_COLOR, TERM, COLUMNS, TZ\n"
             "Proxy variables and SSLKEYLOGFILE are ignored.\n");
}

void help_usage(enum command_id command, struct text *out)
{
    const struct command *info = &commands[command];
    text_addf(out, "opspush %s%s%s [options]\n  %s\n", info->name, *info->arguments ? " " : "",
              info->arguments, info->summary);
    if (command == COMMAND_PUSH)
        text_add(out, "opspush push --plan PLAN [EXPORT]\n  send exactly what a saved plan says, "
                      "or refuse\n");
    text_add(out, "\nOptions:\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_info *option = &option_table[i];
        char left[64], letter[8] = "    ";
        if (!(option->commands & COMMAND_BIT(command)))
            continue;
        if (option->letter)
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        text_addf(out, "  %-32s %s", left, option->help);
        if (option->built_in && strcmp(option->built_in, "off") != 0 &&
            strcmp(option->built_in, "none") != 0)
            text_addf(out, " [%s]", option->built_in);
        text_add(out, "\n");
    }
}

static void overview(struct text *out)
{
    text_add(
        out,
        "opspush brings people from a CSV export to OPS-COM: new and changed profiles alone.\n\n"
        "  opspush COMMAND [arguments] [options]\n\nTry first:  opspush plan EXPORT --mapping FILE "
        "  "
        "(sends nothing)\n\nCommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].arguments);
        text_addf(out, "  %-26s %s\n", left, commands[i].summary);
    }
    text_add(out, "\nMore: opspush help COMMAND, and opspush help exit-codes | steps | fields | "
                  "files | environment\n(opspush help man is the manual page)\n");
}

void help_write(const char *topic, struct text *out, bool *known)
{
    int command = topic ? command_find(topic) : -1;
    *known = true;
    if (!topic)
        overview(out);
    else if (command >= 0)
        help_usage((enum command_id)command, out);
    else if (strcmp(topic, "exit-codes") == 0)
        text_add(out, exit_codes);
    else if (strcmp(topic, "steps") == 0)
        text_add(out, steps);
    else if (strcmp(topic, "fields") == 0)
        topic_fields(out);
    else if (strcmp(topic, "files") == 0)
        text_add(out, files);
    else if (strcmp(topic, "environment") == 0)
        topic_environment(out);
    else if (strcmp(topic, "man") == 0)
        manual_write(out);
    else
        *known = false;
}

int command_help(struct call *call)
{
    struct text out = {0};
    bool known;
    help_write(call->argument_count ? call->arguments[0] : NULL, &out, &known);
    cli_print(&out);
    text_clear(&out);
    if (!known)
        return cli_usage(
            "there is no help on \"%s\": name a command, or exit-codes, steps, fields, files or "
            "environment",
            call->arguments[0]);
    return 0;
}

/* ---------------------------------------------------------------- completion */

static void complete_bash(struct text *out)
{
    text_add(out, "_opspush() {\n    local cur=${COMP_WORDS[COMP_CWORD]} words\n"
                  "    if [ \"$COMP_CWORD\" -eq 1 ]; then words='");
    for (int i = 0; i < COMMAND_COUNT; i++)
        text_addf(out, "%s%s", i ? " " : "", commands[i].name);
    text_add(out, "'\n    else case ${COMP_WORDS[1]} in\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        text_addf(out, "        %s) words='", commands[i].name);
        for (size_t j = 0; j < option_count; j++)
            if (option_table[j].commands & COMMAND_BIT(i))
                text_addf(out, "--%s ", option_table[j].name);
        text_add(out, "' ;;\n");
    }
    text_add(out,
             "        *) words='' ;;\n    esac; fi\n"
             "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\n"
             "complete -o filenames -F _opspush opspush\n");
}

static void complete_fish(struct text *out)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        text_addf(out, "complete -c opspush -n __fish_use_subcommand -a %s -d '%s'\n",
                  commands[i].name, commands[i].summary);
    for (int i = 0; i < COMMAND_COUNT; i++)
        for (size_t j = 0; j < option_count; j++)
            if (option_table[j].commands & COMMAND_BIT(i))
                text_addf(out, "complete -c opspush -n '__fish_seen_subcommand_from %s' -l %s%s\n",
                          commands[i].name, option_table[j].name,
                          option_table[j].argument ? " -r" : "");
}

int command_completion(struct call *call)
{
    struct text out = {0};
    const char *shell = call->arguments[0];
    if (strcmp(shell, "zsh") == 0)
        text_add(&out, "autoload -U +X bashcompinit && bashcompinit\n");
    if (strcmp(shell, "bash") == 0 || strcmp(shell, "zsh") == 0)
        complete_bash(&out);
    else if (strcmp(shell, "fish") == 0)
        complete_fish(&out);
    else
        return cli_usage("there is completion for bash, zsh and fish, not for \"%s\"", shell);
    cli_print(&out);
    text_clear(&out);
    return 0;
}
