/*
 * A disk in memory. Each file is two images: what the process sees, and what would survive. A sync makes them equal;
 * a loss of power leaves a chance mixture of the two, sector by sector, so that unsynced writes are lost, torn and out of order.
 */
#include <stdlib.h>
#include <string.h>

#include "disk.h"

enum { FILES_MAX = 12, REGIONS_MAX = 16, REGION_BYTES = 32768 };

struct disk_copy {
    char name[NAME_SIZE];
    struct image image;
};

static struct {
    struct disk_file files[FILES_MAX];
    struct disk_copy copies[FILES_MAX];
    size_t copy_count;
    uint8_t *regions[REGIONS_MAX];
} disk;

/* ---------------------------------------------------------------- images */

static void image_reserve(struct image *image, size_t length)
{
    if (length <= image->capacity)
        return;
    size_t capacity = image->capacity ? image->capacity : 16384;
    while (capacity < length)
        capacity *= 2;
    image->bytes = realloc(image->bytes, capacity);
    image->capacity = capacity;
}

void image_resize(struct image *image, size_t length)
{
    image_reserve(image, length);
    if (length > image->length)
        memset(image->bytes + image->length, 0, length - image->length);
    image->length = length;
}

void image_write(struct image *image, size_t at, const void *bytes, size_t length)
{
    if (at > image->length)
        image_resize(image, at);
    image_reserve(image, at + length);
    if (length)
        memcpy(image->bytes + at, bytes, length);
    if (at + length > image->length)
        image->length = at + length;
}

static void image_copy(struct image *to, const struct image *from)
{
    to->length = 0;
    image_write(to, 0, from->bytes, from->length);
}

void file_mark_dirty(struct disk_file *file, size_t from, size_t length)
{
    size_t last = (from + length + SECTOR - 1) / SECTOR;
    if (last > file->dirty_capacity) {
        size_t capacity = last * 2 + 64;
        file->dirty = realloc(file->dirty, capacity);
        memset(file->dirty + file->dirty_capacity, 0, capacity - file->dirty_capacity);
        file->dirty_capacity = capacity;
    }
    memset(file->dirty + from / SECTOR, 1, last - from / SECTOR);
    file->is_dirty = true;
}

static bool sector_is_dirty(const struct disk_file *file, size_t sector)
{
    return sector < file->dirty_capacity && file->dirty[sector];
}

static void file_clean(struct disk_file *file)
{
    if (file->dirty_capacity)
        memset(file->dirty, 0, file->dirty_capacity);
    file->is_dirty = false;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void disk_sync_folder(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk.files[i];
        if (file->is_new || !file->exists)
            file->safe.length = 0;
        file->survives = file->exists;
        file->is_new = false;
    }
}

/* As SQLite does on a real disk, the folder of a file that it made is synced with it. */
void file_sync(struct disk_file *file)
{
    if (file->is_new) {
        disk_sync_folder();
        file->safe.length = 0;
    }
    if (file->safe.length > file->now.length)
        file->safe.length = file->now.length;
    for (size_t at = 0, sector = 0; at < file->now.length; at += SECTOR, sector++)
        if (sector_is_dirty(file, sector))
            image_write(&file->safe, at, file->now.bytes + at,
                        smaller(SECTOR, file->now.length - at));
    image_resize(&file->safe, file->now.length);
    file_clean(file);
}

struct disk_file *file_find(const char *name, bool make)
{
    struct disk_file *free_one = NULL;
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk.files[i];
        if (file->name[0] && strcmp(file->name, name) == 0)
            return file;
        if (!file->name[0] && !free_one)
            free_one = file;
    }
    if (!make || !free_one || strlen(name) >= NAME_SIZE)
        return NULL;
    strcpy(free_one->name, name);
    return free_one;
}

/* ---------------------------------------------------------------- crashes */

/* One sector after a loss of power: the new one, the old one, or, where there was none, anything. */
static void sector_settle(const struct disk_file *file, uint8_t *out, size_t at, size_t length,
                          unsigned kept)
{
    bool is_new = sector_is_dirty(file, at / SECTOR) && dice_hits(&sim->wear, kept);
    const struct image *from = is_new ? &file->now : &file->safe;
    memset(out, 0, length);
    if (at < from->length)
        memcpy(out, from->bytes + at, smaller(length, from->length - at));
    else if (!is_new && dice_hits(&sim->wear, 200))
        memset(out, 0xa5, length);
}

static size_t length_settle(const struct disk_file *file)
{
    size_t now = file->now.length, safe = file->safe.length;
    switch (dice_below(&sim->wear, 3)) {
    case 0:
        return now;
    case 1:
        return safe;
    default:
        return (size_t)dice_between(&sim->wear, (int64_t)smaller(now, safe),
                                    (int64_t)(now > safe ? now : safe));
    }
}

/* A name that was made or removed, and its folder not synced since: the former file, or what is there now. */
static bool name_settle(struct disk_file *file)
{
    bool is_former = (file->is_new || file->exists != file->survives) && dice_hits(&sim->wear, 500);
    if (!is_former) {
        if (file->is_new)
            file->safe.length = 0;
        return file->exists;
    }
    file->exists = file->survives;
    image_copy(&file->now, &file->safe);
    file_clean(file);
    return false;
}

static void file_power_loss(struct disk_file *file)
{
    static const unsigned kept[] = {0, 500, 1000, 100, 900};
    struct image left = {0};
    unsigned share = kept[dice_below(&sim->wear, 5)];
    if (name_settle(file) && (file->is_dirty || file->now.length != file->safe.length)) {
        image_resize(&left, length_settle(file));
        for (size_t at = 0; at < left.length; at += SECTOR)
            sector_settle(file, left.bytes + at, at, smaller(SECTOR, left.length - at), share);
        image_copy(&file->now, &left);
        free(left.bytes);
    }
}

void disk_close_all(void)
{
    for (size_t i = 0; i < REGIONS_MAX; i++) {
        free(disk.regions[i]);
        disk.regions[i] = NULL;
    }
}

void disk_crash(enum crash_kind kind)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk.files[i];
        if (kind == CRASH_POWER)
            file_power_loss(file);
        if (!file->exists)
            file->now.length = 0;
        image_copy(&file->safe, &file->now);
        file->survives = file->exists;
        file->is_new = false;
        file_clean(file);
    }
    disk_close_all();
}

void disk_format(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk.files[i];
        file->name[0] = '\0';
        file->exists = file->survives = file->is_new = false;
        file->now.length = file->safe.length = 0;
        file_clean(file);
    }
    disk.copy_count = 0;
    disk_close_all();
}

/* ---------------------------------------------------------------- copies, and looking inside */

void disk_keep(void)
{
    const struct disk_file *state = file_find("state.db", false);
    if (!state || !state->exists || state->now.length == 0)
        return; /* a state that is not there is one that was moved aside, not an older copy */
    disk.copy_count = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (!disk.files[i].name[0] || !disk.files[i].exists)
            continue;
        struct disk_copy *copy = &disk.copies[disk.copy_count++];
        strcpy(copy->name, disk.files[i].name);
        image_copy(&copy->image, &disk.files[i].now);
    }
}

bool disk_has_copy(void)
{
    return disk.copy_count > 0;
}

void disk_restore(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        disk.files[i].exists = false;
        disk.files[i].now.length = 0;
    }
    for (size_t i = 0; i < disk.copy_count; i++) {
        struct disk_file *file = file_find(disk.copies[i].name, true);
        file->exists = true;
        image_copy(&file->now, &disk.copies[i].image);
    }
    disk_crash(CRASH_KILL);
}

void disk_expose(const char *name, bool durable_only)
{
    static const char *const suffixes[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char from_name[NAME_SIZE] = "state.db", to_name[NAME_SIZE];
        strcat(from_name, suffixes[i]);
        strcpy(to_name, name);
        strcat(to_name, suffixes[i]);
        const struct disk_file *from = file_find(from_name, false);
        struct disk_file *to = file_find(to_name, true);
        to->exists = from && (durable_only ? from->survives : from->exists);
        to->now.length = 0;
        if (to->exists)
            image_copy(&to->now, durable_only ? &from->safe : &from->now);
        file_clean(to);
    }
}

const uint8_t *disk_bytes(const char *name, size_t *length)
{
    const struct disk_file *file = file_find(name, false);
    *length = file && file->exists ? file->now.length : 0;
    return file ? file->now.bytes : NULL;
}

bool disk_is_synced(void)
{
    const struct disk_file *wal = file_find("state.db-wal", false);
    return !wal || !wal->is_dirty;
}

/* ---------------------------------------------------------------- for the VFS */

void file_make(struct disk_file *file)
{
    file->exists = file->is_new = true;
    file->now.length = 0;
    file_clean(file);
}

void file_remove(struct disk_file *file)
{
    file->exists = file->is_new = false;
    file->now.length = 0;
    file_clean(file);
}

void *disk_region(int region, int bytes, bool make)
{
    if (region >= REGIONS_MAX || bytes > REGION_BYTES)
        return NULL;
    if (!disk.regions[region] && make)
        disk.regions[region] = calloc(1, REGION_BYTES);
    return disk.regions[region];
}
