#include "push/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "opscom.h"
#include "words.h"
#include "json/document.h"

enum { ANSWER_DEPTH_MAX = 16, EXCERPT_SIZE = 81 };

/* An answer on its way: what was asked of the judge, and what the body turned out to hold. */
struct reading {
    const struct exchange *exchange;
    const char *token;
    const struct json_value *object; /* NULL: the body is not one strict JSON object */
    struct answer *out;
};

static void set_code(struct answer *out, const char *code)
{
    snprintf(out->code, sizeof out->code, "%s", code);
}

static void set_message(struct reading *reading, const char *words)
{
    words_set(reading->out->message, 201, words, strlen(words), reading->token);
}

/* "HTTP 502: " and the beginning of the body, for answers that nothing else can be said of. */
static void describe_status(struct reading *reading)
{
    const struct exchange *exchange = reading->exchange;
    char excerpt[EXCERPT_SIZE], words[EXCERPT_SIZE + 32];
    words_set(excerpt, sizeof excerpt, text_string(&exchange->body), exchange->body.length,
              reading->token);
    snprintf(words, sizeof words, "HTTP %d%s%s", exchange->http_status, *excerpt ? ": " : "",
             excerpt);
    set_message(reading, words);
}

static void decide(struct answer *out, enum verdict verdict, enum fault_kind kind)
{
    out->verdict = verdict;
    out->stop_kind = kind;
}

/* ---------------------------------------------------------------- the body's shape */

/* "application/json" or a type ending in "+json" (RFC 6839), parameters or none. */
static bool media_type_is_json(const char *value)
{
    size_t length = strcspn(value, "; \t");
    const char *rest = value + length + strspn(value + length, " \t");
    if (*rest && *rest != ';')
        return false;
    const char *slash = memchr(value, '/', length);
    if (!slash || slash == value || strcspn(value, ",\"()<>@:\\[]?={}") < length)
        return false;
    if (length == 16 && strncasecmp(value, "application/json", length) == 0)
        return true;
    return length > 5 && value + length - 5 > slash + 1 &&
           strncasecmp(value + length - 5, "+json", 5) == 0;
}

static const char *member_string(const struct json_value *object, const char *key)
{
    const struct json_value *member = json_member(object, key);
    return member ? json_string(member) : NULL;
}

/* A whole number, or a string that holds one; 0 when it is neither. */
static long member_code(const struct json_value *object, const char *key)
{
    const struct json_value *member = json_member(object, key);
    long code = 0;
    if (!member)
        return 0;
    if (json_kind(member) == JSON_NUMBER)
        return json_integer(member, 1, 999999, &code) ? code : 0;
    const char *digits = json_string(member);
    size_t length = digits ? strlen(digits) : 0;
    if (length == 0 || length > 6 || strspn(digits, "0123456789") != length)
        return 0;
    return strtol(digits, NULL, 10);
}

/* The server's own words, from whichever member holds them; NULL when none does. */
static const char *body_words(const struct json_value *object)
{
    static const char *const keys[] = {"ErrorMessage", "message", "error", "Message", "reason"};
    for (size_t i = 0; object && i < sizeof keys / sizeof *keys; i++) {
        const char *words = member_string(object, keys[i]);
        if (words && *words)
            return words;
    }
    return NULL;
}

static void keep_reference(struct reading *reading)
{
    const struct json_value *member = json_member(reading->object, "reference_id");
    const char *words = NULL;
    if (member)
        words = json_kind(member) == JSON_NUMBER ? json_number_text(member) : json_string(member);
    if (words)
        words_set(reading->out->reference_id, sizeof reading->out->reference_id, words,
                  strlen(words), reading->token);
}

/* ---------------------------------------------------------------- verdicts by what the body says */

/* A row-level code is believed only where the status says that the application itself has looked: 2xx and 4xx. */
static void judge_code(struct reading *reading, long code)
{
    struct answer *out = reading->out;
    const struct opscom_error *error = opscom_find(code);
    const char *words = body_words(reading->object);
    out->opscom_code = code;
    out->is_new_shape = !error;
    snprintf(out->code, sizeof out->code, "%ld", code);
    set_message(reading, words ? words : error ? error->meaning : "an error without words");
    if (error)
        decide(out, error->verdict, error->kind);
    else if (reading->exchange->http_status == 403 || (words && opscom_words_blame_token(words)))
        decide(out, VERDICT_SUSPECT, FAULT_AUTH);
    else
        decide(out, VERDICT_REFUSED, FAULT_NONE);
}

static void judge_refusal(struct reading *reading, const char *code)
{
    const char *words = body_words(reading->object);
    set_code(reading->out, code);
    if (words)
        set_message(reading, words);
    else
        describe_status(reading);
    if (words && opscom_words_blame_token(words))
        decide(reading->out, VERDICT_SUSPECT, FAULT_AUTH);
    else
        decide(reading->out, VERDICT_REFUSED, FAULT_NONE);
}

static bool says_no(const char *status)
{
    static const char *const words[] = {"error",   "fail",   "failed",   "failure",
                                        "refused", "denied", "rejected", "invalid"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is_folded(status, words[i]))
            return true;
    return false;
}

/* {"error": ..., "message": ...}, the shape of the vendor's other APIs, where error 0 is success. */
static bool holds_error(const struct json_value *object)
{
    const struct json_value *error = json_member(object, "error");
    if (!error)
        return false;
    switch (json_kind(error)) {
    case JSON_NUMBER:
        return json_number(error) != 0;
    case JSON_BOOL:
        return json_bool(error);
    case JSON_STRING:
        return *json_string(error) && !text_is(json_string(error), "0");
    case JSON_OBJECT:
    case JSON_ARRAY:
        return json_count(error) > 0;
    case JSON_NULL:
        return false;
    }
    return false;
}

static void judge_success(struct reading *reading)
{
    const struct json_value *object = reading->object;
    struct answer *out = reading->out;
    decide(out, VERDICT_UNKNOWN, FAULT_NONE);
    if (!object) {
        set_code(out, "not_json");
        describe_status(reading);
        return;
    }
    const char *status = member_string(object, "status");
    if (status && says_no(status)) {
        judge_refusal(reading, "status_error");
    } else if (!status && holds_error(object)) {
        judge_refusal(reading, "error");
    } else {
        out->is_new_shape = true;
        set_code(out, "not_success");
        describe_status(reading);
    }
}

static bool is_accepted(const struct reading *reading)
{
    int status = reading->exchange->http_status;
    const char *word = reading->object ? member_string(reading->object, "status") : NULL;
    return status >= 200 && status < 300 && media_type_is_json(reading->exchange->content_type) &&
           text_is(word, "success");
}

/* ---------------------------------------------------------------- verdicts by the status */

static void judge_redirect(struct reading *reading)
{
    const struct exchange *exchange = reading->exchange;
    char words[256];
    snprintf(words, sizeof words, "HTTP %d points to %s", exchange->http_status,
             exchange->location_host[0] ? exchange->location_host : "no other host");
    set_code(reading->out, "redirect");
    set_message(reading, words);
    decide(reading->out, VERDICT_STOP, FAULT_CONFIG);
}

static void judge_status(struct reading *reading)
{
    struct answer *out = reading->out;
    int status = reading->exchange->http_status;
    if (status >= 300 && status < 400) {
        judge_redirect(reading);
        return;
    }
    char code[32];
    snprintf(code, sizeof code, "http_%d", status);
    judge_refusal(reading, code);
    switch (status) {
    case 401:
        decide(out, VERDICT_STOP, FAULT_AUTH);
        return;
    case 403:
        decide(out, VERDICT_SUSPECT, FAULT_AUTH);
        return;
    case 407:
        decide(out, VERDICT_STOP, FAULT_CONFIG);
        return;
    case 429:
        decide(out, VERDICT_THROTTLED, FAULT_NONE);
        return;
    case 408:
    case 425:
        decide(out, VERDICT_UNKNOWN, FAULT_NONE);
        return;
    case 400:
    case 404:
    case 405:
    case 409:
    case 413:
    case 415:
    case 422:
        return;
    default:
        out->is_new_shape = status < 500 || status > 599;
        if (status < 400 || status > 499)
            decide(out, VERDICT_UNKNOWN, FAULT_NONE);
    }
}

/* Statuses that say enough by themselves; no code in the body changes what they mean. */
static bool status_decides(int status)
{
    return status == 401 || status == 407 || status == 408 || status == 425 || status == 429 ||
           status < 200 || (status >= 300 && status < 400);
}

static void judge_answered(struct reading *reading)
{
    int status = reading->exchange->http_status;
    struct answer *out = reading->out;
    if (is_accepted(reading)) {
        decide(out, VERDICT_ACCEPTED, FAULT_NONE);
        out->is_new_shape = member_code(reading->object, "ErrorCode") != 0;
        keep_reference(reading);
        return;
    }
    long code = reading->object ? member_code(reading->object, "ErrorCode") : 0;
    if (!code && reading->object && opscom_find(member_code(reading->object, "error")))
        code = member_code(reading->object, "error");
    const struct opscom_error *error = opscom_find(code);
    bool by_code = code && !status_decides(status) &&
                   (status < 500 || (error && error->verdict == VERDICT_STOP));
    if (by_code)
        judge_code(reading, code);
    else if (status >= 200 && status < 300)
        judge_success(reading);
    else
        judge_status(reading);
    out->opscom_code = code;
}

/* ---------------------------------------------------------------- verdicts without an answer */

static void judge_untrusted(struct reading *reading, int64_t wall_ms)
{
    const char *words = reading->exchange->error;
    char now[32], text[256];
    if (strstr(words, "expired") || strstr(words, "not yet valid")) {
        clock_utc(wall_ms, now);
        snprintf(text, sizeof text, "%.140s - or this host's clock is wrong: it says %s", words,
                 now);
        words = text;
    }
    set_code(reading->out, "tls");
    set_message(reading, words);
    decide(reading->out, VERDICT_STOP, FAULT_CONFIG);
}

static void judge_unanswered(struct reading *reading, enum verdict verdict)
{
    const struct exchange *exchange = reading->exchange;
    set_code(reading->out, exchange->error_code);
    set_message(reading, exchange->error);
    decide(reading->out, verdict, FAULT_NONE);
    if (verdict == VERDICT_AGAIN && exchange->http_status == 407)
        decide(reading->out, VERDICT_STOP, FAULT_CONFIG);
}

/* Cut off for its size, but the status was there and is no success: it says what an error page would. */
static bool is_answer_enough(const struct exchange *exchange)
{
    return exchange->body_over && exchange->http_status >= 300;
}

void answer_judge(const struct exchange *exchange, const char *token, int64_t wall_ms,
                  struct answer *out)
{
    struct reading reading = {.exchange = exchange, .token = token, .out = out};
    struct json_document *document = NULL;
    const char *why;
    int status = exchange->http_status;
    memset(out, 0, sizeof *out);
    out->http_status = status;
    out->retry_after_ms = -1;
    if (status == 408 || status == 413 || status == 429 || (status >= 500 && status <= 599))
        out->retry_after_ms = retry_after_ms(exchange->retry_after, exchange->date, wall_ms);
    switch (exchange->end) {
    case EXCHANGE_NOT_SENT:
        judge_unanswered(&reading, VERDICT_AGAIN);
        break;
    case EXCHANGE_UNTRUSTED:
        judge_untrusted(&reading, wall_ms);
        break;
    case EXCHANGE_BROKEN:
        if (is_answer_enough(exchange))
            judge_answered(&reading);
        else
            judge_unanswered(&reading, VERDICT_UNKNOWN);
        break;
    case EXCHANGE_ANSWERED:
        if (!exchange->body_over)
            document = json_strict(text_string(&exchange->body), exchange->body.length,
                                   ANSWER_DEPTH_MAX, &why);
        if (document && json_kind(json_root(document)) == JSON_OBJECT)
            reading.object = json_root(document);
        judge_answered(&reading);
        break;
    }
    json_free(document);
}
