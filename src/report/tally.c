#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* ---- finding a reason or a note again: open addressing over positions in the report's arrays */

struct slots {
    uint32_t *at; /* position + 1; 0: free */
    size_t room;  /* a power of two, at least twice 'used' */
    size_t used;
};

struct report_index {
    struct slots reasons, notes;
    size_t reason_room, note_room;
};

struct reason_key {
    int action, outcome, field;
    const char *code, *message;
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
    return hash;
}

static uint64_t hash_key(const struct reason_key *key)
{
    const unsigned char numbers[] = {(unsigned char)key->action, (unsigned char)key->outcome,
                                     (unsigned char)key->field};
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), numbers, sizeof numbers);
    hash = hash_bytes(hash, key->code, strlen(key->code) + 1);
    hash = hash_bytes(hash, key->message, strlen(key->message));
    return hash ^ hash >> 29;
}

static struct reason_key key_of_reason(const void *items, size_t position)
{
    const struct report_reason *reason = (const struct report_reason *)items + position;
    return (struct reason_key){reason->action, reason->outcome, reason->field, reason->code,
                               reason->message};
}

static struct reason_key key_of_note(const void *items, size_t position)
{
    const struct report_note *note = (const struct report_note *)items + position;
    return (struct reason_key){-1, -1, note->field, note->policy, note->message};
}

typedef struct reason_key (*key_reader)(const void *items, size_t position);

static bool key_equal(const struct reason_key *a, const struct reason_key *b)
{
    return a->action == b->action && a->outcome == b->outcome && a->field == b->field &&
           strcmp(a->code, b->code) == 0 && strcmp(a->message, b->message) == 0;
}

/* The slot of the key: its position + 1 stands there, or 0 when it is new. */
static uint32_t *slots_find(const struct slots *slots, const void *items, key_reader read,
                            const struct reason_key *key)
{
    size_t mask = slots->room - 1;
    for (size_t i = (size_t)hash_key(key) & mask;; i = (i + 1) & mask) {
        if (slots->at[i] == 0)
            return &slots->at[i];
        struct reason_key there = read(items, slots->at[i] - 1);
        if (key_equal(&there, key))
            return &slots->at[i];
    }
}

static void slots_grow(struct slots *slots, const void *items, key_reader read)
{
    if (slots->room > slots->used * 2)
        return;
    free(slots->at);
    slots->room = slots->room ? slots->room * 2 : 64;
    slots->at = mem_array(slots->room, sizeof *slots->at);
    for (size_t i = 0; i < slots->used; i++) {
        struct reason_key key = read(items, i);
        *slots_find(slots, items, read, &key) = (uint32_t)i + 1;
    }
}

static struct report_index *report_index(struct report *report)
{
    if (report->index == NULL)
        report->index = mem_new(sizeof *report->index);
    return report->index;
}

/* ---- reasons */

static const char *flag_words(unsigned flags, const char **code)
{
    static const struct {
        unsigned flag;
        const char *code, *words;
    } known[] = {
        {PLAN_UNSETTLED, "unsettled", "an earlier try has no clear answer: sent again"},
        {PLAN_REFRESH, "refresh", "sent again to refresh what the server has"},
        {PLAN_FULL, "full", "sent again because everybody was asked for"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (flags & known[i].flag) {
            *code = known[i].code;
            return known[i].words;
        }
    return NULL;
}

/* What a row is counted under; false: nothing needs saying about it. */
static bool key_of_row(const struct report_row *row, struct reason_key *key)
{
    bool was_sent = row->outcome >= 0;
    bool to_send = row->action == ACTION_NEW || row->action == ACTION_CHANGED;
    bool went_well = to_send && (!was_sent || row->outcome == OUTCOME_ACCEPTED);
    *key = (struct reason_key){.action = was_sent ? -1 : (int)row->action,
                               .outcome = row->outcome,
                               .field = row->field,
                               .code = row->code ? row->code : "",
                               .message = row->message ? row->message : ""};
    if (!went_well)
        return row->action != ACTION_UNCHANGED;
    *key = (struct reason_key){.action = (int)row->action, .outcome = -1, .field = -1};
    key->message = flag_words(row->flags, &key->code);
    return key->message != NULL;
}

static struct report_reason *reason_add(struct report *report, const struct reason_key *key,
                                        const char *fix)
{
    struct report_index *index = report_index(report);
    if (report->reason_count == index->reason_room) {
        index->reason_room = index->reason_room ? index->reason_room * 2 : 32;
        report->reasons = mem_resize(report->reasons, index->reason_room, sizeof *report->reasons);
    }
    struct report_reason *reason = &report->reasons[report->reason_count++];
    *reason = (struct report_reason){.action = key->action,
                                     .outcome = key->outcome,
                                     .code = mem_string(key->code),
                                     .field = key->field,
                                     .message = mem_string(key->message),
                                     .fix = fix && *fix ? mem_string(fix) : NULL};
    return reason;
}

static struct report_reason *reason_at(struct report *report, const struct reason_key *key,
                                       const char *fix)
{
    struct slots *slots = &report_index(report)->reasons;
    slots_grow(slots, report->reasons, key_of_reason);
    uint32_t *slot = slots_find(slots, report->reasons, key_of_reason, key);
    if (*slot != 0)
        return &report->reasons[*slot - 1];
    struct reason_key other = {key->action, key->outcome, -1, "other", "other reasons"};
    if (report->reason_count >= REASONS_MAX && !key_equal(key, &other))
        return reason_at(report, &other, NULL);
    *slot = (uint32_t)report->reason_count + 1;
    slots->used++;
    return reason_add(report, key, fix);
}

/* The first of all rows that share the reason, and the most nights of one. */
static void reason_age(struct report_reason *reason, const struct report_row *row)
{
    char since[32];
    if (row->nights > reason->nights)
        reason->nights = row->nights;
    if (row->since_ms <= 0)
        return;
    clock_utc(row->since_ms, since);
    since[10] = '\0';
    if (reason->since && strcmp(reason->since, since) <= 0)
        return;
    free(reason->since);
    reason->since = mem_string(since);
}

void report_add_row(struct report *report, const struct report_row *row)
{
    struct reason_key key;
    if (!key_of_row(row, &key))
        return;
    struct report_reason *reason = reason_at(report, &key, row->fix);
    reason->count++;
    reason_age(reason, row);
    if (reason->line_count < REASON_LINES)
        reason->lines[reason->line_count++] = row->line;
}

/* ---- notes */

static void note_add(struct report *report, const char *code, const struct reason_key *key)
{
    struct report_index *index = report_index(report);
    if (report->note_count == index->note_room) {
        index->note_room = index->note_room ? index->note_room * 2 : 32;
        report->notes = mem_resize(report->notes, index->note_room, sizeof *report->notes);
    }
    report->notes[report->note_count++] = (struct report_note){.code = code,
                                                               .policy = key->code,
                                                               .field = key->field,
                                                               .message = mem_string(key->message)};
}

void report_add_note(struct report *report, const char *code, const char *policy, int field,
                     const char *message, uint64_t count)
{
    struct slots *slots = &report_index(report)->notes;
    if (report->note_count >= NOTES_MAX)
        message = "other notes";
    struct reason_key key = {-1, -1, field, policy, message ? message : ""};
    slots_grow(slots, report->notes, key_of_note);
    uint32_t *slot = slots_find(slots, report->notes, key_of_note, &key);
    if (*slot == 0) {
        *slot = (uint32_t)report->note_count + 1;
        slots->used++;
        note_add(report, code, &key);
    }
    report->notes[*slot - 1].count += count;
}

/* ---- the whole */

bool report_adds_up(const struct report *report)
{
    return counts_add_up(&report->counts, report->is_push);
}

void report_clear(struct report *report)
{
    for (size_t i = 0; i < report->reason_count; i++) {
        free(report->reasons[i].code);
        free(report->reasons[i].message);
        free(report->reasons[i].fix);
        free(report->reasons[i].since);
    }
    for (size_t i = 0; i < report->note_count; i++)
        free(report->notes[i].message);
    free(report->reasons);
    free(report->notes);
    if (report->index) {
        free(report->index->reasons.at);
        free(report->index->notes.at);
        free(report->index);
    }
    report->reasons = NULL;
    report->notes = NULL;
    report->index = NULL;
    report->reason_count = report->note_count = 0;
}
