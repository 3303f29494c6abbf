#include "split.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { PARSER_BLOCK = 4096, WORD = sizeof(uint64_t), GUARD_MASK = 0xFF };

static void *parser_resize(void *old, size_t bytes)
{
    return mem_resize(old, bytes, 1);
}

static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

void splitter_init(struct splitter *splitter, enum export_encoding encoding, char delimiter)
{
    *splitter = (struct splitter){.encoding = encoding, .delimiter = delimiter};
    splitter->cells = mem_resize(NULL, EXPORT_COLUMNS_MAX + 1, sizeof *splitter->cells);
    int failed = csv_init(&splitter->parser, CSV_STRICT | CSV_STRICT_FINI);
    assert(!failed);
    (void)failed;
    csv_set_delim(&splitter->parser, (unsigned char)delimiter);
    csv_set_space_func(&splitter->parser, no_space);
    csv_set_realloc_func(&splitter->parser, parser_resize);
    csv_set_blk_size(&splitter->parser, PARSER_BLOCK);
}

void splitter_clear(struct splitter *splitter)
{
    csv_free(&splitter->parser);
    text_clear(&splitter->decoded);
    text_clear(&splitter->unquoted);
    free(splitter->cells);
    splitter->cells = NULL;
}

static void cell_add(struct splitter *splitter, const char *bytes, size_t length, bool quoted,
                     bool ascii)
{
    if (splitter->cell_count <= EXPORT_COLUMNS_MAX)
        splitter->cells[splitter->cell_count++] =
            (struct export_cell){bytes, (uint32_t)length, quoted, ascii};
}

/* ---------------------------------------------------------------- eight bytes at a time */

static const uint64_t ONES = UINT64_C(0x0101010101010101);
static const uint64_t HIGHS = UINT64_C(0x8080808080808080);

static uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, WORD);
    return le64toh(word);
}

/* The high bit of each byte that is zero, and of no other. */
static uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & ~HIGHS) + ~HIGHS) | word | ~HIGHS);
}

/* Not zero when some byte is; which one it is cannot be told from it. */
static uint64_t any_zero_byte(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

/* Not zero when some byte is below 0x20. */
static uint64_t any_below_blank(uint64_t word)
{
    return (word - 0x20 * ONES) & ~word & HIGHS;
}

/* The high bits of a word's bytes as eight bits, the first byte's lowest. */
static unsigned high_bits(uint64_t word)
{
    return (unsigned)((word >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* For each of eight bits, whether an odd number of bits is set up to it. */
static unsigned odd_so_far(unsigned bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    return bits & 0xFF;
}

/* What the bytes of a record tell; each is zero or not. */
struct word_marks {
    uint64_t high, control;
    unsigned astray;  /* a quote elsewhere than at an edge of its cell */
    unsigned doubled; /* a doubled quote in a quoted cell */
    unsigned guard;   /* an equals sign before a quote */
};

static void note_characters(struct word_marks *marks, uint64_t word, uint64_t delimiters)
{
    marks->high |= word & HIGHS;
    marks->control |= any_below_blank(word | delimiters >> 1) | any_zero_byte(word ^ 0x7F * ONES);
}

/* Where the quotes stand, from word to word. */
struct quote_run {
    unsigned quoted; /* all eight bits, or none: a quote is open */
    unsigned closed; /* the last byte closed one */
};

/*
 * Looks at a word that holds a quote, or at one behind it; returns which of its bytes are quoted. Every other quote
 * opens; where one opens right behind one that closed, the two are a doubled quote. That is so up to the first wrong
 * quote, and libcsv goes no further. 'before' is the byte before the word.
 */
static unsigned look_at_quotes(struct quote_run *run, struct word_marks *marks, uint64_t word,
                               unsigned delimiters, char before, char delimiter)
{
    unsigned quotes = high_bits(zero_bytes(word ^ '"' * ONES));
    unsigned equals = high_bits(zero_bytes(word ^ '=' * ONES));
    unsigned quoted = odd_so_far(quotes) ^ run->quoted;
    unsigned opening = quotes & quoted, closing = quotes & ~quoted;
    marks->guard |= quotes & (equals << 1 | (before == '='));
    marks->doubled |= opening & (closing << 1 | run->closed);
    marks->astray |= opening & ~(delimiters << 1 | (before == delimiter));
    marks->astray |= (closing << 1 | run->closed) & ~delimiters & 0xFF;
    run->quoted = quoted & 0x80 ? 0xFF : 0;
    run->closed = closing >> 7;
    return quoted;
}

static void cell_cut(struct splitter *splitter, const char *bytes, size_t length, bool ascii)
{
    bool quoted = *bytes == '"';
    cell_add(splitter, bytes + quoted, length - 2 * (size_t)quoted, quoted, ascii);
}

/*
 * Cuts 'decoded' at each delimiter that is not quoted, as libcsv does; but where quotes are astray, that is libcsv's
 * to do. Behind the text a delimiter is put, which cuts off the last cell, and neutral bytes that fill the word.
 */
static struct word_marks cut_cells(struct splitter *splitter)
{
    char *bytes = splitter->decoded.bytes, delimiter = splitter->delimiter;
    size_t length = splitter->decoded.length, start = 0;
    uint64_t delimiters = (unsigned char)delimiter * ONES;
    struct word_marks marks = {0};
    struct quote_run run = {0};
    unsigned high = 0; /* of the bytes of the cell at hand */
    memset(bytes + length, '.', WORD);
    bytes[length] = delimiter;
    splitter->cell_count = 0;
    for (size_t at = 0; at <= length; at += WORD) {
        uint64_t word = word_at(bytes + at);
        uint64_t found = zero_bytes(word ^ delimiters);
        unsigned cuts = high_bits(found), highs = high_bits(word & HIGHS);
        note_characters(&marks, word, found);
        if (any_zero_byte(word ^ '"' * ONES) | run.quoted | run.closed)
            cuts &= ~look_at_quotes(&run, &marks, word, cuts, at ? bytes[at - 1] : delimiter,
                                    delimiter);
        for (; cuts && !marks.astray; cuts &= cuts - 1) {
            size_t cut = at + (size_t)__builtin_ctz(cuts);
            unsigned before = (cuts & -cuts) - 1;
            cell_cut(splitter, bytes + start, cut - start, !(high | (highs & before)));
            start = cut + 1;
            highs &= ~before;
            high = 0;
        }
        high |= highs;
    }
    marks.astray |= run.quoted;
    return marks;
}

/* ---------------------------------------------------------------- by libcsv */

/*
 * Spreadsheets are kept from spoiling a number by ="000123": a quote inside an unquoted cell, which strict reading
 * refuses. The cell that is exactly that is taken as it stands: its two quotes are masked by a byte that UTF-8 does
 * not have, and put back in the cell.
 */
static size_t guard_end(const struct splitter *splitter, size_t start)
{
    const char *bytes = splitter->decoded.bytes;
    size_t length = splitter->decoded.length;
    if (length - start < 3 || bytes[start] != '=' || bytes[start + 1] != '"')
        return 0;
    for (size_t at = start + 2; at < length && bytes[at] != splitter->delimiter; at++)
        if (bytes[at] == '"')
            return at + 1 == length || bytes[at + 1] == splitter->delimiter ? at + 1 : 0;
    return 0;
}

/* Where the cell that begins at 'start' ends; the text's end when its quotes are damaged. */
static size_t cell_end(const struct splitter *splitter, size_t start)
{
    const char *bytes = splitter->decoded.bytes;
    size_t at = start, length = splitter->decoded.length;
    if (at < length && bytes[at] == '"')
        for (at++; at < length; at++)
            if (bytes[at] == '"' && (++at == length || bytes[at] != '"'))
                break;
    const char *cut = at < length ? memchr(bytes + at, splitter->delimiter, length - at) : NULL;
    return cut ? (size_t)(cut - bytes) : length;
}

static bool mask_guards(struct splitter *splitter)
{
    char *bytes = splitter->decoded.bytes;
    bool masked = false;
    for (size_t start = 0; start < splitter->decoded.length;) {
        size_t end = guard_end(splitter, start);
        if (end) {
            bytes[start + 1] = bytes[end - 1] = (char)(unsigned char)GUARD_MASK;
            masked = true;
        } else {
            end = cell_end(splitter, start);
        }
        start = end + 1;
    }
    return masked;
}

static void unmask_guards(struct splitter *splitter)
{
    char *bytes = splitter->decoded.bytes;
    for (size_t i = 0; i < splitter->decoded.length; i++)
        if ((unsigned char)bytes[i] == GUARD_MASK)
            bytes[i] = '"';
}

static size_t count_quotes(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += bytes[i] == '"';
    return count;
}

/* libcsv's value of the cell at 'cursor', taken over; 'marks' are the bytes of the cell that are not its value. */
static const char *take_value(struct splitter *splitter, const char *bytes, size_t length,
                              bool quoted, size_t *marks)
{
    const char *stands = splitter->decoded.bytes + splitter->cursor + quoted;
    char *to = splitter->unquoted.bytes + splitter->unquoted.length;
    bool masked = !quoted && length > 2 && (unsigned char)bytes[1] == GUARD_MASK;
    *marks = quoted ? 2 : 0;
    if (!masked && (!quoted || !splitter->doubled || length == 0))
        return stands;
    memcpy(to, bytes, length);
    if (masked)
        to[1] = to[length - 1] = '"';
    else
        *marks += count_quotes(to, length);
    splitter->unquoted.length += length;
    return to;
}

/* libcsv's call for each cell. */
static void take_cell(void *bytes, size_t length, void *self)
{
    struct splitter *splitter = self;
    size_t marks;
    bool quoted = splitter->cursor < splitter->decoded.length &&
                  splitter->decoded.bytes[splitter->cursor] == '"';
    const char *value = take_value(splitter, bytes, length, quoted, &marks);
    splitter->cursor += length + marks + 1;
    cell_add(splitter, value, length, quoted, false);
}

/* libcsv does not begin anew by itself after an error. */
static void parser_reset(struct csv_parser *parser)
{
    csv_set_opts(parser, 0);
    int failed = csv_fini(parser, NULL, NULL, NULL);
    assert(!failed);
    (void)failed;
    csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI);
}

static void split_by_libcsv(struct splitter *splitter, const struct word_marks *words,
                            struct split_marks *marks)
{
    struct csv_parser *parser = &splitter->parser;
    const struct text *decoded = &splitter->decoded;
    splitter->cell_count = splitter->cursor = 0;
    text_reset(&splitter->unquoted);
    text_reserve(&splitter->unquoted, decoded->length);
    if (decoded->length == 0)
        cell_add(splitter, decoded->bytes, 0, false, true);
    splitter->doubled = words->doubled != 0;
    bool masked = words->guard && mask_guards(splitter);
    size_t parsed = csv_parse(parser, decoded->bytes, decoded->length, take_cell, NULL, splitter);
    if (parsed < decoded->length || csv_fini(parser, take_cell, NULL, splitter) < 0) {
        marks->refused = true;
        marks->refused_at = parsed < decoded->length ? parsed : splitter->cursor;
        parser_reset(parser);
    }
    if (masked)
        unmask_guards(splitter);
}

/* ---------------------------------------------------------------- a record */

void splitter_decode(struct splitter *splitter, const char *raw, size_t bytes)
{
    splitter->undecodable = encoding_decode(splitter->encoding, raw, bytes, &splitter->decoded);
    text_reserve(&splitter->decoded, WORD);
}

static struct split_marks split(struct splitter *splitter, const char *raw, size_t bytes,
                                bool by_libcsv)
{
    splitter_decode(splitter, raw, bytes);
    struct word_marks words = cut_cells(splitter);
    struct split_marks marks = {.high = words.high != 0, .control = words.control != 0};
    if (words.astray || by_libcsv)
        split_by_libcsv(splitter, &words, &marks);
    return marks;
}

struct split_marks splitter_split(struct splitter *splitter, const char *raw, size_t bytes)
{
    return split(splitter, raw, bytes, false);
}

struct split_marks splitter_split_by_libcsv(struct splitter *splitter, const char *raw,
                                            size_t bytes)
{
    return split(splitter, raw, bytes, true);
}
