#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>

static PyObject *root(PyObject *self, PyObject *argument) {
    double value = PyFloat_AsDouble(argument);
    if (PyErr_Occurred())
        return NULL;
    return PyFloat_FromDouble(sqrt(value));
}

static PyMethodDef methods[] = {{"root", root, METH_O, "Square root."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_core", NULL, -1, methods};

PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&module); }
