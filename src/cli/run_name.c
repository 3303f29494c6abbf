#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "state_commands.h"

/* Which run a word of the command line names: an id, a run's folder, or a link to one. */

void run_name_clear(struct run_name *name)
{
    free(name->id);
    free(name->folder);
}

/* Where the link 'path' points to; NULL when it is none. free() */
static char *link_read(const char *path)
{
    char to[PATH_MAX];
    ssize_t length = readlink(path, to, sizeof to);
    return length > 0 ? mem_bytes(to, (size_t)length) : NULL;
}

int run_name_read(const struct call *call, struct run_name *out, struct fault *fault)
{
    char *path = mem_string(call->arguments[0]);
    for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
        path[--length] = '\0';
    bool is_path = strchr(path, '/') != NULL, is_latest = text_is(file_base(path), "latest");
    char *place = is_path ? mem_string(path) : file_join(call->settings.runs, path);
    char *folder = file_folder(place), *to = link_read(place);
    int done = 0;
    *out = (struct run_name){0};
    if (to || !is_latest) {
        out->id = mem_string(file_base(to ? to : path));
        out->folder = file_join(folder, out->id);
    } else if (is_path) {
        done = fault_set(fault, FAULT_USAGE, "there is no link %s to a run", path);
    }
    free(to);
    free(folder);
    free(place);
    free(path);
    return done;
}

/* The first line of the summary in the run's folder; false when there is none. */
static bool summary_begin(const struct run_name *name, struct text *out)
{
    enum { SUMMARY_MOST = 1 << 20, WORDS_MOST = 300 };
    struct text summary = {0};
    struct fault ignored;
    char *path = name->folder ? file_join(name->folder, "summary.txt") : NULL;
    bool is_there = path && file_read(path, SUMMARY_MOST, &summary, FAULT_INPUT, &ignored) == 0 &&
                    summary.length;
    if (is_there) {
        text_addf(out, "%s begins: ", path);
        utf8_add_clean(out, summary.bytes, strcspn(summary.bytes, "\n"), WORDS_MOST);
    }
    text_clear(&summary);
    free(path);
    return is_there;
}

int run_name_unknown(const struct call *call, const struct run_name *name, struct fault *fault)
{
    struct text begin = {0};
    if (!name->id)
        fault_set(fault, FAULT_USAGE, "the state %s knows no run yet", call->settings.state);
    else if (summary_begin(name, &begin))
        fault_set(fault, FAULT_USAGE,
                  "the run %s has no record in the state %s: it has not read its export yet, ended "
                  "before it had, or was recorded in another state. %s",
                  name->id, call->settings.state, begin.bytes);
    else
        fault_set(fault, FAULT_USAGE,
                  "there is no saved plan and no run called \"%s\"; `opspush history` "
                  "lists the runs",
                  name->id);
    text_clear(&begin);
    return -1;
}
