# tries: to give a program of its own capabilities that it has not
# layer: caps-dropped
import os
import shutil
import struct

shutil.copy("/usr/bin/bash", "/tmp/own")
every = (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
for name, value in (("security.capability", struct.pack("<5I", 0x02000001, *every)),
                    ("security.capability", struct.pack("<6I", 0x03000001, *every, os.getuid())),
                    ("trusted.mark", b"1"), ("security.mark", b"1")):
    try:
        os.setxattr("/tmp/own", name, value)
        print("BREACH: set", name)
    except OSError:
        pass
