/* A C extension for python that leaks: keep(bytes) calls malloc and forgets it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static void *leak_in_extension(size_t bytes)
{
    void *kept = malloc(bytes);
    return kept ? memset(kept, 1, bytes) : NULL;
}

static PyObject *keep(PyObject *self, PyObject *argument)
{
    (void)self;
    return PyBool_FromLong(leak_in_extension(PyLong_AsUnsignedLong(argument)) != NULL);
}

static PyMethodDef methods[] = {{"keep", keep, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "leak_extension", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_leak_extension(void)
{
    return PyModule_Create(&module);
}
