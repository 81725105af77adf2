#include "area.h"

#include <math.h>

double area(double radius) { return acos(-1.0) * pow(radius, 2.0); }
