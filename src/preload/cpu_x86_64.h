/* x86-64: raw system calls, the caller of a hook, a change of stack.
 *
 * Raw system calls leave errno alone, cannot be interposed (our own mmap never meets our hook) and
 * take no lock. They return -errno.
 */
#ifndef LEAKWATCH_PRELOAD_CPU_X86_64_H
#define LEAKWATCH_PRELOAD_CPU_X86_64_H

#include <linux/audit.h>
#include <stddef.h>
#include <stdint.h>

#define CPU_AUDIT_ARCH AUDIT_ARCH_X86_64 /* what these calls are to a seccomp filter */

static inline long cpu_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* Defines the exported function `syscall`: this number goes to `detour`, any other to where `next` points,
 * with registers and stack as they came. A task that such a call starts may return on another stack, so
 * nothing of ours may lie on this one. */
#define CPU_DETOUR_SYSCALL(number, detour, next) CPU_DETOUR_SYSCALL_(number, detour, next)
#define CPU_DETOUR_SYSCALL_(number, detour, next)                                                            \
    __asm__(".pushsection .text\n\t"                                                                         \
            ".globl syscall\n\t"                                                                             \
            ".type syscall, @function\n"                                                                     \
            "syscall:\n\t"                                                                                   \
            ".cfi_startproc\n\t"                                                                             \
            "cmp $" #number ", %rdi\n\t"                                                                     \
            "je " #detour "\n\t"                                                                             \
            "jmp *" #next "(%rip)\n\t"                                                                       \
            ".cfi_endproc\n\t"                                                                               \
            ".size syscall, . - syscall\n\t"                                                                 \
            ".popsection")

/* Who called a hook: the registers as they are right after the hook returns. */
struct caller {
    uintptr_t ra; /* return address */
    uintptr_t sp; /* stack pointer after the return */
    uintptr_t bp; /* frame register, the caller's own */
};

/* Of the function whose __builtin_frame_address(0) this is. The whole library is compiled with frame
 * pointers, so the frame address points at the saved rbp, then the return address. */
static inline struct caller cpu_caller(const void *frame_address)
{
    const uintptr_t *frame = frame_address;
    return (struct caller){.ra = frame[1], .sp = (uintptr_t)(frame + 2), .bp = frame[0]};
}

static inline uintptr_t cpu_thread_pointer(void)
{
    uintptr_t tp;
    __asm__("mov %%fs:0, %0" : "=r"(tp));
    return tp;
}

static inline void cpu_pause(void)
{
    __asm__ volatile("pause");
}

/* Calls function(argument) on another stack, `top` being its highest address (16-byte aligned). */
static inline void cpu_call_on_stack(void *top, void (*function)(void *), void *argument)
{
    __asm__ volatile("mov %%rsp, %%rbx\n\t"
                     "mov %[top], %%rsp\n\t"
                     "call *%[function]\n\t"
                     "mov %%rbx, %%rsp"
                     : "+D"(argument)
                     : [top] "r"(top), [function] "r"(function)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                       "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

#endif
