#include "reasons.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

enum { REASONS_MIN = 32 };

void reasons_clear(struct reasons *reasons)
{
    for (uint32_t i = 0; i < reasons->count; i++) {
        free(reasons->items[i].code);
        free(reasons->items[i].message);
        free(reasons->items[i].fix);
    }
    free(reasons->items);
    free(reasons->slots);
    *reasons = (struct reasons){0};
}

/* FNV-1a */
static uint32_t string_hash(uint32_t hash, const char *string)
{
    for (; string && *string; string++)
        hash = (hash ^ (unsigned char)*string) * 16777619U;
    return (hash ^ 0xffU) * 16777619U;
}

static uint32_t words_hash(const struct reason_words *words)
{
    uint32_t hash = string_hash(2166136261U, words->code);
    hash = string_hash(hash, words->message);
    hash = string_hash(hash, words->fix);
    return hash ^ ((uint32_t)words->action << 16) ^ (uint32_t)(words->field + 1);
}

static bool reason_says(const struct reason *reason, const struct reason_words *words)
{
    return reason->action == words->action && reason->field == words->field &&
           text_is(reason->code, words->code) && text_is(reason->message, words->message) &&
           text_is(reason->fix, words->fix);
}

/* The slot of the reason that says this, or the free one where it belongs. */
static uint32_t *slot_find(const struct reasons *reasons, const struct reason_words *words)
{
    uint32_t mask = reasons->slot_count - 1, at = words_hash(words) & mask;
    while (reasons->slots[at] && !reason_says(&reasons->items[reasons->slots[at] - 1], words))
        at = (at + 1) & mask;
    return &reasons->slots[at];
}

static void reasons_grow(struct reasons *reasons)
{
    reasons->capacity = reasons->capacity ? 2 * reasons->capacity : REASONS_MIN;
    reasons->items = mem_resize(reasons->items, reasons->capacity, sizeof *reasons->items);
    free(reasons->slots);
    reasons->slot_count = 2 * reasons->capacity;
    reasons->slots = mem_array(reasons->slot_count, sizeof *reasons->slots);
    for (uint32_t i = 0; i < reasons->count; i++) {
        const struct reason *reason = &reasons->items[i];
        struct reason_words words = {reason->action, reason->field, reason->code, reason->message,
                                     reason->fix};
        *slot_find(reasons, &words) = i + 1;
    }
}

uint32_t reasons_put(struct reasons *reasons, const struct reason_words *words)
{
    if (reasons->count == reasons->capacity)
        reasons_grow(reasons);
    uint32_t *slot = slot_find(reasons, words);
    if (*slot == 0) {
        reasons->items[reasons->count++] = (struct reason){.action = words->action,
                                                           .code = mem_string(words->code),
                                                           .field = words->field,
                                                           .message = mem_string(words->message),
                                                           .fix = mem_string(words->fix)};
        *slot = reasons->count;
    }
    return *slot - 1;
}
