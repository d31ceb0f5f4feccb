/* Walks while a C++ exception unwinds: from destructors that run in landing pads, from catch blocks, from
 * what the exception's own construction calls. Each is the walk that libunwind takes from there. */
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <csetjmp>
#include <stdexcept>
#include <string>
extern "C" {
#include <cmocka.h>

/* capture.h, capture_truth.h: the guest's headers are C. */
const char *capture_init(void);
const char *truth_init(void);
bool truth_agrees_at(const void *frame_address);
}

static int walks, agreed;

static __attribute__((noinline)) void look(void)
{
    walks++;
    agreed += truth_agrees_at(__builtin_frame_address(0));
    __asm__ volatile("");
}

namespace
{

struct Guard {
    std::string name;
    explicit Guard(const char *text) : name(text)
    {
        look();
    }
    ~Guard()
    {
        look(); /* in a landing pad, when an exception passes */
    }
};

struct Trouble : std::runtime_error {
    explicit Trouble(const char *text) : std::runtime_error(text)
    {
        look();
    }
};

__attribute__((noinline)) int fall(int depth)
{
    Guard guard("guard");
    if (depth == 0)
        throw Trouble("bottom");
    int result = fall(depth - 1) + 1;
    __asm__ volatile("" : "+r"(result));
    return result;
}

__attribute__((noinline)) int catch_and_rethrow(int depth)
{
    try {
        return fall(depth);
    } catch (const Trouble &) {
        look();
        throw;
    }
}

} // namespace

static void walks_are_right_while_exceptions_pass(void **unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        try {
            catch_and_rethrow(i % 7);
        } catch (const std::exception &e) {
            look();
            assert_string_equal(e.what(), "bottom");
        }
    }
    assert_true(walks > 300);
    assert_int_equal(agreed, walks);
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(walks_are_right_while_exceptions_pass)};
    const char *problem = capture_init();
    if (!problem)
        problem = truth_init();
    if (problem) {
        print_message("skipped: %s\n", problem);
        return 77;
    }
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
