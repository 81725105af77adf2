#include <stdio.h>

int main(int count, char **words) {
    char line[128];
    FILE *file = count > 1 ? fopen(words[1], "r") : NULL;
    if (file == NULL) return 1;
    while (fgets(line, sizeof line, file)) printf("config %s", line);
    return 0;
}
