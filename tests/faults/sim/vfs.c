/* SQLite's VFS "sim" over the disk in memory: each call is a step at which the process may be killed, or the disk fail. */
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "disk.h"

struct handle {
    sqlite3_file base;
    struct disk_file *file;
};

static int last_error; /* errno of the last failure */

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
    bool fails = plan->io_error_step && (plan->io_error_lasts ? sim->steps >= plan->io_error_step
                                                              : sim->steps == plan->io_error_step);
    if (!fails || io_error == SQLITE_OK)
        return SQLITE_OK;
    sim->had_io_error = true;
    last_error = plan->io_error;
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
    size_t have = at < file->now.length
                      ? (length < file->now.length - at ? length : file->now.length - at)
                      : 0;
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
    image_write(&file->now, (size_t)to, bytes, (size_t)length);
    file_mark_dirty(file, (size_t)to, (size_t)length);
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
    *out = is_oracles(file_of(handle)) ? NULL : disk_region(region, bytes, make);
    return *out || !make ? SQLITE_OK : SQLITE_IOERR_SHMMAP;
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
    if (!file->exists)
        file_make(file);
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
    file_remove(file);
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
    return last_error;
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
