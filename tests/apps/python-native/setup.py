from setuptools import Extension, setup

setup(
    name="speedy",
    version="1.0",
    packages=["speedy"],
    package_data={"speedy": ["table.txt"]},
    ext_modules=[Extension("speedy._core", ["speedy/_core.c"], libraries=["m"])],
)
