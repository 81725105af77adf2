#include <stdio.h>

int main(void) {
    puts("run by make");
    return 0;
}
