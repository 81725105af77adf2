#include <stdio.h>
#include <string.h>

/* Counts the lines of a file that hold a word. */
int main(int count, char **arguments) {
    char line[512];
    int found = 0;
    FILE *file = fopen("/data/words.txt", "r");
    if (!file || count < 2)
        return 4;
    while (fgets(line, sizeof line, file))
        found += strstr(line, arguments[1]) != NULL;
    printf("%d\n", found);
    return found ? 0 : 1;
}
