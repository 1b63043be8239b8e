/* memory MIB: touches that much memory once and ends. */
#include <stdlib.h>
#include <string.h>

int main(int count, char **words) {
    size_t bytes = count > 1 ? (size_t)atoi(words[1]) << 20 : 0;
    char *block = malloc(bytes);
    if (!block || !bytes) return 1;
    memset(block, 1, bytes);
    return block[bytes - 1] != 1;
}
