#include <iostream>

#include "letters.hpp"

int main(int count, char **words) {
    if (count != 3) {
        std::cerr << "usage: anagram WORD WORD\n";
        return 2;
    }
    bool same = sorted_letters(words[1]) == sorted_letters(words[2]);
    std::cout << (same ? "anagrams" : "different") << std::endl;
    return 0;
}
