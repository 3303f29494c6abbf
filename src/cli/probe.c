#include "probe.h"

#include <string.h>
#include <strings.h>

#include "push/answer.h"
#include "json/document.h"

/* What the one call that changes nothing at the server brought. */

enum { LIST_DEPTH_MAX = 32 };

/* A list of user types: each has an id. */
static bool is_type_list(const struct json_value *value)
{
    if (!value || json_kind(value) != JSON_ARRAY || !json_count(value))
        return false;
    for (const struct json_value *type = json_first(value); type; type = json_next(type))
        if (json_kind(type) != JSON_OBJECT || !json_member(type, "id"))
            return false;
    return true;
}

/* The list may stand alone or in a member of whatever name; 0: there is none. */
static size_t count_types(const struct json_value *root)
{
    if (is_type_list(root))
        return json_count(root);
    if (json_kind(root) != JSON_OBJECT)
        return 0;
    for (const struct json_value *member = json_first(root); member; member = json_next(member))
        if (is_type_list(member))
            return json_count(member);
    return 0;
}

/* A status that is no word; words are the judge's of answers. */
static bool status_is_bad(const struct json_value *root)
{
    const struct json_value *status =
        json_kind(root) == JSON_OBJECT ? json_member(root, "status") : NULL;
    if (!status)
        return false;
    return (json_kind(status) == JSON_BOOL && !json_bool(status)) ||
           (json_kind(status) == JSON_NUMBER && json_number(status) >= 400);
}

static bool is_page(const struct exchange *exchange)
{
    const char *body = text_string(&exchange->body);
    return strncasecmp(exchange->content_type, "text/html", 9) == 0 ||
           body[strspn(body, " \t\r\n\xef\xbb\xbf")] == '<';
}

/* Of a 2xx whose body is not JSON. */
static int no_json(const struct exchange *exchange, const char *why, struct fault *fault)
{
    int status = exchange->http_status;
    if (!exchange->body.length)
        return fault_set(fault, FAULT_UNAVAILABLE,
                         "HTTP %d with an empty body instead of a list of user types", status);
    if (is_page(exchange))
        return fault_set(
            fault, FAULT_UNAVAILABLE,
            "HTTP %d with a web page (HTML) instead of JSON: a sign-in page, a proxy's "
            "or another service's? Look at --url and --proxy",
            status);
    return fault_set(fault, FAULT_UNAVAILABLE,
                     "HTTP %d with a body that is cut off or is not JSON (%s)", status, why);
}

static void say_good(const struct exchange *exchange, size_t types, struct text *words)
{
    text_addf(words, "answered %d in %lld ms", exchange->http_status,
              (long long)exchange->duration_ms);
    if (types)
        text_addf(words, " with %zu user type%s", types, types == 1 ? "" : "s");
    else
        text_add(words, " with JSON of an unknown shape: no list of user types was found in it");
}

static int judge_body(const struct exchange *exchange, struct text *words, struct fault *fault)
{
    const char *why = "";
    struct json_document *document =
        json_strict(text_string(&exchange->body), exchange->body.length, LIST_DEPTH_MAX, &why);
    if (!document)
        return no_json(exchange, why, fault);
    const struct json_value *root = json_root(document);
    int result = 0;
    if (json_kind(root) != JSON_OBJECT && json_kind(root) != JSON_ARRAY)
        result = fault_set(fault, FAULT_UNAVAILABLE,
                           "HTTP %d with JSON that is neither an object nor an array",
                           exchange->http_status);
    else if (status_is_bad(root))
        result = fault_set(fault, FAULT_UNAVAILABLE, "HTTP %d with a \"status\" that says error",
                           exchange->http_status);
    else
        say_good(exchange, count_types(root), words);
    json_free(document);
    return result;
}

static const char *advice(const struct answer *answer, enum fault_kind kind)
{
    if (kind == FAULT_AUTH)
        return "; look at the token file, at the client code in --url and at the token's "
               "permissions";
    if (kind == FAULT_CONFIG && answer->http_status >= 400 && answer->http_status != 407)
        return "; look at the client code and at the path in --url";
    return "";
}

/* The server's own words are told; a page that came instead of them is not. */
static int refusal(const struct exchange *exchange, const struct answer *answer,
                   struct fault *fault)
{
    bool stops = answer->verdict == VERDICT_STOP || answer->verdict == VERDICT_SUSPECT;
    enum fault_kind kind =
        stops && answer->stop_kind != FAULT_NONE ? answer->stop_kind : FAULT_UNAVAILABLE;
    struct text said = {0};
    bool is_excerpt =
        strncmp(answer->message, "HTTP ", 5) == 0 && !text_is(answer->code, "redirect");
    if (is_excerpt)
        text_addf(&said, "HTTP %d, and no words of the API", answer->http_status);
    else
        text_add(&said, answer->message[0] ? answer->message : exchange->error);
    fault_set(fault, kind, "%s (%s)%s", text_string(&said), answer->code, advice(answer, kind));
    text_clear(&said);
    return -1;
}

int probe_judge(const struct exchange *exchange, const char *token, int64_t wall_ms,
                struct text *words, struct fault *fault)
{
    struct answer answer;
    answer_judge(exchange, token, wall_ms, &answer);
    answer_weigh(&answer, false, false);
    bool answered = exchange->end == EXCHANGE_ANSWERED && exchange->http_status >= 200 &&
                    exchange->http_status < 300;
    bool is_open = answer.verdict == VERDICT_ACCEPTED || answer.verdict == VERDICT_UNKNOWN;
    return answered && is_open ? judge_body(exchange, words, fault)
                               : refusal(exchange, &answer, fault);
}
