#include "queue.h"

#include <stdlib.h>

#include "base/memory.h"

void work_free(struct work *work)
{
    if (!work)
        return;
    if (work->body.bytes)
        mem_wipe(work->body.bytes, work->body.capacity);
    text_clear(&work->body);
    free(work);
}

/* ---------------------------------------------------------------- queue */

/* The place of the n-th from the front. */
static size_t place(const struct queue *queue, size_t n)
{
    size_t at = queue->head + n;
    return at < queue->capacity ? at : at - queue->capacity;
}

static void queue_grow(struct queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : 64;
    struct work **items = mem_array(capacity, sizeof(struct work *));
    for (size_t i = 0; i < queue->count; i++)
        items[i] = queue->items[place(queue, i)];
    free(queue->items);
    *queue = (struct queue){.items = items, .count = queue->count, .capacity = capacity};
}

void queue_push(struct queue *queue, struct work *work)
{
    if (queue->count == queue->capacity)
        queue_grow(queue);
    queue->items[place(queue, queue->count++)] = work;
}

struct work *queue_first(const struct queue *queue)
{
    return queue->count ? queue->items[queue->head] : NULL;
}

struct work *queue_pop(struct queue *queue)
{
    struct work *first = queue_first(queue);
    if (!first)
        return NULL;
    queue->head = place(queue, 1);
    queue->count--;
    return first;
}

void queue_clear(struct queue *queue)
{
    while (queue->count)
        work_free(queue_pop(queue));
    free(queue->items);
    *queue = (struct queue){0};
}

/* ---------------------------------------------------------------- heap */

static bool comes_before(const struct work *a, const struct work *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static void heap_swap(struct heap *heap, size_t a, size_t b)
{
    struct work *kept = heap->items[a];
    heap->items[a] = heap->items[b];
    heap->items[b] = kept;
}

void heap_push(struct heap *heap, struct work *work)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity ? heap->capacity * 2 : 64;
        heap->items = mem_resize(heap->items, heap->capacity, sizeof(struct work *));
    }
    size_t at = heap->count++;
    heap->items[at] = work;
    for (; at && comes_before(heap->items[at], heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        heap_swap(heap, at, (at - 1) / 2);
}

struct work *heap_first(const struct heap *heap)
{
    return heap->count ? heap->items[0] : NULL;
}

struct work *heap_pop(struct heap *heap)
{
    struct work *first = heap_first(heap);
    if (!first)
        return NULL;
    heap->items[0] = heap->items[--heap->count];
    for (size_t at = 0, child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && comes_before(heap->items[child + 1], heap->items[child]))
            child++;
        if (!comes_before(heap->items[child], heap->items[at]))
            break;
        heap_swap(heap, at, child);
    }
    return first;
}

void heap_clear(struct heap *heap)
{
    while (heap->count)
        work_free(heap->items[--heap->count]);
    free(heap->items);
    *heap = (struct heap){0};
}
