/* Runs a command and counts the CPU time of everything that it starts.
 *
 * account FILE COMMAND [WORD …] writes to FILE, in nanoseconds: the wall time of the command, and
 * the user and system time of it and all its descendants. It is their subreaper and waits for every
 * one of them, so that a starter which leaves a process behind does not hide that process's time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int fail(const char *what, int error) {
    fprintf(stderr, "account: cannot %s: %s\n", what, strerror(error));
    return 125;
}

static long long now_nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int count, char **words) {
    pid_t child, ended;
    int status, its_status = 0;
    long long wall = 0;
    if (count < 3) return fail("read FILE COMMAND", EINVAL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1)) return fail("adopt orphans", errno);
    long long before = now_nanos();
    int error = posix_spawnp(&child, words[2], NULL, NULL, words + 2, environ);
    if (error) return fail("start the command", error);
    while ((ended = wait(&status)) > 0 || errno == EINTR) {
        if (ended != child) continue;
        wall = now_nanos() - before;
        its_status = status;
    }
    struct rusage all;
    getrusage(RUSAGE_CHILDREN, &all);
    long long micros = (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * 1000000LL;
    micros += all.ru_utime.tv_usec + all.ru_stime.tv_usec;
    FILE *out = fopen(words[1], "w");
    if (!out) return fail("write", errno);
    fprintf(out, "wall %lld\ncpu %lld\n", wall, micros * 1000);
    if (fclose(out)) return fail("write", errno);
    return WIFEXITED(its_status) ? WEXITSTATUS(its_status) : 124;
}
