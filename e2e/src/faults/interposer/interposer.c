/*
 * Stands between a program and its libc (LD_PRELOAD). Calls that touch the folder FAULTS_ROOT, and writes to sockets, can be counted,
 * ended with kill -9, refused or faked, as the control block FAULTS_CONTROL says; what changes the folder is written to FAULTS_JOURNAL, in the
 * order in which it happened and with every fsync, so that a power failure can be worked out afterwards.
 * Layouts are shared with control.ts and journal.ts. Linux, 64 bit, little endian.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE = 2, SYNC = 4, SYNC_FOLDER = 8, RENAME = 16, UNLINK = 32, MKDIR = 64, LINK = 128, TRUNCATE = 256, SEND = 512, SEND_PEER = 1024, READ = 2048 };
enum action { PASS, KILL_BEFORE, KILL_AFTER, KILL_WITHIN, FAIL, FAKE };
enum entry { E_CREATE = 1, E_WRITE, E_TRUNCATE, E_SYNC_BEGIN, E_SYNC_END, E_FOLDER_BEGIN, E_FOLDER_END, E_RENAME, E_UNLINK, E_MKDIR, E_LINK };

struct control {
  volatile uint32_t armed, ops, skip, action, error, times;
  volatile uint32_t trigger_ops, triggered, seen, hits;
  volatile uint32_t ports[4];
  char needle[128], trigger_needle[128];
  volatile uint32_t stop, busy, away;
};

static struct control *control;
static char root[4096];
static size_t root_length;
static int journal = -1;
static uint64_t syncs;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real_##name)
#define FIND(name) static void *real_##name; if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("FAULTS_ROOT"), *block = getenv("FAULTS_CONTROL"), *path = getenv("FAULTS_JOURNAL");
  if (!folder || !block) return;
  root_length = strlen(folder);
  memcpy(root, folder, root_length + 1);
  int file = syscall(SYS_openat, AT_FDCWD, block, O_RDWR | O_CLOEXEC);
  if (file < 0) _exit(120);
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (mapped == MAP_FAILED) _exit(121);
  control = mapped;
  if (!path) return;
  int low = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  journal = fcntl(low, F_DUPFD_CLOEXEC, 500);
  syscall(SYS_close, low);
  if (journal < 0) _exit(122);
}

/* The path below the root, or NULL for what lies elsewhere. SQLite's wal-index is memory, not disk. */
static const char *below(const char *path) {
  if (!control || !path || strncmp(path, root, root_length) != 0 || path[root_length] != '/') return NULL;
  size_t length = strlen(path);
  if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return NULL;
  return path + root_length + 1;
}

static const char *below_file(int file, char *buffer, struct stat *about) {
  buffer[0] = 0;
  if (!control || fstat(file, about) != 0 || !(S_ISREG(about->st_mode) || S_ISDIR(about->st_mode))) return NULL;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, buffer, 4095);
  if (length < 0) return NULL;
  buffer[length] = 0;
  return below(buffer);
}

static void note(uint32_t kind, uint64_t id, uint64_t at, const char *name, const void *bytes, size_t size) {
  if (journal < 0) return;
  uint32_t name_size = name ? strlen(name) : 0, sizes[2] = { name_size, size };
  uint64_t numbers[2] = { id, at };
  struct iovec parts[5] = { { &kind, 4 }, { sizes, 8 }, { numbers, 16 }, { (void *)name, name_size }, { (void *)bytes, size } };
  if (syscall(SYS_writev, journal, parts, 5) != (long)(28 + name_size + size)) _exit(123);
}

static void note_two(uint32_t kind, const char *from, const char *to) { note(kind, 0, 0, from, to, strlen(to)); }

static void end_here(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static int is_meant(const char *needle, const char *one, const char *other) {
  if (needle[0] == '=') return (one && strcmp(one, needle + 1) == 0) || (other && strcmp(other, needle + 1) == 0);
  return (one && strstr(one, needle)) || (other && strstr(other, needle));
}

/* What is to happen to a call. Asked once per call, in turn; kills before it by itself. */
static enum action judge(uint32_t op, const char *one, const char *other) {
  if (!control || !control->armed) return PASS;
  if (control->trigger_ops && !control->triggered) {
    if ((control->trigger_ops & op) && is_meant(control->trigger_needle, one, other)) control->triggered = 1;
    return PASS;
  }
  if (!(control->ops & op) || !is_meant(control->needle, one, other)) return PASS;
  uint32_t seen = control->seen++;
  if (seen < control->skip || (control->times && seen >= control->skip + control->times)) return PASS;
  control->hits++;
  if (control->action == KILL_BEFORE) end_here();
  return control->action;
}

static void afterwards(enum action action) { if (action == KILL_AFTER || action == KILL_WITHIN) end_here(); }

/* A change and its note are one: whoever kills from outside first says stop, then waits until nobody is busy. */
static void enter(void) {
  pthread_mutex_lock(&turn);
  control->busy = 1;
  __sync_synchronize();
  if (control->stop) end_here();
}
static void leave(void) {
  int kept = errno;
  control->busy = 0;
  pthread_mutex_unlock(&turn);
  errno = kept;
}
#define TURN enter()
#define DONE(result) do { leave(); return (result); } while (0)
#define REFUSE do { errno = control->error; DONE(-1); } while (0)

static size_t total_of(const struct iovec *parts, int count) {
  size_t total = 0;
  for (int at = 0; at < count; at++) total += parts[at].iov_len;
  return total;
}

static ssize_t keep(int file, const struct iovec *parts, int count, off_t at, const char *path, const struct stat *about) {
  FIND(pwrite64);
  TURN;
  enum action action = judge(WRITE, path, NULL);
  if (action == FAIL) REFUSE;
  size_t total = total_of(parts, count), limit = action == KILL_WITHIN ? total / 2 : total, written = 0;
  int moves = at < 0;
  if (moves) at = fcntl(file, F_GETFL) & O_APPEND ? about->st_size : lseek(file, 0, SEEK_CUR);
  if (action == FAKE) DONE((ssize_t)total);
  for (int part = 0; part < count && written < limit; part++) {
    size_t size = parts[part].iov_len < limit - written ? parts[part].iov_len : limit - written;
    ssize_t done = REAL(pwrite64)(file, parts[part].iov_base, size, at + written);
    if (done < 0) { if (written) break; DONE(-1); }
    note(E_WRITE, about->st_ino, at + written, NULL, parts[part].iov_base, done);
    written += done;
    if ((size_t)done < size) break;
  }
  if (moves) lseek(file, at + written, SEEK_SET);
  afterwards(action);
  DONE((ssize_t)written);
}

static int port_of(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET) return ntohs(((const struct sockaddr_in *)address)->sin_port);
  return address->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)address)->sin6_port) : 0;
}

static int is_to_peer(int socket) {
  struct sockaddr_storage near = { 0 }, far = { 0 };
  socklen_t size = sizeof near, other = sizeof far;
  if (getsockname(socket, (struct sockaddr *)&near, &size) || getpeername(socket, (struct sockaddr *)&far, &other)) return 0;
  for (int at = 0; at < 4; at++) if (control->ports[at] && ((int)control->ports[at] == port_of(&near) || (int)control->ports[at] == port_of(&far))) return 1;
  return 0;
}

/* Whether the bytes that are sent have the needle in them. */
static int says(const struct iovec *parts, int count, const char *needle) {
  for (int at = 0; at < count; at++) if (memmem(parts[at].iov_base, parts[at].iov_len, needle, strlen(needle))) return 1;
  return 0;
}

static enum action judge_send(int socket, const struct iovec *parts, int count) {
  if (!control || !control->armed || !((control->ops | control->trigger_ops) & (SEND | SEND_PEER))) return PASS;
  struct stat about;
  if (fstat(socket, &about) != 0 || !S_ISSOCK(about.st_mode)) return PASS;
  pthread_mutex_lock(&turn);
  enum action action = PASS;
  if ((control->ops & SEND_PEER) && is_to_peer(socket)) action = judge(SEND_PEER, control->needle, NULL);
  else if ((control->ops & SEND) && says(parts, count, control->needle)) action = judge(SEND, control->needle, NULL);
  pthread_mutex_unlock(&turn);
  return action;
}

/* Somebody who is away refuses at once, as a peer whose process is gone. */
int connect(int socket, const struct sockaddr *address, socklen_t size) {
  FIND(connect);
  if (control && control->away && size <= sizeof(struct sockaddr_storage)) {
    struct sockaddr_storage far = { 0 };
    memcpy(&far, address, size);
    if (port_of(&far) == (int)control->away) { errno = ECONNREFUSED; return -1; }
  }
  return REAL(connect)(socket, address, size);
}

ssize_t write(int file, const void *bytes, size_t size) {
  FIND(write);
  char buffer[4096];
  struct stat about;
  struct iovec part = { (void *)bytes, size };
  const char *path = below_file(file, buffer, &about);
  if (path) return keep(file, &part, 1, -1, path, &about);
  enum action action = judge_send(file, &part, 1);
  ssize_t done = REAL(write)(file, bytes, action == KILL_WITHIN ? size / 2 : size);
  afterwards(action);
  return done;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  FIND(writev);
  char buffer[4096];
  struct stat about;
  const char *path = below_file(file, buffer, &about);
  if (path) return keep(file, parts, count, -1, path, &about);
  enum action action = judge_send(file, parts, count);
  ssize_t done = REAL(writev)(file, parts, count);
  afterwards(action);
  return done;
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
  FIND(sendmsg);
  enum action action = judge_send(socket, message->msg_iov, message->msg_iovlen);
  ssize_t done = REAL(sendmsg)(socket, message, flags);
  afterwards(action);
  return done;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  FIND(pwrite64);
  char buffer[4096];
  struct stat about;
  struct iovec part = { (void *)bytes, size };
  const char *path = below_file(file, buffer, &about);
  return path ? keep(file, &part, 1, at, path, &about) : REAL(pwrite64)(file, bytes, size, at);
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) { return pwrite64(file, bytes, size, at); }

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  FIND(pwritev64);
  char buffer[4096];
  struct stat about;
  const char *path = below_file(file, buffer, &about);
  return path ? keep(file, parts, count, at, path, &about) : REAL(pwritev64)(file, parts, count, at);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) { return pwritev64(file, parts, count, at); }

static int sync_file(int file, int (*real)(int)) {
  char buffer[4096];
  struct stat about;
  const char *path = below_file(file, buffer, &about);
  if (!path && control && strcmp(buffer, root) == 0 && S_ISDIR(about.st_mode)) path = "";
  if (!path) return real(file);
  int is_folder = S_ISDIR(about.st_mode);
  TURN;
  enum action action = judge(is_folder ? SYNC_FOLDER : SYNC, path, NULL);
  if (action == FAIL) REFUSE;
  if (action == FAKE) DONE(0);
  uint64_t id = ++syncs;
  note(is_folder ? E_FOLDER_BEGIN : E_SYNC_BEGIN, about.st_ino, id, path, NULL, 0);
  leave();
  int result = real(file);
  TURN;
  if (result == 0) note(is_folder ? E_FOLDER_END : E_SYNC_END, about.st_ino, id, path, NULL, 0);
  afterwards(action);
  DONE(result);
}
int fsync(int file) { FIND(fsync); return sync_file(file, REAL(fsync)); }
int fdatasync(int file) { FIND(fdatasync); return sync_file(file, REAL(fdatasync)); }

static ssize_t fetch(int file, void *bytes, size_t size, off_t at) {
  FIND(read);
  FIND(pread64);
  char buffer[4096];
  struct stat about;
  const char *path = control && control->armed && (control->ops & READ) ? below_file(file, buffer, &about) : NULL;
  if (path) {
    pthread_mutex_lock(&turn);
    enum action action = judge(READ, path, NULL);
    pthread_mutex_unlock(&turn);
    if (action == FAIL) { errno = control->error; return -1; }
  }
  return at < 0 ? REAL(read)(file, bytes, size) : REAL(pread64)(file, bytes, size, at);
}
ssize_t read(int file, void *bytes, size_t size) { return fetch(file, bytes, size, -1); }
ssize_t pread64(int file, void *bytes, size_t size, off64_t at) { return fetch(file, bytes, size, at); }
ssize_t pread(int file, void *bytes, size_t size, off_t at) { return fetch(file, bytes, size, at); }

static int open_path(const char *path, int flags, mode_t mode) {
  FIND(open64);
  const char *name = (flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT) ? NULL : below(path);
  if (!name) return REAL(open64)(path, flags, mode);
  TURN;
  int is_new = (flags & O_CREAT) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
  enum action action = is_new ? judge(CREATE, name, NULL) : PASS;
  if (action == FAIL) REFUSE;
  int file = REAL(open64)(path, flags, mode);
  struct stat about;
  if (file >= 0 && fstat(file, &about) == 0) {
    if (is_new) note(E_CREATE, about.st_ino, 0, name, NULL, 0);
    else if (flags & O_TRUNC) note(E_TRUNCATE, about.st_ino, 0, NULL, NULL, 0);
  }
  afterwards(action);
  DONE(file);
}
#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE return open_path(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_path(path, flags, mode); }

int ftruncate64(int file, off64_t size) {
  FIND(ftruncate64);
  char buffer[4096];
  struct stat about;
  const char *path = below_file(file, buffer, &about);
  if (!path) return REAL(ftruncate64)(file, size);
  TURN;
  enum action action = judge(TRUNCATE, path, NULL);
  if (action == FAIL) REFUSE;
  int result = REAL(ftruncate64)(file, size);
  if (result == 0) note(E_TRUNCATE, about.st_ino, size, NULL, NULL, 0);
  afterwards(action);
  DONE(result);
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

/* One path or two, and a call that changes names. */
#define NAMING(op, kind, one, other, call) \
  const char *name = below(one), *second = below(other); \
  if (!name && !second) return call; \
  TURN; \
  enum action action = judge(op, name, second); \
  if (action == FAIL) REFUSE; \
  int result = call; \
  if (result == 0) note_two(kind, name ? name : "", second ? second : ""); \
  afterwards(action); \
  DONE(result)

int rename(const char *from, const char *to) { FIND(rename); NAMING(RENAME, E_RENAME, from, to, REAL(rename)(from, to)); }
int link(const char *from, const char *to) { FIND(link); NAMING(LINK, E_LINK, from, to, REAL(link)(from, to)); }
int unlink(const char *path) { FIND(unlink); NAMING(UNLINK, E_UNLINK, path, NULL, REAL(unlink)(path)); }
int remove(const char *path) { FIND(remove); NAMING(UNLINK, E_UNLINK, path, NULL, REAL(remove)(path)); }
int rmdir(const char *path) { FIND(rmdir); NAMING(UNLINK, E_UNLINK, path, NULL, REAL(rmdir)(path)); }

/* std::filesystem::remove_all, which is Node's rm, names entries by their folder. */
int unlinkat(int folder, const char *entry, int flags) {
  FIND(unlinkat);
  char path[8192] = "";
  struct stat about;
  if (control && folder != AT_FDCWD && below_file(folder, path, &about)) {
    size_t length = strlen(path);
    snprintf(path + length, sizeof path - length, "/%s", entry);
  } else if (folder == AT_FDCWD) {
    snprintf(path, sizeof path, "%s", entry);
  }
  NAMING(UNLINK, E_UNLINK, path, NULL, REAL(unlinkat)(folder, entry, flags));
}
int mkdir(const char *path, mode_t mode) { FIND(mkdir); NAMING(MKDIR, E_MKDIR, path, NULL, REAL(mkdir)(path, mode)); }
