# tries: to mount by the newer calls
# layer: seccomp
import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, CLONE = -100, 1
attempts = {
    "fsopen": (430, b"tmpfs", 0),
    "fspick": (433, AT_FDCWD, b"/tmp", 0),
    "open_tree": (428, AT_FDCWD, b"/usr", CLONE),
    "fsmount": (432, 0, 0, 0),
    "move_mount": (429, AT_FDCWD, b"/tmp", AT_FDCWD, b"/usr", 0),
    "mount_setattr": (442, AT_FDCWD, b"/", 0, ctypes.create_string_buffer(32), 32),
    "open_tree_attr": (467, AT_FDCWD, b"/usr", CLONE, None, 0),
}
for name, (number, *arguments) in attempts.items():
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("BREACH:", name, "went through:", result, ctypes.get_errno())
