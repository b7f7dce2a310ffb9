# Puts something else in the place of the working folder: argv[1] says what.
import os
import sys

with open("/tmp/outside", "w", encoding="utf-8") as file:
    file.write("SECRET of /tmp")
os.rename("/tmp/work", "/tmp/elsewhere")
if sys.argv[1] == "file":
    with open("/tmp/work", "w", encoding="utf-8") as file:
        file.write("SECRET")
elif sys.argv[1] == "fifo":
    os.mkfifo("/tmp/work")
elif sys.argv[1] == "folder":
    os.mkdir("/tmp/work")
    with open("/tmp/work/new", "w", encoding="utf-8") as file:
        file.write("a folder of its own")
elif sys.argv[1] != "nothing":
    os.symlink(sys.argv[1], "/tmp/work")
