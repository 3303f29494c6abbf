#include "inside.h"

#include <string.h>

/* Where a sealed text stands, so that it opens nowhere else. */
struct seal_about {
    char bytes[9];
};

static struct seal_about seal_about(enum seal_place place, int64_t number)
{
    struct seal_about about = {{(char)place}};
    for (int i = 0; i < 8; i++)
        about.bytes[i + 1] = (char)(unsigned char)((uint64_t)number >> (8 * i));
    return about;
}

void seal_words(const struct state *state, enum seal_place place, int64_t number, const char *words,
                struct text *out)
{
    struct seal_about about = seal_about(place, number);
    if (words && words[0])
        seal_add(&state->keys, about.bytes, sizeof about.bytes, words, strlen(words), out);
}

char *seal_column(const struct state *state, enum seal_place place, int64_t number,
                  sqlite3_stmt *rows, int column)
{
    struct seal_about about = seal_about(place, number);
    struct text words = {0};
    const void *sealed = sqlite3_column_blob(rows, column);
    size_t length = (size_t)sqlite3_column_bytes(rows, column);
    if (sealed &&
        seal_open(&state->keys, about.bytes, sizeof about.bytes, sealed, length, &words) == 0)
        return text_take(&words);
    text_clear(&words);
    return NULL;
}

struct sql_value sql_sealed(const struct text *sealed)
{
    return sealed->length ? SQL_BLOB(sealed->bytes, sealed->length) : SQL_NULL;
}
