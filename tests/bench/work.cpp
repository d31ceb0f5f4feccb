// The workloads of scripts/bench that are nobody's program: little loops in which a recorder has nowhere to
// hide.
//
//     work pairs DEPTH COUNT       malloc and free, COUNT pairs, under DEPTH different functions
//     work turns DEPTH COUNT       the same, each pair under the other one of two stacks
//     work larson THREADS COUNT    blocks of 8 to 500 bytes, replaced at random; other threads free them
//     work realloc COUNT           arrays that grow by a few bytes at a time
//     work shared_ptr COUNT        no allocation: counts of references, plain adds while there is one thread
//     work getc COUNT              no allocation: stdio without a lock while there is one thread
//     work live MIB                as many MiB of small live blocks, for peak memory
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace
{

constexpr int DEEPEST = 128;

// xorshift64, Marsaglia 2003
struct random {
    uint64_t x;

    uint64_t next()
    {
        x ^= x << 13;
        x ^= x >> 7;
        return x ^= x << 17;
    }
};

// Sizes vary, a few blocks live at a time and each is written to, as in a tight loop that does something.
[[gnu::noinline]] void pairs_here(long count)
{
    constexpr int LIVE = 16;
    void *blocks[LIVE] = {};
    random r{1};
    for (long i = 0; i < count; i++) {
        auto at = i % LIVE;
        free(blocks[at]);
        auto size = 16 + r.next() % 1000;
        blocks[at] = memset(malloc(size), 1, size);
    }
    for (void *block : blocks)
        if (block)
            free(block);
}

// Different functions: a recursion would be folded.
template <int DEPTH> [[gnu::noinline]] void under(long count)
{
    if constexpr (DEPTH == 0)
        pairs_here(count);
    else
        under<DEPTH - 1>(count);
    __asm__ volatile("" ::: "memory"); // no tail call
}

using function = void (*)(long);
template <int... DEPTHS> constexpr function table(int depth, std::integer_sequence<int, DEPTHS...>)
{
    constexpr function all[] = {under<DEPTHS>...};
    return all[depth];
}

void pairs(int depth, long count)
{
    if (depth < 0 || depth >= DEEPEST)
        exit(2);
    table(depth, std::make_integer_sequence<int, DEEPEST>{})(count);
}

// Two stacks of different height and functions in turn: no pair has the stack of the one before.
void turns(int depth, long count)
{
    if (depth < 1 || depth >= DEEPEST)
        exit(2);
    constexpr auto depths = std::make_integer_sequence<int, DEEPEST>{};
    function either[] = {table(depth, depths), table(depth - 1, depths)};
    for (long i = 0; i < count; i++)
        either[i % 2](1);
}

constexpr int SLOTS = 1000;

[[gnu::noinline]] void *fresh(random &r)
{
    return malloc(8 + r.next() % 493);
}

[[gnu::noinline]] void replace(void **slots, random &r, long count)
{
    for (long i = 0; i < count; i++) {
        void **slot = slots + r.next() % SLOTS;
        free(*slot);
        *slot = fresh(r);
    }
}

// Larson and Krishnan, ISMM 1998: each generation of threads inherits the blocks of the one before.
void larson(int threads, long count)
{
    constexpr int GENERATIONS = 10;
    std::vector<std::vector<void *>> slots(threads, std::vector<void *>(SLOTS));
    for (int generation = 0; generation < GENERATIONS; generation++) {
        std::vector<std::thread> running;
        for (int t = 0; t < threads; t++)
            running.emplace_back([&slots, t, generation, threads, count] {
                random r{0x9e3779b97f4a7c15u + uint64_t(t) * 77 + uint64_t(generation)};
                replace(slots[size_t(t + generation) % size_t(threads)].data(), r, count / GENERATIONS);
            });
        for (auto &thread : running)
            thread.join();
    }
}

void grow(long count)
{
    constexpr int ARRAYS = 64;
    char *arrays[ARRAYS] = {};
    size_t sizes[ARRAYS] = {};
    random r{42};
    for (long i = 0; i < count; i++) {
        auto which = r.next() % ARRAYS;
        sizes[which] = sizes[which] > 100000 ? 16 : sizes[which] + 16 + r.next() % 64;
        arrays[which] = static_cast<char *>(realloc(arrays[which], sizes[which]));
        arrays[which][sizes[which] - 1] = 1;
    }
}

[[gnu::noinline]] void hand_on(std::shared_ptr<int> p)
{
    __asm__ volatile("" ::"r"(p.get()) : "memory");
}

void share(long count)
{
    auto p = std::make_shared<int>(1);
    for (long i = 0; i < count; i++)
        hand_on(p);
}

void read_bytes(long count)
{
    FILE *file = fopen("/dev/zero", "r");
    for (long i = 0; i < count; i++)
        if (getc(file) == EOF)
            exit(3);
    fclose(file);
}

void hold(long mib)
{
    random r{7};
    std::vector<void *> kept;
    for (long bytes = 0; bytes < mib << 20;) {
        auto size = 16 + r.next() % 200;
        kept.push_back(memset(malloc(size), 1, size));
        bytes += long(size);
    }
}

} // namespace

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    long first = argc > 2 ? atol(argv[2]) : 0, second = argc > 3 ? atol(argv[3]) : 0;
    if (!strcmp(what, "pairs"))
        pairs(int(first), second);
    else if (!strcmp(what, "turns"))
        turns(int(first), second);
    else if (!strcmp(what, "larson"))
        larson(int(first), second);
    else if (!strcmp(what, "realloc"))
        grow(first);
    else if (!strcmp(what, "shared_ptr"))
        share(first);
    else if (!strcmp(what, "getc"))
        read_bytes(first);
    else if (!strcmp(what, "live"))
        hold(first);
    else
        return 2;
}
