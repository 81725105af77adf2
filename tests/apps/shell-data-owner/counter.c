#include <stdio.h>

int main(void) {
    int value = 0;
    FILE *file = fopen("value", "r");
    if (file == NULL || fscanf(file, "%d", &value) != 1) return 1;
    fclose(file);
    file = fopen("value", "w");
    if (file == NULL) {
        perror("value");
        return 1;
    }
    fprintf(file, "%d\n", ++value);
    fclose(file);
    printf("count %d\n", value);
    return 0;
}
