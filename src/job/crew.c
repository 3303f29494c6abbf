#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { WORKERS_MAX = 4, BATCHES_EACH = 4, THREADS_FROM_BYTES = 4 << 20 };

/* One who maps: everything that is written to while mapping is their own. */
struct worker {
    struct crew *crew;
    struct mapper *mapper;
    struct export_splitter *splitter;
    struct text folded;
    struct census census;
    pthread_t thread;
};

struct crew {
    struct keys keys;
    struct worker workers[WORKERS_MAX];
    size_t worker_count; /* threads; 0: one worker without a thread */
    struct batch *batches;
    bool *mapped; /* by batch */
    size_t batch_count;
    /* counted from the beginning; the batch is the number modulo batch_count */
    size_t submitted, begun, taken;
    bool is_ending;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* ---------------------------------------------------------------- mapping a batch */

/* The tag of the id in capitals where that is another one: ids that differ in case alone are told. */
static void glance_fold(struct worker *worker, const struct profile_value *id,
                        struct glance *glance)
{
    bool has_small = false;
    for (uint32_t i = 0; i < id->length && !has_small; i++)
        has_small =
            (id->bytes[i] >= 'a' && id->bytes[i] <= 'z') || (unsigned char)id->bytes[i] >= 0x80;
    glance->has_folded = has_small;
    if (!has_small)
        return;
    text_reset(&worker->folded);
    utf8_upper(id->bytes, id->length, &worker->folded);
    person_tag(worker->folded.bytes, worker->folded.length, &worker->crew->keys, &glance->folded);
}

static void map_row(struct worker *worker, struct batch *batch, struct glance *glance)
{
    struct export_record record = {.offset = glance->offset,
                                   .bytes = glance->bytes,
                                   .line = glance->line,
                                   .raw = batch->bytes.bytes + glance->at,
                                   .ended = true};
    export_splitter_split(worker->splitter, &record);
    const struct mapped_row *mapped = mapper_apply(worker->mapper, &record);
    const struct profile_value *id = &mapped->profile.values[FIELD_UNIQUE_ID];
    census_add(&worker->census, &record, mapped);
    glance->verdict = mapped->verdict;
    glance->has_tag = id->state == VALUE_PRESENT && id->length;
    if (glance->has_tag)
        person_tag(id->bytes, id->length, &worker->crew->keys, &glance->tag);
    glance->rank_at = (uint32_t)batch->ranks.length;
    glance->rank_length = (uint32_t)mapped->rank.length;
    if (mapped->rank.length)
        text_add_bytes(&batch->ranks, mapped->rank.bytes, mapped->rank.length);
    if (mapped->verdict != ROW_VALID)
        return;
    profile_digest(&mapped->profile, &worker->crew->keys, &glance->digest);
    glance_fold(worker, id, glance);
}

static void map_batch(struct worker *worker, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        map_row(worker, batch, &batch->rows[i]);
}

static void *work(void *self)
{
    struct worker *worker = self;
    struct crew *crew = worker->crew;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (!crew->is_ending && crew->begun == crew->submitted)
            pthread_cond_wait(&crew->changed, &crew->lock);
        if (crew->is_ending)
            break;
        size_t at = crew->begun++ % crew->batch_count;
        pthread_mutex_unlock(&crew->lock);
        map_batch(worker, &crew->batches[at]);
        pthread_mutex_lock(&crew->lock);
        crew->mapped[at] = true;
        pthread_cond_broadcast(&crew->changed);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* ---------------------------------------------------------------- the crew */

size_t crew_size(uint64_t bytes)
{
    long processors = bytes < THREADS_FROM_BYTES ? 0 : sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 2)
        return 0;
    return processors > WORKERS_MAX ? WORKERS_MAX : (size_t)processors;
}

/* Signals are the main thread's business. A thread that cannot be had leaves the crew smaller. */
static void start_threads(struct crew *crew, size_t wanted)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (crew->worker_count < wanted &&
           pthread_create(&crew->workers[crew->worker_count].thread, NULL, work,
                          &crew->workers[crew->worker_count]) == 0)
        crew->worker_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Its rows are written before they are read. */
static void batch_init(struct batch *batch)
{
    batch->bytes = batch->ranks = (struct text){0};
    batch->count = 0;
}

struct crew *crew_new(const struct mapping *mapping, const struct export *export, struct date today,
                      const struct keys *keys, size_t workers)
{
    struct crew *crew = mem_new(sizeof *crew);
    crew->keys = *keys;
    crew->batch_count = workers ? workers * BATCHES_EACH : 1;
    crew->batches = mem_resize(NULL, crew->batch_count, sizeof *crew->batches);
    for (size_t i = 0; i < crew->batch_count; i++)
        batch_init(&crew->batches[i]);
    crew->mapped = mem_array(crew->batch_count, sizeof *crew->mapped);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    for (size_t i = 0; i < (workers ? workers : 1); i++)
        crew->workers[i] = (struct worker){.crew = crew,
                                           .mapper = mapper_new(mapping, today),
                                           .splitter = export_splitter_new(export)};
    start_threads(crew, workers);
    return crew;
}

struct batch *crew_batch(struct crew *crew)
{
    if (crew->submitted - crew->taken == crew->batch_count)
        return NULL;
    return &crew->batches[crew->submitted % crew->batch_count];
}

void batch_add(struct batch *batch, const struct export_record *record)
{
    struct glance *glance = &batch->rows[batch->count++];
    glance->offset = record->offset;
    glance->bytes = record->bytes;
    glance->line = record->line;
    glance->at = (uint32_t)batch->bytes.length;
    text_add_bytes(&batch->bytes, record->raw, record->bytes);
}

bool batch_is_full(const struct batch *batch)
{
    return batch->count == BATCH_ROWS || batch->bytes.length >= BATCH_BYTES;
}

void crew_submit(struct crew *crew)
{
    size_t at = crew->submitted % crew->batch_count;
    if (!crew->worker_count) {
        map_batch(&crew->workers[0], &crew->batches[at]);
        crew->submitted++;
        crew->mapped[at] = true;
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->submitted++;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

struct batch *crew_take(struct crew *crew)
{
    size_t at = crew->taken % crew->batch_count;
    if (crew->taken == crew->submitted)
        return NULL;
    pthread_mutex_lock(&crew->lock);
    while (!crew->mapped[at])
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    return &crew->batches[at];
}

void crew_release(struct crew *crew)
{
    size_t at = crew->taken % crew->batch_count;
    text_reset(&crew->batches[at].bytes);
    text_reset(&crew->batches[at].ranks);
    crew->batches[at].count = 0;
    crew->mapped[at] = false;
    crew->taken++;
}

void crew_free(struct crew *crew, struct census *census)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->worker_count; i++)
        pthread_join(crew->workers[i].thread, NULL);
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        struct worker *worker = &crew->workers[i];
        census_merge(census, &worker->census);
        mapper_free(worker->mapper);
        export_splitter_free(worker->splitter);
        text_clear(&worker->folded);
    }
    for (size_t i = 0; i < crew->batch_count; i++) {
        text_clear(&crew->batches[i].bytes);
        text_clear(&crew->batches[i].ranks);
    }
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->changed);
    keys_wipe(&crew->keys);
    free(crew->batches);
    free(crew->mapped);
    free(crew);
}
