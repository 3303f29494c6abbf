#include "base/utf8.h"
#include "mapper.h"

/* The cell as rules see it: without blanks around it, nothing where it means nothing, in normal form C. */
static struct span rule_cell(struct mapper *mapper, const struct row_rule *rule)
{
    const struct cell_view *cell = &mapper->cells[rule->column];
    if (cell->is_empty)
        return (struct span){.bytes = "", .ascii = true};
    if (cell->trimmed.ascii || utf8_is_composed(cell->trimmed.bytes, cell->trimmed.length))
        return cell->trimmed;
    text_reset(&mapper->scratch);
    utf8_nfc(cell->trimmed.bytes, cell->trimmed.length, &mapper->scratch);
    return (struct span){.bytes = text_string(&mapper->scratch),
                         .length = (uint32_t)mapper->scratch.length};
}

static enum rule_answer rule_ask_date(struct mapper *mapper, const struct row_rule *rule,
                                      struct span cell)
{
    struct date date;
    if (cell.length == 0)
        return RULE_NO;
    if (!date_read(&rule->dates, cell, mapper->today, &date))
        return RULE_UNREADABLE;
    int order = date_compare(date, &rule->bound, mapper->today);
    return rule->test == RULE_BEFORE ? order < 0 : order > 0;
}

enum rule_answer rule_ask(struct mapper *mapper, const struct row_rule *rule)
{
    if (rule->test == RULE_EMPTY)
        return mapper->cells[rule->column].is_empty == rule->wants_empty;
    struct span cell = rule_cell(mapper, rule);
    switch (rule->test) {
    case RULE_IS:
    case RULE_IN:
        return codes_find(&rule->words, cell) != NULL;
    case RULE_NOT_IN:
        return codes_find(&rule->words, cell) == NULL;
    case RULE_MATCHES:
        return regex_matches(rule->regex, cell.bytes, cell.length);
    case RULE_BEFORE:
    case RULE_AFTER:
        return rule_ask_date(mapper, rule, cell);
    case RULE_EMPTY:
        break;
    }
    return RULE_NO;
}
