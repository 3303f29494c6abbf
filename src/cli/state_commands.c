#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "push/transport.h"
#include "report/report.h"
#include "state_commands.h"
#include "json/write.h"

/* status and backup, and what the commands share that read from the state alone. */

/* The feed named by --feed, or by the mapping's name; NULL in *name where neither is given. */
static int named_feed(struct call *call, char **name, struct fault *fault)
{
    struct problems problems = {0};
    *name = mem_string(call->settings.feed);
    if (*name || !call->settings.mapping)
        return 0;
    struct mapping *mapping = feed_mapping(call->settings.mapping, &problems, fault);
    if (mapping)
        *name = mem_string(mapping_name(mapping));
    mapping_free(mapping);
    problems_clear(&problems);
    return *name ? 0 : -1;
}

int cli_open_feed(struct call *call, bool must, struct feed *feed, struct fault *fault)
{
    char *name = NULL, *url = NULL;
    int done = -1;
    *feed = (struct feed){0};
    if (named_feed(call, &name, fault) < 0)
        goto out;
    if (call->settings.url) {
        url = url_normalise(call->settings.url, fault);
        if (!url)
            goto out;
    }
    if (feed_open(&call->settings, &call->world, STATE_READ, name, url, must, feed, fault) < 0)
        goto out;
    done = 0;
    if (must && !feed->state)
        fprintf(stderr,
                "opspush: there is no state at %s yet: nothing was pushed from here, or --state "
                "names another place\n",
                call->settings.state);
    else if (must && !feed->people)
        done = fault_set(fault, FAULT_STATE, "the state at %s does not know this feed and target",
                         call->settings.state);
out:
    free(name);
    free(url);
    return done;
}

void cli_time(int64_t wall_ms, char out[32])
{
    if (wall_ms > 0)
        clock_utc(wall_ms, out);
    else
        snprintf(out, 32, "never");
}

const char *cli_verdict(const struct run_record *run, bool running)
{
    if (run->is_open && running)
        return "not ended";
    return run->verdict && *run->verdict ? run->verdict : "incomplete";
}

/* ---------------------------------------------------------------- status */

struct standing {
    struct run_record *last;         /* NULL: none */
    int64_t success_ms;              /* 0: never */
    uint64_t known, unsettled, held; /* held are unsettled too */
    bool too_old;
    struct text runner; /* who holds the lock, in words; empty: nobody */
};

static void unsettled_text(const struct standing *standing, struct text *out)
{
    text_addf(out, "unsettled:     %llu", (unsigned long long)standing->unsettled);
    if (standing->unsettled)
        text_addf(
            out, "  (perhaps sent, no clear answer%s; %s)", standing->runner.length ? " yet" : "",
            standing->runner.length ? "a run is going on"
            : standing->held
                ? "the next push that has a valid row of them sends them again, but for those held"
                : "the next push that has a valid row of them sends them again");
    text_add(out, "\n");
    if (standing->held)
        text_addf(out,
                  "  held:        %llu  (of these, refused since with the same payload: not sent "
                  "again until it changes, or with --retry-refused)\n",
                  (unsigned long long)standing->held);
}

static void standing_text(const struct call *call, const struct feed *feed,
                          const struct standing *standing, struct text *out)
{
    char time[32];
    text_addf(out, "feed:          %s\ntarget:        %s\nstate:         %s\n",
              feed->name ? feed->name : "-", feed->target ? feed->target : "-",
              call->settings.state);
    if (standing->last) {
        cli_time(standing->last->started_ms, time);
        text_addf(out, "last run:      %s (%s), %s\n", standing->last->id, time,
                  cli_verdict(standing->last, standing->runner.length > 0));
    } else {
        text_add(out, "last run:      none\n");
    }
    if (standing->runner.length)
        text_addf(out, "running:       %s\n", standing->runner.bytes);
    cli_time(standing->success_ms, time);
    text_addf(out, "last success:  %s%s\n", time, standing->too_old ? "  TOO OLD" : "");
    text_addf(out, "people known:  %llu\n", (unsigned long long)standing->known);
    unsettled_text(standing, out);
}

static void standing_json(const struct feed *feed, const struct standing *standing,
                          struct text *out)
{
    struct json_writer json;
    char time[32];
    json_writer_init(&json, out, 2);
    json_open_object(&json);
    json_put_member(&json, "schema", "opspush-status-1");
    json_put_member(&json, "feed", feed->name);
    json_put_member(&json, "target", feed->target);
    json_put_member(&json, "last_run", standing->last ? standing->last->id : NULL);
    json_put_key(&json, "last_exit");
    if (standing->last && standing->last->exit >= 0)
        json_put_integer(&json, standing->last->exit);
    else
        json_put_null(&json);
    json_put_member(&json, "last_verdict", standing->last ? standing->last->verdict : NULL);
    cli_time(standing->success_ms, time);
    json_put_member(&json, "last_success", standing->success_ms ? time : NULL);
    json_put_count(&json, "known", (int64_t)standing->known);
    json_put_count(&json, "unsettled", (int64_t)standing->unsettled);
    json_put_count(&json, "unsettled_held", (int64_t)standing->held);
    json_put_key(&json, "running");
    json_put_bool(&json, standing->runner.length > 0);
    json_put_member(&json, "runner", standing->runner.length ? standing->runner.bytes : NULL);
    json_put_key(&json, "too_old");
    json_put_bool(&json, standing->too_old);
    json_close_object(&json);
    text_add(out, "\n");
}

static void list_feeds(struct feed *feed, struct text *out)
{
    struct population_name *names;
    size_t count;
    struct fault fault;
    if (state_populations(feed->state, &names, &count, &fault) < 0)
        return;
    text_add(out, "feeds in this state:\n");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "  %s -> %s: %llu known\n", names[i].feed, names[i].target,
                  (unsigned long long)state_known(feed->state, names[i].id));
    population_names_free(names, count);
}

struct unsettled {
    const struct feed *feed;
    struct text *out;
};

static void list_unsettled(void *self, const struct plan_known *known)
{
    struct unsettled *list = self;
    struct person_detail person;
    struct fault ignored;
    char since[32];
    if (!known->intent_open ||
        state_person(list->feed->state, list->feed->people, known->handle, &person, &ignored) < 0)
        return;
    cli_time(person.intent_ms, since);
    text_addf(list->out, "  unsettled: %s since %s%s\n", person.unique_id ? person.unique_id : "?",
              since, person.intent_held ? ", held" : "");
    person_detail_clear(&person);
}

static int status_of(struct call *call, struct feed *feed, struct standing *standing,
                     struct text *out, struct fault *fault)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    int64_t now = call->world.clock.wall_ms(call->world.clock.self);
    if (feed->people) {
        if (state_runs(feed->state, feed->people, 1, &runs, &count, fault) < 0)
            return -1;
        standing->last = count ? &runs[0] : NULL;
        standing->success_ms =
            state_last_success_ms(feed->state, feed->people, call->settings.strict);
        standing->known = state_known(feed->state, feed->people);
        standing->unsettled = state_open_intents(feed->state, feed->people);
        standing->held = state_held_intents(feed->state, feed->people);
    }
    if (!standing->runner.length) /* it may have begun since */
        state_lock_is_held(call->settings.state, &standing->runner);
    standing->too_old =
        call->settings.max_age_ms >= 0 &&
        (!standing->success_ms || now - standing->success_ms > call->settings.max_age_ms);
    if (call->settings.json)
        standing_json(feed, standing, out);
    else
        standing_text(call, feed, standing, out);
    if (runs)
        run_records_free(runs, count);
    return standing->too_old;
}

/* Of several feeds one must be named, but where --all lists them. */
static int must_choose(const struct call *call, const struct feed *feed, struct fault *fault)
{
    if (feed->fitting < 2 || call->settings.all)
        return 0;
    return fault_set(fault, FAULT_USAGE, FEEDS_TO_CHOOSE, feed->fitting);
}

int command_status(struct call *call)
{
    struct feed feed;
    struct fault fault;
    struct text out = {0};
    struct standing standing = {0};
    state_lock_is_held(call->settings.state, &standing.runner);
    if (cli_open_feed(call, false, &feed, &fault) < 0 || must_choose(call, &feed, &fault) < 0) {
        text_clear(&standing.runner);
        feed_close(&feed);
        return cli_fail(&fault);
    }
    int done = status_of(call, &feed, &standing, &out, &fault);
    if (done >= 0 && feed.people && call->settings.all && !call->settings.json) {
        struct unsettled list = {.feed = &feed, .out = &out};
        if (state_each_person(feed.state, feed.people, list_unsettled, &list, &fault) < 0)
            done = -1;
    }
    if (feed.state && (call->settings.all || !feed.people) && !call->settings.json)
        list_feeds(&feed, &out);
    if (!call->settings.quiet || done)
        cli_print(&out);
    text_clear(&standing.runner);
    text_clear(&out);
    feed_close(&feed);
    return done < 0 ? cli_fail(&fault) : done;
}

/* ---------------------------------------------------------------- backup */

int command_backup(struct call *call)
{
    struct feed feed;
    struct fault fault;
    if (text_is(call->arguments[0], "-"))
        return cli_usage("a backup is two files, the copy and its key: it cannot go to standard "
                         "output; give it a name");
    int done =
        feed_open(&call->settings, &call->world, STATE_READ, NULL, NULL, false, &feed, &fault);
    if (done == 0 && !feed.state)
        done = fault_set(&fault, FAULT_STATE, "there is no state at %s to back up",
                         call->settings.state);
    if (done == 0)
        done = state_backup(feed.state, call->arguments[0], &fault);
    feed_close(&feed);
    if (done < 0)
        return cli_fail(&fault);
    if (!call->settings.quiet)
        printf("the state and its key are copied to %s and %s.key; keep them as private as the "
               "state itself\n",
               call->arguments[0], call->arguments[0]);
    return 0;
}
