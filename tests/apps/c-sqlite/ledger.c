#include <sqlite3.h>
#include <stdio.h>

static int print(void *unused, int count, char **values, char **names) {
    (void)unused;
    for (int i = 0; i < count; i++) printf("%s = %s\n", names[i], values[i]);
    return 0;
}

int main(void) {
    sqlite3 *base;
    if (sqlite3_open(":memory:", &base)) return 1;
    int failed = sqlite3_exec(base,
        "CREATE TABLE entry (amount INTEGER); INSERT INTO entry VALUES (40), (2);"
        "SELECT sum(amount) AS total FROM entry;", print, NULL, NULL);
    sqlite3_close(base);
    return failed;
}
