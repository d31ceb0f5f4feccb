/* A daemon's manners: closes every descriptor it does not know. Its own files then get the numbers 0, 1
 * and 2, and nothing but its own words may ever be written to them.
 *
 *     closes_all FOLDER      writes FOLDER/0, FOLDER/1 and FOLDER/2
 */
#include "target.h"

#include <fcntl.h>
#include <unistd.h>

static void *kept[5000];

NAMED static void allocate(void)
{
    for (int i = 0; i < 5000; i++)
        kept[i] = malloc(100);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    allocate();
    closefrom(0);
    for (int i = 0; i < 3; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d", argv[1], i);
        if (open(path, O_CREAT | O_TRUNC | O_RDWR, 0600) != i)
            return 3; /* somebody else holds the lowest descriptor */
    }
    allocate();
    for (struct timespec start = now(); seconds_since(start) < 0.3;)
        free(malloc(64));
    for (int i = 0; i < 3; i++)
        if (write(i, "mine\n", 5) != 5)
            return 4;
    return 0;
}
