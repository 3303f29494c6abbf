#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "json/document.h"

/*
 * What the command line left open: environment, --config FILE, the user's file, the system's, built-in. The first that names a setting
 * gives it. Unknown keys are errors.
 */

enum { CONFIG_MAX = 1 << 20 };

static const char SYSTEM_FILE[] = "/etc/opspush/opspush.jsonc";

/* ---------------------------------------------------------------- environment */

static int configure_environment(struct call *call, struct fault *fault)
{
    for (size_t i = 0; i < option_count; i++) {
        char name[64];
        option_variable(i, name);
        const char *value = getenv(name);
        if (!option_table[i].in_config || !value || call->origins[i])
            continue;
        if (option_table[i].kind != OPTION_LIST) {
            if (option_set(call, i, value, "environment", FAULT_CONFIG, fault) < 0)
                return fault_place(fault, "%s", name);
            continue;
        }
        char *copy = mem_string(value), *rest = copy, *item;
        int done = 0;
        while (done == 0 && (item = strtok_r(rest, ",", &rest)))
            done = option_set(call, i, item, "environment", FAULT_CONFIG, fault);
        free(copy);
        if (done < 0)
            return fault_place(fault, "%s", name);
    }
    return 0;
}

/* ---------------------------------------------------------------- files */

struct config_file {
    struct call *call;
    char *path;
    char *folder;
    const struct json_document *document;
    struct problems problems;
    bool *taken; /* options that a stronger source has given */
};

static int option_of_key(const char *key)
{
    char name[64];
    for (size_t i = 0; i < option_count; i++) {
        option_key(i, name);
        if (option_table[i].in_config && strcmp(option_table[i].name, "config") != 0 &&
            strcmp(name, key) == 0)
            return (int)i;
    }
    return -1;
}

/* Its line is not shown: a token may stand there. */
static void token_key(struct config_file *file, const struct json_value *value)
{
    problems_add(&file->problems, true, file->path, NULL, 0, 0,
                 "put it into a file of mode 0600 and name that with \"token_file\"",
                 "\"%s\": the token never stands in a configuration", json_key(value));
}

static void unknown_key(struct config_file *file, const struct json_value *value)
{
    if (strstr(json_key(value), "oken")) {
        token_key(file, value);
        return;
    }
    static char keys[64][64];
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < option_count && count < 64; i++)
        if (option_table[i].in_config) {
            option_key(i, keys[count]);
            names[count] = keys[count];
            count++;
        }
    const char *nearest = text_nearest(json_key(value), names, count);
    char hint[128];
    snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest ? nearest : "");
    json_problem_key(file->document, &file->problems, true, value,
                     nearest ? hint : "`opspush config` lists the settings",
                     "there is no setting called \"%s\"", json_key(value));
}

static void set_one(struct config_file *file, size_t option, const struct json_value *value)
{
    struct fault fault;
    const char *text = NULL;
    char *joined = NULL;
    bool is_flag = option_table[option].kind == OPTION_FLAG;
    switch (json_kind(value)) {
    case JSON_BOOL:
        text = is_flag ? (json_bool(value) ? "true" : "false") : NULL;
        break;
    case JSON_NUMBER:
        text = is_flag ? NULL : json_number_text(value);
        break;
    case JSON_STRING:
        text = is_flag ? NULL : json_string(value);
        break;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    if (!text) {
        json_problem(file->document, &file->problems, true, value, NULL, "\"%s\" cannot be %s",
                     json_key(value) ? json_key(value) : option_table[option].name,
                     json_kind_name(json_kind(value)));
        return;
    }
    if (option_table[option].kind == OPTION_PATH)
        text = joined = file_join(file->folder, text);
    if (option_set(file->call, option, text, file->path, FAULT_CONFIG, &fault) < 0)
        json_problem(file->document, &file->problems, true, value, NULL, "%s",
                     strstr(fault.text, "--") ? strstr(fault.text, "--") : fault.text);
    free(joined);
}

static void read_key(struct config_file *file, const struct json_value *value)
{
    if (strcmp(json_key(value), "$schema") == 0)
        return;
    int option = option_of_key(json_key(value));
    if (option < 0) {
        unknown_key(file, value);
        return;
    }
    if (file->taken[option])
        return;
    if (option_table[option].kind != OPTION_LIST || json_kind(value) != JSON_ARRAY) {
        set_one(file, (size_t)option, value);
        return;
    }
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        set_one(file, (size_t)option, item);
}

static void read_document(struct config_file *file)
{
    const struct json_value *root = json_root(file->document);
    if (json_kind(root) != JSON_OBJECT) {
        json_problem(file->document, &file->problems, true, root, NULL,
                     "the settings must be an object: { \"mapping\": ... }");
        return;
    }
    for (const struct json_value *value = json_first(root); value; value = json_next(value))
        read_key(file, value);
}

/* Origins keep the path, so it is kept with the program. */
static int configure_file(struct call *call, const char *path, struct fault *fault)
{
    struct config_file file = {.call = call, .path = mem_string(path), .folder = file_folder(path)};
    struct text bytes = {0};
    int done = -1;
    file.taken = mem_array(option_count, sizeof *file.taken);
    for (size_t i = 0; i < option_count; i++)
        file.taken[i] = call->origins[i] != NULL;
    if (file_read(path, CONFIG_MAX, &bytes, FAULT_CONFIG, fault) < 0)
        goto out;
    struct json_document *document =
        json_relaxed(path, text_string(&bytes), bytes.length, &file.problems);
    file.document = document;
    if (document)
        read_document(&file);
    json_free(document);
    if (file.problems.errors) {
        struct text all = {0};
        problems_print(&file.problems, &all);
        cli_print_error(&all);
        text_clear(&all);
        problems_fault(&file.problems, FAULT_CONFIG, fault);
        goto out;
    }
    done = 0;
out:
    problems_clear(&file.problems);
    text_clear(&bytes);
    free(file.taken);
    free(file.folder);
    strings_add(&call->paths, file.path); /* origins point to it */
    return done;
}

static char *user_file(void)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && *base == '/')
        return mem_format("%s/opspush/opspush.jsonc", base);
    return home && *home == '/' ? mem_format("%s/.config/opspush/opspush.jsonc", home) : NULL;
}

static int configure_files(struct call *call, struct fault *fault)
{
    if (call->settings.config) {
        char *named = mem_string(call->settings.config);
        int done = configure_file(call, named, fault);
        free(named);
        if (done < 0)
            return -1;
    }
    char *user = user_file();
    int done = user && file_exists(user) ? configure_file(call, user, fault) : 0;
    free(user);
    if (done < 0)
        return -1;
    return file_exists(SYSTEM_FILE) ? configure_file(call, SYSTEM_FILE, fault) : 0;
}

/* ---------------------------------------------------------------- built-in places */

static char *state_place(void)
{
    const char *service = getenv("STATE_DIRECTORY");
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (service && *service == '/')
        return mem_format("%.*s/state.db", (int)strcspn(service, ":"), service);
    if (base && *base == '/')
        return mem_format("%s/opspush/state.db", base);
    return home && *home == '/' ? mem_format("%s/.local/state/opspush/state.db", home) : NULL;
}

static int configure_places(struct call *call, struct fault *fault)
{
    struct settings *settings = &call->settings;
    if (!settings->state)
        settings->state = state_place();
    if (!settings->state)
        return fault_set(fault, FAULT_CONFIG,
                         "there is no place for the state: give --state FILE (STATE_DIRECTORY, "
                         "XDG_STATE_HOME and "
                         "HOME are all unset)");
    if (!settings->runs) {
        char *folder = file_folder(settings->state);
        settings->runs = file_join(folder, "runs");
        free(folder);
    }
    return 0;
}

int call_configure(struct call *call, struct fault *fault)
{
    if (configure_environment(call, fault) < 0 || configure_files(call, fault) < 0)
        return -1;
    return configure_places(call, fault);
}
