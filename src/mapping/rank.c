#include "mapper.h"

/* What a cell is, so that better kinds come after worse ones whichever end is wanted. */
enum rank_kind { RANK_NOTHING, RANK_FIRST, RANK_SECOND };

/* A decimal number cut into its parts, without zeros that say nothing. */
struct decimal {
    bool is_negative;
    struct span whole, fraction;
};

static size_t digits_length(struct span text, size_t from)
{
    size_t at = from;
    while (at < text.length && byte_is_digit(text.bytes[at]))
        at++;
    return at - from;
}

static bool decimal_read(struct span text, struct decimal *out)
{
    size_t at = text.length > 0 && (text.bytes[0] == '-' || text.bytes[0] == '+');
    *out = (struct decimal){.is_negative = at && text.bytes[0] == '-'};
    size_t whole = digits_length(text, at);
    if (whole == 0 || whole > UINT16_MAX)
        return false;
    out->whole = span_part(text, at, whole);
    at += whole;
    if (at < text.length && text.bytes[at] == '.') {
        size_t fraction = digits_length(text, at + 1);
        out->fraction = span_part(text, at + 1, fraction);
        at += 1 + fraction;
    }
    if (at != text.length)
        return false;
    while (out->whole.length && out->whole.bytes[0] == '0')
        out->whole = span_part(out->whole, 1, out->whole.length - 1);
    while (out->fraction.length && out->fraction.bytes[out->fraction.length - 1] == '0')
        out->fraction.length--;
    if (out->whole.length == 0 && out->fraction.length == 0)
        out->is_negative = false;
    return true;
}

static void rank_add(struct text *rank, const char *bytes, size_t length, bool inverted)
{
    text_add_bytes(rank, bytes, length);
    for (size_t i = rank->length - length; inverted && i < rank->length; i++)
        rank->bytes[i] = (char)~rank->bytes[i];
}

/* A number: its sign, how many digits stand before the point, the digits. The greater number has the greater bytes. */
static void rank_add_decimal(struct text *rank, const struct decimal *number, bool inverted)
{
    char sign = number->is_negative ? 0 : 1;
    rank_add(rank, &sign, 1, inverted);
    bool is_turned = inverted != number->is_negative;
    char length[2] = {(char)(number->whole.length >> 8), (char)(number->whole.length & 0xFF)};
    rank_add(rank, length, 2, is_turned);
    rank_add(rank, number->whole.bytes, number->whole.length, is_turned);
    if (number->fraction.length)
        rank_add(rank, number->fraction.bytes, number->fraction.length, is_turned);
    rank_add(rank, "", 1, is_turned);
}

/* 'take': numbers by their size, all text behind the numbers; a row without a value loses to all. */
static void rank_add_take(struct text *rank, const struct cell_view *cell, bool highest)
{
    struct decimal number;
    if (cell->is_empty) {
        text_add_byte(rank, RANK_NOTHING);
    } else if (decimal_read(cell->trimmed, &number)) {
        text_add_byte(rank, highest ? RANK_FIRST : RANK_SECOND);
        rank_add_decimal(rank, &number, !highest);
    } else {
        text_add_byte(rank, highest ? RANK_SECOND : RANK_FIRST);
        rank_add(rank, cell->trimmed.bytes, cell->trimmed.length, !highest);
        rank_add(rank, "", 1, !highest);
    }
}

/* 'order': the first code is the best; one that is not listed loses to all. */
static void rank_add_order(struct text *rank, const struct cell_view *cell,
                           const struct codes *order)
{
    const struct code *code = cell->is_empty ? NULL : codes_find(order, cell->trimmed);
    size_t place = code ? order->count - code->index : 0;
    char bytes[2] = {(char)(place >> 8 & 0xFF), (char)(place & 0xFF)};
    text_add_bytes(rank, bytes, sizeof bytes);
}

void rank_fill(struct mapper *mapper)
{
    const struct mapping *mapping = mapper->mapping;
    struct text *rank = &mapper->row.rank;
    text_reset(rank);
    for (size_t i = 0; i < mapping->prefer_count; i++) {
        const struct prefer *prefer = &mapping->prefer[i];
        const struct cell_view *cell = &mapper->cells[prefer->column];
        if (prefer->by_order)
            rank_add_order(rank, cell, &prefer->order);
        else
            rank_add_take(rank, cell, prefer->takes_highest);
    }
}

void person_fill(struct mapper *mapper)
{
    const struct mapping *mapping = mapper->mapping;
    struct text *person = &mapper->row.person;
    text_reset(person);
    for (size_t i = 0; i < mapping->same_person_count; i++) {
        const struct cell_view *cell = &mapper->cells[mapping->same_person_columns[i]];
        if (cell->is_empty) {
            text_reset(person);
            return;
        }
        uint32_t length = cell->trimmed.length;
        char prefix[4] = {(char)(length >> 24), (char)(length >> 16 & 0xFF),
                          (char)(length >> 8 & 0xFF), (char)(length & 0xFF)};
        text_add_bytes(person, prefix, sizeof prefix);
        text_add_bytes(person, cell->trimmed.bytes, length);
    }
}
