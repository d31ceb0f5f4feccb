// A library that cxx.cpp is linked to: throws, with a destructor on the way that frees.
#include <memory>
#include <stdexcept>
#include <string>

void throw_from_library(int number);

__attribute__((noinline)) static void deeper(int number, int frames)
{
    auto text = std::make_unique<std::string>(static_cast<std::size_t>(100 + number % 7), 'x');
    if (frames > 0)
        deeper(number, frames - 1);
    throw std::runtime_error(*text);
}

void throw_from_library(int number)
{
    deeper(number, number % 10);
}
