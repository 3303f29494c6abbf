#include "inside.h"

#include <stdlib.h>

/*
 * Ids that differ only in the case of their letters (a1, A1). The caller gives the tag of the id in
 * capitals where that is not the id itself; such a tag is near another id when it is that of a row,
 * or when two rows have it.
 */

void near_note(struct plan *plan, const struct plan_input *input)
{
    if (input->folded_tag)
        *LIST_ADD(&plan->folded) = tag_short(input->folded_tag);
}

static int tag_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct short_tag));
}

static bool is_a_row(const struct plan *plan, const struct short_tag *tag)
{
    uint32_t number = people_find(plan->people, tag);
    return number && plan->people->items[number].standing != STANDING_ABSENT;
}

uint64_t near_count(const struct plan *plan)
{
    uint32_t count = plan->folded.count;
    struct short_tag *tags = plan->folded.items;
    uint64_t near = 0;
    if (count)
        qsort(tags, count, sizeof *tags, tag_compare);
    for (uint32_t i = 0; i < count; i++)
        near += (i > 0 && tag_compare(&tags[i - 1], &tags[i]) == 0) || is_a_row(plan, &tags[i]);
    return near;
}
