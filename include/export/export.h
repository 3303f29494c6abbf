#ifndef OPSPUSH_EXPORT_EXPORT_H
#define OPSPUSH_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

/*
 * Bytes to records. An export is read in two steps so that a record seen before need not be parsed: 'export_next' finds
 * where the next record stands (a scan for quotes and line ends), 'export_split' decodes it and gives it to libcsv.
 * Nothing here knows what a column means.
 */

enum export_encoding {
    ENCODING_UTF_8,
    ENCODING_WINDOWS_1252,
    ENCODING_ISO_8859_1,
    ENCODING_UTF_16LE,
    ENCODING_UTF_16BE
};
enum { ENCODING_COUNT = ENCODING_UTF_16BE + 1 };

const char *encoding_name(enum export_encoding encoding); /* as the mapping writes it */

struct export_dialect {
    enum export_encoding encoding;
    char delimiter; /* ',' ';' '|' or '\t' */
    const char *const
        *not_rows; /* POSIX ERE, searched in the raw record (decoded, without its line end) */
    size_t not_rows_count;
};

/* Ceilings of a file that is read: a cell's bytes (in UTF-16 its units, of two bytes each), a record's bytes, its cells. */
enum { EXPORT_CELL_MAX = 65536, EXPORT_RECORD_MAX = 1 << 20, EXPORT_COLUMNS_MAX = 4096 };

/* What is wrong with one record. The file goes on; the row is rejected. */
enum record_damage {
    RECORD_SOUND,
    RECORD_RAGGED,      /* other number of cells than the heading */
    RECORD_UNDECODABLE, /* bytes that the declared encoding does not have */
    RECORD_NUL,
    RECORD_CONTROL, /* a control character other than tab, LF, CR inside a quoted cell; bidi controls; DEL; C1 */
    RECORD_QUOTE /* a quote inside an unquoted cell, text behind a closing quote */
};

struct export_cell {
    const char
        *bytes; /* UTF-8, unquoted, not trimmed; lent until the next split of the same export */
    uint32_t length;
    bool quoted;
    bool ascii; /* its bytes are all below 0x80; false where nobody looked */
};

struct export_record {
    uint64_t offset; /* of its first byte in the file */
    uint32_t bytes;  /* with its line end */
    uint32_t line;   /* 1-based physical line where it starts */
    const char *raw; /* as in the file; lent until the next call */
    bool ended;      /* has its line end (or is the last, complete one) */
    /* set by export_split */
    const struct export_cell *cells;
    size_t cell_count;
    enum record_damage damage;
    size_t damage_cell; /* 0-based cell of the damage, where known */
    char damage_text
        [160]; /* what is wrong: "NUL byte in column 3 (CITY), line 12, byte 17"; no value */
};

struct export;

/* What is known of the file as a whole; complete after the last record was read. */
struct export_facts {
    char path[1024]; /* as shown; "-" for standard input */
    uint64_t bytes;
    int64_t modified_ms; /* wall clock; 0 for standard input */
    char digest[65];     /* BLAKE2b of all bytes, hex (set after the last record) */
    uint64_t records; /* data records given by export_next (without heading, noise, blank lines) */
    uint64_t noise;   /* records that not_rows took, with repeated headings */
    long feedback_rows; /* the count that a line such as "12,845 rows selected." states; -1: none */
    bool bom;
    char line_end[3]; /* of the heading: "\n", "\r\n" or "\r" */
};

/*
 * Words of faults begin with the path, and the line where there is one: "students.csv:17: ...".
 *
 * Opens a regular file, or standard input for "-" (spooled to a private, unlinked file in 'spool_folder' so that it can be read
 * twice), checks signatures (workbook, archive), BOM against the declared encoding, and reads the heading. FAULT_INPUT
 * for all that makes the file unreadable as declared: missing, a folder, empty, heading only is found at the end.
 */
struct export *export_open(const char *path, const char *spool_folder,
                           const struct export_dialect *dialect, struct fault *fault) MUST_CHECK;
void export_close(struct export *export);

const struct export_record *
export_heading(const struct export *export); /* split; lent; strings trimmed, BOM gone */
/*
 * The next data record: 1, 0 at the end, -1 a fault (FAULT_INPUT: an unterminated quote with the line where it opened, a truncated last
 * record, ceilings, the file changed while it was read, feedback count unlike the records, no data record at all).
 * Blank lines, noise and repetitions of the heading are passed over and counted.
 */
int export_next(struct export *export, struct export_record *record,
                struct fault *fault) MUST_CHECK;
/*
 * Decodes and splits; before the next export_next, which takes 'raw' away. Damage is told in the record, it is no fault.
 * A sound record has as many cells as the heading: an empty one too many at its end is dropped, and one too few where
 * the heading's last is empty is added. A damaged one has what could be read: with RECORD_QUOTE the cells before the
 * damage; undecodable bytes are U+FFFD in them.
 */
void export_split(struct export *export, struct export_record *record);
/*
 * A splitter of one's own, for a second reader of the same export's records (another thread): what it gives is lent
 * until its next split. The export must outlive it; nothing of the export is changed.
 */
struct export_splitter;
struct export_splitter *export_splitter_new(const struct export *export);
void export_splitter_free(struct export_splitter *splitter);
void export_splitter_split(struct export_splitter *splitter, struct export_record *record);
/*
 * Reads one record again by its place (offset, bytes, line as given before) and splits it. Its raw bytes and cells are
 * lent until the next export_reread; those of export_split stay as they are.
 */
int export_reread(struct export *export, uint64_t offset, uint32_t bytes, uint32_t line,
                  struct export_record *record, struct fault *fault) MUST_CHECK;
const struct export_facts *export_facts(const struct export *export);
/* Fails (FAULT_INPUT) when the file is no longer the one that was opened and read (size, times, inode). */
int export_check_unchanged(struct export *export, struct fault *fault) MUST_CHECK;
/* The raw heading record with its line end and BOM as in the file, for rejects.csv. Lent. */
const struct text *export_raw_heading(const struct export *export);

/* Encodes UTF-8 for the export's encoding (rejects.csv's own ASCII cells in UTF-16 files); appends. */
void export_encode(enum export_encoding encoding, const char *bytes, size_t length,
                   struct text *out);

/*
 * What a file seems to be, for 'suggest' and for messages: BOM, UTF-16 by its NULs, valid UTF-8, otherwise
 * windows-1252; the delimiter that splits the heading into most cells. Lines that 'not_rows' takes tell nothing about it.
 */
enum { EXPORT_GUESS_PATTERNS_MAX = 20 };
struct export_guess {
    enum export_encoding encoding;
    char delimiter;
    bool certain; /* of the encoding: a BOM, or non-ASCII UTF-8, or pure ASCII */
    /* for a dialect: what tools print between rows, then the file's own titles above the heading and footers below the rows */
    const char *not_rows[EXPORT_GUESS_PATTERNS_MAX];
    size_t not_rows_count;
    size_t own_count;     /* of the last of them, those made from lines of this file */
    struct text patterns; /* keeps them */
};
/* Clear the guess afterwards, also when it failed. */
int export_guess(const char *path, struct export_guess *guess, struct fault *fault) MUST_CHECK;
void export_guess_clear(struct export_guess *guess);

/* Appends the name and version of the library behind this room. */
void export_versions(struct text *out);

#endif
