// What disturbs a measurement, and what is measured meanwhile.
//
//   nuisance work MILLIONS            a fixed amount of arithmetic
//   nuisance spin MILLIS              keeps a processor busy for so long
//   nuisance squeeze MILLIS PROCS FILE
//                                     joins a memory control group by its cgroup.procs, then reads
//                                     a file that does not fit into it, over and over, for so long
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sink;

static double now_millis(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void work(long millions) {
    unsigned long value = 1;
    for (long i = 0; i < millions * 1000000; i++)
        value = value * 6364136223846793005ul + 1442695040888963407ul;
    sink = value;
}

static int squeeze(double until, const char *procs, const char *file) {
    int group = open(procs, O_WRONLY);
    if (group < 0 || write(group, "0", 1) != 1) {
        perror(procs);
        return 1;
    }
    close(group);
    int fd = open(file, O_RDONLY);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        perror(file);
        return 1;
    }
    // What others read of it is charged to them: it is to be read anew.
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    char *bytes = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    while (now_millis() < until)
        for (long at = 0; at < stat.st_size && now_millis() < until; at += 4096)
            sink += bytes[at];
    return 0;
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "work") == 0) {
        work(atol(words[2]));
        return 0;
    }
    double until = count > 2 ? now_millis() + atof(words[2]) : 0;
    if (count == 3 && strcmp(words[1], "spin") == 0) {
        while (now_millis() < until)
            work(1);
        return 0;
    }
    if (count == 5 && strcmp(words[1], "squeeze") == 0)
        return squeeze(until, words[3], words[4]);
    fprintf(stderr, "nuisance work MILLIONS | spin MILLIS | squeeze MILLIS PROCS FILE\n");
    return 2;
}
