/* What an answer means for the run, and the words for it. */
#include <stdio.h>

#include "opscom.h"
#include "push/answer.h"

static bool blames_address(const struct answer *answer)
{
    return !answer->opscom_code &&
           (answer->http_status == 404 || answer->http_status == 405 || answer->http_status == 415);
}

void answer_weigh(struct answer *answer, bool constant_login_source, bool address_is_proven)
{
    bool login = constant_login_source && answer->opscom_code == OPSCOM_LOGIN_SOURCE_INVALID;
    bool address = !address_is_proven && blames_address(answer);
    if (answer->verdict != VERDICT_REFUSED || !(login || address))
        return;
    answer->verdict = VERDICT_STOP;
    answer->stop_kind = FAULT_CONFIG;
}

static const char *advice(const struct answer *answer)
{
    if (answer->stop_kind == FAULT_AUTH)
        return "the token was not accepted: look at the token file, at the client code in the URL "
               "and at the token's permissions";
    if (answer->opscom_code == OPSCOM_LOGIN_SOURCE_INVALID)
        return "login_source must be the Code of an active login source in OPS-COM";
    if (text_is(answer->code, "redirect"))
        return "it is not followed, for it would carry the token there: correct --url";
    if (text_is(answer->code, "tls"))
        return "the server's certificate is not trusted and nothing was sent: see --ca-file";
    if (answer->http_status == 407)
        return "the proxy asks for a user name: see --proxy";
    return "look at --url and at the mapping";
}

int answer_fault(const struct answer *answer, struct fault *fault)
{
    char status[40] = "";
    if (answer->opscom_code)
        snprintf(status, sizeof status, " (OPS-COM error %ld)", answer->opscom_code);
    else if (answer->http_status)
        snprintf(status, sizeof status, " (HTTP %d)", answer->http_status);
    return fault_set(fault, answer->stop_kind, "stopped%s: %s; %s", status, answer->message,
                     advice(answer));
}
