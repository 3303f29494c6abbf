#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loader.h"

/* The number in "col(14)", or 0. */
static size_t column_place(const char *written)
{
    if (strncmp(written, "col(", 4) != 0 || !isdigit((unsigned char)written[4]))
        return 0;
    char *end;
    unsigned long number = strtoul(written + 4, &end, 10);
    return text_is(end, ")") && number <= EXPORT_COLUMNS_MAX ? number : 0;
}

/* Where "#2" begins in "City#2", or NULL. */
static const char *column_count_sign(const char *written)
{
    const char *sign = strrchr(written, '#');
    if (!sign || sign == written || !sign[1])
        return NULL;
    return sign[1 + strspn(sign + 1, "0123456789")] ? NULL : sign;
}

static struct column column_parse(const char *written)
{
    struct column column = {.written = mem_string(written), .index = -1};
    column.number = column_place(written);
    if (column.number)
        return column;
    const char *sign = column_count_sign(written);
    if (sign) {
        column.number = strtoul(sign + 1, NULL, 10);
        column.name = mem_bytes(written, (size_t)(sign - written));
    } else {
        column.name = mem_string(written);
    }
    return column;
}

static const char *const secret_words[] = {"SSN",   "SIN",  "NAS",   "SOCSEC", "ITIN", "NINO",
                                           "SSNUM", "SSNO", "SINNO", "SINNUM", "SSNBR"};
/* In the letters alone, whatever stands between them. */
static const char *const secret_phrases[] = {"SOCIALSEC",    "SOCIALINS",         "SOCSEC",
                                             "SOCINS",       "SOCIALNUM",         "SOCIALNO",
                                             "ASSURANCESOC", "NATIONALINSURANCE", "TAXPAYERID"};

static bool word_is_secret(const char *word, size_t length)
{
    while (length > 2 && isdigit((unsigned char)word[length - 1]))
        length--;
    for (size_t i = 0; i < COUNT_OF(secret_words); i++) {
        if (strlen(secret_words[i]) == length && memcmp(word, secret_words[i], length) == 0)
            return true;
    }
    return false;
}

static bool byte_is_word(char byte)
{
    return byte_is_letter(byte) || byte_is_digit(byte);
}

/* Whether a word ends before 'at': at a sign, and where small letters turn to capitals ("personSsn", "PersonSSN"). */
static bool word_ends(const char *heading, size_t at)
{
    if (!byte_is_word(heading[at]))
        return true;
    return at > 0 && islower((unsigned char)heading[at - 1]) && isupper((unsigned char)heading[at]);
}

static bool heading_has_secret_word(const char *heading)
{
    char word[16];
    size_t length = 0, all = strlen(heading);
    for (size_t at = 0; at <= all; at++) {
        if (at == all || word_ends(heading, at)) {
            if (length > 0 && length <= sizeof word && word_is_secret(word, length))
                return true;
            length = 0;
        }
        if (at < all && byte_is_word(heading[at])) {
            if (length < sizeof word)
                word[length] = byte_upper(heading[at]);
            length++;
        }
    }
    return false;
}

bool column_is_secret(const char *heading)
{
    struct text letters = {0};
    for (const char *at = heading; *at; at++) {
        if (byte_is_letter(*at))
            text_add_byte(&letters, byte_upper(*at));
    }
    bool is_secret = heading_has_secret_word(heading);
    for (size_t i = 0; i < COUNT_OF(secret_phrases); i++)
        is_secret = is_secret || strstr(text_string(&letters), secret_phrases[i]) != NULL;
    text_clear(&letters);
    return is_secret;
}

static size_t column_number(struct loader *loader, const struct json_value *value,
                            const char *written)
{
    struct mapping *mapping = loader->mapping;
    for (size_t i = 0; i < mapping->column_count; i++) {
        if (text_is_folded(mapping->columns[i].written, written))
            return i;
    }
    mapping->columns =
        mem_resize(mapping->columns, mapping->column_count + 1, sizeof *mapping->columns);
    mapping->columns[mapping->column_count] = column_parse(written);
    mapping->columns[mapping->column_count].place = value;
    return mapping->column_count++;
}

static int column_add(struct loader *loader, const struct json_value *value, bool mapped)
{
    char *string = loader_string(loader, value);
    if (!string)
        return -1;
    struct span trimmed = span_trim(span_of_string(string));
    char *written = mem_bytes(trimmed.bytes, trimmed.length);
    size_t number = column_number(loader, value, written);
    if (column_count_sign(written) && loader->mapping->columns[number].number == 0)
        loader_error(loader, value, "the first heading of a name is #1",
                     "there is no column \"%s\"", written);
    if (mapped && column_is_secret(written))
        loader_error(loader, value, "take this column out of the mapping, and out of the export",
                     "\"%s\" looks like a social security or insurance number, which is never sent",
                     written);
    free(written);
    free(string);
    return (int)number;
}

int loader_column(struct loader *loader, const struct json_value *value, bool mapped)
{
    int number = column_add(loader, value, mapped);
    if (number >= 0) {
        struct column *column = &loader->mapping->columns[number];
        column->is_read = true;
        column->is_mapped = column->is_mapped || mapped;
    }
    return number;
}

void loader_columns(struct loader *loader, const struct json_value *value, bool one_too,
                    bool mapped, size_t **columns, size_t *count)
{
    bool is_one = one_too && json_kind(value) == JSON_STRING;
    if (!is_one && !loader_expect(loader, value, JSON_ARRAY))
        return;
    if (!is_one && json_count(value) == 0)
        loader_error(loader, value, NULL, "this list is empty");
    for (const struct json_value *item = is_one ? value : json_first(value); item;
         item = is_one ? NULL : json_next(item)) {
        int number = loader_column(loader, item, mapped);
        if (number < 0)
            continue;
        *columns = mem_resize(*columns, *count + 1, sizeof **columns);
        (*columns)[(*count)++] = (size_t)number;
    }
}

void loader_needed_columns(struct loader *loader, const struct json_value *value)
{
    if (!loader_expect(loader, value, JSON_ARRAY))
        return;
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        column_add(loader, item, false);
}
