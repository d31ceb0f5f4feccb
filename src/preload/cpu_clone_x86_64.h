/* x86-64: a new process or thread that starts in a function, on a stack it is given (clone without the C
 * library, which would write into the caller's thread descriptor and take locks). */
#ifndef LEAKWATCH_PRELOAD_CPU_CLONE_X86_64_H
#define LEAKWATCH_PRELOAD_CPU_CLONE_X86_64_H

#include <stdint.h>
#include <sys/syscall.h>

/* Starts function(argument) in a new task; it exits with what the function returns. top: highest
 * address of its stack, 16-byte aligned. Returns its pid, or -errno.
 *
 * For CLONE_VM | CLONE_VFORK: the new task shares all memory with the caller, the thread pointer
 * included, and the caller stands still until it has gone or become another program. So the function
 * may write to the caller's variables, and must touch nothing of the C library. */
static inline long cpu_clone_call(unsigned long flags, void *top, int (*function)(void *), void *argument)
{
    uintptr_t *stack = top;
    *--stack = (uintptr_t)argument;
    *--stack = (uintptr_t)function;

    long result;
    register long r8 __asm__("r8") = 0;
    register long r10 __asm__("r10") = 0;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t" /* the end of the stack, for whoever unwinds it */
                     "pop %%rax\n\t"
                     "pop %%rdi\n\t"
                     "call *%%rax\n\t"
                     "mov %%eax, %%edi\n\t"
                     "mov %[exit], %%eax\n\t"
                     "syscall\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "a"((long)SYS_clone), "D"(flags), "S"(stack), "d"(0L), "r"(r10),
                       "r"(r8), [exit] "i"(SYS_exit)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

#endif
