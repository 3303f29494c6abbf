#ifndef OPSPUSH_BASE_FOLDER_H
#define OPSPUSH_BASE_FOLDER_H

/* Makes the names in a folder durable; 0 also where the file system or its permissions do not allow it. */
int folder_sync(const char *path);

#endif
