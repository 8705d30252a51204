/* Calls of the system that fail on demand: loaded before the C library, see failing_calls.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { OPEN, WRITE, FSYNC, RENAME, ROOM, KINDS };

static int armed, failing_kind = -1, failing_errno, first_failing, failing_once;
static int counts[KINDS];

void faults_arm(int kind, int number, int first, int once) {
    memset(counts, 0, sizeof counts);
    failing_kind = kind, failing_errno = number, first_failing = first, failing_once = once;
    armed = 1;
}

void faults_disarm(int *made) {
    armed = 0;
    memcpy(made, counts, sizeof counts);
}

static int fails(int kind) {
    if (!armed) return 0;
    int number = __atomic_fetch_add(&counts[kind], 1, __ATOMIC_RELAXED);
    if (kind != failing_kind || number < first_failing || (failing_once && number > first_failing)) return 0;
    errno = failing_errno;
    return 1;
}

static int is_file(int handle) {
    struct stat found;
    return handle > 2 && fstat(handle, &found) == 0 && S_ISREG(found.st_mode);
}

static int is_written(const char *path, int flags) {
    return (flags & (O_WRONLY | O_RDWR)) && strncmp(path, "/dev/", 5) && strncmp(path, "/proc/", 6) && !strstr(path, "__pycache__");
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int handle, const void *from, size_t size) {
    return is_file(handle) && fails(WRITE) ? -1 : NEXT(write)(handle, from, size);
}
ssize_t pwrite64(int handle, const void *from, size_t size, off64_t at) {
    return is_file(handle) && fails(WRITE) ? -1 : NEXT(pwrite64)(handle, from, size, at);
}
int fsync(int handle) { return fails(FSYNC) ? -1 : NEXT(fsync)(handle); }
int fdatasync(int handle) { return fails(FSYNC) ? -1 : NEXT(fdatasync)(handle); }
int rename(const char *from, const char *to) { return fails(RENAME) ? -1 : NEXT(rename)(from, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    return fails(RENAME) ? -1 : NEXT(renameat2)(a, from, b, to, flags);
}
int link(const char *from, const char *to) { return fails(RENAME) ? -1 : NEXT(link)(from, to); }
int ftruncate64(int handle, off64_t size) { return is_file(handle) && fails(ROOM) ? -1 : NEXT(ftruncate64)(handle, size); }
int posix_fallocate64(int handle, off64_t at, off64_t size) {
    return fails(ROOM) ? failing_errno : NEXT(posix_fallocate64)(handle, at, size);
}

#define OPENS(name)                                                     \
    int name(const char *path, int flags, ...) {                        \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                   \
        return is_written(path, flags) && fails(OPEN) ? -1 : NEXT(name)(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)
