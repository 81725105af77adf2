module example.org/templates

go 1.19
