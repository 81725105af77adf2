#include <stdio.h>

int main(void) {
    char line[80];
    FILE *file = fopen("/etc/tool-message", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) return 1;
    fputs(line, stdout);
    return 0;
}
