#pragma once
#include <string>

std::string sorted_letters(std::string word);
