#include "opscom.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ROW(code, meaning)                                                                         \
    {                                                                                              \
        code, VERDICT_REFUSED, FAULT_NONE, meaning                                                 \
    }
#define RUN(code, verdict, kind, words)                                                            \
    {                                                                                              \
        code, verdict, kind, words                                                                 \
    }

static const struct opscom_error errors[] = {
    RUN(9000, VERDICT_STOP, FAULT_CONFIG, "the client code is missing"),
    RUN(9001, VERDICT_STOP, FAULT_AUTH, "the API token is missing"),
    RUN(9002, VERDICT_STOP, FAULT_AUTH, "the API token lacks permission for this request"),
    RUN(9003, VERDICT_SUSPECT, FAULT_CONFIG, "the request could not be parsed"),
    ROW(9004, "a permit or vehicle error"),
    ROW(9005, "a permit or vehicle error"),
    ROW(9006, "a permit or vehicle error"),
    ROW(9007, "a permit or vehicle error"),
    ROW(9008, "a permit or vehicle error"),
    ROW(9009, "the record was not found"),
    ROW(9010, "a permit or vehicle error"),
    ROW(9011, "a permit or vehicle error"),
    ROW(9012, "a permit or vehicle error"),
    ROW(9013, "the unique id is required"),
    ROW(9014, "the login source is required"),
    ROW(OPSCOM_LOGIN_SOURCE_INVALID, "the login source is not valid"),
    ROW(9016, "the e-mail address is required"),
    ROW(9017, "the first name is required"),
    ROW(9018, "the last name is required"),
    RUN(9019, VERDICT_DEFER, FAULT_NONE, "the e-mail address belongs to another OPS-COM user"),
    RUN(9020, VERDICT_DEFER, FAULT_NONE, "the user name belongs to another OPS-COM user"),
    ROW(9021, "a permit or vehicle error"),
    ROW(9022, "a record with these details exists already"),
    ROW(9030, "a value is too long"),
    ROW(9031, "a required value is missing"),
    ROW(9032, "a value is too short"),
    ROW(9033, "a value is not valid"),
};

const struct opscom_error *opscom_find(long code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code)
            return &errors[i];
    return NULL;
}

const char *opscom_meaning(long code)
{
    const struct opscom_error *error = opscom_find(code);
    return error ? error->meaning : NULL;
}

static bool holds_folded(const char *words, const char *wanted)
{
    size_t length = strlen(wanted);
    for (; *words; words++)
        if (strncasecmp(words, wanted, length) == 0)
            return true;
    return false;
}

bool opscom_words_blame_token(const char *words)
{
    static const char *const signs[] = {
        "api token",     "apitoken",      "api_token",         "api-token",
        "api key",       "unauthori",     "not authori",       "authenticat",
        "access denied", "access token",  "invalid token",     "expired token",
        "token is not",  "token expired", "token has expired", "token is invalid",
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (holds_folded(words, signs[i]))
            return true;
    return false;
}
