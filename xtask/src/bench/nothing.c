/* A program that does nothing; static, it is the cheapest one that a C library lets be. */
int main(void) { return 0; }
