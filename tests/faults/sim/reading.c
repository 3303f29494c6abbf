/* The reports, as somebody else's program reads them: run.json by a path, results.csv by its columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

char *slurp(const char *path, size_t *length)
{
    FILE *in = fopen(path, "r");
    *length = 0;
    if (!in)
        return NULL;
    size_t capacity = 4096;
    char *bytes = malloc(capacity + 1);
    for (size_t got; (got = fread(bytes + *length, 1, capacity - *length, in)) > 0;) {
        *length += got;
        if (*length == capacity)
            bytes = realloc(bytes, (capacity *= 2) + 1);
    }
    bytes[*length] = '\0';
    fclose(in);
    return bytes;
}

/* ---------------------------------------------------------------- JSON */

static const char *blanks_skip(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
        at++;
    return at;
}

/* From the opening quote to behind the closing one. */
static const char *string_skip(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

static const char *value_skip(const char *at)
{
    int depth = 0;
    at = blanks_skip(at);
    do {
        if (*at == '"') {
            at = string_skip(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        if (depth < 0)
            return at;
        if (depth == 0 && *at == ',')
            return at;
        at++;
    } while (*at);
    return at;
}

/* The value of one member of the object that begins at 'at'; NULL when it has none of that name. */
static const char *member_find(const char *at, const char *name, size_t length)
{
    at = blanks_skip(at);
    if (*at != '{')
        return NULL;
    for (at = blanks_skip(at + 1); *at == '"';) {
        const char *key = at + 1, *end = string_skip(at);
        const char *value = blanks_skip(end);
        if (*value != ':')
            return NULL;
        value = blanks_skip(value + 1);
        if ((size_t)(end - 1 - key) == length && strncmp(key, name, length) == 0)
            return value;
        at = blanks_skip(value_skip(value));
        if (*at == ',')
            at = blanks_skip(at + 1);
    }
    return NULL;
}

const char *json_find(const char *json, const char *path)
{
    while (json) {
        size_t length = strcspn(path, ".");
        json = member_find(json, path, length);
        if (!path[length])
            return json;
        path += length + 1;
    }
    return NULL;
}

bool json_find_number(const char *json, const char *path, double *out)
{
    const char *value = json_find(json, path);
    char *end;
    *out = 0;
    if (!value)
        return false;
    *out = strtod(value, &end);
    return end != value;
}

bool json_find_string(const char *json, const char *path, char *out, size_t size)
{
    const char *value = json_find(json, path);
    if (!value || *value != '"')
        return false;
    size_t length = (size_t)(string_skip(value) - value) - 2;
    snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), value + 1);
    return true;
}

/* ---------------------------------------------------------------- CSV */

static const char heading[] =
    "\xef\xbb\xbfline,unique_id,action,fields,outcome,attempts,http_status,opscom_code,"
    "reference_id,message\r\n";

/* One cell; gives where it ended: at the comma, the line end or NULL. */
static const char *cell_read(const char *at, char *out, size_t size)
{
    size_t length = 0;
    bool quoted = *at == '"';
    for (at += quoted; *at; at++) {
        if (quoted && *at == '"' && *++at != '"')
            break;
        if (!quoted && (*at == ',' || *at == '\r'))
            break;
        if (length + 1 < size)
            out[length++] = *at;
    }
    out[length] = '\0';
    return *at == ',' || (at[0] == '\r' && at[1] == '\n') ? at : NULL;
}

static const char *row_read(const char *at, struct result_row *row)
{
    char line[16], attempts[16], rest[512];
    char *cells[10] = {line,     row->id, row->action, row->fields, row->outcome,
                       attempts, rest,    rest,        rest,        rest};
    const size_t sizes[10] = {sizeof line,        sizeof row->id,      sizeof row->action,
                              sizeof row->fields, sizeof row->outcome, sizeof attempts,
                              sizeof rest,        sizeof rest,         sizeof rest,
                              sizeof rest};
    for (int i = 0; i < 10; i++) {
        at = cell_read(at, cells[i], sizes[i]);
        if (!at || (*at == ',') != (i < 9))
            return NULL;
        at += i < 9 ? 1 : 2;
    }
    row->line = (uint32_t)strtoul(line, NULL, 10);
    row->attempts = (int)strtol(attempts, NULL, 10);
    return at;
}

size_t results_read(const char *path, struct result_row *rows, size_t most)
{
    size_t length, count = 0, begins = strlen(heading);
    char *bytes = slurp(path, &length);
    bool good = bytes && strncmp(bytes, heading, begins) == 0;
    for (const char *at = good ? bytes + begins : ""; good && *at; count++) {
        at = count < most ? row_read(at, &rows[count]) : NULL;
        good = at != NULL;
        if (!good)
            break;
    }
    free(bytes);
    return good ? count : SIZE_MAX;
}
