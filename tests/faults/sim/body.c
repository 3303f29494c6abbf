/* What a request says, read by somebody who has never seen the tool: a flat JSON object of strings. */
#include "body.h"

#include <stdlib.h>
#include <string.h>

static const char *const field_names[COLUMNS] = {"first_name", "last_name", "email", "city",
                                                 "phone_cell"};

static size_t put_utf8(unsigned code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
}

/* From behind the opening quote to behind the closing one; NULL when it does not close or does not fit. */
static const char *read_string(const char *at, const char *end, char *out, size_t size)
{
    size_t length = 0;
    for (; at < end && *at != '"'; at++) {
        if (length + 4 > size)
            return NULL;
        if (*at != '\\') {
            out[length++] = *at;
            continue;
        }
        if (++at == end)
            return NULL;
        const char *plain = "\"\\/bfnrt", *bytes = "\"\\/\b\f\n\r\t", *found = strchr(plain, *at);
        if (*at == 'u') {
            char hex[5] = {0};
            if (end - at < 5)
                return NULL;
            memcpy(hex, at + 1, 4);
            length += put_utf8((unsigned)strtoul(hex, NULL, 16), out + length);
            at += 4;
        } else if (found) {
            out[length++] = bytes[found - plain];
        } else {
            return NULL;
        }
    }
    out[length] = '\0';
    return at < end ? at + 1 : NULL;
}

static const char *skip(const char *at, const char *end, const char *of)
{
    while (at < end && strchr(of, *at))
        at++;
    return at;
}

static void copy(char *out, size_t size, const char *value)
{
    size_t length = strlen(value);
    length = length < size ? length : size - 1;
    memcpy(out, value, length);
    out[length] = '\0';
}

static void take(struct request *request, const char *name, const char *value)
{
    for (int column = 0; column < COLUMNS; column++)
        if (strcmp(name, field_names[column]) == 0) {
            request->sent_field[column] = true;
            copy(request->payload.value[column], FIELD_BYTES, value);
            return;
        }
    if (strcmp(name, "unique_id") == 0)
        request->person = person_of_id(value);
    else if (strcmp(name, "apiToken") == 0)
        copy(request->token, sizeof request->token, value);
    else if (strcmp(name, "user_type_id") == 0)
        copy(request->type, sizeof request->type, value);
    else if (strcmp(name, "login_source") == 0)
        request->has_login_source = strcmp(value, "SAML") == 0;
    else
        request->is_odd = true;
}

bool request_read(const char *body, size_t length, struct request *out)
{
    static const char blanks[] = " \t\r\n";
    const char *end = body + length, *at = skip(body, end, blanks);
    char name[64], value[256];
    *out = (struct request){.person = -1};
    if (at == end || *at++ != '{')
        return false;
    for (;;) {
        at = skip(at, end, blanks);
        if (at == end || *at++ != '"' || !(at = read_string(at, end, name, sizeof name)))
            return false;
        at = skip(at, end, " \t\r\n:");
        if (at == end || *at++ != '"' || !(at = read_string(at, end, value, sizeof value)))
            return false;
        take(out, name, value);
        at = skip(at, end, blanks);
        if (at == end || (*at != ',' && *at != '}'))
            return false;
        if (*at++ == '}')
            break;
    }
    out->payload.mark = payload_mark(&out->payload);
    return out->person >= 0 && !out->is_odd && skip(at, end, blanks) == end;
}
