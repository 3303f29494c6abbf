#ifndef OPSPUSH_TESTS_FAULTS_DISK_H
#define OPSPUSH_TESTS_FAULTS_DISK_H

#include "sim.h"

/* What the disk and its VFS share. */

enum { NAME_SIZE = 64 };

struct image {
    uint8_t *bytes;
    size_t length, capacity;
};

struct disk_file {
    char name[NAME_SIZE];
    bool exists, survives; /* its name: now, and after a loss of power */
    bool is_new; /* made since the folder was synced: another one may bear the name still */
    struct image now, safe;
    uint8_t *dirty; /* by sector, since the last sync */
    size_t dirty_capacity;
    bool is_dirty;
};

void image_resize(struct image *image, size_t length); /* what is new is zero */
void image_write(struct image *image, size_t at, const void *bytes, size_t length);
struct disk_file *file_find(const char *name, bool make); /* or NULL */
void file_mark_dirty(struct disk_file *file, size_t from, size_t length);
void file_sync(struct disk_file *file); /* and its folder, when it is new */
void file_make(struct disk_file *file);
void file_remove(struct disk_file *file);
/* Shared memory of the WAL's index, by region; NULL when there is none and none is made. */
void *disk_region(int region, int bytes, bool make);

#endif
