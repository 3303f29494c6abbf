/* Is a file on another machine? Asked of the file system's magic number, and for FUSE of the table of mounts. */
#include "base/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static const uint32_t FUSE_MAGIC = 0x65735546;

static bool magic_is_remote(uint32_t magic)
{
    static const uint32_t remote[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x01021997, /* 9p */
        0x00C36400, /* Ceph */
        0x5346414F, /* AFS */
        0x6B414653, /* kAFS */
        0x73757245, /* Coda */
        0x0BD00BD0, /* Lustre */
        0x47504653, /* GPFS */
        0x013111A8, /* IBRIX */
        0x564C,     /* NCP */
    };
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
        if (remote[i] == magic) {
            return true;
        }
    }
    return false;
}

/* FUSE on a disk of this machine, or a layer over one; every other kind may reach over the network. */
static bool fuse_type_is_local(const char *type)
{
    static const char *const local[] = {"fuseblk",        "fuse.fuse-overlayfs", "fuse.mergerfs",
                                        "fuse.gocryptfs", "fuse.encfs",          "fuse.bindfs"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        if (text_is(type, local[i])) {
            return true;
        }
    }
    return false;
}

/* One line of mountinfo (proc(5)): "36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw". */
static bool mount_line_is_local(char *line, dev_t device)
{
    unsigned major_number, minor_number;
    char *type = strstr(line, " - ");
    if (!type || sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) != 2 ||
        makedev(major_number, minor_number) != device) {
        return false;
    }
    type += strlen(" - ");
    type[strcspn(type, " ")] = '\0';
    return fuse_type_is_local(type);
}

static bool fuse_is_local(dev_t device)
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) {
        return false;
    }
    bool local = false;
    char *line = NULL;
    size_t capacity = 0;
    while (!local && getline(&line, &capacity, mounts) > 0) {
        local = mount_line_is_local(line, device);
    }
    free(line);
    fclose(mounts);
    return local;
}

bool file_is_remote(const char *path)
{
    struct statfs system;
    struct stat status;
    if (statfs(path, &system) != 0 || stat(path, &status) != 0) {
        char *folder = errno == ENOENT ? file_folder(path) : NULL;
        bool remote = folder && !text_is(folder, path) && file_is_remote(folder);
        free(folder);
        return remote;
    }
    uint32_t magic = (uint32_t)system.f_type;
    return magic == FUSE_MAGIC ? !fuse_is_local(status.st_dev) : magic_is_remote(magic);
}
