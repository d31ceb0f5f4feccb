// A C++ plugin for a C program (hosts.c). Built with libstdc++ as a library, with libstdc++ inside, and with
// operators of its own: HEADER bytes before each block, so that another's operator cannot free it.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#ifdef HEADER
static long news, deletes;

void *operator new(std::size_t size)
{
    char *block = static_cast<char *>(std::malloc(size + HEADER));
    if (!block)
        throw std::bad_alloc();
    news++;
    return block + HEADER;
}

void operator delete(void *p) noexcept
{
    if (!p)
        return;
    deletes++;
    std::free(static_cast<char *>(p) - HEADER);
}

void operator delete(void *p, std::size_t) noexcept
{
    operator delete(p);
}
#endif

// The loader runs this with its lock held; the thread must get by without it.
struct starts_a_thread {
    starts_a_thread()
    {
        std::thread([] { puts(std::string(100, 'x').c_str()); }).join();
    }
};
static starts_a_thread started;

extern "C" void guest_acts()
{
    std::vector<std::string> all;
    for (int i = 0; i < 100; i++)
        all.push_back(std::string(100, 'x'));
    auto array = std::make_unique<int[]>(100);
    int *one = new (std::nothrow) int(array[0]);
    delete one;
    try {
        volatile std::size_t much = static_cast<std::size_t>(1) << 60;
        delete[] new char[much];
    } catch (const std::bad_alloc &e) {
        puts(e.what());
    }
#ifdef HEADER
    std::printf("%d: %ld new, %ld deleted\n", HEADER, news, deletes);
#endif
}
