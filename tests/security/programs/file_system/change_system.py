# tries: to change, rename or remove what it is run with
# layer: read-only-root
import errno
import os

attempts = {
    "chmod": lambda path: os.chmod(path, 0o777),
    "chown": lambda path: os.chown(path, os.getuid(), os.getgid()),
    "rename": lambda path: os.rename(path, path + ".old"),
    "unlink": os.unlink,
    "utime": lambda path: os.utime(path, (0, 0)),
    "attribute": lambda path: os.setxattr(path, "user.mark", b"1"),
}
for path in ("/usr/bin/bash", os.__file__, "/etc/passwd", "/usr/bin/env"):
    for name, attempt in attempts.items():
        try:
            attempt(path)
            print("BREACH:", name, path)
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.ETXTBSY):
                print("BREACH:", path, "is not read-only to", name + ":", error.strerror)
