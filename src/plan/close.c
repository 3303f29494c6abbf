#include "inside.h"

#include <stdlib.h>

#include "base/memory.h"

/* From what the rows left behind: the action of each, the figures, and the order of the lines. */

enum { NO_ROW = -1, MOVES_EACH = 8 };

/*
 * ---------------------------------------------------------------- the row that counts for a person
 */

/* The action of the row that counts for a person, or NO_ROW. */
static int person_action(const struct plan *plan, const struct person *person)
{
    enum standing standing = (enum standing)person->standing;
    if (standing == STANDING_ABSENT || standing == STANDING_PRESENT)
        return NO_ROW;
    if (standing == STANDING_INVALID || person->is_contradicted)
        return ACTION_REJECTED;
    if (standing == STANDING_UNCHANGED)
        return plan->settings.full || person->is_to_refresh ? ACTION_CHANGED : ACTION_UNCHANGED;
    if (standing == STANDING_HELD)
        return ACTION_HELD;
    return standing == STANDING_NEW ? ACTION_NEW : ACTION_CHANGED;
}

static unsigned person_flags(const struct plan *plan, const struct person *person,
                             const struct mark *mark)
{
    unsigned flags = person->is_delivered ? PLAN_DELIVERED_BEFORE : 0;
    int action = person_action(plan, person);
    if (action != ACTION_NEW && action != ACTION_CHANGED)
        return flags;
    if (person->standing == STANDING_UNCHANGED)
        return flags | (plan->settings.full ? PLAN_FULL : PLAN_REFRESH);
    if (mark && mark->kind != MARK_REFUSED)
        return flags | PLAN_UNSETTLED;
    return flags | (person->is_by_mapping ? PLAN_MAPPING_ONLY : 0);
}

/* ---------------------------------------------------------------- the other rows of people */

static uint32_t reason_contradicted(struct plan *plan)
{
    return plan_reason(plan, ACTION_REJECTED, "repeated_id", -1,
                       "several rows of one person differ",
                       "keep one row for each unique_id in the export, or say in the mapping which "
                       "one counts: \"prefer\" or \"repeated_id\"");
}

/* Another row of a person: rejected with all of them, or repeated, or left out. */
static void other_settle(struct plan *plan, struct other_row *other)
{
    const struct person *person = &plan->people->items[other->person];
    bool is_valid = other->kind == OTHER_VALID;
    if (person->is_contradicted) {
        other->kind = OTHER_REJECTED;
        if (is_valid)
            other->payload = reason_contradicted(plan);
    } else if (is_valid && person_is_valid(person) && other->payload == person->payload) {
        other->kind = OTHER_REPEATED;
        other->payload = plan_reason(plan, ACTION_REPEATED, "repeated", -1,
                                     "the same person again, with the same payload", NULL);
    } else {
        other->kind = OTHER_LEFT_OUT;
        other->payload = plan_reason(plan, ACTION_LEFT_OUT, "other_row", -1, "other row", NULL);
    }
}

static enum action other_action(const struct other_row *other)
{
    static const enum action actions[] = {[OTHER_LEFT_OUT] = ACTION_LEFT_OUT,
                                          [OTHER_REJECTED] = ACTION_REJECTED,
                                          [OTHER_REPEATED] = ACTION_REPEATED,
                                          [OTHER_HELD] = ACTION_HELD};
    assert(other->kind != OTHER_VALID && other->kind != OTHER_INVALID);
    return actions[other->kind];
}

static void others_settle(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->others.count; i++) {
        struct other_row *other = &plan->others.items[i];
        if (other->kind == OTHER_VALID || other->kind == OTHER_INVALID)
            other_settle(plan, other);
        plan->counts.action[other_action(other)]++;
        plan->figures.rejected_again += other->person && other->kind == OTHER_REJECTED;
    }
}

/* ---------------------------------------------------------------- figures */

static void fields_count(uint64_t counts[FIELD_COUNT], field_set fields)
{
    for (int field = 0; fields; field++, fields >>= 1)
        counts[field] += fields & 1;
}

/* Does the payload differ from the last delivered one, and from what may have arrived since? */
static bool person_differs(const struct person *person, const struct mark *mark)
{
    if (mark && mark->kind == MARK_DAMAGED)
        return false;
    if (mark && mark->kind == MARK_INTENT && mark->payload == person->payload)
        return false;
    return !person->is_delivered || person->payload != payload_of(&person->delivered);
}

static void figures_add(struct plan_figures *figures, const struct person *person,
                        const struct mark *mark, enum action action)
{
    if (action == ACTION_CHANGED)
        fields_count(figures->fields_sent, person->fields);
    if (action != ACTION_NEW && action != ACTION_CHANGED)
        return;
    bool differs = person_differs(person, mark);
    figures->fresh += action == ACTION_NEW && differs;
    if (action == ACTION_NEW || !person_is_known(person) || !differs)
        return;
    figures->changed++;
    figures->changed_by_mapping += person->is_by_mapping;
    if (!person->is_by_mapping)
        fields_count(figures->field_changed, person->fields);
}

/* The newest first: an older one of a person is of a row that no longer counts. */
static void emptied_count(struct plan *plan)
{
    for (uint32_t i = plan->emptied.count; i-- > 0;) {
        const struct emptied *emptied = &plan->emptied.items[i];
        struct person *person = &plan->people->items[emptied->person];
        const struct mark *mark = person_mark(plan, emptied->person);
        if (person->is_emptied && person_is_known(person) && !person->is_by_mapping &&
            person_action(plan, person) == ACTION_CHANGED && person_differs(person, mark))
            fields_count(plan->figures.field_emptied, emptied->fields);
        person->is_emptied = 0;
    }
}

static bool gone_can_be_told(const struct plan *plan)
{
    return !plan->settings.partial && !plan->figures.id_unreadable;
}

static void presence_count(struct plan *plan, const struct person *person)
{
    struct plan_figures *figures = &plan->figures;
    bool is_absent = person->standing == STANDING_ABSENT;
    figures->known += person_is_known(person);
    figures->gone += is_absent && person_is_known(person) && gone_can_be_told(plan);
    figures->returned += !is_absent && person->is_gone && !plan->settings.partial;
}

/* Counts a person; a row that is not sent leaves the number of its reason as the payload. */
static void person_settle(struct plan *plan, uint32_t number)
{
    struct person *person = &plan->people->items[number];
    const struct mark *mark = person_mark(plan, number);
    int action = person_action(plan, person);
    presence_count(plan, person);
    if (action == NO_ROW)
        return;
    plan->counts.action[action]++;
    figures_add(&plan->figures, person, mark, (enum action)action);
    if (action == ACTION_HELD && mark)
        person->payload = plan_reason(
            plan, ACTION_HELD, "refused_before", -1, "refused before with this very payload",
            "correct the data or the mapping, or push with --retry-refused");
    else if (action == ACTION_REJECTED && person->standing != STANDING_INVALID)
        person->payload = reason_contradicted(plan);
}

/* People on hold: those alone who would be new, and of whom nothing may have left before. */
static void holds_settle(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->held.count; i++) {
        struct person *person = &plan->people->items[plan->held.items[i].person];
        const struct mark *mark = person_mark(plan, plan->held.items[i].person);
        if (person_action(plan, person) != ACTION_NEW || (mark && mark->kind != MARK_REFUSED))
            continue;
        person->standing = STANDING_HELD;
        person->is_marked = 0; /* held for this, not for an earlier refusal */
        person->payload = plan->held.items[i].reason;
    }
}

/* ---------------------------------------------------------------- the order of the lines */

static uint32_t place_line(const struct plan *plan, uint32_t place)
{
    return place & ORDER_OTHER ? plan->others.items[place & ~ORDER_OTHER].line
                               : plan->people->items[place].line;
}

/*
 * By one bit of the lines after the other, in place: there may be a million, and no room for
 * another array.
 */
static void order_sort(const struct plan *plan, uint32_t *places, size_t count, int bit)
{
    for (; count > 1 && bit >= 0; bit--) {
        size_t low = 0, high = count;
        while (low < high) {
            if (place_line(plan, places[low]) >> bit & 1) {
                uint32_t place = places[--high];
                places[high] = places[low];
                places[low] = place;
            } else {
                low++;
            }
        }
        order_sort(plan, places, low, bit - 1);
        places += low;
        count -= low;
    }
}

/* Sorts what is nearly sorted; false when it is not, and the places then stand in another order. */
static bool order_mend(const struct plan *plan, uint32_t *places, size_t count)
{
    size_t moves = 0;
    for (size_t i = 1; i < count && moves <= MOVES_EACH * count; i++) {
        uint32_t place = places[i], line = place_line(plan, place);
        size_t at = i;
        for (; at > 0 && place_line(plan, places[at - 1]) > line; at--)
            places[at] = places[at - 1];
        places[at] = place;
        moves += i - at;
    }
    return moves <= MOVES_EACH * count;
}

/* People stand nearly in the order of their lines, as do the other rows: mostly the two need but be merged. */
static void order_build(struct plan *plan)
{
    const struct other_row *others = plan->others.items;
    size_t count = plan->counts.rows - plan->counts.action[ACTION_UNCHANGED], at = 0;
    uint32_t other = 0;
    plan->order = mem_array(count, sizeof *plan->order);
    for (uint32_t i = 1; i < plan->people->count; i++) {
        const struct person *person = &plan->people->items[i];
        int action = person_action(plan, person);
        if (action == NO_ROW || action == ACTION_UNCHANGED)
            continue;
        for (; other < plan->others.count && others[other].line < person->line; other++)
            plan->order[at++] = ORDER_OTHER | other;
        plan->order[at++] = i;
    }
    for (; other < plan->others.count; other++)
        plan->order[at++] = ORDER_OTHER | other;
    assert(at == count);
    plan->order_count = count;
    if (!order_mend(plan, plan->order, count))
        order_sort(plan, plan->order, count, 31);
}

void plan_close(struct plan *plan)
{
    assert(!plan->is_closed);
    plan->is_closed = true;
    others_settle(plan);
    holds_settle(plan);
    emptied_count(plan);
    plan->figures.near_duplicates = near_count(plan);
    people_seal(plan->people);
    for (uint32_t number = 1; number < plan->people->count; number++)
        person_settle(plan, number);
    plan->counts.known = plan->figures.known;
    plan->counts.gone = plan->figures.gone;
    assert(counts_add_up(&plan->counts, false));
    order_build(plan);
}

/* ---------------------------------------------------------------- what a closed plan says */

const struct counts *plan_counts(const struct plan *plan)
{
    assert(plan->is_closed);
    return &plan->counts;
}

const struct plan_figures *plan_figures(const struct plan *plan)
{
    assert(plan->is_closed);
    return &plan->figures;
}

size_t plan_row_count(const struct plan *plan)
{
    assert(plan->is_closed);
    return plan->order_count;
}

static struct plan_row person_row(const struct plan *plan, uint32_t number)
{
    const struct person *person = &plan->people->items[number];
    enum action action = (enum action)person_action(plan, person);
    bool is_sent = action == ACTION_NEW || action == ACTION_CHANGED;
    return (struct plan_row){.offset = person->offset,
                             .bytes = person->bytes,
                             .line = person->line,
                             .action = action,
                             .reason = is_sent ? UINT32_MAX : (uint32_t)person->payload,
                             .handle = person->handle,
                             .fields = action == ACTION_CHANGED ? person->fields : 0,
                             .flags = person_flags(plan, person, person_mark(plan, number))};
}

static struct plan_row other_row(const struct plan *plan, const struct other_row *other)
{
    const struct person *person = &plan->people->items[other->person];
    unsigned flags = 0;
    if (other->person && person->is_delivered)
        flags |= PLAN_DELIVERED_BEFORE;
    if (other->person && person->handle && person->standing > STANDING_PRESENT &&
        other_action(other) == ACTION_LEFT_OUT)
        flags |= PLAN_LOST;
    return (struct plan_row){.offset = (uint64_t)other->offset_high << 32 | other->offset_low,
                             .bytes = other->bytes,
                             .line = other->line,
                             .action = other_action(other),
                             .reason = (uint32_t)other->payload,
                             .handle = other->person ? person->handle : 0,
                             .flags = flags};
}

struct plan_row plan_row_at(const struct plan *plan, size_t index)
{
    assert(index < plan->order_count);
    uint32_t place = plan->order[index];
    if (place & ORDER_OTHER)
        return other_row(plan, &plan->others.items[place & ~ORDER_OTHER]);
    return person_row(plan, place);
}

void plan_each_gone(const struct plan *plan,
                    void (*each)(void *self, person_handle handle, bool newly), void *self)
{
    assert(plan->is_closed);
    for (uint32_t number = 1; gone_can_be_told(plan) && number < plan->people->count; number++) {
        const struct person *person = &plan->people->items[number];
        if (person->is_delivered && person->standing == STANDING_ABSENT)
            each(self, person->handle, !person->is_gone);
    }
}

void plan_each_returned(const struct plan *plan, void (*each)(void *self, person_handle handle),
                        void *self)
{
    assert(plan->is_closed);
    for (uint32_t number = 1; !plan->settings.partial && number < plan->people->count; number++) {
        const struct person *person = &plan->people->items[number];
        if (person->is_gone && person->standing != STANDING_ABSENT)
            each(self, person->handle);
    }
}

void plan_each_stranded(const struct plan *plan, void (*each)(void *self, person_handle handle),
                        void *self)
{
    assert(plan->is_closed);
    for (uint32_t i = 0; i < plan->marks.count; i++) {
        const struct person *person = &plan->people->items[plan->marks.items[i].person];
        if (plan->marks.items[i].kind == MARK_INTENT &&
            (!person_is_valid(person) || person->is_contradicted))
            each(self, person->handle);
    }
}
