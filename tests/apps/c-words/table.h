int longest(const char *path, char *word, int size);
