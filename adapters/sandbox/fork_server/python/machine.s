# Carries out a table of system calls, as a function that Python calls with one argument:
# PyObject *machine(PyObject *unused, PyObject *first). `first` is a bytes object, whose content begins
# 32 bytes in; it holds the address of the first record, and is returned, with a reference more.
#
# A record is twelve 8-byte fields: number, six arguments, result, and the record to go on with when
# the result is negative, zero, or positive; a zero there returns. No stack, C library or thread state
# is used between `next` and the last five instructions, so that a child which shares its parent's
# memory, and even its stack pointer, may go through a table while the parent goes on.

        .intel_syntax noprefix
        .text
        .globl machine
machine:
        push    rbx
        push    rsi
        mov     rbx, [rsi + 32]
next:
        mov     rax, [rbx]
        mov     rdi, [rbx + 8]
        mov     rsi, [rbx + 16]
        mov     rdx, [rbx + 24]
        mov     r10, [rbx + 32]
        mov     r8, [rbx + 40]
        mov     r9, [rbx + 48]
        syscall
        mov     [rbx + 56], rax
        test    rax, rax
        js      negative
        jz      zero
        mov     rbx, [rbx + 80]
        jmp     more
negative:
        mov     rbx, [rbx + 64]
        jmp     more
zero:
        mov     rbx, [rbx + 72]
more:
        test    rbx, rbx
        jnz     next
        pop     rax
        inc     qword ptr [rax]
        pop     rbx
        ret
