#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    printf("%.2f\n", count > 1 ? atoi(words[1]) / 100.0 : 0.0);
    return 0;
}
