#include "job/feed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/memory.h"

enum { TOKEN_FILE_MAX = 4096 };

struct mapping *feed_mapping(const char *path, struct problems *problems, struct fault *fault)
{
    if (!path) {
        fault_set(fault, FAULT_CONFIG,
                  "no mapping is named: give --mapping FILE, or \"mapping\" in the configuration "
                  "(`opspush suggest EXPORT` drafts one)");
        return NULL;
    }
    struct mapping *mapping = mapping_load(path, problems);
    if (!mapping)
        problems_fault(problems, FAULT_CONFIG, fault);
    return mapping;
}

static int token_check(const char *from, struct text *token, struct fault *fault)
{
    while (token->length && strchr(" \t\r\n", token->bytes[token->length - 1]))
        token->bytes[--token->length] = '\0';
    if (!token->length)
        return fault_set(fault, FAULT_CONFIG, "%s: there is no token in it", from);
    for (size_t i = 0; i < token->length; i++)
        if ((unsigned char)token->bytes[i] <= ' ' || (unsigned char)token->bytes[i] >= 0x7f)
            return fault_set(fault, FAULT_CONFIG,
                             "%s: the token holds a blank or a character that is not plain ASCII; "
                             "the file must hold the token alone",
                             from);
    mlock(token->bytes, token->capacity); /* out of the swap, where the limit allows */
    return 0;
}

int feed_token(const struct settings *settings, struct text *token, struct text *warnings,
               struct fault *fault)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    const char *direct = getenv("OPSPUSH_TOKEN");
    if (settings->token_file) {
        if (file_check_private(settings->token_file, fault) < 0 ||
            file_read(settings->token_file, TOKEN_FILE_MAX, token, FAULT_CONFIG, fault) < 0)
            return -1;
        return token_check(settings->token_file, token, fault);
    }
    if (credentials) {
        char *path = file_join(credentials, "opscom-token");
        bool there = file_exists(path);
        int done = there ? file_read(path, TOKEN_FILE_MAX, token, FAULT_CONFIG, fault) : 0;
        if (there && done == 0)
            done = token_check(path, token, fault);
        free(path);
        if (there)
            return done;
    }
    if (direct && *direct) {
        text_add(
            warnings,
            "warning: the token comes from the environment variable OPSPUSH_TOKEN, which other "
            "programs of this user can read; use --token-file\n");
        text_add(token, direct);
        return token_check("OPSPUSH_TOKEN", token, fault);
    }
    return fault_set(fault, FAULT_CONFIG,
                     "there is no API token: put it into a file with mode 0600 and name it with "
                     "--token-file FILE (or \"token_file\" in the configuration)");
}

/* Of the populations that fit the name and target given, the only one; none leaves the feed empty. */
static int feed_choose(const char *name, const char *target, bool must, struct feed *feed,
                       struct fault *fault)
{
    struct population_name *names;
    size_t count;
    if (state_populations(feed->state, &names, &count, fault) < 0)
        return -1;
    size_t fitting = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        if ((name && strcmp(name, names[i].feed) != 0) ||
            (target && strcmp(target, names[i].target) != 0))
            continue;
        fitting++;
        at = i;
    }
    int done = 0;
    feed->fitting = fitting;
    if (fitting == 1) {
        feed->people = names[at].id;
        free(feed->name);
        free(feed->target);
        feed->name = mem_string(names[at].feed);
        feed->target = mem_string(names[at].target);
    } else if (must && fitting > 1) {
        done = fault_set(fault, FAULT_USAGE, FEEDS_TO_CHOOSE, fitting);
    }
    population_names_free(names, count);
    return done;
}

int feed_open(const struct settings *settings, const struct job_world *world, enum state_mode mode,
              const char *name, const char *url, bool must, struct feed *out, struct fault *fault)
{
    *out = (struct feed){.name = mem_string(name), .target = mem_string(url)};
    struct state_options options = {.mode = mode,
                                    .allow_remote = settings->network_state,
                                    .vfs = world->vfs,
                                    .master_key = world->master_key,
                                    .wall_ms = world->clock.wall_ms(world->clock.self)};
    *fault = (struct fault){0};
    out->state = state_open(settings->state, &options, fault);
    if (!out->state)
        return fault->kind == FAULT_NONE ? 0 : -1;
    if (name && url)
        return state_population(out->state, name, url, mode == STATE_CREATE, &out->people, fault);
    return feed_choose(name, url, must, out, fault);
}

void feed_close(struct feed *feed)
{
    if (feed->state)
        state_close(feed->state);
    free(feed->name);
    free(feed->target);
    *feed = (struct feed){0};
}
