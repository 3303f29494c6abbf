#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "mapping_private.h"
#include "suggest_private.h"

/* ---------------------------------------------------------------- names */

static char *heading_folded(const char *heading)
{
    struct text folded = {0};
    utf8_fold(heading, strlen(heading), &folded);
    return text_take(&folded);
}

/* Whether a mapping cannot call a column by this heading: it would be read as something else, or not at all. */
static bool heading_is_odd(const char *heading)
{
    struct text clean = {0};
    size_t length = strlen(heading);
    utf8_add_clean(&clean, heading, length, length);
    bool is_odd = !text_is(text_string(&clean), heading) || heading[0] == '_' ||
                  strncmp(heading, "col(", 4) == 0;
    text_clear(&clean);
    const char *sign = strrchr(heading, '#');
    return is_odd || (sign && sign[1] && sign[1 + strspn(sign + 1, "0123456789")] == '\0');
}

static bool draft_has_heading(const struct draft *draft, const char *folded)
{
    for (size_t i = 0; i < draft->count; i++) {
        if (text_is(draft->columns[i].folded, folded))
            return true;
    }
    return false;
}

/* "City#2" for the second of several; "col(7)" where that is the heading of another column. */
static char *name_numbered(const struct draft *draft, size_t index, size_t nth)
{
    char *name = mem_format("%s#%zu", draft->columns[index].heading, nth);
    char *folded = heading_folded(name);
    if (draft_has_heading(draft, folded)) {
        free(name);
        name = mem_format("col(%zu)", index + 1);
    }
    free(folded);
    return name;
}

static char *column_name(const struct draft *draft, size_t index)
{
    const struct draft_column *column = &draft->columns[index];
    size_t nth = 0, all = 0;
    if (column->heading[0] == '\0')
        return NULL;
    if (heading_is_odd(column->heading))
        return mem_format("col(%zu)", index + 1);
    for (size_t i = 0; i < draft->count; i++) {
        bool is_same = text_is(draft->columns[i].folded, column->folded);
        all += is_same;
        nth += is_same && i <= index;
    }
    return all > 1 ? name_numbered(draft, index, nth) : mem_string(column->heading);
}

/* ---------------------------------------------------------------- addresses */

static bool role_is_address(enum role role)
{
    return role >= ROLE_STREET && role <= ROLE_ZIP;
}

/* Which of the addresses of one place a column belongs to: by the number of its city, or by how often it was there. */
static unsigned address_nth(const struct draft *draft, size_t index)
{
    const struct meaning *meaning = &draft->columns[index].meaning;
    unsigned nth = 0;
    if (meaning->role != ROLE_STREET && meaning->number > 1)
        return meaning->number - 1;
    for (size_t i = 0; i < index; i++) {
        const struct meaning *other = &draft->columns[i].meaning;
        nth += other->role == meaning->role && other->place == meaning->place &&
               other->number == meaning->number;
    }
    return nth;
}

/* Numbers the addresses: all first ones of each place in the order of enum place, then all second ones. */
static void addresses_number(struct draft *draft)
{
    enum { PLACES = PLACE_PERMANENT + 1 };
    unsigned highest = 0, next = 0;
    for (size_t i = 0; i < draft->count; i++) {
        struct draft_column *column = &draft->columns[i];
        if (!role_is_address(column->meaning.role))
            continue;
        column->address = address_nth(draft, i) * PLACES + (unsigned)column->meaning.place;
        highest = column->address > highest ? column->address : highest;
    }
    for (unsigned address = 0; address <= highest; address++) {
        bool is_there = false;
        for (size_t i = 0; i < draft->count; i++) {
            struct draft_column *column = &draft->columns[i];
            if (role_is_address(column->meaning.role) && column->address == address) {
                column->address = next;
                is_there = true;
            }
        }
        next += is_there;
    }
}

/* ---------------------------------------------------------------- the whole */

static char *heading_text(const struct export_cell *cell, bool is_first)
{
    struct span span = {.bytes = cell->bytes, .length = cell->length};
    if (utf8_valid_prefix(span.bytes, span.length) != span.length)
        return mem_string("");
    if (is_first && span.length >= 3 && memcmp(span.bytes, "\xEF\xBB\xBF", 3) == 0)
        span = span_part(span, 3, span.length - 3);
    span = span_trim(span);
    return mem_bytes(span.bytes, span.length);
}

void draft_init(struct draft *draft, const struct export_record *heading)
{
    draft->count = heading->cell_count;
    draft->columns = mem_array(draft->count + 1, sizeof *draft->columns);
    for (size_t i = 0; i < draft->count; i++) {
        struct draft_column *column = &draft->columns[i];
        column->heading = heading_text(&heading->cells[i], i == 0);
        column->folded = heading_folded(column->heading);
        column->meaning = heading_meaning(column->heading);
    }
    for (size_t i = 0; i < draft->count; i++)
        draft->columns[i].name = column_name(draft, i);
    addresses_number(draft);
}

void draft_clear(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        free(draft->columns[i].heading);
        free(draft->columns[i].folded);
        free(draft->columns[i].name);
    }
    free(draft->columns);
    *draft = (struct draft){0};
}

struct draft_column *draft_find(struct draft *draft, enum role role)
{
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->columns[i].meaning.role == role && draft->columns[i].name)
            return &draft->columns[i];
    }
    return NULL;
}

struct draft_column *draft_find_address(struct draft *draft, enum role role, unsigned address,
                                        unsigned number)
{
    for (size_t i = 0; i < draft->count; i++) {
        struct draft_column *column = &draft->columns[i];
        if (column->meaning.role == role && column->address == address && column->name &&
            (number == 0 || column->meaning.number == number))
            return column;
    }
    return NULL;
}
