#include "survey_tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void tallies_clear(struct tallies *tallies)
{
    for (size_t i = 0; i < tallies->count; i++) {
        free(tallies->items[i].words);
        free(tallies->items[i].fix);
    }
    free(tallies->items);
    *tallies = (struct tallies){0};
}

static struct tally *tallies_find(const struct tallies *tallies, const struct finding *kind,
                                  enum policy policy)
{
    for (size_t i = 0; i < tallies->count; i++) {
        struct tally *tally = &tallies->items[i];
        if (tally->field == kind->field && tally->policy == policy &&
            text_is(tally->words, kind->message))
            return tally;
    }
    return NULL;
}

void tally_add(struct tally *tally, uint32_t line)
{
    if (tally->count < TALLY_LINES)
        tally->lines[tally->count] = line;
    tally->count++;
}

void tallies_add(struct tallies *tallies, size_t most, const struct finding *kind,
                 enum policy policy, uint32_t line)
{
    struct tally *tally = tallies_find(tallies, kind, policy);
    if (!tally && tallies->count == most) {
        tallies->beyond++;
        return;
    }
    if (!tally) {
        tallies->items = mem_resize(tallies->items, tallies->count + 1, sizeof *tallies->items);
        tally = &tallies->items[tallies->count++];
        *tally = (struct tally){.field = kind->field,
                                .policy = policy,
                                .words = mem_string(kind->message),
                                .fix = mem_string(kind->fix)};
    }
    tally_add(tally, line);
}

static int tally_order(const void *a, const void *b)
{
    const struct tally *left = a, *right = b;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    if (left->lines[0] != right->lines[0])
        return left->lines[0] < right->lines[0] ? -1 : 1;
    return strcmp(left->words, right->words);
}

void tallies_sort(struct tallies *tallies)
{
    if (tallies->count)
        qsort(tallies->items, tallies->count, sizeof *tallies->items, tally_order);
}

void tally_add_lines(const struct tally *tally, struct text *out)
{
    size_t count = tally->count < TALLY_LINES ? (size_t)tally->count : TALLY_LINES;
    text_add(out, tally->count == 1 ? "line " : "lines ");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%s%u", i ? ", " : "", tally->lines[i]);
    if (tally->count > count)
        text_add(out, ", ...");
}

/* ---------------------------------------------------------------- distinct */

enum { SLOTS_FIRST = 16 };

void distinct_clear(struct distinct *distinct)
{
    free(distinct->slots);
    *distinct = (struct distinct){0};
}

/* The slot where the hash stands or would stand. */
static size_t distinct_slot(const struct distinct *distinct, uint64_t hash)
{
    size_t mask = distinct->slot_count - 1, at = (size_t)hash & mask;
    while (distinct->slots[at] && distinct->slots[at] != hash)
        at = (at + 1) & mask;
    return at;
}

static void distinct_grow(struct distinct *distinct)
{
    struct distinct old = *distinct;
    distinct->slot_count = old.slot_count ? old.slot_count * 2 : SLOTS_FIRST;
    distinct->slots = mem_array(distinct->slot_count, sizeof *distinct->slots);
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i])
            distinct->slots[distinct_slot(distinct, old.slots[i])] = old.slots[i];
    }
    free(old.slots);
}

bool distinct_add(struct distinct *distinct, size_t ceiling, uint64_t hash)
{
    hash += hash == 0;
    if (distinct->is_over)
        return true;
    if (distinct->count * 2 >= distinct->slot_count)
        distinct_grow(distinct);
    uint64_t *slot = &distinct->slots[distinct_slot(distinct, hash)];
    if (*slot)
        return false;
    if (distinct->count == ceiling) {
        distinct_clear(distinct);
        distinct->is_over = true;
        return true;
    }
    *slot = hash;
    distinct->count++;
    return true;
}
