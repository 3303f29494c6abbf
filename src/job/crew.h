#ifndef OPSPUSH_SRC_JOB_CREW_H
#define OPSPUSH_SRC_JOB_CREW_H

#include "base/digest.h"
#include "base/text.h"
#include "census.h"
#include "mapping/mapping.h"

/*
 * Maps and digests records ahead of the plan, in batches, on the processors there are, and gives them back in the order of the file. What
 * it finds of a row is a glance: enough for a row that is as it was delivered, or new; every other row is looked at again by whoever
 * takes the batch.
 */

enum { BATCH_ROWS = 512, BATCH_BYTES = 128 << 10 };

struct glance {
    uint64_t offset;
    uint32_t bytes, line;
    uint32_t at;      /* of the raw record in the batch's bytes */
    uint32_t rank_at; /* of its rank in the batch's ranks */
    uint32_t rank_length;
    enum row_verdict verdict;
    bool has_tag, has_folded;
    struct digest tag, digest, folded;
};

struct batch {
    struct text bytes, ranks;
    struct glance rows[BATCH_ROWS];
    size_t count;
};

struct crew;

/* 'workers' threads; 0 maps each batch where it is submitted. The bound mapping and the export must outlive the crew. */
struct crew *crew_new(const struct mapping *mapping, const struct export *export, struct date today,
                      const struct keys *keys, size_t workers);
/* An empty batch to fill, or NULL while all are under way: take one first. */
struct batch *crew_batch(struct crew *crew);
void batch_add(struct batch *batch, const struct export_record *record);
bool batch_is_full(const struct batch *batch);
void crew_submit(struct crew *crew);
/* The oldest submitted batch, when it is mapped; NULL when there is none. Lent until crew_release. */
struct batch *crew_take(struct crew *crew);
void crew_release(struct crew *crew);
/* Ends the threads and adds what they counted to 'census'. */
void crew_free(struct crew *crew, struct census *census);
/* How many workers suit a file of so many bytes on this machine. */
size_t crew_size(uint64_t bytes);

#endif
