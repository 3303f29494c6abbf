/*
 * bare: what libcsv alone needs to split a file, and nothing is done with its cells. The measure of `make bench`.
 *
 *     bare EXPORT
 *
 * Prints how many records and bytes of cells it met. Exit 1 when the file cannot be read or is no strict CSV.
 */
#include <csv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 256 << 10 };

struct tally {
    unsigned long long records, bytes;
};

static void cell_met(void *bytes, size_t length, void *tally)
{
    (void)bytes;
    ((struct tally *)tally)->bytes += length;
}

static void record_met(int end, void *tally)
{
    (void)end;
    ((struct tally *)tally)->records++;
}

/* False when the file is no strict CSV or cannot be read to its end. */
static bool file_split(FILE *file, struct tally *tally)
{
    static char chunk[CHUNK];
    struct csv_parser parser;
    size_t got;
    bool good = csv_init(&parser, CSV_STRICT) == 0;
    while (good && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        good = csv_parse(&parser, chunk, got, cell_met, record_met, tally) == got;
    good = good && !ferror(file) && csv_fini(&parser, cell_met, record_met, tally) == 0;
    csv_free(&parser);
    return good;
}

int main(int count, char **arguments)
{
    struct tally tally = {0};
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file || !file_split(file, &tally)) {
        fputs("bare: needs one file of strict CSV\n", stderr);
        return EXIT_FAILURE;
    }
    fclose(file);
    printf("%llu records, %llu bytes\n", tally.records, tally.bytes);
    return EXIT_SUCCESS;
}
