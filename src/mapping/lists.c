#include "lists.h"

#include <stdlib.h>

/* The parts of a code; 0 when there are more than a shape can tell apart. */
static size_t list_split(struct span code, struct span parts[LIST_PARTS_MAX])
{
    size_t count = 0, from = 0;
    for (size_t at = 0; at <= code.length; at++) {
        if (at < code.length && code.bytes[at] != ',')
            continue;
        if (count == LIST_PARTS_MAX)
            return 0;
        parts[count++] = span_part(code, from, at - from);
        from = at + 1;
    }
    return count;
}

static struct list_shape list_shape(struct span code)
{
    struct span parts[LIST_PARTS_MAX];
    struct list_shape shape = {.parts = (unsigned)list_split(code, parts)};
    for (unsigned i = 0; i < shape.parts; i++) {
        if (span_is(parts[i], "*"))
            shape.open |= 1U << i;
    }
    return shape;
}

static int open_count(struct list_shape shape)
{
    return __builtin_popcount(shape.open);
}

static bool list_has_shape(const struct code_list *list, struct list_shape shape)
{
    for (size_t i = 0; i < list->shape_count; i++) {
        if (list->shapes[i].parts == shape.parts && list->shapes[i].open == shape.open)
            return true;
    }
    return false;
}

static void list_insert_shape(struct code_list *list, struct list_shape shape)
{
    size_t at = list->shape_count++;
    for (; at > 0 && open_count(list->shapes[at - 1]) > open_count(shape); at--)
        list->shapes[at] = list->shapes[at - 1];
    list->shapes[at] = shape;
}

enum list_addition list_add(struct code_list *list, struct span code, struct span gives)
{
    if (span_is(code, "*")) {
        list->has_fallback = true;
        return codes_add(&list->codes, code, gives) ? LIST_ADDED : LIST_TWICE;
    }
    struct list_shape shape = list_shape(code);
    if (shape.open && !list_has_shape(list, shape)) {
        if (list->shape_count == LIST_SHAPES_MAX)
            return LIST_TOO_MANY_SHAPES;
        list_insert_shape(list, shape);
    }
    return codes_add(&list->codes, code, gives) ? LIST_ADDED : LIST_TWICE;
}

/* The code with "*" in its open parts, as the list would have it. */
static struct span list_opened(struct span code, const struct span *parts, struct list_shape shape,
                               struct arena *arena)
{
    char *bytes = arena_take(arena, code.length + shape.parts), *end = bytes;
    for (unsigned i = 0; i < shape.parts; i++) {
        if (i)
            *end++ = ',';
        struct span part =
            shape.open >> i & 1U ? (struct span){.bytes = "*", .length = 1} : parts[i];
        memcpy(end, part.bytes, part.length);
        end += part.length;
    }
    return (struct span){.bytes = bytes, .length = (uint32_t)(end - bytes)};
}

static const struct code *list_find_open(const struct code_list *list, struct span code,
                                         struct arena *arena)
{
    struct span parts[LIST_PARTS_MAX];
    size_t count = list_split(code, parts);
    for (size_t i = 0; i < list->shape_count; i++) {
        if (list->shapes[i].parts != count)
            continue;
        const struct code *found =
            codes_find(&list->codes, list_opened(code, parts, list->shapes[i], arena));
        if (found)
            return found;
    }
    return NULL;
}

const struct code *list_find(const struct code_list *list, struct span code, struct arena *arena)
{
    const struct code *found = codes_find(&list->codes, code);
    if (!found && list->shape_count)
        found = list_find_open(list, code, arena);
    if (!found && list->has_fallback)
        found = codes_find(&list->codes, (struct span){.bytes = "*", .length = 1});
    return found;
}

void list_clear(struct code_list *list)
{
    free(list->name);
    free(list->file);
    free(list->find);
    free(list->give);
    codes_clear(&list->codes);
    *list = (struct code_list){0};
}
