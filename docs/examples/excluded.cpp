// A test's fixture that grows on purpose, kept out of the report by a scope: in C++ an object does it.
//
//     c++ -std=c++11 -I include -o excluded docs/examples/excluded.cpp && leakwatch run -- ./excluded
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "leakwatch.h"

static std::vector<std::unique_ptr<std::string>> recorded, results;

static void record()
{
    leakwatch::excluded here; // what the test keeps to compare with later
    recorded.emplace_back(new std::string(4000, 'r'));
}

static void compute()
{
    results.emplace_back(new std::string(4000, 'c')); // what is under test
}

int main()
{
    for (const char *phase : {"first half", "second half"}) {
        leakwatch_phase(phase);
        for (int i = 0; i < 300; i++) {
            record();
            compute();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    return recorded.size() == results.size() ? 0 : 1;
}
