// The same in C++, in a namespace, where compilers differ in what debug information they write.
#include <cstdint>
#include <cstdio>
#include <dlfcn.h>
#include <link.h>

namespace app
{
__attribute__((noinline)) static uintptr_t here()
{
    return reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1;
}

template <class T> struct Store {
    T calls = 0;
    __attribute__((always_inline)) uintptr_t add()
    {
        return here(); // line 18
    }
};

static Store<int> store;

__attribute__((noinline)) uintptr_t handle()
{
    uintptr_t at = store.add(); // line 26
    store.calls++;
    return at;
}
} // namespace app

int main()
{
    uintptr_t at = app::handle();
    Dl_info info;
    void *map;
    if (!dladdr1(reinterpret_cast<void *>(at), &info, &map, RTLD_DL_LINKMAP))
        return 1;
    printf("%lx\n", static_cast<unsigned long>(at - static_cast<link_map *>(map)->l_addr));
    return 0;
}
