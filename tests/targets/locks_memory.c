/* A real-time program: it locks all its memory, now and in future, allocates 10 MiB, and looks how much
 * became resident. A recorder's own tables may come to some MiB; what it only reserved must not become real.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

#define MOST_MIB 64

static long resident_mib(void)
{
    long size = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (!statm || fscanf(statm, "%ld %ld", &size, &resident) != 2)
        return -1;
    fclose(statm);
    return resident * sysconf(_SC_PAGESIZE) >> 20;
}

NAMED static void keep(void)
{
    static void *chain;
    void **link = malloc(100);
    *link = chain;
    chain = link;
}

int main(void)
{
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        perror("mlockall");
        return 1;
    }
    for (int i = 0; i < 100000; i++)
        keep();
    long mib = resident_mib();
    if (mib < 0 || mib > MOST_MIB)
        printf("%ld MiB are resident\n", mib);
    puts("all locked");
    return 0;
}
