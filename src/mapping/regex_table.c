#include "regex_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum {
    NFA_MAX = 640, /* nodes of the automaton that is not yet deterministic */
    NFA_WORDS = NFA_MAX / 64,
    STATES_MAX = 512,
    CLASSES_MAX = 250
};

enum nfa_kind { NFA_SET, NFA_SPLIT, NFA_BEGIN, NFA_END, NFA_MATCH };

struct nfa_node {
    enum nfa_kind kind;
    int to, or_to; /* successors; or_to of a split alone */
    const struct re_set *set;
};

struct bits {
    uint64_t of[NFA_WORDS];
};

struct builder {
    const struct re_tree *tree;
    struct nfa_node nodes[NFA_MAX];
    int count;
    int start;
    bool is_whole, is_full;
    struct bits states[STATES_MAX];
    size_t state_count;
    uint32_t samples[CLASSES_MAX]; /* a character of each class */
};

static int nfa_add(struct builder *builder, enum nfa_kind kind, int to, int or_to)
{
    if (builder->count == NFA_MAX) {
        builder->is_full = true;
        return 0;
    }
    builder->nodes[builder->count] = (struct nfa_node){.kind = kind, .to = to, .or_to = or_to};
    return builder->count++;
}

static int nfa_build(struct builder *builder, int node, int then);

/* x{min,max}: min copies, then as many optional ones, or one that goes round. */
static int nfa_repeat(struct builder *builder, const struct re_node *node, int then)
{
    int at = then;
    if (node->max < 0) {
        int split = nfa_add(builder, NFA_SPLIT, then, then);
        int body = nfa_build(builder, node->left, split);
        builder->nodes[split].or_to = body;
        at = split;
    }
    for (int i = node->min; i < node->max && !builder->is_full; i++)
        at = nfa_add(builder, NFA_SPLIT, then, nfa_build(builder, node->left, at));
    for (int i = 0; i < node->min && !builder->is_full; i++)
        at = nfa_build(builder, node->left, at);
    return at;
}

/* The entry of the automaton for a node that goes on to 'then'. */
static int nfa_build(struct builder *builder, int number, int then)
{
    const struct re_node *node = &builder->tree->nodes[number];
    if (builder->is_full)
        return then;
    switch (node->kind) {
    case RE_EMPTY:
        return then;
    case RE_BEGIN:
        return nfa_add(builder, NFA_BEGIN, then, -1);
    case RE_END:
        return nfa_add(builder, NFA_END, then, -1);
    case RE_SET: {
        int at = nfa_add(builder, NFA_SET, then, -1);
        builder->nodes[at].set = &node->set;
        return at;
    }
    case RE_CAT:
        return nfa_build(builder, node->left, nfa_build(builder, node->right, then));
    case RE_ALT: {
        int left = nfa_build(builder, node->left, then);
        return nfa_add(builder, NFA_SPLIT, left, nfa_build(builder, node->right, then));
    }
    case RE_REPEAT:
        return nfa_repeat(builder, node, then);
    }
    return then;
}

static bool bits_has(const struct bits *bits, int at)
{
    return bits->of[at / 64] >> (at % 64) & 1;
}

/* Adds a node and all that it reaches without a character, given where in the text this is. */
static void nfa_close(const struct builder *builder, struct bits *bits, int first, bool at_begin,
                      bool at_end)
{
    int stack[NFA_MAX * 2 + 1], depth = 0;
    stack[depth++] = first;
    while (depth) {
        int at = stack[--depth];
        if (bits_has(bits, at))
            continue;
        bits->of[at / 64] |= UINT64_C(1) << (at % 64);
        const struct nfa_node *node = &builder->nodes[at];
        if (node->kind == NFA_SPLIT)
            stack[depth++] = node->or_to;
        if (node->kind == NFA_SPLIT || (node->kind == NFA_BEGIN && at_begin) ||
            (node->kind == NFA_END && at_end))
            stack[depth++] = node->to;
    }
}

static bool bits_match(const struct builder *builder, const struct bits *bits)
{
    for (int i = 0; i < builder->count; i++) {
        if (builder->nodes[i].kind == NFA_MATCH && bits_has(bits, i))
            return true;
    }
    return false;
}

/* Whether the text may end in this state. */
static bool state_accepts(const struct builder *builder, const struct bits *state, bool at_begin)
{
    struct bits ended = {{0}};
    for (int i = 0; i < builder->count; i++) {
        if (bits_has(state, i))
            nfa_close(builder, &ended, i, at_begin, true);
    }
    return bits_match(builder, &ended);
}

static void state_step(const struct builder *builder, const struct bits *from, uint32_t point,
                       struct bits *to)
{
    *to = (struct bits){{0}};
    for (int i = 0; i < builder->count; i++) {
        const struct nfa_node *node = &builder->nodes[i];
        if (node->kind == NFA_SET && bits_has(from, i) && re_set_has(node->set, point))
            nfa_close(builder, to, node->to, false, false);
    }
    if (!builder->is_whole)
        nfa_close(builder, to, builder->start, false, false);
}

static int point_order(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Every character at which some set begins or ends: between two of them all characters are alike. */
static uint32_t *points_collect(const struct re_tree *tree, size_t *count)
{
    size_t total = 1;
    for (size_t i = 0; i < tree->count; i++)
        total += 2 * tree->nodes[i].set.count;
    uint32_t *points = mem_array(total, sizeof *points);
    *count = 1;
    for (size_t i = 0; i < tree->count; i++) {
        const struct re_set *set = &tree->nodes[i].set;
        for (size_t r = 0; r < set->count; r++) {
            points[(*count)++] = set->ranges[r].first;
            points[(*count)++] = set->ranges[r].last + 1;
        }
    }
    qsort(points, *count, sizeof *points, point_order);
    size_t kept = 1;
    for (size_t i = 1; i < *count; i++) {
        if (points[i] != points[kept - 1])
            points[kept++] = points[i];
    }
    *count = kept;
    return points;
}

static bool points_alike(const struct re_tree *tree, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct re_set *set = &tree->nodes[i].set;
        if (tree->nodes[i].kind == RE_SET && re_set_has(set, a) != re_set_has(set, b))
            return false;
    }
    return true;
}

static uint8_t interval_class(const struct re_table *table, uint32_t point)
{
    size_t low = 0, high = table->interval_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->firsts[middle] <= point)
            low = middle;
        else
            high = middle;
    }
    return table->classes[low];
}

static bool table_classes(struct re_table *table, struct builder *builder)
{
    table->firsts = points_collect(builder->tree, &table->interval_count);
    table->classes = mem_array(table->interval_count, 1);
    for (size_t i = 0; i < table->interval_count; i++) {
        uint16_t group = 0;
        while (group < table->class_count &&
               !points_alike(builder->tree, builder->samples[group], table->firsts[i]))
            group++;
        if (group == CLASSES_MAX)
            return false;
        if (group == table->class_count)
            builder->samples[table->class_count++] = table->firsts[i];
        table->classes[i] = (uint8_t)group;
    }
    for (uint32_t byte = 0; byte < 128; byte++)
        table->ascii[byte] = interval_class(table, byte);
    return true;
}

/*
 * The number of a state, which is added when it is new; STATES_MAX when there are too many. Never the start: that is
 * a state of its own, because only it stands before the text.
 */
static size_t state_number(struct builder *builder, const struct bits *state)
{
    for (size_t i = 0; i < builder->state_count; i++) {
        if (i != RE_START && memcmp(&builder->states[i], state, sizeof *state) == 0)
            return i;
    }
    if (builder->state_count < STATES_MAX)
        builder->states[builder->state_count++] = *state;
    else
        return STATES_MAX;
    return builder->state_count - 1;
}

static bool table_states(struct re_table *table, struct builder *builder)
{
    struct bits state = {{0}};
    builder->states[builder->state_count++] = state;
    nfa_close(builder, &state, builder->start, true, false);
    builder->states[builder->state_count++] = state;
    table->next = mem_array((size_t)STATES_MAX * table->class_count, sizeof *table->next);
    for (size_t at = builder->is_whole ? 1 : 0; at < builder->state_count; at++) {
        for (uint16_t group = 0; group < table->class_count; group++) {
            state_step(builder, &builder->states[at], builder->samples[group], &state);
            size_t to = state_number(builder, &state);
            if (to == STATES_MAX)
                return false;
            table->next[at * table->class_count + group] = (uint16_t)to;
        }
    }
    table->state_count = (uint16_t)builder->state_count;
    table->next = mem_resize(table->next, (size_t)table->state_count * table->class_count,
                             sizeof *table->next);
    return true;
}

/* Does every character lead from this state to itself? */
static bool state_is_stuck(const struct re_table *table, size_t state)
{
    for (size_t group = 0; group < table->class_count; group++) {
        if (table->next[state * table->class_count + group] != state)
            return false;
    }
    return true;
}

static void table_ends(struct re_table *table, const struct builder *builder)
{
    table->accepts = mem_array(table->state_count, sizeof *table->accepts);
    table->is_settled = mem_array(table->state_count, sizeof *table->is_settled);
    for (size_t i = 0; i < table->state_count; i++) {
        bool is_found = !builder->is_whole && bits_match(builder, &builder->states[i]);
        table->accepts[i] = state_accepts(builder, &builder->states[i], i == RE_START);
        table->is_settled[i] = is_found || state_is_stuck(table, i);
    }
}

bool re_table_build(struct re_table *table, const struct re_tree *tree, bool whole)
{
    struct builder *builder = mem_new(sizeof *builder);
    builder->tree = tree;
    builder->is_whole = whole;
    *table = (struct re_table){0};
    int match = nfa_add(builder, NFA_MATCH, -1, -1);
    builder->start = nfa_build(builder, tree->root, match);
    bool is_built =
        !builder->is_full && table_classes(table, builder) && table_states(table, builder);
    if (is_built)
        table_ends(table, builder);
    else
        re_table_clear(table);
    free(builder);
    return is_built;
}

void re_table_clear(struct re_table *table)
{
    free(table->firsts);
    free(table->classes);
    free(table->next);
    free(table->accepts);
    free(table->is_settled);
    *table = (struct re_table){0};
}

bool re_table_matches(const struct re_table *table, const char *bytes, size_t length)
{
    size_t state = RE_START;
    for (size_t at = 0; at < length && !table->is_settled[state];) {
        unsigned char byte = (unsigned char)bytes[at];
        uint8_t group;
        if (byte < 0x80) {
            group = table->ascii[byte];
            at++;
        } else {
            uint32_t point;
            at += utf8_decode(bytes + at, length - at, &point);
            group = interval_class(table, point);
        }
        state = table->next[state * table->class_count + group];
    }
    return table->accepts[state];
}
