# tries: to make a socket in the file system, and to control a device
# layer: landlock
import errno
import fcntl
import os
import stat

try:
    os.mknod("/tmp/work/socket", stat.S_IFSOCK | 0o600)
    print("BREACH: a socket in /tmp/work")
except PermissionError as error:
    assert error.errno == errno.EACCES, error
try:
    fcntl.ioctl(os.open("/dev/null", os.O_WRONLY), 0x1234, bytes(8))
    print("BREACH: /dev/null was controlled")
except OSError as error:
    if error.errno != errno.EACCES:
        print("BREACH: the device itself refused to be controlled:", error)
