#ifndef OPSPUSH_EXPORT_PATTERN_HEAD_H
#define OPSPUSH_EXPORT_PATTERN_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a text must begin with (or, for a pattern without '^', hold) so that an extended regular expression can match:
 * the first few atoms of it, each a set of bytes, once or repeated. A way to say no without regexec(3), which costs
 * more than reading the record; where the pattern cannot be read so far, nothing is demanded.
 */
enum { HEAD_ATOMS = 12 };

struct head_atom {
    uint64_t set[4]; /* bit n: byte n; bytes over 0x7F stand in it all or not at all */
    bool repeated;   /* as often as it goes */
    bool optional;   /* or not at all */
};

struct pattern_head {
    struct head_atom atoms[HEAD_ATOMS];
    size_t count;
    bool whole;                 /* nothing may stand behind the atoms */
    char holds[HEAD_ATOMS + 1]; /* not anchored: the text must hold this */
};

void pattern_head_read(struct pattern_head *head, const char *pattern);
bool pattern_head_fits(const struct pattern_head *head, const char *bytes, size_t length);

#endif
