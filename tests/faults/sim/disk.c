/*
 * A disk in memory behind SQLite's VFS. Each file is two images: what the process sees, and what would survive. A sync makes them equal;
 * a loss of power leaves a chance mixture of the two, sector by sector, so that unsynced writes are lost, torn and out of order.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { FILES_MAX = 12, NAME_SIZE = 64, REGION_BYTES = 32768, REGIONS_MAX = 16 };

struct image {
    uint8_t *bytes;
    size_t length, capacity;
};

struct disk_file {
    char name[NAME_SIZE];
    bool exists, survives; /* its name: now, and after a loss of power */
    bool is_new;           /* made since the folder was synced: another one may bear the name still */
    struct image now, safe;
    uint8_t *dirty; /* by sector, since the last sync */
    size_t dirty_capacity;
    bool is_dirty;
};

struct disk_copy {
    char name[NAME_SIZE];
    struct image image;
};

static struct {
    struct disk_file files[FILES_MAX];
    struct disk_copy copies[FILES_MAX];
    size_t copy_count;
    uint8_t *regions[REGIONS_MAX];
    uint64_t writes;
    int last_error;
} disk;

struct handle {
    sqlite3_file base;
    struct disk_file *file;
};

/* ---------------------------------------------------------------- images */

static void image_resize(struct image *image, size_t length)
{
    if (length > image->capacity) {
        size_t capacity = image->capacity ? image->capacity : 16384;
        while (capacity < length)
            capacity *= 2;
        image->bytes = realloc(image->bytes, capacity);
        image->capacity = capacity;
    }
    if (length > image->length)
        memset(image->bytes + image->length, 0, length - image->length);
    image->length = length;
}

static void image_copy(struct image *to, const struct image *from)
{
    image_resize(to, from->length);
    if (from->length)
        memcpy(to->bytes, from->bytes, from->length);
}

static void mark_dirty(struct disk_file *file, size_t from, size_t length)
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
static void file_sync(struct disk_file *file)
{
    if (file->is_new) {
        disk_sync_folder();
        file->safe.length = 0;
    }
    image_resize(&file->safe, file->now.length);
    for (size_t at = 0, sector = 0; at < file->now.length; at += SECTOR, sector++)
        if (sector_is_dirty(file, sector))
            memcpy(file->safe.bytes + at, file->now.bytes + at, smaller(SECTOR, file->now.length - at));
    file_clean(file);
}

static struct disk_file *file_find(const char *name, bool make)
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
static void sector_settle(const struct disk_file *file, uint8_t *out, size_t at, size_t length, unsigned kept)
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
        return (size_t)dice_between(&sim->wear, (int64_t)smaller(now, safe), (int64_t)(now > safe ? now : safe));
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
    disk.writes = 0;
    disk_close_all();
}

/* ---------------------------------------------------------------- copies, and looking inside */

void disk_keep(void)
{
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

uint64_t disk_writes(void)
{
    return disk.writes;
}

/* ---------------------------------------------------------------- the VFS: files */

static bool is_oracles(const struct disk_file *file)
{
    return strncmp(file->name, "state.db", strlen("state.db")) != 0;
}

/* 0, or what the disk says instead of doing its work. */
static int disk_step(const struct disk_file *file, int io_error)
{
    const struct night_plan *plan = sim->plan;
    if (is_oracles(file) || !sim->is_running)
        return SQLITE_OK;
    step();
    bool fails = plan->io_error_step &&
                 (plan->io_error_lasts ? sim->steps >= plan->io_error_step : sim->steps == plan->io_error_step);
    if (!fails || io_error == SQLITE_OK)
        return SQLITE_OK;
    sim->had_io_error = true;
    disk.last_error = plan->io_error;
    return plan->io_error == ENOSPC && io_error == SQLITE_IOERR_WRITE ? SQLITE_FULL : io_error;
}

static struct disk_file *file_of(sqlite3_file *file)
{
    return ((struct handle *)file)->file;
}

static int on_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int on_read(sqlite3_file *handle, void *out, int wanted, sqlite3_int64 from)
{
    const struct disk_file *file = file_of(handle);
    size_t at = (size_t)from, length = (size_t)wanted;
    size_t have = at < file->now.length ? smaller(length, file->now.length - at) : 0;
    if (have)
        memcpy(out, file->now.bytes + at, have);
    if (have == length)
        return SQLITE_OK;
    memset((uint8_t *)out + have, 0, length - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *handle, const void *bytes, int length, sqlite3_int64 to)
{
    struct disk_file *file = file_of(handle);
    int code = disk_step(file, SQLITE_IOERR_WRITE);
    if (code != SQLITE_OK)
        return code;
    size_t end = (size_t)to + (size_t)length;
    if (end > file->now.length)
        image_resize(&file->now, end);
    memcpy(file->now.bytes + to, bytes, (size_t)length);
    mark_dirty(file, (size_t)to, (size_t)length);
    disk.writes += !is_oracles(file);
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *handle, sqlite3_int64 length)
{
    struct disk_file *file = file_of(handle);
    int code = disk_step(file, SQLITE_IOERR_TRUNCATE);
    if (code != SQLITE_OK)
        return code;
    image_resize(&file->now, (size_t)length);
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *handle, int flags)
{
    struct disk_file *file = file_of(handle);
    int code = disk_step(file, SQLITE_IOERR_FSYNC);
    (void)flags;
    if (code != SQLITE_OK)
        return code;
    file_sync(file);
    return SQLITE_OK;
}

static int on_size(sqlite3_file *handle, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)file_of(handle)->now.length;
    return SQLITE_OK;
}

static int on_lock(sqlite3_file *handle, int level)
{
    (void)handle, (void)level;
    return SQLITE_OK;
}

static int on_reserved(sqlite3_file *handle, int *out)
{
    (void)handle;
    *out = 0;
    return SQLITE_OK;
}

static int on_control(sqlite3_file *handle, int what, void *value)
{
    (void)handle, (void)what, (void)value;
    return SQLITE_NOTFOUND;
}

static int on_sector(sqlite3_file *handle)
{
    (void)handle;
    return SECTOR;
}

static int on_traits(sqlite3_file *handle)
{
    (void)handle;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* The index of the WAL lives in memory that ends with the process. */
static int on_shm_map(sqlite3_file *handle, int region, int bytes, int make, void volatile **out)
{
    *out = NULL;
    if (is_oracles(file_of(handle)) || region >= REGIONS_MAX || bytes > REGION_BYTES)
        return SQLITE_IOERR_SHMMAP;
    if (!disk.regions[region] && make)
        disk.regions[region] = calloc(1, REGION_BYTES);
    *out = disk.regions[region];
    return SQLITE_OK;
}

static int on_shm_lock(sqlite3_file *handle, int from, int count, int flags)
{
    (void)handle, (void)from, (void)count, (void)flags;
    return SQLITE_OK;
}

static void on_shm_barrier(sqlite3_file *handle)
{
    (void)handle;
}

static int on_shm_unmap(sqlite3_file *handle, int forget)
{
    (void)handle;
    if (forget)
        disk_close_all();
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = on_close,
                                           .xRead = on_read,
                                           .xWrite = on_write,
                                           .xTruncate = on_truncate,
                                           .xSync = on_sync,
                                           .xFileSize = on_size,
                                           .xLock = on_lock,
                                           .xUnlock = on_lock,
                                           .xCheckReservedLock = on_reserved,
                                           .xFileControl = on_control,
                                           .xSectorSize = on_sector,
                                           .xDeviceCharacteristics = on_traits,
                                           .xShmMap = on_shm_map,
                                           .xShmLock = on_shm_lock,
                                           .xShmBarrier = on_shm_barrier,
                                           .xShmUnmap = on_shm_unmap};

/* The oracle reads copies: without shared memory, in exclusive mode. */
static const sqlite3_io_methods plain_methods = {.iVersion = 1,
                                                 .xClose = on_close,
                                                 .xRead = on_read,
                                                 .xWrite = on_write,
                                                 .xTruncate = on_truncate,
                                                 .xSync = on_sync,
                                                 .xFileSize = on_size,
                                                 .xLock = on_lock,
                                                 .xUnlock = on_lock,
                                                 .xCheckReservedLock = on_reserved,
                                                 .xFileControl = on_control,
                                                 .xSectorSize = on_sector,
                                                 .xDeviceCharacteristics = on_traits};

/* ---------------------------------------------------------------- the VFS: names */

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *out_flags)
{
    struct handle *handle = (struct handle *)out;
    struct disk_file *file = name ? file_find(name, true) : NULL;
    (void)vfs;
    handle->base.pMethods = NULL;
    if (!file || (!file->exists && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    int code = disk_step(file, SQLITE_CANTOPEN);
    if (code != SQLITE_OK)
        return code;
    if (!file->exists) {
        file->exists = file->is_new = true;
        file->now.length = 0;
        file_clean(file);
    }
    handle->file = file;
    handle->base.pMethods = is_oracles(file) ? &plain_methods : &methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    struct disk_file *file = file_find(name, false);
    (void)vfs;
    if (!file || !file->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    int code = disk_step(file, SQLITE_IOERR_DELETE);
    if (code != SQLITE_OK)
        return code;
    file->exists = file->is_new = false;
    file->now.length = 0;
    file_clean(file);
    if (sync_folder)
        disk_sync_folder();
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    const struct disk_file *file = file_find(name, false);
    (void)vfs;
    *out = file && file->exists && (flags != SQLITE_ACCESS_EXISTS || file->now.length > 0);
    return SQLITE_OK;
}

static int on_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    if ((int)strlen(name) >= size)
        return SQLITE_CANTOPEN;
    strcpy(out, name);
    return SQLITE_OK;
}

static int on_random(sqlite3_vfs *vfs, int length, char *out)
{
    (void)vfs;
    for (int i = 0; i < length; i++)
        out[i] = (char)(dice_next(&sim->sodium) & 0xff);
    return length;
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    sim->steady_ms += microseconds / 1000 + 1;
    return microseconds;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    *out = sim->wall_ms + INT64_C(210866760000000);
    return SQLITE_OK;
}

static int on_old_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = (double)(sim->wall_ms + INT64_C(210866760000000)) / 86400000.0;
    return SQLITE_OK;
}

static int on_last_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs, (void)size, (void)out;
    return disk.last_error;
}

void disk_register(void)
{
    static sqlite3_vfs vfs = {.iVersion = 2,
                              .szOsFile = sizeof(struct handle),
                              .mxPathname = NAME_SIZE - 1,
                              .zName = "sim",
                              .xOpen = on_open,
                              .xDelete = on_delete,
                              .xAccess = on_access,
                              .xFullPathname = on_full_name,
                              .xRandomness = on_random,
                              .xSleep = on_sleep,
                              .xCurrentTime = on_old_time,
                              .xGetLastError = on_last_error,
                              .xCurrentTimeInt64 = on_time};
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_vfs_register(&vfs, 1);
}
