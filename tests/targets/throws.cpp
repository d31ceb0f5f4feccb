// Ends by an exception that nobody catches.
//
//     throws main|thread
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

int main(int argc, char **argv)
{
    allocate();
    std::fputs("buffered; ", stdout); // and lost
    if (argc > 1 && std::strcmp(argv[1], "thread") == 0)
        std::thread(raise).join();
    raise();
    return 0;
}
