#include "regex_set.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/memory.h"

enum { SURROGATES = 0xD800, SURROGATES_END = 0xE000, POINT_END = 0x110000 };

void re_set_add(struct re_set *set, uint32_t first, uint32_t last)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? set->capacity * 2 : 4;
        set->ranges = mem_resize(set->ranges, set->capacity, sizeof *set->ranges);
    }
    set->ranges[set->count++] = (struct re_range){first, last};
}

/* 'end': behind the last character that can be a member. */
static const struct re_class {
    const char *name;
    uint32_t end;
} re_classes[] = {
    {"alpha", POINT_END}, {"digit", 0x80},      {"alnum", POINT_END}, {"upper", POINT_END},
    {"lower", POINT_END}, {"space", POINT_END}, {"blank", POINT_END}, {"punct", POINT_END},
    {"xdigit", 0x80},     {"print", POINT_END}, {"graph", POINT_END}, {"cntrl", POINT_END},
};

static void set_add_members(struct re_set *set, const struct re_class *class, locale_t locale)
{
    wctype_t members = wctype_l(class->name, locale);
    uint32_t first = 0;
    for (uint32_t point = 1; point <= class->end; point++) {
        bool is_member = point < class->end && (point < SURROGATES || point >= SURROGATES_END) &&
                         iswctype_l((wint_t)point, members, locale);
        if (is_member && first == 0)
            first = point;
        if (!is_member && first) {
            re_set_add(set, first, point - 1);
            first = 0;
        }
    }
}

bool re_set_add_class(struct re_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof re_classes / sizeof *re_classes; i++) {
        const struct re_class *class = &re_classes[i];
        if (strlen(class->name) != length || memcmp(class->name, name, length) != 0)
            continue;
        locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        if (!locale)
            locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
        if (!locale)
            return false;
        set_add_members(set, class, locale);
        freelocale(locale);
        return true;
    }
    return false;
}

static int range_order(const void *a, const void *b)
{
    const struct re_range *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

void re_set_settle(struct re_set *set)
{
    if (set->count < 2)
        return;
    qsort(set->ranges, set->count, sizeof *set->ranges, range_order);
    size_t kept = 0;
    for (size_t i = 1; i < set->count; i++) {
        struct re_range next = set->ranges[i];
        if (next.first > set->ranges[kept].last + 1)
            set->ranges[++kept] = next;
        else if (next.last > set->ranges[kept].last)
            set->ranges[kept].last = next.last;
    }
    set->count = kept + 1;
}

bool re_set_has(const struct re_set *set, uint32_t point)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_listed = low < set->count && set->ranges[low].first <= point;
    return is_listed != set->inverted;
}
