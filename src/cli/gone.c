#include "cli.h"

#include <string.h>

#include "report/report.h"
#include "state_commands.h"
#include "json/write.h"

/*
 * gone: who is no longer in the export, since when and for how many nights, who came back, and who is left out by a rule. People are named
 * from the third night on (a setting), with --all from the first: a bad export names nobody.
 */

struct listing {
    const struct settings *settings;
    struct json_writer json;
    struct text *out;
    uint64_t missing, back, left_out, unnamed;
};

enum group { GROUP_MISSING, GROUP_BACK, GROUP_LEFT_OUT };

static const char *group_name(enum group group)
{
    static const char *const names[] = {"missing", "back", "left_out"};
    return names[group];
}

static enum group group_of(const struct person_detail *person)
{
    if (person->is_missing)
        return GROUP_MISSING;
    return person->left_out_because ? GROUP_LEFT_OUT : GROUP_BACK;
}

static void add_json(struct listing *listing, const struct person_detail *person, enum group group,
                     const char *since, uint32_t nights)
{
    struct json_writer *json = &listing->json;
    char back[32];
    json_open_object(json);
    json_put_member(json, "unique_id", person->unique_id);
    json_put_member(json, "group", group_name(group));
    json_put_member(json, "since", since);
    json_put_count(json, "nights", nights);
    cli_time(person->returned_ms, back);
    json_put_member(json, "back", person->returned_ms ? back : NULL);
    json_put_member(json, "because", group == GROUP_LEFT_OUT ? person->left_out_because : NULL);
    json_put_member(json, "reference_id", person->reference_id);
    json_close_object(json);
}

static void add_line(struct listing *listing, const struct person_detail *person, enum group group,
                     const char *since, uint32_t nights)
{
    const char *id = person->unique_id ? person->unique_id : "";
    const char *because = group == GROUP_LEFT_OUT ? person->left_out_because : "";
    const char *reference = person->reference_id ? person->reference_id : "";
    char back[32] = "";
    if (person->returned_ms)
        cli_time(person->returned_ms, back);
    if (!listing->settings->csv) {
        text_addf(listing->out, "%-24s %-9s %-21s %6u  %-21s %s\n", id, group_name(group), since,
                  nights, back, because);
        return;
    }
    csv_add_cell(listing->out, id, strlen(id), true);
    text_addf(listing->out, ",%s,%s,%u,%s,", group_name(group), since, nights, back);
    csv_add_cell(listing->out, because, strlen(because), true);
    text_add(listing->out, ",");
    csv_add_cell(listing->out, reference, strlen(reference), true);
    text_add(listing->out, "\r\n");
}

static void add_person(void *self, const struct person_detail *person)
{
    struct listing *listing = self;
    enum group group = group_of(person);
    uint32_t nights = group == GROUP_LEFT_OUT ? person->left_out_nights : person->missing_nights;
    char since[32];
    cli_time(group == GROUP_LEFT_OUT ? person->left_out_since_ms : person->missing_since_ms, since);
    uint64_t *tally = group == GROUP_MISSING ? &listing->missing
                      : group == GROUP_BACK  ? &listing->back
                                             : &listing->left_out;
    ++*tally;
    if (!listing->settings->all && nights < (uint32_t)listing->settings->gone_nights) {
        listing->unnamed++;
        return;
    }
    if (listing->settings->json)
        add_json(listing, person, group, since, nights);
    else
        add_line(listing, person, group, since, nights);
}

static void heading(struct listing *listing)
{
    if (listing->settings->csv)
        text_add(listing->out, "unique_id,group,since,nights,back,because,reference_id\r\n");
    else
        text_addf(listing->out, "%-24s %-9s %-21s %6s  %-21s %s\n", "unique_id", "group", "since",
                  "nights", "back", "because");
}

static void totals(struct listing *listing)
{
    text_addf(listing->out, "%llu missing, %llu back, %llu left out by a rule",
              (unsigned long long)listing->missing, (unsigned long long)listing->back,
              (unsigned long long)listing->left_out);
    if (listing->unnamed)
        text_addf(listing->out, "; %llu are not named before night %ld (--all names them)",
                  (unsigned long long)listing->unnamed, listing->settings->gone_nights);
    text_add(listing->out, "\n");
}

static int list(struct feed *feed, struct listing *listing, struct fault *fault)
{
    bool json = listing->settings->json;
    if (json) {
        json_writer_init(&listing->json, listing->out, 2);
        json_open_object(&listing->json);
        json_put_member(&listing->json, "schema", "opspush-gone-1");
        json_put_key(&listing->json, "people");
        json_open_array(&listing->json);
    } else {
        heading(listing);
    }
    if (feed->state &&
        state_each_missing(feed->state, feed->people, add_person, listing, fault) < 0)
        return -1;
    if (json) {
        json_close_array(&listing->json);
        json_put_count(&listing->json, "missing", (int64_t)listing->missing);
        json_put_count(&listing->json, "back", (int64_t)listing->back);
        json_put_count(&listing->json, "left_out", (int64_t)listing->left_out);
        json_put_count(&listing->json, "unnamed", (int64_t)listing->unnamed);
        json_close_object(&listing->json);
        text_add(listing->out, "\n");
    } else if (!listing->settings->csv) {
        totals(listing);
    }
    return 0;
}

int command_gone(struct call *call)
{
    struct feed feed;
    struct fault fault;
    struct text out = {0};
    struct listing listing = {.settings = &call->settings, .out = &out};
    int done = cli_open_feed(call, true, &feed, &fault);
    if (done == 0)
        done = list(&feed, &listing, &fault);
    if (done == 0)
        cli_print(&out);
    text_clear(&out);
    feed_close(&feed);
    return done < 0 ? cli_fail(&fault) : 0;
}
