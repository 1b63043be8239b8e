/* The least that starting a program costs: posix_spawn and wait4 in a bare loop.
 *
 * floor PROGRAM RUNS        median wall time of a run, own CPU time, CPU time of the runs
 * floor PROGRAM RUNS check  the runs' CPU time as wait4 says it and as the scheduler does
 *
 * Prints lines of a name and a number of nanoseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static void fail(const char *what, int error) {
    fprintf(stderr, "floor: cannot %s: %s\n", what, strerror(error));
    exit(1);
}

static long long now_nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long cpu_nanos(const struct rusage *usage) {
    long long micros = (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL;
    return (micros + usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000;
}

static int by_size(const void *left, const void *right) {
    long long one = *(const long long *)left, other = *(const long long *)right;
    return (one > other) - (one < other);
}

static pid_t start(char *program, posix_spawn_file_actions_t *to_null) {
    char *words[] = {program, NULL};
    pid_t child;
    int error = posix_spawn(&child, program, to_null, NULL, words, environ);
    if (error) fail("start the program", error);
    return child;
}

static struct rusage reap(pid_t child) {
    struct rusage usage;
    int status;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) fail("wait", errno);
    if (status) fail("go on: the program failed", 0);
    return usage;
}

/* What the scheduler counted for a child that has ended and is not reaped yet. */
static long long scheduler_nanos(pid_t child) {
    siginfo_t ended;
    char path[64];
    long long nanos;
    if (waitid(P_PID, child, &ended, WEXITED | WNOWAIT)) fail("wait", errno);
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)child);
    FILE *file = fopen(path, "r");
    if (!file) fail("open schedstat", errno);
    if (fscanf(file, "%lld", &nanos) != 1) fail("read schedstat", EINVAL);
    fclose(file);
    return nanos;
}

static void check(char *program, posix_spawn_file_actions_t *to_null, int runs) {
    long long accounted = 0, scheduled = 0;
    for (int i = 0; i < runs; i++) {
        pid_t child = start(program, to_null);
        scheduled += scheduler_nanos(child);
        struct rusage usage = reap(child);
        accounted += cpu_nanos(&usage);
    }
    printf("accounted %lld\nscheduled %lld\n", accounted, scheduled);
}

static void measure(char *program, posix_spawn_file_actions_t *to_null, int runs) {
    long long *walls = malloc(runs * sizeof *walls), of_runs = 0;
    if (!walls) fail("allocate", errno);
    for (int i = 0; i < runs; i++) {
        long long before = now_nanos();
        struct rusage usage = reap(start(program, to_null));
        walls[i] = now_nanos() - before;
        of_runs += cpu_nanos(&usage);
    }
    qsort(walls, runs, sizeof *walls, by_size);
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    long long median = (walls[(runs - 1) / 2] + walls[runs / 2]) / 2;
    printf("median %lld\nown %lld\nruns %lld\n", median, cpu_nanos(&own), of_runs);
}

int main(int count, char **words) {
    int runs = count > 2 ? atoi(words[2]) : 0;
    if (runs < 1) fail("read PROGRAM RUNS", EINVAL);
    posix_spawn_file_actions_t to_null;
    posix_spawn_file_actions_init(&to_null);
    posix_spawn_file_actions_addopen(&to_null, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&to_null, 2, "/dev/null", O_WRONLY, 0);
    if (count > 3)
        check(words[1], &to_null, runs);
    else
        measure(words[1], &to_null, runs);
    return 0;
}
