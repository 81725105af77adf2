int greet(const char *path, const char *name);
