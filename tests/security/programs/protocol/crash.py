# tries: to take the warm interpreter along as it crashes
# layer: runner
# outcome: signal
import ctypes

for name in ("PyEval_EvalFrameDefault", "_PyEval_EvalFrameDefault", "PyObject_Free"):
    try:
        address = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
        ctypes.CDLL(None).mprotect(ctypes.c_void_p(address & ~4095), 8192, 7)
        ctypes.memset(address, 0xCC, 64)
    except AttributeError:
        pass
ctypes.string_at(0)
