#include <stdlib.h>

#include "base/memory.h"
#include "survey_grid.h"
#include "survey_private.h"

enum { KINDS_SHOWN = 20, WORDS_WIDEST = 64, LAST_WIDEST = 48 };

static void print_title(struct text *out, const char *title)
{
    text_addf(out, "\n%s\n", title);
}

static void grid_add_lines(struct grid *grid, const struct tally *tally)
{
    struct text text = {0};
    tally_add_lines(tally, &text);
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

/* "98 %": 100 only when it is all, 0 only when it is none. */
static void grid_add_share(struct grid *grid, uint64_t count, uint64_t of)
{
    uint64_t share = of ? count * 100 / of : 0;
    if (count && !share)
        grid_add(grid, "<1 %%");
    else
        grid_add(grid, "%u %%", (unsigned)share);
}

/* A copy of the tallies in the order in which they are shown; lends their strings. free(items). */
static struct tallies tallies_ordered(const struct tallies *tallies)
{
    struct tallies copy = *tallies;
    copy.items = mem_array(tallies->count + 1, sizeof *copy.items);
    if (tallies->count)
        memcpy(copy.items, tallies->items, tallies->count * sizeof *copy.items);
    tallies_sort(&copy);
    return copy;
}

static void print_more(struct text *out, const struct tallies *tallies, size_t shown)
{
    if (tallies->count > shown)
        text_addf(out, "  and %s%zu more of the kind\n", tallies->beyond ? "over " : "",
                  tallies->count - shown);
}

static void grid_add_blanks(struct grid *grid, size_t count)
{
    while (count-- > 0)
        grid_add(grid, "%s", "");
}

/* The words of a message behind the field's name, which stands beside them. */
static const char *words_behind_name(const struct tally *tally)
{
    const char *name = field_info((enum field)tally->field)->name;
    size_t length = strlen(name);
    if (strncmp(tally->words, name, length) != 0)
        return tally->words;
    const char *words = tally->words + length;
    return words + strspn(words, ": ");
}

/* ---------------------------------------------------------------- rows */

static void print_count(struct grid *grid, const char *words, uint64_t count)
{
    grid_add(grid, "%s", words);
    grid_add_count(grid, count);
}

static void print_rows(const struct survey *survey, struct text *out)
{
    struct grid grid = {.shape = "lr"};
    print_count(&grid, "read", survey->rows);
    print_count(&grid, "can be sent", survey->valid);
    print_count(&grid, "left out by a rule", survey->left_out);
    print_count(&grid, "rejected", survey->rejected);
    if (survey->stopping)
        print_count(&grid, "would stop the run", survey->stopping);
    text_add(out, "rows\n");
    grid_print(&grid, out);
    grid_clear(&grid);
    if (survey->has_facts && survey->noise) {
        text_add(out, "  passed over, because they are no rows (not_rows, repeated headings): ");
        text_add_count(out, survey->noise);
        text_add(out, "\n");
    }
}

static void print_repeated(const struct survey *survey, struct text *out)
{
    if (!survey->repeated.count)
        return;
    text_add(out, "  of those that can be sent, rows that repeat an earlier unique_id: ");
    text_add_count(out, survey->repeated.count);
    text_add(out, " (");
    tally_add_lines(&survey->repeated, out);
    text_addf(out, ")%s\n", survey->ids.is_over ? "; looked at up to a million people" : "");
}

/* Reasons with their counts, first lines and, where there is one, the mend. */
static void print_reasons(const struct tallies *tallies, const char *title, struct text *out)
{
    if (tallies->count == 0)
        return;
    struct tallies ordered = tallies_ordered(tallies);
    struct grid grid = {.shape = "rlll", .widest = {0, WORDS_WIDEST, 0, LAST_WIDEST}};
    for (size_t i = 0; i < ordered.count && i < KINDS_SHOWN; i++) {
        grid_add_count(&grid, ordered.items[i].count);
        grid_add(&grid, "%s", ordered.items[i].words);
        grid_add_lines(&grid, &ordered.items[i]);
        grid_add(&grid, "%s", ordered.items[i].fix);
    }
    print_title(out, title);
    grid_print(&grid, out);
    print_more(out, &ordered, KINDS_SHOWN);
    grid_clear(&grid);
    free(ordered.items);
}

/* ---------------------------------------------------------------- ids */

/* Ids of digits alone, of which nearly all have one length and a few are shorter. */
static void print_short_ids(const struct survey *survey, struct text *out)
{
    const struct tally *lengths = survey->id_lengths;
    size_t usual = 0, shortest = 0;
    uint64_t all = 0, shorter = 0;
    for (size_t i = 0; i < SURVEY_ID_DIGITS; i++) {
        all += lengths[i].count;
        usual = lengths[i].count > lengths[usual].count ? i : usual;
    }
    for (size_t i = usual; i-- > 0;) {
        shorter += lengths[i].count;
        shortest = lengths[i].count ? i : shortest;
    }
    if (shorter == 0 || lengths[usual].count * 10 < all * 9)
        return;
    print_title(out, "ids that may have lost leading zeros");
    text_add(out, "  ");
    text_add_count(out, shorter);
    text_addf(out,
              " of the ids are shorter than the usual %zu digits, for example with %zu: ", usual,
              shortest);
    tally_add_lines(&lengths[shortest], out);
    text_addf(out,
              "\n  was the file saved by a spreadsheet? \"pattern\": \"[0-9]{%zu}\" rejects them, "
              "the step \"pad %zu 0\" puts the zeros back\n",
              usual, usual);
}

/* ---------------------------------------------------------------- fields */

static void print_policies(struct grid *grid, const struct tallies *ordered, int field)
{
    bool is_first = true;
    for (size_t i = 0; i < ordered->count; i++) {
        const struct tally *tally = &ordered->items[i];
        if (tally->field != field)
            continue;
        if (!is_first)
            grid_add_blanks(grid, 3);
        is_first = false;
        grid_add_count(grid, tally->count);
        grid_add(grid, "%s: %s", policy_name(tally->policy), words_behind_name(tally));
        grid_add_lines(grid, tally);
    }
    if (is_first)
        grid_add_blanks(grid, 3);
}

static void print_fields(const struct survey *survey, struct text *out)
{
    struct tallies ordered = tallies_ordered(&survey->policies);
    struct grid grid = {.shape = "lrrrll", .widest = {0, 0, 0, 0, WORDS_WIDEST}};
    static const char *const titles[] = {"field", "people", "", "rows", "what else happens",
                                         "first"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        grid_add(&grid, "%s", titles[i]);
    for (size_t i = 0; i < survey->mapping->rule_count; i++) {
        enum field field = survey->mapping->rules[i].field;
        grid_add(&grid, "%s", field_info(field)->name);
        grid_add_count(&grid, survey->filled[field]);
        grid_add_share(&grid, survey->filled[field], survey->valid);
        print_policies(&grid, &ordered, (int)field);
    }
    print_title(out, "fields: who gets a value, and what else happens");
    grid_print(&grid, out);
    grid_clear(&grid);
    free(ordered.items);
}

/* ---------------------------------------------------------------- codes */

static const char *nearest_code(const struct code_list *list, const char *code)
{
    const char **codes = mem_array(list->codes.count + 1, sizeof *codes);
    for (size_t i = 0; i < list->codes.count; i++)
        codes[i] = list->codes.items[i].code.bytes;
    const char *near = text_nearest(code, codes, list->codes.count);
    free(codes);
    return near;
}

static void print_missing_code(struct grid *grid, const struct survey *survey,
                               const struct tally *tally)
{
    const struct field_rule *rule = mapping_rule(survey->mapping, (enum field)tally->field);
    const char *near = *tally->words ? nearest_code(rule->list, tally->words) : NULL;
    grid_add_count(grid, tally->count);
    grid_add(grid, *tally->words ? "\"%s\"" : "(not shown%s)", tally->words);
    grid_add(grid, "is not in \"%s\" (%s)", rule->list->name, field_info(rule->field)->name);
    grid_add_lines(grid, tally);
    if (near)
        grid_add(grid, "did you mean \"%s\"?", near);
    else
        grid_add_blanks(grid, 1);
}

static void print_missing(const struct survey *survey, struct text *out)
{
    if (survey->missing.count == 0)
        return;
    struct tallies ordered = tallies_ordered(&survey->missing);
    struct grid grid = {.shape = "rllll"};
    for (size_t i = 0; i < ordered.count && i < KINDS_SHOWN; i++)
        print_missing_code(&grid, survey, &ordered.items[i]);
    print_title(out, "codes that a list does not have");
    grid_print(&grid, out);
    print_more(out, &ordered, KINDS_SHOWN);
    grid_clear(&grid);
    free(ordered.items);
}

/* ---------------------------------------------------------------- columns */

static bool rule_reads(const struct mapping *mapping, const struct field_rule *rule, int index)
{
    for (size_t i = 0; i < rule->column_count; i++) {
        if (mapping->columns[rule->columns[i]].index == index)
            return true;
    }
    return false;
}

static void grid_add_use(struct grid *grid, const struct survey *survey, size_t index)
{
    struct text text = {0};
    if (survey->columns[index].use == USE_SECRET)
        text_add(&text, "never: it looks like a social security or insurance number");
    else if (survey->columns[index].use == USE_RULES)
        text_add(&text, "rules on rows");
    else if (survey->columns[index].use == USE_NONE)
        text_add(&text, "-");
    for (size_t i = 0; i < survey->mapping->rule_count; i++) {
        const struct field_rule *rule = &survey->mapping->rules[i];
        if (rule_reads(survey->mapping, rule, (int)index))
            text_addf(&text, "%s%s", text.length ? ", " : "", field_info(rule->field)->name);
    }
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
}

static void print_column(struct grid *grid, const struct survey *survey, size_t index)
{
    const struct column_survey *column = &survey->columns[index];
    grid_add(grid, "%zu", index + 1);
    grid_add(grid, "%s", survey->headings[index]);
    if (column->use == USE_SECRET) {
        grid_add_blanks(grid, 3);
    } else {
        grid_add_count(grid, column->filled);
        grid_add_share(grid, column->filled, survey->sound);
        if (column->distinct.is_over)
            grid_add(grid, "over 1,000");
        else
            grid_add_count(grid, column->distinct.count);
    }
    grid_add_use(grid, survey, index);
}

static void print_columns(const struct survey *survey, struct text *out)
{
    struct grid grid = {.shape = "rlrrrl", .widest = {0, 40, 0, 0, 0, LAST_WIDEST}};
    static const char *const titles[] = {"", "column", "filled", "", "different", "used for"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        grid_add(&grid, "%s", titles[i]);
    for (size_t i = 0; i < survey->column_count; i++)
        print_column(&grid, survey, i);
    print_title(out, "columns");
    grid_print(&grid, out);
    grid_clear(&grid);
}

/* The codes of a column that feeds a list; none where there are so many that they can be no codes. */
static void print_column_codes(struct grid *grid, const struct survey *survey, size_t index)
{
    const struct tallies *codes = &survey->columns[index].codes;
    if (codes->count == 0 || codes->beyond)
        return;
    struct tallies ordered = tallies_ordered(codes);
    struct text text = {0};
    for (size_t i = 0; i < ordered.count; i++) {
        text_addf(&text, "%s%s ", i ? ", " : "", ordered.items[i].words);
        text_add_count(&text, ordered.items[i].count);
    }
    grid_add(grid, "%s", survey->headings[index]);
    grid_add(grid, "%s", text_string(&text));
    text_clear(&text);
    free(ordered.items);
}

static void print_codes(const struct survey *survey, struct text *out)
{
    struct grid grid = {.shape = "ll", .widest = {40, WORDS_WIDEST}};
    for (size_t i = 0; i < survey->column_count; i++)
        print_column_codes(&grid, survey, i);
    if (grid.count)
        print_title(out, "codes in columns that feed a list, and on how many rows");
    grid_print(&grid, out);
    grid_clear(&grid);
}

void survey_print(const struct survey *survey, struct text *out)
{
    print_rows(survey, out);
    print_repeated(survey, out);
    print_reasons(&survey->stops, "would stop the run", out);
    print_reasons(&survey->left, "left out, because", out);
    print_reasons(&survey->reasons, "rejected, because", out);
    print_reasons(&survey->damages, "damage: what exports and spreadsheets did to values", out);
    print_short_ids(survey, out);
    print_missing(survey, out);
    print_fields(survey, out);
    print_columns(survey, out);
    print_codes(survey, out);
}
