#include <stdio.h>
#include <stdlib.h>

int roman(const char *table, int number, char *out);

int main(int count, char **words) {
    char out[64];
    if (count < 2 || roman("/usr/local/share/roman/numerals.txt", atoi(words[1]), out)) return 1;
    puts(out);
    return 0;
}
