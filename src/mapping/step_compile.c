#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "steps.h"

enum { PAD_MAX = 255 };

/* What may stand behind the name of a step. */
enum step_shape { SHAPE_BARE, SHAPE_TEXT, SHAPE_PAD, SHAPE_REPLACE, SHAPE_PHONE };

static const struct step_word {
    const char *name;
    const char *usage;
    enum step_kind kind;
    enum step_shape shape;
} step_words[] = {
    {"trim", "trim", STEP_TRIM, SHAPE_BARE},
    {"one space", "one space", STEP_ONE_SPACE, SHAPE_BARE},
    {"upper", "upper", STEP_UPPER, SHAPE_BARE},
    {"lower", "lower", STEP_LOWER, SHAPE_BARE},
    {"names", "names", STEP_NAMES, SHAPE_BARE},
    {"digits", "digits", STEP_DIGITS, SHAPE_BARE},
    {"postal code", "postal code", STEP_POSTAL_CODE, SHAPE_BARE},
    {"straight quotes", "straight quotes", STEP_STRAIGHT_QUOTES, SHAPE_BARE},
    {"one line", "one line", STEP_ONE_LINE, SHAPE_BARE},
    {"excel guards", "excel guards", STEP_EXCEL_GUARDS, SHAPE_BARE},
    {"before", "before TEXT", STEP_BEFORE, SHAPE_TEXT},
    {"after", "after TEXT", STEP_AFTER, SHAPE_TEXT},
    {"first of", "first of X", STEP_FIRST_OF, SHAPE_TEXT},
    {"pad", "pad N X", STEP_PAD, SHAPE_PAD},
    {"remove", "remove TEXT", STEP_REMOVE, SHAPE_TEXT},
    {"replace", "replace A by B", STEP_REPLACE, SHAPE_REPLACE},
    {"phone", "phone MASK", STEP_PHONE, SHAPE_PHONE},
};
enum { STEP_WORDS = sizeof step_words / sizeof *step_words };

static bool step_wants(const char *usage, struct text *why)
{
    text_addf(why, "the step is written \"%s\"", usage);
    return false;
}

static void step_set_text(struct step *step, const char *text, size_t length)
{
    step->strings = mem_bytes(text, length);
    step->text = span_of(step->strings, length);
}

/* "add TEXT before" and "add TEXT after": the text ends at the last word. */
static bool compile_add(struct step *step, const char *text, struct text *why)
{
    const char *last = strrchr(text, ' ');
    bool is_before = last && text_is(last, " before");
    if (!last || last == text || (!is_before && !text_is(last, " after")))
        return step_wants("add TEXT before\" or \"add TEXT after", why);
    step->kind = is_before ? STEP_ADD_BEFORE : STEP_ADD_AFTER;
    step_set_text(step, text, (size_t)(last - text));
    return true;
}

static bool compile_pad(struct step *step, const char *text, struct text *why)
{
    char *end;
    long width = strtol(text, &end, 10);
    const char *sign = end + (*end == ' ');
    if (!byte_is_digit(*text) || width < 1 || width > PAD_MAX || *end != ' ' ||
        utf8_count(sign, strlen(sign)) != 1)
        return step_wants("pad N X\", N from 1 to 255 and X one character, as in \"pad 9 0", why);
    step->width = (unsigned)width;
    step_set_text(step, sign, strlen(sign));
    return true;
}

static bool compile_replace(struct step *step, const char *text, struct text *why)
{
    const char *by = strstr(text, " by ");
    if (!by || by == text)
        return step_wants("replace A by B", why);
    step_set_text(step, text, strlen(text));
    step->by = span_of_string(step->strings + (by - text) + 4);
    step->text = span_of(step->strings, (size_t)(by - text));
    return true;
}

static bool compile_phone(struct step *step, const char *text, struct text *why)
{
    if (!strchr(text, '#'))
        return step_wants("phone MASK\" with a # for each digit, as in \"phone ###-###-####", why);
    step_set_text(step, text, strlen(text));
    return true;
}

static bool compile_text(struct step *step, const struct step_word *word, const char *text,
                         struct text *why)
{
    step->kind = word->kind;
    switch (word->shape) {
    case SHAPE_BARE:
        return *text == '\0' || step_wants(word->usage, why);
    case SHAPE_TEXT:
        if (*text == '\0')
            return step_wants(word->usage, why);
        step_set_text(step, text, strlen(text));
        return true;
    case SHAPE_PAD:
        return compile_pad(step, text, why);
    case SHAPE_REPLACE:
        return compile_replace(step, text, why);
    case SHAPE_PHONE:
        return compile_phone(step, text, why);
    }
    return false;
}

/* What stands behind the name and one space; NULL when the step is another one. */
static const char *step_rest(const char *written, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(written, name, length) != 0)
        return NULL;
    if (written[length] == ' ')
        return written + length + 1;
    return written[length] == '\0' ? written + length : NULL;
}

static void step_suggest(const char *written, struct text *hint)
{
    const char *names[STEP_WORDS];
    for (size_t i = 0; i < STEP_WORDS; i++)
        names[i] = step_words[i].name;
    const char *near = text_nearest(written, names, STEP_WORDS);
    if (!near) {
        char *first = mem_bytes(written, strcspn(written, " "));
        near = text_nearest(first, names, STEP_WORDS);
        free(first);
    }
    if (near)
        text_addf(hint, "did you mean \"%s\"?", near);
    else
        text_add(hint, "'opspush help steps' lists them");
}

bool step_compile(struct step *step, const char *written, struct text *why, struct text *hint)
{
    *step = (struct step){.written = mem_string(written)};
    const char *rest = step_rest(written, "add");
    bool is_known = rest != NULL, is_good = rest && compile_add(step, rest, why);
    for (size_t i = 0; i < STEP_WORDS && !is_known; i++) {
        rest = step_rest(written, step_words[i].name);
        is_known = rest != NULL;
        is_good = rest && compile_text(step, &step_words[i], rest, why);
    }
    if (!is_known) {
        text_addf(why, "there is no step called \"%s\"", written);
        step_suggest(written, hint);
    }
    if (!is_good)
        step_clear(step);
    return is_good;
}

void step_clear(struct step *step)
{
    free(step->written);
    free(step->strings);
    free(step->message);
    *step = (struct step){0};
}
