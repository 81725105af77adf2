#include <stdio.h>
#include <string.h>

int roman(const char *table, int number, char *out) {
    char letters[4];
    int value;
    FILE *file = fopen(table, "r");
    if (file == NULL) return 1;
    *out = 0;
    while (fscanf(file, "%d %3s", &value, letters) == 2)
        for (; number >= value; number -= value) strcat(out, letters);
    fclose(file);
    return 0;
}
