// A neighbour: keeps one processor busy for some of the time, until its starter is gone.
//
//   burner CPU ON_MICROS OFF_MICROS     OFF_MICROS 0: all of the time; CPU -1: wherever
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sink;

static long long now_nanos(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "burner CPU ON_MICROS OFF_MICROS\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int cpu = atoi(words[1]);
    long long on = atoll(words[2]) * 1000, off = atoll(words[3]) * 1000;
    if (cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0) {
            perror("burner: cannot stay on its processor");
            return 1;
        }
    }
    pid_t starter = getppid();
    while (getppid() == starter) {
        long long until = now_nanos() + on;
        unsigned long value = 1;
        while (now_nanos() < until)
            for (int i = 0; i < 1000; i++)
                value = value * 6364136223846793005ul + 1442695040888963407ul;
        sink = value;
        if (off > 0) {
            struct timespec pause = {off / 1000000000ll, off % 1000000000ll};
            nanosleep(&pause, NULL);
        }
    }
    return 0;
}
