# A file as large as may be without a byte in it, one that is small, and one that had many bytes.
import os

LIMIT = 16 << 20
for name, size in (("huge", LIMIT), ("small", 1 << 20)):
    with open(name, "wb") as file:
        file.truncate(size)
try:
    os.truncate("huge", 10 << 30)
except OSError as error:
    print(error.strerror)
