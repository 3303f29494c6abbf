#include "people.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* An open-addressing table from the hash of a string to a person's number. Stale entries are harmless: who looks up
 * compares with what the person holds now. */
struct slot {
    uint64_t hash;
    size_t person; /* number + 1; 0: free */
};

struct hash_index {
    struct slot *slots;
    size_t capacity, used;
};

struct people {
    struct person **persons;
    size_t seen, capacity, accepted;
    struct hash_index ids, emails, user_names;
};

enum { FIRST_REFERENCE = 1001 };

static unsigned char folded(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static uint64_t hash_folded(const char *string)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *string; string++)
        hash = (hash ^ folded(*string)) * 1099511628211u;
    return hash ^ hash >> 32;
}

static void index_put(struct hash_index *index, uint64_t hash, size_t person)
{
    size_t at = hash & (index->capacity - 1);
    while (index->slots[at].person)
        at = (at + 1) & (index->capacity - 1);
    index->slots[at] = (struct slot){hash, person + 1};
    index->used++;
}

static void index_add(struct hash_index *index, uint64_t hash, size_t person)
{
    if (index->used * 2 >= index->capacity) {
        struct hash_index grown = {.capacity = index->capacity ? index->capacity * 2 : 1024};
        grown.slots = mem_array(grown.capacity, sizeof *grown.slots);
        for (size_t i = 0; i < index->capacity; i++)
            if (index->slots[i].person)
                index_put(&grown, index->slots[i].hash, index->slots[i].person - 1);
        free(index->slots);
        *index = grown;
    }
    index_put(index, hash, person);
}

/* Steps through the persons under a hash: start with *at = 0; false at the end. */
static bool index_next(const struct hash_index *index, uint64_t hash, size_t *at, size_t *person)
{
    while (*at < index->capacity) {
        const struct slot *slot = &index->slots[(hash + (*at)++) & (index->capacity - 1)];
        if (!slot->person)
            return false;
        if (slot->hash == hash) {
            *person = slot->person - 1;
            return true;
        }
    }
    return false;
}

static void index_clear(struct hash_index *index)
{
    free(index->slots);
    *index = (struct hash_index){0};
}

struct people *people_new(void)
{
    return mem_new(sizeof(struct people));
}

void people_reset(struct people *people)
{
    for (size_t i = 0; i < people->seen; i++) {
        free(people->persons[i]->block);
        free(people->persons[i]->unique_id);
        free(people->persons[i]);
    }
    free(people->persons);
    index_clear(&people->ids);
    index_clear(&people->emails);
    index_clear(&people->user_names);
    *people = (struct people){0};
}

void people_free(struct people *people)
{
    if (!people)
        return;
    people_reset(people);
    free(people);
}

size_t people_count(const struct people *people)
{
    return people->accepted;
}

size_t people_seen(const struct people *people)
{
    return people->seen;
}

struct person *people_at(struct people *people, size_t number)
{
    return people->persons[number];
}

struct person *people_find(struct people *people, const char *unique_id)
{
    uint64_t hash = hash_folded(unique_id);
    size_t at = 0, found = 0;
    while (index_next(&people->ids, hash, &at, &found))
        if (!strcmp(people->persons[found]->unique_id, unique_id))
            return people->persons[found];
    if (people->seen == people->capacity) {
        people->capacity = people->capacity ? people->capacity * 2 : 256;
        people->persons = mem_resize(people->persons, people->capacity, sizeof(struct person *));
    }
    struct person *person = mem_new(sizeof *person);
    person->unique_id = mem_string(unique_id);
    person->reference_id = FIRST_REFERENCE + (long)people->seen;
    index_add(&people->ids, hash, people->seen);
    return people->persons[people->seen++] = person;
}

const char *person_value(const struct person *person, enum field field)
{
    if (!(person->have & FIELD_BIT(field)))
        return NULL;
    const char *value = person->block;
    for (unsigned earlier = 0; earlier < field; earlier++)
        if (person->have & FIELD_BIT(earlier))
            value += strlen(value) + 1;
    return value;
}

static const struct hash_index *index_of(const struct people *people, enum field field)
{
    return field == FIELD_EMAIL ? &people->emails : &people->user_names;
}

bool people_taken(const struct people *people, enum field field, const char *value,
                  const struct person *by_other_than)
{
    uint64_t hash = hash_folded(value);
    size_t at = 0, found = 0;
    while (index_next(index_of(people, field), hash, &at, &found)) {
        const struct person *holder = people->persons[found];
        if (holder != by_other_than && text_is_folded(person_value(holder, field), value))
            return true;
    }
    return false;
}

static void remember_holder(struct hash_index *index, const char *value, size_t number)
{
    if (!value || !*value)
        return;
    uint64_t hash = hash_folded(value);
    size_t at = 0, found = 0;
    while (index_next(index, hash, &at, &found))
        if (found == number)
            return;
    index_add(index, hash, number);
}

/* The block of what the person held, with the values of the push in their places. */
static void repack(struct person *person, const struct submission *submission)
{
    struct text block = {0};
    field_set have = 0, pushed = 0;
    const char *old = person->block;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const char *value = submission->values[field];
        bool had = person->have & FIELD_BIT(field);
        if (value)
            pushed |= FIELD_BIT(field);
        else if (had)
            value = old;
        if (had)
            old += strlen(old) + 1;
        if (!value)
            continue;
        have |= FIELD_BIT(field);
        text_add_bytes(&block, value, strlen(value) + 1);
    }
    free(person->block);
    person->block = text_take(&block);
    person->have = have;
    person->pushed = pushed;
}

void people_store(struct people *people, struct person *person, const struct submission *submission,
                  uint64_t request)
{
    size_t number = (size_t)(person->reference_id - FIRST_REFERENCE);
    if (!person->posts++) {
        people->accepted++;
        person->first_request = request;
    }
    person->last_request = request;
    repack(person, submission);
    remember_holder(&people->emails, submission->values[FIELD_EMAIL], number);
    remember_holder(&people->user_names, submission->values[FIELD_USER_NAME], number);
}
