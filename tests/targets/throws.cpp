// Exceptions in odd places.
//
//     throws main|thread   ends by an exception that nobody catches
//     throws fresh         the first act of each of 300 threads is to throw, and to catch
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace
{
void *kept[1000];
}

extern "C" __attribute__((noinline)) void allocate()
{
    for (void *&block : kept)
        block = std::malloc(200);
}

static void raise()
{
    throw std::runtime_error("nobody catches it");
}

static int fresh()
{
    int caught = 0;
    for (int i = 0; i < 300; i++)
        std::thread([&caught] {
            try {
                raise();
            } catch (const std::runtime_error &) {
                caught++;
            }
        }).join();
    std::printf("%d caught\n", caught);
    return caught != 300;
}

int main(int argc, char **argv)
{
    if (argc > 1 && std::strcmp(argv[1], "fresh") == 0)
        return fresh();
    allocate();
    std::fputs("buffered; ", stdout); // and lost
    if (argc > 1 && std::strcmp(argv[1], "thread") == 0)
        std::thread(raise).join();
    raise();
    return 0;
}
