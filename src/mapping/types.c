#include "types.h"

#include "base/utf8.h"

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64, LABEL_MAX = 63 };

/* RFC 5322's atext and the dot, which stands between two others. */
static bool local_is_good(const char *bytes, size_t length)
{
    if (length == 0 || length > EMAIL_LOCAL_MAX || bytes[0] == '.' || bytes[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];
        if (byte == '.' && bytes[i - 1] == '.')
            return false;
        if (byte == '\0' ||
            !(byte_is_letter(byte) || byte_is_digit(byte) || strchr(".!#$%&'*+/=?^_`{|}~-", byte)))
            return false;
    }
    return true;
}

static bool label_is_good(const char *bytes, size_t length)
{
    if (length == 0 || length > LABEL_MAX || bytes[0] == '-' || bytes[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!(byte_is_letter(bytes[i]) || byte_is_digit(bytes[i]) || bytes[i] == '-'))
            return false;
    }
    return true;
}

static bool domain_is_good(const char *bytes, size_t length)
{
    size_t from = 0, labels = 0;
    for (size_t at = 0; at <= length; at++) {
        if (at < length && bytes[at] != '.')
            continue;
        if (!label_is_good(bytes + from, at - from))
            return false;
        if (at < length)
            from = at + 1;
        labels++;
    }
    return labels >= 2 && length - from >= 2 && !byte_is_digit(bytes[length - 1]);
}

bool email_is_good(struct span value)
{
    if (value.length > EMAIL_MAX)
        return false;
    const char *at = memchr(value.bytes, '@', value.length);
    if (!at)
        return false;
    size_t local = (size_t)(at - value.bytes);
    return local_is_good(value.bytes, local) && domain_is_good(at + 1, value.length - local - 1);
}

bool two_letters_are_good(struct span value)
{
    if (value.length == 2 && byte_is_letter(value.bytes[0]) && byte_is_letter(value.bytes[1]))
        return true;
    return utf8_count(value.bytes, value.length) > 2;
}
