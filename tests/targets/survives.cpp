/* A program that goes on without memory: each step says what it got, and the next one comes whatever
 * happened. To be run on an allocator that fails (failing.c): its output depends on nothing else.
 */
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>

static void said(const char *what, bool good)
{
    printf("%s: %s\n", what, good ? "done" : "no memory");
}

/* The first of its kind: whoever looks for the real operator now loses what dlerror has to tell. */
static void loader_errors()
{
    const char *early = dlerror();
    printf("dlerror: %s\n", early ? early : "nothing");
    dlopen("libnothing.so", RTLD_NOW);
    delete[] new (std::nothrow) char[10];
    const char *why = dlerror();
    printf("dlerror: %s\n", why ? why : "NOTHING");
}

static void blocks()
{
    errno = 0;
    void *block = malloc(1000);
    said("malloc", block != nullptr);
    void *larger = realloc(block, 100000);
    said("realloc", larger != nullptr);
    free(larger ? larger : block);
    said("errno", errno == 0);
    block = calloc(10, 100);
    said("calloc", block != nullptr);
    free(block);
    block = reallocarray(nullptr, 7, 70);
    said("reallocarray", block != nullptr);
    free(block);
    block = aligned_alloc(256, 1024);
    said("aligned_alloc", block != nullptr);
    free(block);
    block = reinterpret_cast<void *>(1);
    int error = posix_memalign(&block, 4096, 5000);
    printf("posix_memalign: %d\n", error);
    if (!error)
        free(block);
    else if (block != reinterpret_cast<void *>(1))
        puts("posix_memalign: CHANGED its result");
}

static void text()
{
    char *copy = strdup("a text");
    said("strdup", copy != nullptr);
    free(copy);
    char *line = nullptr;
    size_t room = 0;
    FILE *file = fopen("/proc/self/comm", "r");
    said("fopen", file != nullptr);
    if (file) {
        said("getline", getline(&line, &room, file) > 0);
        fclose(file);
    }
    free(line);
    char *made = nullptr;
    said("asprintf", asprintf(&made, "%d %s", 42, "and so on") > 0);
    free(made);
    said("setlocale", setlocale(LC_ALL, "C") != nullptr);
}

static int alarmed;
static void handler()
{
    alarmed++;
    std::set_new_handler(nullptr);
}

struct alignas(128) wide {
    char bytes[256];
};

template <class Work> static void tried(const char *what, Work work)
{
    try {
        work();
        said(what, true);
    } catch (const std::bad_alloc &) {
        said(what, false);
    }
}

static void objects()
{
    tried("new", [] { delete new std::string(100, 'x'); });
    tried("new[]", [] { delete[] new int[1000]; });
    tried("aligned new", [] { delete new wide; });
    tried("vector", [] {
        std::vector<std::string> all;
        for (int i = 0; i < 20; i++)
            all.push_back(std::string(50, 'a'));
    });
    tried("map", [] {
        std::map<int, int> map;
        for (int i = 0; i < 20; i++)
            map[i] = i;
    });
    tried("throw", [] {
        try {
            throw std::runtime_error("a long message, so that it is allocated");
        } catch (const std::runtime_error &) {
        }
    });
    int *quiet = new (std::nothrow) int[100];
    said("nothrow new", quiet != nullptr);
    delete[] quiet;
    std::set_new_handler(handler);
    tried("new with a handler", [] { delete new std::string(200, 'y'); });
    std::set_new_handler(nullptr);
    printf("handler ran %d times\n", alarmed);
}

static void *thread_of(void *)
{
    free(malloc(100));
    return nullptr;
}

static void others()
{
    pthread_t thread;
    int error = pthread_create(&thread, nullptr, thread_of, nullptr);
    printf("pthread_create: %d\n", error);
    if (!error)
        pthread_join(thread, nullptr);
    said("setenv", setenv("A_NAME", "a value", 1) == 0);
}

int main()
{
    static char buffer[8192];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    loader_errors();
    blocks();
    text();
    objects();
    others();
    puts("ended well");
    return 0;
}
