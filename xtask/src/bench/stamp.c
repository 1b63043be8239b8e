/* A program that leaves a trace of having ended, and perhaps of having been.
 *
 * stamp LOG NAME MILLIS SLEEPERS MARK starts so many sleepers in the background, each in a session
 * of its own and called MARK, sleeps so long, and appends a line with NAME to LOG just before it
 * ends: one write, so that lines of several programs never mix.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds after which a sleeper ends by itself, so that a failed test leaves nothing for good. */
#define SLEEP_SECONDS "120"

static int fail(const char *what) {
    perror(what);
    return 1;
}

/* Forks twice: the sleeper is an orphan at once, as a daemon is. */
static int start_sleeper(const char *mark) {
    pid_t child = fork();
    if (child < 0) return -1;
    if (child > 0) return waitpid(child, NULL, 0) < 0 ? -1 : 0;
    pid_t orphan = fork();
    if (orphan) _exit(orphan < 0);
    setsid();
    execl("/proc/self/exe", mark, "sleep", SLEEP_SECONDS, (char *)NULL);
    _exit(127);
}

int main(int count, char **words) {
    char line[256];
    if (count == 3 && !strcmp(words[1], "sleep")) return (int)sleep((unsigned)atoi(words[2]));
    if (count != 6) return fail("stamp LOG NAME MILLIS SLEEPERS MARK");
    for (int left = atoi(words[4]); left > 0; left--)
        if (start_sleeper(words[5])) return fail("start a sleeper");
    long millis = atol(words[3]);
    struct timespec pause = {millis / 1000, millis % 1000 * 1000000};
    nanosleep(&pause, NULL);
    int log = open(words[1], O_WRONLY | O_APPEND | O_CREAT, 0644);
    int length = snprintf(line, sizeof line, "%s\n", words[2]);
    if (log < 0 || write(log, line, (size_t)length) != length) return fail(words[1]);
    return 0;
}
