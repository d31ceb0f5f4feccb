// operator new of a library that hands out pieces of a pool of its own: nobody else can tell their sizes, and
// before the first there is no memory at all. Built twice: the library, and (PROGRAM) who uses it.
//
//     pool_new
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

#define NAMED __attribute__((noinline))

#ifndef PROGRAM

constexpr std::size_t PAGE = 4096, POOL = 1 << 20;
static char *pool, *next;

void *operator new(std::size_t size)
{
    if (!pool) {
        pool = static_cast<char *>(
            mmap(nullptr, PAGE + POOL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        mprotect(pool, PAGE, PROT_NONE);
        next = pool += PAGE;
    }
    char *block = next;
    next += (size + 15) / 16 * 16;
    if (next > pool + POOL)
        throw std::bad_alloc();
    return block;
}

void operator delete(void *) noexcept
{
}
void operator delete(void *, std::size_t) noexcept
{
}

#else

static char *blocks[1000];

NAMED static char *from_the_pool(int size)
{
    return static_cast<char *>(::operator new(std::size_t(size)));
}

int main()
{
    long bytes = 0;
    for (int i = 0; i < 1000; i++) {
        blocks[i] = from_the_pool(40 + i % 60);
        bytes += 40 + i % 60;
        blocks[i][0] = 1;
    }
    for (int i = 0; i < 1000; i += 2) {
        bytes -= 40 + i % 60;
        ::operator delete(blocks[i]);
    }
    std::printf("truth: allocations from_the_pool 1000\n");
    std::printf("truth: frees from_the_pool 500\n");
    std::printf("truth: live_bytes from_the_pool %ld\n", bytes);
    return 0;
}

#endif
