#include "service.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pages.h"

enum { JSON_DEPTH_MAX = 16 };

struct service {
    struct service_setup setup;
    uint64_t pushes, generation;
    struct people *people;
    struct journal journal;
};

struct service *service_open(const struct service_setup *setup, struct fault *fault)
{
    struct service *service = mem_new(sizeof *service);
    service->setup = *setup;
    service->people = people_new();
    if (setup->log_path && journal_open(&service->journal, setup->log_path, fault) < 0) {
        service_close(service);
        return NULL;
    }
    return service;
}

void service_close(struct service *service)
{
    if (!service)
        return;
    people_free(service->people);
    journal_close(&service->journal);
    free(service);
}

uint64_t service_connected(struct service *service)
{
    return ++service->journal.tally.connections;
}

/* ------------------------------------------------------------------------------- in flight */

static void mark_in_flight(struct service *service, struct turn *turn, struct person *person)
{
    struct tally *tally = &service->journal.tally;
    if (++tally->in_flight > tally->most_in_flight)
        tally->most_in_flight = tally->in_flight;
    turn->is_in_flight = true;
    turn->person = person;
    turn->generation = service->generation;
    if (person && person->in_flight++)
        tally->overlaps++;
}

static void let_go(struct service *service, struct turn *turn)
{
    if (turn->person && turn->generation == service->generation)
        turn->person->in_flight--;
    turn->person = NULL;
}

void service_answered(struct service *service, struct turn *turn)
{
    if (turn->is_in_flight)
        service->journal.tally.in_flight--;
    turn->is_in_flight = false;
    let_go(service, turn);
}

/* ------------------------------------------------------------------------------- the API */

/* "/api/CLIENT/v1/REST": gives REST, or NULL; the client's place and length on the way. */
static const char *path_split(const char *path, const char **client, size_t *length)
{
    if (strncmp(path, "/api/", 5) != 0)
        return NULL;
    *client = path + 5;
    *length = strcspn(*client, "/");
    const char *rest = *client + *length;
    return strncmp(rest, "/v1/", 4) != 0 ? NULL : rest + 4;
}

static int judge_client(const struct rules *rules, const char *path)
{
    const char *client;
    size_t length;
    path_split(path, &client, &length);
    const char *wanted = rules->client;
    if (!length)
        return 9000;
    return wanted && (strlen(wanted) != length || memcmp(wanted, client, length) != 0) ? 9000 : 0;
}

/* A body as read, with the first error of all that is not the profile's. */
struct opened {
    struct json_document *document;
    struct reading reading;
    int code;
};

static void open_body(const struct rules *rules, const struct call *call, struct opened *opened)
{
    const char *why;
    *opened = (struct opened){0};
    if (!call->is_long)
        opened->document =
            json_strict(text_string(call->body), call->body->length, JSON_DEPTH_MAX, &why);
    int read_code =
        opened->document ? reading_take(&opened->reading, json_root(opened->document)) : 9003;
    opened->code = judge_client(rules, call->path);
    if (!opened->code && read_code == 9003)
        opened->code = 9003;
    if (!opened->code)
        opened->code = rules_judge_token(rules, opened->reading.token);
    if (!opened->code)
        opened->code = read_code;
}

/* Stores or refuses as the API page says; the entry and the reply say so. */
static void apply_push(struct service *service, struct turn *turn, struct person *person,
                       const struct opened *opened, struct entry *entry)
{
    const struct rules *rules = service->setup.rules;
    const struct submission *submission = &opened->reading.submission;
    int code = opened->code;
    if (!code)
        code = rules_judge(rules, service->people, person, submission);
    service->journal.tally.alias_pairs += opened->reading.alias_pairs;
    service->journal.tally.unknown_fields += opened->reading.unknown_fields;
    entry->fate = code ? FATE_REFUSED : FATE_ACCEPTED;
    entry->code = code;
    if (code) {
        reply_error(&turn->reply, rules, code);
        return;
    }
    assert(person); /* who has no unique_id was refused */
    people_store(service->people, person, submission, entry->number);
    reply_success(&turn->reply, person->reference_id);
}

static const struct mischief *choose(struct service *service, const struct person *person)
{
    if (!service->setup.plan)
        return NULL;
    return mischief_choose(service->setup.plan, service->pushes, person ? person->unique_id : "",
                           person ? person->received : 0);
}

/* Spoils the reply and completes the entry. A stalled push is not in flight for its person: the caller gives it up. */
static void spoil(struct service *service, const struct call *call, struct turn *turn,
                  const struct mischief *mischief, struct entry *entry)
{
    reply_spoil(&turn->reply, mischief, service->setup.rules, call->body);
    turn->wait_ms += mischief->wait_ms;
    entry->mischief = mischief;
    if (mischief->kind == MISCHIEF_ERROR && !mischief->applied) {
        entry->fate = FATE_REFUSED;
        entry->code = mischief->number;
    }
    if (mischief->kind == MISCHIEF_STALL)
        let_go(service, turn);
}

static void decide_push(struct service *service, const struct call *call, struct turn *turn)
{
    struct opened opened;
    open_body(service->setup.rules, call, &opened);
    const char *unique_id = opened.reading.submission.values[FIELD_UNIQUE_ID];
    struct person *person =
        unique_id && *unique_id ? people_find(service->people, unique_id) : NULL;
    const struct mischief *mischief = choose(service, person);
    struct entry entry = {.number = service->pushes,
                          .ms = call->ms,
                          .connection = call->connection,
                          .unique_id = person ? person->unique_id : "",
                          .fate = FATE_MISBEHAVED};
    if (person)
        person->received++;
    mark_in_flight(service, turn, person);
    if (!mischief || mischief->applied)
        apply_push(service, turn, person, &opened, &entry);
    if (mischief)
        spoil(service, call, turn, mischief, &entry);
    entry.status = turn->reply.ending == ENDING_RESET ? 0 : turn->reply.status;
    journal_add(&service->journal, &entry, opened.document ? &opened.reading.submission : NULL);
    json_free(opened.document);
}

/* Without a look at the body: for benchmarks of the other side. */
static void decide_bare(struct service *service, const struct call *call, struct turn *turn)
{
    struct entry entry = {.fate = FATE_ACCEPTED};
    const struct mischief *mischief = choose(service, NULL);
    mark_in_flight(service, turn, NULL);
    reply_success(&turn->reply, 1);
    if (mischief)
        spoil(service, call, turn, mischief, &entry);
    entry.status = turn->reply.ending == ENDING_RESET ? 0 : turn->reply.status;
    journal_count(&service->journal, &entry);
}

static void decide_types(struct service *service, const struct call *call, struct turn *turn)
{
    struct opened opened;
    open_body(service->setup.rules, call, &opened);
    service->journal.tally.types_lists++;
    if (opened.code)
        reply_error(&turn->reply, service->setup.rules, opened.code);
    else
        reply_types(&turn->reply, service->setup.rules);
    json_free(opened.document);
}

static long latency_ms(const struct service *service)
{
    const struct latency *latency = &service->setup.latency;
    uint64_t range = (uint64_t)(latency->max_ms - latency->min_ms) + 1;
    uint64_t draw = mischief_mix(service->setup.seed ^ (service->pushes << 20));
    return latency->min_ms + (long)(draw % range);
}

static void decide_api(struct service *service, const struct call *call, struct turn *turn,
                       bool is_push)
{
    if (strcmp(call->method, "POST") != 0) {
        reply_page(&turn->reply, 405, "Method Not Allowed");
    } else if (!service->setup.bare && !call->is_json) {
        reply_page(&turn->reply, 415, "Unsupported Media Type");
    } else if (!is_push) {
        decide_types(service, call, turn);
    } else {
        service->pushes++;
        turn->wait_ms = latency_ms(service);
        if (service->setup.bare)
            decide_bare(service, call, turn);
        else
            decide_push(service, call, turn);
    }
}

/* ------------------------------------------------------------------------------- its own pages */

static void reset(struct service *service)
{
    people_reset(service->people);
    journal_reset(&service->journal);
    service->pushes = 0;
    service->generation++;
    if (service->setup.plan)
        mischief_plan_rewind(service->setup.plan);
}

static void decide_page(struct service *service, const struct call *call, struct turn *turn)
{
    struct reply *reply = &turn->reply;
    struct text *body = &reply->body;
    bool is_get = !strcmp(call->method, "GET") || !strcmp(call->method, "HEAD");
    service->journal.tally.other_requests++;
    reply_json(reply);
    if (is_get && !strcmp(call->path, "/sandbox/received")) {
        page_received(service->people, &service->journal, body);
    } else if (is_get && !strcmp(call->path, "/sandbox/stats")) {
        page_stats(service->people, &service->journal, body);
    } else if (!strcmp(call->path, "/sandbox/reset") && !strcmp(call->method, "POST")) {
        reset(service);
        text_add(body, "{\"status\":\"reset\"}\n");
    } else if (is_get && !strcmp(call->path, "/")) {
        reply_html(reply);
        page_home(service->people, &service->journal, body);
    } else {
        if (!strcmp(call->path, "/sandbox/elsewhere"))
            service->journal.tally.redirects_followed++;
        reply_page(reply, 404, "Not Found");
    }
}

void service_decide(struct service *service, const struct call *call, struct turn *turn)
{
    const char *client;
    size_t length;
    const char *rest = path_split(call->path, &client, &length);
    if (rest && !strcmp(rest, "profiles/push"))
        decide_api(service, call, turn, true);
    else if (rest && !strcmp(rest, "profiles/types/list"))
        decide_api(service, call, turn, false);
    else
        decide_page(service, call, turn);
}
