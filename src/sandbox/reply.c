#include "reply.h"

#include "json/write.h"

static const char json_type[] = "application/json";
static const char html_type[] = "text/html; charset=utf-8";

static void begin(struct reply *reply, int status, const char *type)
{
    text_reset(&reply->body);
    reply->status = status;
    reply->type = type;
}

void reply_json(struct reply *reply)
{
    begin(reply, 200, json_type);
}

void reply_html(struct reply *reply)
{
    begin(reply, 200, html_type);
}

void reply_types(struct reply *reply, const struct rules *rules)
{
    begin(reply, 200, json_type);
    rules_add_types(rules, &reply->body);
}

void reply_success(struct reply *reply, long reference_id)
{
    struct json_writer writer;
    begin(reply, 200, json_type);
    json_writer_init(&writer, &reply->body, 0);
    json_open_object(&writer);
    json_put_member(&writer, "status", "success");
    json_put_count(&writer, "reference_id", reference_id);
    json_close_object(&writer);
}

static void put_error(struct reply *reply, int status, int code, const char *message)
{
    struct json_writer writer;
    begin(reply, status, json_type);
    json_writer_init(&writer, &reply->body, 0);
    json_open_object(&writer);
    json_put_count(&writer, "ErrorCode", code);
    json_put_member(&writer, "ErrorMessage", message);
    json_close_object(&writer);
}

void reply_error(struct reply *reply, const struct rules *rules, int code)
{
    struct opscom_error error = opscom_error(code);
    put_error(reply, rules->errors_as_200 ? 200 : error.status, code, error.message);
}

void reply_page(struct reply *reply, int status, const char *words)
{
    begin(reply, status, html_type);
    text_addf(&reply->body,
              "<!doctype html>\n<html><head><title>%d</title></head>"
              "<body><h1>%d %s</h1></body></html>\n",
              status, status, words);
}

static const char *status_words(int status)
{
    static const struct {
        int status;
        const char *words;
    } known[] = {
        {401, "Unauthorized"},          {403, "Forbidden"},         {404, "Not Found"},
        {408, "Request Timeout"},       {413, "Content Too Large"}, {429, "Too Many Requests"},
        {500, "Internal Server Error"}, {502, "Bad Gateway"},       {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status)
            return known[i].words;
    return "Sandbox";
}

static void say_error(struct reply *reply)
{
    begin(reply, 200, json_type);
    text_add(&reply->body, "{\"status\":\"error\",\"message\":\"the profile was not stored\"}");
}

void reply_spoil(struct reply *reply, const struct mischief *mischief, const struct rules *rules,
                 const struct text *body)
{
    reply->retry_after = mischief->retry_after;
    switch (mischief->kind) {
    case MISCHIEF_STATUS:
        reply_page(reply, mischief->number, status_words(mischief->number));
        break;
    case MISCHIEF_ERROR:
        reply_error(reply, rules, mischief->number);
        break;
    case MISCHIEF_RESET_BEFORE:
    case MISCHIEF_RESET_AFTER:
    case MISCHIEF_STALL:
        reply->ending = ENDING_RESET;
        break;
    case MISCHIEF_CUT:
        reply->ending = ENDING_CUT;
        break;
    case MISCHIEF_HTML:
        reply_page(reply, 200, "Please sign in to continue");
        break;
    case MISCHIEF_REDIRECT:
        reply_page(reply, 307, "Temporary Redirect");
        reply->location = mischief->location ? mischief->location : "/sandbox/elsewhere";
        break;
    case MISCHIEF_SAYS_ERROR:
        say_error(reply);
        break;
    case MISCHIEF_ECHO:
        put_error(reply, rules->errors_as_200 ? 200 : 400, 9033, text_string(body));
        break;
    case MISCHIEF_LATE:
        break;
    }
}
