#include "greet.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
    const char *words = getenv("GREETER_WORDS");
    printf("effective user %d\n", (int)geteuid());
    return greet(words ? words : "/usr/local/share/greeter/words.txt", count > 1 ? arguments[1] : "world");
}
