#include "greet.h"
#include <stdio.h>
#include <string.h>

int greet(const char *path, const char *name) {
    char line[200];
    FILE *words = fopen(path, "r");
    if (!words) {
        perror(path);
        return 3;
    }
    while (fgets(line, sizeof line, words)) {
        line[strcspn(line, "\n")] = 0;
        printf("%s, %s!\n", line, name);
    }
    fclose(words);
    return 0;
}
