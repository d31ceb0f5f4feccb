# make, cmake and clang: a small project, built, run, and one that fails.
# shellcheck shell=sh

printf 'cmake_minimum_required(VERSION 3.10)\nproject(p C)\nadd_library(part SHARED part.c)\nadd_executable(p p.c)\ntarget_link_libraries(p part)\n' >CMakeLists.txt
echo 'int part(void) { return 6; }' >part.c
printf '#include <stdio.h>\nint part(void);\nint main(void) { printf("%%d\\n", 7 * part()); return 0; }\n' >p.c
cmake -S . -B built >/dev/null && make -s -C built p >/dev/null && built/p
rm -r built
clang -O2 -c p.c part.c && clang -o p p.o part.o && ./p
echo 'int main(void) { return undeclared; }' >bad.c
clang -c bad.c
printf 'all:\n\t@echo making\n\t@false\n' >Makefile
make -s all
