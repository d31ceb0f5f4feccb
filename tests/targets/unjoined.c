/* Threads that end one after the other, joined or not.
 *
 *     unjoined THREADS joined|left      60 threads of which nobody asks how they ended keep 60 stacks
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *work(void *unused)
{
    free(malloc(100));
    return unused;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (int i = atoi(argv[1]); i > 0; i--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0)
            return 1;
        if (strcmp(argv[2], "joined") == 0)
            pthread_join(thread, NULL);
    }
    return 0;
}
