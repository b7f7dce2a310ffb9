# tries: to make files and folders in every folder but its own /tmp
# layer: read-only-root
import errno
import os

for folder in ("/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/dev", os.path.dirname(os.__file__)):
    for attempt in (os.mkdir, lambda path: os.open(path, os.O_CREAT | os.O_WRONLY)):
        try:
            attempt(f"{folder}/planted")
            print("BREACH: made", folder)
        except OSError as error:
            # Anything else would mean that only the owner of the folder is in the way.
            if error.errno != errno.EROFS:
                print("BREACH:", folder, "is not read-only:", error.strerror)
