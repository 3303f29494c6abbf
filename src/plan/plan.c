#include "inside.h"

#include <stdlib.h>

#include "base/memory.h"
#include "mapping/mapping.h"

void *list_grow(void *items, uint32_t *capacity, size_t size)
{
    *capacity = *capacity ? *capacity + *capacity / 2 : 16;
    return mem_resize(items, *capacity, size);
}

struct plan *plan_new(const struct plan_settings *settings, struct plan_world world)
{
    struct plan *plan = mem_new(sizeof *plan);
    plan->settings = *settings;
    plan->world = world;
    plan->people = mem_new(sizeof *plan->people);
    people_init(plan->people);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    people_clear(plan->people);
    free(plan->people);
    free(plan->marks.items);
    free(plan->others.items);
    free(plan->emptied.items);
    free(plan->held.items);
    free(plan->folded.items);
    free(plan->order);
    reasons_clear(&plan->reasons);
    text_clear(&plan->rank);
    free(plan);
}

/* ---------------------------------------------------------------- what is known */

static void mark_add(struct plan *plan, uint32_t number, const struct plan_known *known)
{
    struct mark *mark = LIST_ADD(&plan->marks);
    *mark = (struct mark){.person = number, .kind = MARK_DAMAGED};
    if (!known->is_damaged) {
        mark->kind = known->intent_open ? MARK_INTENT : MARK_REFUSED;
        mark->payload = payload_of(known->intent_open ? &known->intent : &known->refused);
        mark->is_refused = known->is_refused;
        mark->refused = payload_of(&known->refused);
    }
}

void plan_know(struct plan *plan, const struct plan_known *known)
{
    assert(!plan->has_rows && !plan->is_closed);
    uint32_t number = people_add(plan->people, &known->tag);
    struct person *person = &plan->people->items[number];
    person->handle = known->handle;
    person->delivered = known->delivered;
    person->is_delivered = known->is_delivered;
    person->is_gone = known->is_delivered && known->is_gone;
    person->is_marked = known->is_damaged || known->intent_open || known->is_refused;
    if (person->is_marked)
        mark_add(plan, number, known);
}

void plan_expect(const struct plan *plan, const struct digest *tag)
{
    struct short_tag wanted = tag_short(tag);
    people_expect(plan->people, &wanted);
}

int plan_peek(const struct plan *plan, const struct digest *tag, struct digest *delivered,
              person_handle *handle)
{
    struct short_tag wanted = tag_short(tag);
    uint32_t number = people_find(plan->people, &wanted);
    const struct person *person = &plan->people->items[number];
    const struct mark *mark = person_mark(plan, number);
    *handle = number ? person->handle : 0;
    if (number == 0 || !person->is_delivered || (mark && mark->kind == MARK_DAMAGED))
        return 0;
    *delivered = person->delivered;
    return 1;
}

/* ---------------------------------------------------------------- reasons */

uint32_t plan_reason(struct plan *plan, enum action action, const char *code, int field,
                     const char *message, const char *fix)
{
    struct reason_words words = {action, field, code, message, fix};
    return reasons_put(&plan->reasons, &words);
}

const struct reason *plan_reason_at(const struct plan *plan, uint32_t number)
{
    assert(number < plan->reasons.count);
    return &plan->reasons.items[number];
}

size_t plan_reason_count(const struct plan *plan)
{
    return plan->reasons.count;
}

/* ---------------------------------------------------------------- rows */

static struct other_row *other_add(struct plan *plan, enum other_kind kind, uint32_t person)
{
    assert(plan->others.count < ORDER_OTHER);
    struct other_row *other = LIST_ADD(&plan->others);
    *other = (struct other_row){.kind = (unsigned)kind & 7U, .person = person};
    return other;
}

static void other_place(struct other_row *other, uint64_t offset, uint32_t bytes, uint32_t line)
{
    other->offset_low = (uint32_t)offset;
    other->offset_high = (offset >> 32) & 0xffU;
    other->bytes = bytes & ((1U << BYTES_BITS) - 1);
    other->line = line;
}

/* A row that does not count for its person. */
static void other_take(struct plan *plan, enum other_kind kind, uint32_t person,
                       const struct plan_input *input)
{
    struct other_row *other = other_add(plan, kind, person);
    other_place(other, input->offset, input->bytes, input->line);
    other->payload = kind == OTHER_VALID ? payload_of(&input->digest) : input->reason;
}

/* The row that counted for this person does so no longer. */
static void person_yield(struct plan *plan, uint32_t number)
{
    const struct person *person = &plan->people->items[number];
    struct other_row *other =
        other_add(plan, person_is_valid(person) ? OTHER_VALID : OTHER_INVALID, number);
    other_place(other, person->offset, person->bytes, person->line);
    other->payload = person->payload;
}

/* From now on this row counts for the person. */
static void person_take(struct plan *plan, uint32_t number, const struct plan_input *input)
{
    struct person *person = &plan->people->items[number];
    person->offset = input->offset & ((UINT64_C(1) << OFFSET_BITS) - 1);
    person->bytes = input->bytes & ((1U << BYTES_BITS) - 1);
    person->line = input->line;
    person->fields = 0;
    person->is_by_mapping = person->is_emptied = person->is_contradicted = 0;
    if (input->action == ACTION_NEW) {
        person_judge(plan, number, input);
    } else {
        person->standing = STANDING_INVALID;
        person->payload = input->reason;
    }
}

static int rank_compare(const struct text *a, const struct text *b)
{
    size_t length_a = a ? a->length : 0, length_b = b ? b->length : 0;
    size_t shorter = length_a < length_b ? length_a : length_b;
    int order = shorter ? memcmp(a->bytes, b->bytes, shorter) : 0;
    return order ? order : (length_a > length_b) - (length_a < length_b);
}

static void rank_keep(struct plan *plan, uint32_t number, const struct text *rank)
{
    text_reset(&plan->rank);
    if (rank && rank->length)
        text_add_bytes(&plan->rank, rank->bytes, rank->length);
    plan->ranked = number;
}

/* Over 0 when this row is preferred to the one that counts for the person. */
static int input_preferred(struct plan *plan, uint32_t number, const struct plan_input *input)
{
    const struct person *person = &plan->people->items[number];
    if (!plan->settings.has_prefer)
        return 0;
    if (plan->ranked != number)
        rank_keep(plan, number,
                  plan->world.rank(plan->world.self, person->offset, person->bytes, person->line));
    return rank_compare(input->rank, &plan->rank);
}

/*
 * Another row of a person: the preferred one counts; else the same payload is repeated, and
 * 'repeated_id' decides.
 */
static void person_compete(struct plan *plan, uint32_t number, const struct plan_input *input)
{
    struct person *person = &plan->people->items[number];
    bool is_valid = input->action == ACTION_NEW;
    int preferred = input_preferred(plan, number, input);
    bool same =
        is_valid && person_is_valid(person) && person->payload == payload_of(&input->digest);
    if (preferred > 0 || (preferred == 0 && !same && plan->settings.repeated_id == REPEATED_LAST)) {
        person_yield(plan, number);
        person_take(plan, number, input);
        if (plan->settings.has_prefer)
            rank_keep(plan, number, input->rank);
        return;
    }
    if (preferred == 0 && !same && plan->settings.repeated_id == REPEATED_REJECT)
        person->is_contradicted = 1;
    other_take(plan, is_valid ? OTHER_VALID : OTHER_INVALID, number, input);
}

/* A row left out or held by the mapping: it makes its person present, and no more. */
static void bystander_add(struct plan *plan, const struct plan_input *input)
{
    struct short_tag tag = tag_short(&input->tag);
    uint32_t number = input->has_tag ? people_find(plan->people, &tag) : 0;
    if (number && plan->people->items[number].standing == STANDING_ABSENT)
        plan->people->items[number].standing = STANDING_PRESENT;
    other_take(plan, input->action == ACTION_HELD ? OTHER_HELD : OTHER_LEFT_OUT, number, input);
}

static void contender_add(struct plan *plan, const struct plan_input *input)
{
    struct short_tag tag = tag_short(&input->tag);
    uint32_t number = people_find(plan->people, &tag);
    if (number == 0)
        number = people_add(plan->people, &input->tag);
    if (plan->people->items[number].standing > STANDING_PRESENT) {
        person_compete(plan, number, input);
        return;
    }
    near_note(plan, input);
    person_take(plan, number, input);
    if (plan->settings.has_prefer)
        rank_keep(plan, number, input->rank);
}

void plan_add(struct plan *plan, const struct plan_input *input)
{
    assert(!plan->is_closed);
    assert(input->offset >> OFFSET_BITS == 0 && input->bytes >> BYTES_BITS == 0);
    assert(input->has_tag || input->action != ACTION_NEW);
    plan->has_rows = true;
    plan->counts.rows++;
    if (input->action != ACTION_NEW && input->action != ACTION_REJECTED) {
        bystander_add(plan, input);
    } else if (input->has_tag) {
        contender_add(plan, input);
    } else {
        plan->figures.id_unreadable = true;
        other_take(plan, OTHER_REJECTED, 0, input);
    }
}

/* ---------------------------------------------------------------- wishes */

/* Numbers of people by their handle; free(). 'most' is set to the greatest handle. */
static uint32_t *numbers_by_handle(const struct plan *plan, person_handle *most)
{
    *most = 0;
    for (uint32_t number = 1; number < plan->people->count; number++)
        if (plan->people->items[number].handle > *most)
            *most = plan->people->items[number].handle;
    uint32_t *numbers = mem_array((size_t)*most + 1, sizeof *numbers);
    for (uint32_t number = 1; number < plan->people->count; number++)
        numbers[plan->people->items[number].handle] = number;
    return numbers;
}

void plan_refresh(struct plan *plan, const person_handle *handles, size_t count, size_t most)
{
    assert(!plan->is_closed);
    if (count == 0)
        return;
    person_handle last;
    uint32_t *numbers = numbers_by_handle(plan, &last);
    for (size_t i = 0; i < count && most > 0; i++) {
        if (handles[i] == 0 || handles[i] > last || !numbers[handles[i]])
            continue;
        struct person *person = &plan->people->items[numbers[handles[i]]];
        if (person->standing != STANDING_UNCHANGED || person->is_contradicted)
            continue;
        person->is_to_refresh = 1;
        most--;
    }
    free(numbers);
}

void plan_hold(struct plan *plan, const struct digest *tag, uint32_t reason)
{
    assert(!plan->is_closed && reason < plan->reasons.count);
    struct short_tag wanted = tag_short(tag);
    uint32_t number = people_find(plan->people, &wanted);
    if (number)
        *LIST_ADD(&plan->held) = (struct held){.person = number, .reason = reason};
}
