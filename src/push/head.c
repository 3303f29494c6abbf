#include "head.h"

#include <string.h>
#include <strings.h>

#include "url.h"

/* Appends a value to a field of 'size' bytes, behind 'between' when something stands there already; too long is cut. */
static void field_add(char *field, size_t size, const char *between, const char *value,
                      size_t length)
{
    size_t used = strlen(field), gap = used ? strlen(between) : 0;
    if (used + gap + 1 >= size)
        return;
    memcpy(field + used, between, gap);
    used += gap;
    length = length < size - 1 - used ? length : size - 1 - used;
    memcpy(field + used, value, length);
    field[used + length] = '\0';
}

/* The value of the header called 'name' without blanks around it; false when the line is another header. */
static bool header_is(const char *line, size_t length, const char *name, const char **value,
                      size_t *value_length)
{
    size_t name_length = strlen(name);
    if (length <= name_length || line[name_length] != ':' ||
        strncasecmp(line, name, name_length) != 0 || memchr(line, '\0', length))
        return false;
    const char *start = line + name_length + 1, *end = line + length;
    while (start < end && strchr(" \t", *start))
        start++;
    while (end > start && strchr(" \t\r\n", end[-1]))
        end--;
    *value = start;
    *value_length = (size_t)(end - start);
    return true;
}

static void length_keep(struct exchange *exchange, const char *value, size_t bytes)
{
    bool is_first = !exchange->length[0];
    bool is_same = strlen(exchange->length) == bytes && memcmp(exchange->length, value, bytes) == 0;
    if (is_first)
        field_add(exchange->length, sizeof exchange->length, "", value, bytes);
    else if (!is_same)
        exchange->lengths_differ = true;
}

void head_keep(struct exchange *exchange, const char *line, size_t length)
{
    const char *value;
    size_t bytes;
    if (header_is(line, length, "content-type", &value, &bytes))
        field_add(exchange->content_type, sizeof exchange->content_type, ", ", value, bytes);
    else if (header_is(line, length, "retry-after", &value, &bytes))
        field_add(exchange->retry_after, sizeof exchange->retry_after, "\n", value, bytes);
    else if (header_is(line, length, "content-length", &value, &bytes))
        length_keep(exchange, value, bytes);
    else if (header_is(line, length, "date", &value, &bytes) && !exchange->date[0])
        field_add(exchange->date, sizeof exchange->date, "", value, bytes);
    else if (header_is(line, length, "location", &value, &bytes) && !exchange->location_host[0])
        url_host(value, bytes, exchange->location_host, sizeof exchange->location_host);
}

void head_forget(struct exchange *exchange)
{
    exchange->content_type[0] = exchange->retry_after[0] = '\0';
    exchange->date[0] = exchange->location_host[0] = exchange->length[0] = '\0';
    exchange->lengths_differ = false;
}
