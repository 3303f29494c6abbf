#include "pattern_head.h"

#include <ctype.h>
#include <string.h>

/* ---------------------------------------------------------------- sets of bytes */

static void set_add(struct head_atom *atom, unsigned byte)
{
    atom->set[byte / 64] |= UINT64_C(1) << (byte % 64);
}

static bool set_has(const struct head_atom *atom, unsigned byte)
{
    return atom->set[byte / 64] >> (byte % 64) & 1;
}

static void set_add_high(struct head_atom *atom)
{
    atom->set[2] = atom->set[3] = UINT64_MAX;
}

static void set_add_all(struct head_atom *atom)
{
    memset(atom->set, 0xFF, sizeof atom->set);
}

static bool sets_meet(const struct head_atom *a, const struct head_atom *b)
{
    for (size_t i = 0; i < 4; i++)
        if (a->set[i] & b->set[i])
            return true;
    return false;
}

/* ---------------------------------------------------------------- reading the pattern */

static bool in_class(const char *name, size_t length, int byte)
{
    static const struct {
        const char *name;
        int (*has)(int);
    } classes[] = {{"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum},
                   {"upper", isupper}, {"lower", islower}, {"space", isspace},
                   {"blank", isblank}, {"punct", ispunct}, {"print", isprint},
                   {"graph", isgraph}, {"cntrl", iscntrl}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
            return classes[i].has(byte) != 0;
    return true;
}

/* One member of a bracket expression: a class, a range, a character. Returns what stands behind it; NULL: unreadable. */
static const char *read_member(const char *at, struct head_atom *atom)
{
    if (at[0] == '[' && at[1] == ':') {
        const char *end = strstr(at + 2, ":]");
        if (!end)
            return NULL;
        for (int byte = 0; byte < 0x80; byte++)
            if (in_class(at + 2, (size_t)(end - at - 2), byte))
                set_add(atom, (unsigned)byte);
        set_add_high(atom);
        return end + 2;
    }
    if (at[0] == '[' && (at[1] == '.' || at[1] == '='))
        return NULL;
    unsigned first = (unsigned char)at[0], last = first;
    if (at[1] == '-' && at[2] && at[2] != ']') {
        last = (unsigned char)at[2];
        at += 2;
        if (last == '[')
            return NULL;
    }
    for (unsigned byte = first; byte <= last && byte < 0x80; byte++)
        set_add(atom, byte);
    if (first >= 0x80 || last >= 0x80)
        set_add_high(atom);
    return at + 1;
}

static const char *read_bracket(const char *at, struct head_atom *atom)
{
    bool inverted = at[1] == '^';
    const char *first = at + 1 + inverted;
    at = first;
    while (*at && (*at != ']' || at == first)) {
        at = read_member(at, atom);
        if (!at)
            return NULL;
    }
    if (*at != ']')
        return NULL;
    if (inverted) {
        for (size_t i = 0; i < 4; i++)
            atom->set[i] = ~atom->set[i];
        set_add_high(atom);
    }
    return at + 1;
}

/* Returns what stands behind the atom at 'at', or NULL when it is none that can be told by a set of bytes. */
static const char *read_atom(const char *at, struct head_atom *atom)
{
    *atom = (struct head_atom){0};
    if (*at == '[')
        return read_bracket(at, atom);
    if (*at == '.') {
        set_add_all(atom);
        return at + 1;
    }
    if (*at == '\\' && ispunct((unsigned char)at[1]) && !strchr("<>'`", at[1]))
        at++;
    else if (strchr("\\^$()|*+?{", *at))
        return NULL;
    if ((unsigned char)*at >= 0x80)
        return NULL;
    set_add(atom, (unsigned char)*at);
    return at + 1;
}

/* Is there a '|' outside of brackets and groups? True also where that cannot be told. */
static bool has_alternatives(const char *at)
{
    int depth = 0;
    struct head_atom unused;
    while (*at) {
        if (*at == '|' && depth <= 0)
            return true;
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        if (*at == '[') {
            unused = (struct head_atom){0};
            at = read_bracket(at, &unused);
            if (!at)
                return true;
        } else {
            at += *at == '\\' && at[1] ? 2 : 1;
        }
    }
    return false;
}

/* The bytes of atoms that are one character each, in a row. */
static void read_literal(struct pattern_head *head)
{
    size_t length = 0;
    for (; length < head->count && !head->atoms[length].repeated; length++) {
        unsigned byte = 0, members = 0;
        for (unsigned b = 0; b < 0x80; b++)
            if (set_has(&head->atoms[length], b)) {
                byte = b;
                members++;
            }
        if (members != 1 || head->atoms[length].set[2] || byte == 0)
            break;
        head->holds[length] = (char)byte;
    }
    head->count = 0;
}

/*
 * A first atom that may stand any number of times. Returns where to read on; NULL: the head is read, for what stands
 * behind that atom could be a part of it.
 */
static const char *read_any_number(struct pattern_head *head, const char *at)
{
    struct head_atom *any = &head->atoms[0], next;
    const char *star = read_atom(at, any);
    if (!star || *star != '*')
        return at;
    const char *after = read_atom(star + 1, &next);
    if (!after || strchr("*?{", *after ? *after : ' '))
        return NULL;
    head->count = 1;
    if (!sets_meet(any, &next)) {
        any->repeated = any->optional = true;
        return star + 1;
    }
    for (size_t i = 0; i < 4; i++)
        any->set[i] |= next.set[i];
    return NULL;
}

void pattern_head_read(struct pattern_head *head, const char *pattern)
{
    *head = (struct pattern_head){0};
    if (has_alternatives(pattern))
        return;
    bool anchored = pattern[0] == '^';
    const char *at = anchored ? read_any_number(head, pattern + 1) : pattern;
    if (!at)
        return;
    while (head->count < HEAD_ATOMS) {
        struct head_atom *atom = &head->atoms[head->count];
        const char *after = read_atom(at, atom);
        if (!after || strchr("*?{", *after ? *after : ' '))
            break;
        if (head->count && atom[-1].repeated && sets_meet(&atom[-1], atom))
            break;
        atom->repeated = *after == '+';
        at = after + atom->repeated;
        if (atom->repeated && strchr("*+?{", *at ? *at : ' '))
            break;
        head->count++;
    }
    head->whole = at[0] == '$' && at[1] == '\0';
    if (!anchored)
        read_literal(head);
}

/* ---------------------------------------------------------------- asking it */

static bool text_holds(const char *bytes, size_t length, const char *wanted)
{
    size_t wanted_length = strlen(wanted);
    const char *end = bytes + length;
    while ((size_t)(end - bytes) >= wanted_length) {
        size_t room = (size_t)(end - bytes) - wanted_length + 1;
        const char *hit = memchr(bytes, wanted[0], room);
        if (!hit)
            return false;
        if (memcmp(hit, wanted, wanted_length) == 0)
            return true;
        bytes = hit + 1;
    }
    return false;
}

bool pattern_head_fits(const struct pattern_head *head, const char *bytes, size_t length)
{
    if (head->holds[0])
        return text_holds(bytes, length, head->holds);
    size_t at = 0;
    for (size_t i = 0; i < head->count; i++) {
        const struct head_atom *atom = &head->atoms[i];
        size_t begin = at;
        if (!atom->repeated && at < length && (bytes[at] & '\x80') && set_has(atom, 0x80))
            return true; /* one character, of who knows how many bytes */
        do {
            if (at == length || !set_has(atom, (unsigned char)bytes[at]))
                break;
            at++;
        } while (atom->repeated);
        if (at == begin && !atom->optional)
            return false;
    }
    return !head->count || !head->whole || at == length;
}
