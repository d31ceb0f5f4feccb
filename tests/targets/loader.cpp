// The loader's locks against the recorder's: plugins come and go (each allocates in its constructor)
// while other threads allocate and throw exceptions, which asks the loader for unwind tables. Whoever
// takes a lock in malloc that dlclose needs, hangs here.
//
//     loader PLUGIN [SECONDS [THREADS]]
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <ctime>

namespace
{

std::atomic<bool> over{false};
std::atomic<long> loads{0}, throws{0};

void load(const char *plugin)
{
    while (!over) {
        void *handle = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            std::exit(1);
        dlclose(handle);
        loads++;
    }
}

void allocate()
{
    while (!over) {
        std::vector<std::string> words;
        for (int i = 0; i < 100; i++)
            words.push_back("a word too long for its place " + std::to_string(i));
    }
}

void raise()
{
    while (!over) {
        try {
            throw std::runtime_error("a reason");
        } catch (const std::runtime_error &) {
            throws++;
        }
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    long seconds = argc > 2 ? std::atol(argv[2]) : 3, number = argc > 3 ? std::atol(argv[3]) : 4;
    std::vector<std::thread> threads;
    for (long i = 0; i < number; i += 4) {
        threads.emplace_back(load, argv[1]);
        threads.emplace_back(load, argv[1]);
        threads.emplace_back(allocate);
        threads.emplace_back(raise);
    }
    timespec time{seconds, 0};
    nanosleep(&time, nullptr);
    over = true;
    for (std::thread &thread : threads)
        thread.join();
    bool well = loads > 0 && throws > 0;
    std::puts(well ? "ended well" : "hardly moved");
    return !well;
}
