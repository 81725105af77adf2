from fastsum import total

print("fast total", total(range(100)))
