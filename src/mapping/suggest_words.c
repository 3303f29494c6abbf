#include "suggest_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "mapping_private.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { WORDS_MAX = 12, WORD_BYTES = 24, NUMBER_MAX = 9 };

/* A heading's words in capitals; accents and the number at its end taken off. */
struct words {
    char items[WORDS_MAX][WORD_BYTES];
    size_t count;
    unsigned number;
};

static const char *const tables[] = {"SPRIDEN", "SPBPERS", "GOREMAL", "GOBTPAC", "GOBUMAP",
                                     "SPRADDR", "SPRTELE", "SGBSTDN", "SFRSTCR", "SFBETRM",
                                     "PEBEMPL", "NBRJOBS", "GORADID", "GOBINTL", "SPRMEDI",
                                     "SPVADDS", "SPVTELE", "VW"};

static const struct {
    const char *word;
    enum place place;
} places[] = {
    {"MAILING", PLACE_MAILING},     {"MAIL", PLACE_MAILING}, {"MA", PLACE_MAILING},
    {"CURRENT", PLACE_MAILING},     {"LOCAL", PLACE_LOCAL},  {"LO", PLACE_LOCAL},
    {"CAMPUS", PLACE_CAMPUS},       {"HOME", PLACE_HOME},    {"PERM", PLACE_PERMANENT},
    {"PERMANENT", PLACE_PERMANENT}, {"PR", PLACE_PERMANENT}, {"ALT", PLACE_PERMANENT},
};

/* ---------------------------------------------------------------- words */

/* The capital without its accent; 0 for what is no letter and no digit. */
static char letter_of(uint32_t point)
{
    static const char *const accented[] = {
        "A\u00C0\u00C1\u00C2\u00C4", "C\u00C7",
        "E\u00C8\u00C9\u00CA\u00CB", "I\u00CD\u00CE\u00CF",
        "O\u00D3\u00D4\u00D6",       "U\u00D9\u00DA\u00DB\u00DC"};
    if (point < 0x80)
        return isalnum((int)point) ? (char)toupper((int)point) : '\0';
    if (point >= 0xE0 && point <= 0xFE)
        point -= 0x20;
    char encoded[5] = {0};
    utf8_encode(point, encoded);
    for (size_t i = 0; i < COUNT_OF(accented); i++) {
        if (strstr(accented[i] + 1, encoded))
            return accented[i][0];
    }
    return '\0';
}

/* Whether a word ends between two characters: "firstName", "STREET1". */
static bool word_breaks(uint32_t before, uint32_t point)
{
    if (before >= 0x80 || point >= 0x80)
        return false;
    bool turns = islower((int)before) && isupper((int)point);
    return turns || !isdigit((int)before) != !isdigit((int)point);
}

static void words_add(struct words *words, char letter, bool is_new)
{
    if (is_new && words->count < WORDS_MAX)
        words->items[words->count++][0] = '\0';
    char *word = words->items[words->count - 1];
    size_t length = strlen(word);
    if (length + 1 < WORD_BYTES) {
        word[length] = letter;
        word[length + 1] = '\0';
    }
}

static struct words words_of(const char *heading)
{
    struct words words = {0};
    const char *dot = strrchr(heading, '.'); /* of "TABLE.COLUMN", not of "No. of" */
    const char *at = dot && dot[1] && dot[1] != ' ' ? dot + 1 : heading;
    size_t length = strlen(at);
    uint32_t before = ' ', point;
    if (utf8_valid_prefix(at, length) != length)
        return words;
    for (size_t i = 0; i < length; before = point) {
        i += utf8_decode(at + i, length - i, &point);
        char letter = letter_of(point);
        if (letter)
            words_add(&words, letter, !letter_of(before) || word_breaks(before, point));
    }
    if (words.count > 1 && isdigit((unsigned char)words.items[words.count - 1][0])) {
        unsigned long number = strtoul(words.items[--words.count], NULL, 10);
        words.number = number <= NUMBER_MAX ? (unsigned)number : 0;
    }
    return words;
}

/* ---------------------------------------------------------------- meanings */

static bool word_is_table(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        if (text_is(tables[i], word))
            return true;
    }
    return false;
}

static enum role role_find(const struct words *words, size_t first)
{
    struct text key = {0};
    for (size_t i = first; i < words->count; i++)
        text_add(&key, words->items[i]);
    enum role role = key_role(text_string(&key));
    text_clear(&key);
    return role;
}

struct meaning heading_meaning(const char *heading)
{
    struct meaning meaning = {.place = PLACE_PLAIN};
    if (column_is_secret(heading)) {
        meaning.role = ROLE_SECRET;
        return meaning;
    }
    struct words words = words_of(heading);
    size_t first = 0;
    while (first + 1 < words.count && word_is_table(words.items[first]))
        first++;
    meaning.number = words.number;
    meaning.role = role_find(&words, first);
    if (meaning.role || first + 1 >= words.count)
        return meaning;
    enum role role = role_find(&words, first + 1);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (role >= ROLE_STREET && role <= ROLE_ZIP && text_is(places[i].word, words.items[first]))
            meaning = (struct meaning){role, places[i].place, words.number};
    }
    return meaning;
}
