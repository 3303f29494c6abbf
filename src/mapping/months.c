#include "months.h"

static const struct month_word {
    const char *name; /* capitals without accents */
    int month;
} short_months[] =
    {
        {"JAN", 1},  {"JANV", 1}, {"FEB", 2},  {"FEV", 2},   {"FEVR", 2}, {"MAR", 3},
        {"MARS", 3}, {"APR", 4},  {"AVR", 4},  {"AVRIL", 4}, {"MAY", 5},  {"MAI", 5},
        {"JUN", 6},  {"JUIN", 6}, {"JUL", 7},  {"JUIL", 7},  {"AUG", 8},  {"AOU", 8},
        {"AOUT", 8}, {"SEP", 9},  {"SEPT", 9}, {"OCT", 10},  {"NOV", 11}, {"DEC", 12},
},
  full_months[] = {
      {"JANUARY", 1},   {"JANVIER", 1},   {"FEBRUARY", 2},  {"FEVRIER", 2},   {"MARCH", 3},
      {"MARS", 3},      {"APRIL", 4},     {"AVRIL", 4},     {"MAY", 5},       {"MAI", 5},
      {"JUNE", 6},      {"JUIN", 6},      {"JULY", 7},      {"JUILLET", 7},   {"AUGUST", 8},
      {"AOUT", 8},      {"SEPTEMBER", 9}, {"SEPTEMBRE", 9}, {"OCTOBER", 10},  {"OCTOBRE", 10},
      {"NOVEMBER", 11}, {"NOVEMBRE", 11}, {"DECEMBER", 12}, {"DECEMBRE", 12},
};

/* The letter at a place as a capital without its accent, for the accents of French months; 0 when it is none. */
static char letter_plain(struct span text, size_t at, size_t *length)
{
    unsigned char byte = (unsigned char)text.bytes[at];
    *length = 1;
    if (byte < 0x80)
        return byte_upper(text.bytes[at]);
    if (byte != 0xC3 || at + 1 >= text.length)
        return 0;
    *length = 2;
    switch ((unsigned char)text.bytes[at + 1]) {
    case 0x88: /* E grave, acute, circumflex */
    case 0x89:
    case 0x8A:
    case 0xA8:
    case 0xA9:
    case 0xAA:
        return 'E';
    case 0x99: /* U grave, circumflex */
    case 0x9B:
    case 0xB9:
    case 0xBB:
        return 'U';
    default:
        return 0;
    }
}

/* The bytes of the text that spell the name, or 0. */
static size_t name_taken(struct span text, const char *name)
{
    size_t at = 0;
    for (; *name; name++) {
        size_t length;
        if (at >= text.length || letter_plain(text, at, &length) != *name)
            return 0;
        at += length;
    }
    return at;
}

int month_find(struct span text, bool full, size_t *taken)
{
    const struct month_word *words = full ? full_months : short_months;
    size_t count = full ? sizeof full_months / sizeof *full_months
                        : sizeof short_months / sizeof *short_months;
    int month = 0;
    char first = text.length ? byte_upper(text.bytes[0]) : '\0';
    *taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (words[i].name[0] != first) /* no month begins with an accent */
            continue;
        size_t length = name_taken(text, words[i].name);
        if (length > *taken) {
            *taken = length;
            month = words[i].month;
        }
    }
    return month;
}

const char *month_name(int month, bool full)
{
    const struct month_word *words = full ? full_months : short_months;
    while (words->month != month)
        words++;
    return words->name;
}
