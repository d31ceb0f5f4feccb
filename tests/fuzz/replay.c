/* A fuzzer without libFuzzer: feeds it every file named, and every file in the folders named.
 *
 *     replay_NAME FILE|FOLDER...
 *
 * The bytes lie in memory of exactly their size. Fails when there is nothing to feed.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned fed;

static void feed_file(const char *path)
{
    struct stat st;
    FILE *in = fopen(path, "re");
    CHECK(in && fstat(fileno(in), &st) == 0);
    size_t size = (size_t)st.st_size;
    uint8_t *bytes = malloc(size ? size : 1);
    CHECK(bytes && fread(bytes, 1, size, in) == size);
    fclose(in);
    fprintf(stderr, "%s\n", path); /* the last one named is the one that broke it */
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    fed++;
}

static void feed_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    CHECK(count >= 0);
    for (int i = 0; i < count; i++) {
        char *file;
        CHECK(asprintf(&file, "%s/%s", path, entries[i]->d_name) > 0);
        if (entries[i]->d_name[0] != '.')
            feed_file(file);
        free(file);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    struct stat st;
    for (int i = 1; i < argc; i++) {
        CHECK(stat(argv[i], &st) == 0);
        if (S_ISDIR(st.st_mode))
            feed_folder(argv[i]);
        else
            feed_file(argv[i]);
    }
    fprintf(stderr, "%u inputs\n", fed);
    return fed ? 0 : 1;
}
