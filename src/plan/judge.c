#include "inside.h"

/*
 * What a valid row is: the table of actions in interface.md, before anything is known of the
 * person's other rows.
 */

const struct mark *person_mark(const struct plan *plan, uint32_t number)
{
    if (!plan->people->items[number].is_marked)
        return NULL;
    uint32_t low = 0, high = plan->marks.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (plan->marks.items[middle].person <= number)
            low = middle;
        else
            high = middle;
    }
    return &plan->marks.items[low];
}

static enum standing standing_of(const struct plan *plan, const struct person *person,
                                 const struct mark *mark, const struct digest *digest)
{
    enum standing differs = person->is_delivered ? STANDING_CHANGED : STANDING_NEW;
    bool is_open = mark && mark->kind == MARK_INTENT;
    if (mark && mark->kind == MARK_DAMAGED)
        return differs;
    if (!is_open && person->is_delivered && digest_equal(&person->delivered, digest))
        return STANDING_UNCHANGED;
    /* an open intent goes again whatever the export says, but for the very payload that was refused after it */
    bool was_refused = mark && mark->is_refused && mark->refused == payload_of(digest);
    if (was_refused && (!is_open || mark->payload == mark->refused) &&
        !plan->settings.retry_refused)
        return STANDING_HELD;
    return differs;
}

/* Names the fields that differ from the last delivery. */
static void person_compare(struct plan *plan, uint32_t number, const struct plan_input *input)
{
    struct person *person = &plan->people->items[number];
    struct fingerprints before, now;
    if (!input->profile || !plan->world.fingerprints(plan->world.self, person->handle, &before))
        return;
    profile_fingerprints(input->profile, input->keys, &now);
    person->fields = fingerprints_differ(&before, &now) & ((1U << PERSON_FIELDS) - 1);
    field_set emptied = fingerprints_emptied(&before, &now);
    if (!emptied)
        return;
    person->is_emptied = 1;
    *LIST_ADD(&plan->emptied) = (struct emptied){.person = number, .fields = emptied};
}

/*
 * Would the old mapping have found nothing to send, or nothing but what an open intent has sent
 * already?
 */
static bool is_by_mapping(const struct person *person, const struct mark *mark,
                          const struct digest *by_old_mapping)
{
    return by_old_mapping &&
           (digest_equal(&person->delivered, by_old_mapping) ||
            (mark && mark->kind == MARK_INTENT && mark->payload == payload_of(by_old_mapping)));
}

void person_judge(struct plan *plan, uint32_t number, const struct plan_input *input)
{
    struct person *person = &plan->people->items[number];
    const struct mark *mark = person_mark(plan, number);
    person->standing = (unsigned)standing_of(plan, person, mark, &input->digest) & 7U;
    person->payload = payload_of(&input->digest);
    if (person->standing != STANDING_CHANGED || digest_equal(&person->delivered, &input->digest) ||
        (mark && mark->kind == MARK_DAMAGED))
        return;
    person->is_by_mapping = is_by_mapping(person, mark, input->digest_by_old_mapping);
    person_compare(plan, number, input);
}
