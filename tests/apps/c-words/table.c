#include "table.h"

#include <stdio.h>
#include <string.h>

int longest(const char *path, char *word, int size) {
    char line[64];
    FILE *file = fopen(path, "r");
    if (file == NULL) return 1;
    word[0] = 0;
    while (fscanf(file, "%63s", line) == 1)
        if (strlen(line) > strlen(word)) snprintf(word, size, "%s", line);
    fclose(file);
    return 0;
}
