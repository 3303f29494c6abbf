/* The structure of a JSON text: objects, arrays, what stands between values, and how to go on after a fault. */
#include "scan.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { FAULTS_MOST = 200, NAMED_MOST = 40 };

static const size_t NOWHERE = (size_t)-1;

void scan_stop(struct scan *scan)
{
    scan->stopped = true;
    scan->at = scan->length;
}

static void scan_note(struct scan *scan, size_t start, size_t length, const char *why,
                      const char *hint, bool named)
{
    if (scan->stopped) {
        return;
    }
    scan->faults++;
    scan->why = scan->why ? scan->why : why;
    if (scan->relaxed) {
        struct text words = {0};
        text_add(&words, why);
        if (named) {
            text_add(&words, ": ");
            utf8_add_clean(&words, scan->source->bytes + start, length, NAMED_MOST);
        }
        problems_add(scan->problems, true, scan->name, scan->source, start, length, hint, "%s",
                     words.bytes);
        text_clear(&words);
    }
    if (scan->faults == FAULTS_MOST) {
        problems_add(scan->problems, true, scan->name, NULL, 0, 0, NULL,
                     "too many errors; the rest was not read");
    }
    if (!scan->relaxed || scan->faults == FAULTS_MOST) {
        scan_stop(scan);
    }
}

void scan_fault(struct scan *scan, size_t start, size_t length, const char *why, const char *hint)
{
    scan_note(scan, start, length, why, hint, false);
}

void scan_fault_named(struct scan *scan, size_t start, size_t length, const char *why,
                      const char *hint)
{
    scan_note(scan, start, length, why, hint, true);
}

/* Where the line ends that 'at' is in. */
static size_t line_end(const struct scan *scan, size_t at)
{
    while (at < scan->length && scan->bytes[at] != '\n' && scan->bytes[at] != '\r') {
        at++;
    }
    return at;
}

/* Behind the end of a block comment, or NOWHERE. */
static size_t comment_end(const struct scan *scan, size_t at)
{
    for (; at + 1 < scan->length; at++) {
        if (scan->bytes[at] == '*' && scan->bytes[at + 1] == '/') {
            return at + 2;
        }
    }
    return NOWHERE;
}

/* Overwrites a comment with blanks and steps over it; false when none stands here. */
static bool comment_skip(struct scan *scan)
{
    const char *bytes = scan->bytes + scan->at;
    size_t start = scan->at;
    size_t end;
    if (!scan->relaxed) {
        return false;
    }
    if (bytes[0] == '#') {
        end = line_end(scan, start);
        scan_fault(scan, start, 1, "this is no comment", "a comment begins with //");
    } else if (bytes[1] == '/') {
        end = line_end(scan, start);
    } else if (bytes[1] == '*') {
        end = comment_end(scan, start + 2);
        if (end == NOWHERE) {
            scan_fault(scan, start, 2, "this comment has no end", "it ends with */");
            end = scan->length;
        }
    } else {
        return false;
    }
    memset(scan->bytes + start, ' ', end - start);
    scan->at = scan->stopped ? scan->length : end;
    return true;
}

static bool byte_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* The next byte that is neither blank nor comment, or SCAN_END. */
static int scan_peek(struct scan *scan)
{
    while (scan->at < scan->length) {
        char byte = scan->bytes[scan->at];
        if (byte_is_blank(byte)) {
            scan->at++;
        } else if ((byte != '/' && byte != '#') || !comment_skip(scan)) {
            return (unsigned char)byte;
        }
    }
    return SCAN_END;
}

struct span {
    size_t start, length;
};

static size_t place_append(struct scan *scan, struct span key)
{
    if (scan->count == scan->capacity) {
        scan->capacity = scan->capacity ? 2 * scan->capacity : 32;
        scan->places = mem_resize(scan->places, scan->capacity, sizeof *scan->places);
    }
    scan->places[scan->count] =
        (struct place){.start = scan->at, .key_start = key.start, .key_length = key.length};
    return scan->count++;
}

/* A comma that nothing follows but the closing bracket: a blank in the relaxed reading. */
static void comma_last(struct scan *scan, size_t comma)
{
    if (comma == NOWHERE) {
        return;
    }
    if (scan->relaxed) {
        scan->bytes[comma] = ' ';
    } else {
        scan_fault(scan, comma, 1, "a comma before a closing bracket", NULL);
    }
}

/* Steps over the comma behind a member or element and says where it was; notes one that is missing. */
static size_t comma_skip(struct scan *scan)
{
    size_t end = scan->at;
    int next = scan_peek(scan);
    if (next == ',') {
        return scan->at++;
    }
    if (next != '}' && next != ']' && next != SCAN_END) {
        scan_fault(scan, end - 1, 1, "a comma is missing behind this", NULL);
    }
    return NOWHERE;
}

static void scan_value(struct scan *scan, int depth, struct span key);

/* A key with its colon and its value; at least one byte is stepped over, or a comma comes next. */
static void scan_member(struct scan *scan, int next, int depth)
{
    struct span key = {scan->at, 0};
    if (next == '"') {
        scan_string(scan);
        key.length = scan->at - key.start;
    } else if (next == ',' || next == ':' || next == '{' || next == '[') {
        scan_fault(scan, scan->at, 1, "a key is missing here", NULL);
    } else {
        scan_bare_key(scan);
    }
    int behind = scan_peek(scan);
    if (behind == ':') {
        scan->at++;
    } else if (key.length > 0) {
        scan_fault(scan, key.start, key.length, "a colon is missing behind this key", NULL);
    }
    if (behind != ',' && behind != '}' && behind != ']' && behind != SCAN_END) {
        scan_value(scan, depth, key);
    }
}

/*
 * A bracket that does not fit the innermost open one: it closes an outer one, or is one too many and stepped over.
 * True when the value that began at 'open' ends here, also because the text does.
 */
static bool bracket_ends(struct scan *scan, size_t open, int next, int outer, const char *why)
{
    if (next != SCAN_END && outer == 0) {
        scan_fault(scan, scan->at++, 1, "this bracket closes nothing", NULL);
        return false;
    }
    scan_fault(scan, open, 1, why, NULL);
    if (next == SCAN_END) {
        scan_stop(scan);
    }
    return true;
}

static void scan_object(struct scan *scan, int depth)
{
    size_t open = scan->at++;
    size_t comma = NOWHERE;
    scan->open_objects++;
    for (int next; (next = scan_peek(scan)) != '}';) {
        if (next == SCAN_END || next == ']') {
            if (bracket_ends(scan, open, next, scan->open_arrays, "this object is not closed")) {
                break;
            }
        } else {
            scan_member(scan, next, depth);
            comma = comma_skip(scan);
        }
    }
    scan->open_objects--;
    if (scan_peek(scan) == '}') {
        comma_last(scan, comma);
        scan->at++;
    }
}

static void scan_array(struct scan *scan, int depth)
{
    size_t open = scan->at++;
    size_t comma = NOWHERE;
    scan->open_arrays++;
    for (int next; (next = scan_peek(scan)) != ']';) {
        if (next == SCAN_END || next == '}') {
            if (bracket_ends(scan, open, next, scan->open_objects, "this array is not closed")) {
                break;
            }
        } else {
            scan_value(scan, depth, (struct span){0});
            comma = comma_skip(scan);
        }
    }
    scan->open_arrays--;
    if (scan_peek(scan) == ']') {
        comma_last(scan, comma);
        scan->at++;
    }
}

/* One value; nothing is stepped over when a comma or a closing bracket stands in its stead. */
static void scan_value(struct scan *scan, int depth, struct span key)
{
    int next = scan_peek(scan);
    size_t index = place_append(scan, key);
    size_t start = scan->at;
    if ((next == '{' || next == '[') && depth == scan->max_depth) {
        scan_fault(scan, start, 1, "nested too deeply", "what stands behind this was not read");
        scan_stop(scan);
    } else if (next == '{') {
        scan_object(scan, depth + 1);
    } else if (next == '[') {
        scan_array(scan, depth + 1);
    } else if (next == '"') {
        scan_string(scan);
    } else if (next == ',' || next == '}' || next == ']' || next == SCAN_END) {
        scan_fault(scan, start, 1, "a value is missing here", NULL);
    } else {
        scan_word(scan);
    }
    scan->places[index].length = scan->at - start;
    scan->places[index].subtree = scan->count - index;
    if (next == '{') {
        scan_keys(scan, index);
    }
}

/* Notes each run of bytes that is not UTF-8. */
static void scan_encoding(struct scan *scan)
{
    size_t at = 0;
    while (!scan->stopped) {
        at += utf8_valid_prefix(scan->bytes + at, scan->length - at);
        if (at == scan->length) {
            return;
        }
        scan_fault(scan, at, 1, "this is not UTF-8", "save the file as UTF-8");
        at++;
    }
}

int scan_text(struct scan *scan)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (scan->relaxed && strncmp(scan->bytes, byte_order_mark, 3) == 0) {
        memset(scan->bytes, ' ', 3);
    }
    scan_encoding(scan);
    if (!scan->stopped && scan_peek(scan) == SCAN_END) {
        scan_fault(scan, scan->length, 0, "there is nothing in this text", NULL);
        scan_stop(scan);
    }
    if (!scan->stopped) {
        scan_value(scan, 0, (struct span){0});
    }
    if (scan_peek(scan) != SCAN_END) {
        scan_fault(scan, scan->at, 1, "text after the end", "one value is all that a file holds");
    }
    return scan->faults ? -1 : 0;
}
