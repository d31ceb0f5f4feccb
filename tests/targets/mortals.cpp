// Threads that end in unusual ways; their destructors allocate and free, and nothing may be lost.
//
//     mortals [--times N] [--async]
//
// Each time eight threads: one returns, one calls pthread_exit below frames with destructors, one throws
// across such frames, one is cancelled where it waits below them, and four are cancelled while they allocate:
// at any instant (--async, in front of an allocator that can take it), or where they ask for it.
#include "target.h"

#include <atomic>
#include <pthread.h>
#include <semaphore.h>
#include <stdexcept>
#include <unistd.h>

namespace
{

std::atomic<long> constructed{0}, destroyed{0};
sem_t ready; // posted by whoever is to be cancelled
pthread_key_t key;
bool asynchronous;

} // namespace

NAMED static void *thread_allocates(size_t size)
{
    return malloc(size);
}

NAMED static void *last_words(size_t size)
{
    return malloc(size);
}

// A block that only destructors free: of a thread_local, of a frame that is unwound.
struct Holder {
    void *block = thread_allocates(100);
    Holder()
    {
        constructed++;
    }
    ~Holder()
    {
        free(block);
        free(last_words(50));
        destroyed++;
    }
    void touch()
    {
        *static_cast<volatile char *>(block) = 1;
    }
};

static thread_local Holder holder;

// A key's destructor, which runs after those of thread_local objects; it sets itself again once.
static void destroy(void *value)
{
    static thread_local bool again;
    free(value);
    if (!again) {
        again = true;
        pthread_setspecific(key, last_words(60));
    }
}

static void prepare()
{
    holder.touch();
    pthread_setspecific(key, thread_allocates(70));
}

NAMED static void deeper(int frames, void (*last)())
{
    Holder here;
    here.touch();
    if (frames > 0)
        deeper(frames - 1, last);
    else
        last();
}

static void leave()
{
    pthread_exit(nullptr);
}

static void fail()
{
    throw std::runtime_error("out of here");
}

static void wait_for_ever()
{
    sem_post(&ready);
    for (;;)
        pause();
}

static void *returns(void *)
{
    prepare();
    return nullptr;
}

static void *exits(void *)
{
    prepare();
    deeper(5, leave);
    return nullptr;
}

static void *throws(void *)
{
    prepare();
    try {
        deeper(5, fail);
    } catch (const std::exception &) {
        free(last_words(30));
    }
    return nullptr;
}

static void *waits(void *)
{
    prepare();
    deeper(5, wait_for_ever);
    return nullptr;
}

// Holds one block at a time, so what a cancellation at any instant loses is known.
static void *allocates(void *)
{
    prepare();
    sem_post(&ready);
    pthread_setcanceltype(asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED, nullptr);
    for (size_t i = 0;; i++) {
        free(malloc(i % 1000));
        if (!asynchronous)
            pthread_testcancel();
    }
}

int main(int, char **argv)
{
    static void *(*const kinds[8])(void *) = {returns,   exits,     throws,    waits,
                                              allocates, allocates, allocates, allocates};
    long times = static_cast<long>(option_number(argv, "times", 1));
    asynchronous = option(argv, "async");
    pthread_key_create(&key, destroy);
    sem_init(&ready, 0, 0);
    for (long i = 0; i < times; i++) {
        pthread_t thread[8];
        for (int kind = 0; kind < 8; kind++)
            if (pthread_create(&thread[kind], nullptr, kinds[kind], nullptr))
                return 1;
        for (int kind = 3; kind < 8; kind++)
            sem_wait(&ready);
        usleep(static_cast<useconds_t>(i % 300));
        for (int kind = 3; kind < 8; kind++)
            pthread_cancel(thread[kind]);
        for (int kind = 0; kind < 8; kind++)
            pthread_join(thread[kind], nullptr);
    }
    // Holders: a thread's own, and six of frames in three threads. Keys: one block first, one by destroy.
    const long holders = 8 + 3 * 6;
    printf("truth: allocations thread_allocates %ld\n", times * (holders + 8));
    if (!asynchronous) // a hook that was left behind hides the first ones after it
        printf("truth: allocations last_words %ld\n", times * (holders + 8 + 1));
    printf("truth: live_blocks thread_allocates 0\ntruth: live_blocks last_words 0\n");
    printf("%s\n", constructed == destroyed ? "every destructor ran" : "FAILED: a destructor did not run");
    return 0;
}
