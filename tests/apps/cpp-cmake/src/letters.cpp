#include "letters.hpp"

#include <algorithm>

std::string sorted_letters(std::string word) {
    std::sort(word.begin(), word.end());
    return word;
}
