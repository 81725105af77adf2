#include "table.h"

#include <stdio.h>

int main(void) {
    char word[64];
    if (longest("data/words.txt", word, sizeof word)) {
        perror("data/words.txt");
        return 1;
    }
    printf("longest: %s\n", word);
    return 0;
}
