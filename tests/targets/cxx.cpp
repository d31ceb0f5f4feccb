// C++ operator new and delete in all their forms, bad_alloc thrown through the recorder's frames, and
// exceptions from another library. Afterwards the recorder must still be awake: the last counts show it.
//
//     cxx [--no-bad-alloc]      for an allocator that ends the program when new fails (mimalloc)
//
// Prints what happened (the same with the library and without) and then the truth.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

#define NAMED __attribute__((noinline))

void throw_from_library(int number); // cxx_throws.cpp

namespace
{

struct alignas(64) wide {
    char body[192];
};

constexpr std::align_val_t wide_alignment{64};

// Every form, allocated and freed 100 times; what is new'ed is written to.
NAMED void all_forms()
{
    for (int i = 0; i < 100; i++) {
        void *block = ::operator new(100);
        ::operator delete(block);
        block = ::operator new(100);
        ::operator delete (block, std::size_t{100});
        block = ::operator new[](100);
        ::operator delete[](block);
        block = ::operator new[](100);
        ::operator delete[](block, std::size_t{100});
        block = ::operator new(100, std::nothrow);
        ::operator delete(block, std::nothrow);
        block = ::operator new[](100, std::nothrow);
        ::operator delete[](block, std::nothrow);
        block = ::operator new(192, wide_alignment);
        ::operator delete(block, wide_alignment);
        block = ::operator new(192, wide_alignment);
        ::operator delete (block, std::size_t{192}, wide_alignment);
        block = ::operator new[](192, wide_alignment);
        ::operator delete[](block, wide_alignment);
        block = ::operator new[](192, wide_alignment);
        ::operator delete[](block, std::size_t{192}, wide_alignment);
        block = ::operator new(192, wide_alignment, std::nothrow);
        ::operator delete(block, wide_alignment, std::nothrow);
        block = ::operator new[](192, wide_alignment, std::nothrow);
        ::operator delete[](block, wide_alignment, std::nothrow);
    }
}

NAMED wide *new_wide()
{
    wide *w = new wide;
    std::printf("wide: %s\n", reinterpret_cast<std::uintptr_t>(w) % 64 ? "ODD" : "aligned");
    return w;
}

int handler_calls;

void give_up()
{
    handler_calls++;
    std::set_new_handler(nullptr);
}

// Catches bad_alloc from each of the throwing forms; the new_handler is called first.
NAMED void bad_allocs()
{
    volatile std::size_t huge = PTRDIFF_MAX - 4096;
    int caught = 0;
    for (int i = 0; i < 1000; i++) {
        std::set_new_handler(give_up);
        try {
            ::operator delete(::operator new(huge));
        } catch (const std::bad_alloc &) {
            caught++;
        }
        try {
            ::operator delete[](::operator new[](huge));
        } catch (const std::bad_alloc &) {
            caught++;
        }
        try {
            ::operator delete(::operator new(huge, wide_alignment), wide_alignment);
        } catch (const std::bad_alloc &) {
            caught++;
        }
        if (!::operator new(huge, std::nothrow) && !::operator new[](huge, std::nothrow))
            caught++;
    }
    std::printf("bad_alloc: %d caught, new_handler called %d times\n", caught, handler_calls);
}

NAMED void exceptions()
{
    int caught = 0;
    for (int i = 0; i < 1000; i++) {
        try {
            throw_from_library(i);
        } catch (const std::runtime_error &) {
            caught++;
        }
    }
    std::printf("exceptions: %d caught\n", caught);
}

std::vector<char *> kept;

NAMED void still_awake()
{
    kept.push_back(new char[100]);
    kept.push_back(static_cast<char *>(std::malloc(100)));
}

} // namespace

int main(int argc, char **argv)
{
    kept.reserve(10000);
    all_forms();
    delete new_wide();
    if (argc < 2 || std::strcmp(argv[1], "--no-bad-alloc") != 0)
        bad_allocs();
    exceptions();
    for (int i = 0; i < 1000; i++)
        still_awake();
    for (int i = 0; i < 1000; i += 2)
        delete[] kept[static_cast<std::size_t>(i)]; // the even ones are new'ed
    std::printf("truth: allocations all_forms 1200\ntruth: live_blocks all_forms 0\n"
                "truth: allocations new_wide 1\ntruth: live_blocks new_wide 0\n"
                "truth: allocations bad_allocs 0\n"
                "truth: allocations still_awake 2000\ntruth: frees still_awake 500\n");
    std::puts("ended well");
    return 0;
}
