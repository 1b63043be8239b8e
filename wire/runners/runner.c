// A complete harness that speaks the wire contract (../WIRE.md), in C. To measure your own code,
// replace the first part and keep the second.
//
//     cc -O2 -o runner runner.c && ./runner _list
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void refuse(const char *why, const char *word) {
    fprintf(stderr, "runner: %s: %s\n", why, word);
    exit(2);
}

// ---- What is measured: replace this ----

static uint32_t *numbers, *sorted;

// Makes the input: its time does not count.
static void prepare(uint64_t n) {
    numbers = calloc(n, sizeof *numbers);
    sorted = calloc(n, sizeof *sorted);
    if (!numbers || !sorted) refuse("too large for the memory", "--param");
    for (uint64_t i = 0; i < n; i++) numbers[i] = (uint32_t)(i * 2654435761u);
}

static uint64_t sum(uint64_t n) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < n; i++) total += numbers[i];
    return total;
}

static int by_value(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint64_t middle(uint64_t n) {
    memcpy(sorted, numbers, n * sizeof *numbers);
    qsort(sorted, n, sizeof *sorted, by_value);
    return sorted[n / 2];
}

static const struct workload {
    const char *name;
    uint64_t fixed_n; // 0: it is parametric, and is given its n with --param
    uint64_t (*call)(uint64_t n);
    const char *listed; // its further keys in the answer to `_list`
} workloads[] = {
    {"demo/sum", 0, sum, ",\"ladder\":{\"low\":1,\"high\":65536},\"complexity\":\"n\""},
    {"demo/sort", 1000, middle, ""},
    {NULL, 0, NULL, NULL},
};

// ---- The contract: keep this ----

// Volatile, so that the compiler neither drops a call nor makes one for all of them.
static volatile uint64_t input, answer;

static uint64_t time_calls(const struct workload *workload, uint64_t repeats) {
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (uint64_t i = 0; i < repeats; i++) answer = workload->call(input);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    int64_t seconds = ended.tv_sec - began.tv_sec;
    return (uint64_t)(seconds * 1000000000 + ended.tv_nsec - began.tv_nsec);
}

// A hash of the answer's text (FNV-1a): by it `tacho` sees that every process answers the same.
static uint64_t hash(const char *text) {
    uint64_t state = 0xcbf29ce484222325;
    for (; *text; text++) state = (state ^ (unsigned char)*text) * 0x100000001b3;
    return state;
}

// The most memory that this process ever had.
static uint64_t peak_rss_kb(void) {
    char line[256];
    uint64_t kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %" SCNu64, &kb);
    return kb;
}

static uint64_t number(const char *word) {
    char *end;
    uint64_t value = strtoull(word, &end, 10);
    if (!*word || *end) refuse("a whole number is expected, not", word);
    return value;
}

static const char *kind(const struct workload *workload) {
    return workload->fixed_n ? "fixed" : "parametric";
}

static void list(void) {
    for (const struct workload *each = workloads; each->name; each++)
        printf("{\"schema_version\":1,\"name\":\"%s\",\"kind\":\"%s\"%s}\n", each->name, kind(each),
               each->listed);
}

static void child(const struct workload *workload, uint64_t which, uint64_t target, int cold) {
    // One call; then twice as many, again and again, while half of the target is not reached.
    uint64_t repeats = 1, total = time_calls(workload, 1);
    while (!cold && total < target / 2) total = time_calls(workload, repeats *= 2);

    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, answer);
    printf("{\"schema_version\":1,\"kind\":\"%s\",\"function\":\"%s\",\"status\":\"ok\"",
           kind(workload), workload->name);
    printf(",\"%s\":%" PRIu64, workload->fixed_n ? "repeat_index" : "param", which);
    printf(",\"total_nanos\":%" PRIu64 ",\"inner_repeats\":%" PRIu64, total, repeats);
    printf(",\"cache_mode\":\"%s\"", cold ? "cold" : "warm");
    if (peak_rss_kb()) printf(",\"peak_rss_kb\":%" PRIu64, peak_rss_kb());
    if (getenv("TACHO_PREVIEW")) printf(",\"result_preview\":\"%s\"", text);
    printf(",\"result_hash\":\"0x%016" PRIx64 "\"}\n", hash(text));
}

// Optional: calls on request, by which `tacho` compares two programs in short slices.
static void serve(const struct workload *workload) {
    char line[64];
    uint64_t repeats;
    puts("ready");
    while (fflush(stdout) == 0 && fgets(line, sizeof line, stdin))
        if (sscanf(line, "run %" SCNu64, &repeats) == 1)
            printf("nanos %" PRIu64 "\n", time_calls(workload, repeats));
        else
            puts("error not understood: `run ITERATIONS` is");
}

static int is(const char *word, const char *expected) { return strcmp(word, expected) == 0; }

int main(int argc, char **argv) {
    const char *none = "(nothing)", *verb = argc > 1 ? argv[1] : none;
    const char *bench = none, *which = none, *target = none, *cache = "warm";
    int fixed = 0;
    for (int i = 2; i < argc; i++) {
        const char *word = argv[i], *value = argv[i + 1];
        if (is(word, "--fixed")) {
            fixed = 1;
            continue;
        }
        if (!value) refuse("unknown word, or nothing behind it", word);
        if (is(word, "--bench")) bench = value;
        else if (is(word, "--param") || is(word, "--repeat-index")) which = value;
        else if (is(word, "--target-nanos") || is(word, "--min-total-nanos")) target = value;
        else if (is(word, "--cache-mode")) cache = value;
        else if (!is(word, "--env-json")) refuse("unknown word", word);
        i++;
    }
    if (is(verb, "_list")) {
        list();
        return fclose(stdout) != 0;
    }
    if (!is(verb, "_child") && !is(verb, "_serve")) refuse("unknown word", verb);

    const struct workload *workload = workloads;
    while (workload->name && !is(workload->name, bench)) workload++;
    if (!workload->name) refuse("unknown workload", bench);
    if (!is(cache, "warm") && !is(cache, "cold")) refuse("unknown --cache-mode", cache);
    input = workload->fixed_n ? workload->fixed_n : number(which);
    prepare(input);
    if (is(verb, "_serve")) {
        serve(workload);
        return 0;
    }
    if (fixed != (workload->fixed_n != 0)) refuse("measured as the other kind", bench);
    child(workload, number(which), number(target), is(cache, "cold"));
    return fclose(stdout) != 0; // a row that could not be written is no answer
}
