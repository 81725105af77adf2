#include <stdio.h>

int main(int count, char **words) {
    printf("entry: %s\n", count > 1 ? words[1] : "empty");
    return 0;
}
