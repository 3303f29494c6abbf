#include "mapping_private.h"

/* For each trouble a code for machines, words behind the field's name, and the mend. */
static const struct {
    const char *code, *words, *fix;
} troubles[TROUBLE_COUNT] = {
    [TROUBLE_NONE] = {"", "", ""},
    [TROUBLE_MISSING] = {"required", "is missing", "fill it in the source system"},
    [TROUBLE_EMPTY] = {"empty", "is empty", "fill it in the source system"},
    [TROUBLE_STEP] = {"step", ": a step does not apply", "correct it in the source system"},
    [TROUBLE_LIST] = {"list", NULL, "add the code to the list, or correct it in the source system"},
    [TROUBLE_TYPE] = {"type", NULL, "correct it in the source system"},
    [TROUBLE_NEVER] = {"never", "is a placeholder that the mapping never sends",
                       "enter the real one in the source system"},
    [TROUBLE_PATTERN] = {"pattern", "does not have the form that the mapping asks for",
                         "correct it in the source system, or the pattern in the mapping"},
    [TROUBLE_BETWEEN] = {"between", NULL, "correct the date in the source system"},
    [TROUBLE_LONG] = {"too_long", NULL, "shorten it in the source system"},
    [TROUBLE_KEY] = {"key", "has a control character in it", "correct it in the source system"},
    [TROUBLE_WHEN] = {"type", NULL, "correct the date in the source system"},
    [TROUBLE_ZEROS] = {"damaged",
                       "has lost its leading zeros (was the file saved by a spreadsheet?)",
                       "export it again, and do not open it in a spreadsheet"},
    [TROUBLE_POWER] =
        {"damaged", "is a number that a spreadsheet shortened (such as 1.23E+08): digits are lost",
         "export it again, and do not open it in a spreadsheet"},
    [TROUBLE_GUARD] = {"damaged", "is guarded for a spreadsheet (such as =\"001\")",
                       "add the step \"excel guards\" to the field, or export it plain"},
    [TROUBLE_TWICE] = {"damaged", "was encoded twice: accents have become two characters",
                       "correct it in the source system, or export with the right encoding"},
    [TROUBLE_LOST] = {"damaged", "has a replacement character: letters were lost in an export",
                      "correct it in the source system"},
    [TROUBLE_QUESTION] = {"damaged", "has a question mark inside: an accent may have been lost",
                          "look it up in the source system"},
};

const char *trouble_code(enum trouble trouble)
{
    return troubles[trouble].code;
}

static void words_for_masks(struct text *out, const struct date_reader *reader)
{
    if (reader->count == 0) {
        text_add(out, " is not a date written YYYY-MM-DD");
        return;
    }
    text_addf(out, " is not a date in %s ", reader->count == 1 ? "the mask" : "any of the masks");
    for (size_t i = 0; i < reader->count; i++)
        text_addf(out, "%s%s", i ? ", " : "", reader->masks[i].written);
}

static void words_for_type(struct text *out, const struct field_rule *rule)
{
    switch (rule->type) {
    case TYPE_DATE:
        words_for_masks(out, &rule->dates);
        return;
    case TYPE_EMAIL:
        text_add(out, " is not an e-mail address");
        return;
    case TYPE_TWO_LETTERS:
        text_add(out, " is not a code of two letters");
        return;
    case TYPE_TEXT:
        return;
    }
}

static void words_for_bound(struct text *out, const struct date_bound *bound)
{
    char day[11];
    date_write_iso(bound->date, day);
    text_add(out, bound->is_today ? "today" : day);
}

/* Words that depend on the rule; nothing where the table has them or the rule never needs them. */
static void words_for(struct text *out, const struct field_rule *rule, enum trouble trouble)
{
    if (troubles[trouble].words) {
        text_add(out, troubles[trouble].words[0] == ':' ? "" : " ");
        text_add(out, troubles[trouble].words);
    } else if (trouble == TROUBLE_LIST && rule->list) {
        text_addf(out, ": the code is not in list \"%s\"", rule->list->name);
    } else if (trouble == TROUBLE_TYPE) {
        words_for_type(out, rule);
    } else if (trouble == TROUBLE_BETWEEN) {
        text_add(out, " is not between ");
        words_for_bound(out, &rule->from);
        text_add(out, " and ");
        words_for_bound(out, &rule->to);
    } else if (trouble == TROUBLE_LONG) {
        text_addf(out, " is over %u characters", rule->limit);
    } else if (trouble == TROUBLE_WHEN && rule->when && rule->when->unreadable) {
        text_addf(out, ": %s", rule->when->unreadable);
    }
}

void trouble_prepare(struct field_rule *rule)
{
    struct text all = {0};
    size_t at[TROUBLE_COUNT];
    for (int trouble = TROUBLE_MISSING; trouble < TROUBLE_COUNT; trouble++) {
        at[trouble] = all.length;
        text_add(&all, field_info(rule->field)->name);
        words_for(&all, rule, (enum trouble)trouble);
        text_add_byte(&all, '\0');
    }
    rule->messages = text_take(&all);
    for (int trouble = TROUBLE_MISSING; trouble < TROUBLE_COUNT; trouble++)
        rule->words[trouble] = (struct trouble_words){.message = rule->messages + at[trouble],
                                                      .fix = troubles[trouble].fix};
}
