#include "sender.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A2, A10, O11: a server may repeat what it was sent. The values of the person's own fields are masked in its words. */

enum { MASKED_FROM = 4 }; /* bytes: shorter values stand in any sentence */

struct values {
    struct text items[FIELD_COUNT]; /* the longest first: a shorter one may be a part of it */
    size_t count;
};

/* As words_set leaves it: one blank for each run of white space. */
static void value_add(struct values *values, const struct profile_value *value)
{
    struct text *words = &values->items[values->count];
    *words = (struct text){0};
    for (size_t i = 0; i < value->length; i++) {
        bool is_blank = strchr(" \t\r\n", value->bytes[i]) != NULL;
        bool is_second = words->length && words->bytes[words->length - 1] == ' ';
        if (!is_blank)
            text_add_byte(words, value->bytes[i]);
        else if (words->length && !is_second)
            text_add_byte(words, ' ');
    }
    if (words->length >= MASKED_FROM)
        values->count++;
    else
        text_clear(words);
}

static int longest_first(const void *a, const void *b)
{
    size_t left = ((const struct text *)a)->length, right = ((const struct text *)b)->length;
    return (left < right) - (left > right);
}

static void mask_whole(char *message, const struct text *value)
{
    for (char *at = message; strlen(at) >= value->length; at++)
        if (strncasecmp(at, value->bytes, value->length) == 0) {
            memmove(at + 3, at + value->length, strlen(at + value->length) + 1);
            memcpy(at, "***", 3);
            at += 2;
        }
}

/* The message was cut to its length in the middle of the value. */
static bool mask_cut(char *message, const struct text *value)
{
    size_t length = strlen(message);
    size_t part = value->length - 1 < length ? value->length - 1 : length;
    for (; part >= MASKED_FROM; part--)
        if (strncasecmp(message + length - part, value->bytes, part) == 0) {
            memcpy(message + length - part, "***", sizeof "***");
            return true;
        }
    return false;
}

static void mask_values(const struct profile *profile, char *message)
{
    struct values values = {.count = 0};
    bool is_cut = false;
    for (int field = FIELD_LOGIN_SOURCE + 1; field < FIELD_COUNT; field++)
        value_add(&values, &profile->values[field]);
    qsort(values.items, values.count, sizeof *values.items, longest_first);
    for (size_t i = 0; i < values.count; i++)
        mask_whole(message, &values.items[i]);
    for (size_t i = 0; i < values.count && !is_cut; i++)
        is_cut = mask_cut(message, &values.items[i]);
    for (size_t i = 0; i < values.count; i++)
        text_clear(&values.items[i]);
}

void sender_mask(void *self, uint64_t id, char *message)
{
    struct sender *sender = self;
    struct job *job = sender->job;
    struct plan_row row = plan_row_at(job->plan, (size_t)id);
    struct export_record record;
    struct fault ignored;
    if (export_reread(job->export, row.offset, row.bytes, row.line, &record, &ignored) == 0)
        mask_values(&mapper_apply(job->reading.mapper, &record)->profile, message);
}
