# g++: a good and a bad file.
# shellcheck shell=sh

cat >a.cpp <<'END'
#include <map>
#include <regex>
#include <string>
#include <iostream>
int main() { std::map<std::string, int> m{{"a", 1}}; std::cout << m.size() << std::regex_match("ab", std::regex("a.")) << "\n"; }
END
g++ -O1 -c a.cpp && g++ -o a a.o && ./a && objdump -d a.o | sha256sum
echo 'int main() { return std::nothing; }' >bad.cpp
g++ -c bad.cpp
