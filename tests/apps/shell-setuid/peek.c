#include <stdio.h>
#include <unistd.h>

int main(void) {
    char line[80];
    FILE *file = fopen("/etc/peek.secret", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        perror("/etc/peek.secret");
        return 1;
    }
    printf("%d sees what is %s", (int)geteuid(), line);
    return 0;
}
