# tries: to find anything at the top of the file tree that is not the interpreter's
# layer: mount-ns
import os
import sys

EXPECTED = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "dev", "proc", "tmp", "opt",
            sys.base_prefix.split("/")[1]}
EXPECTED_DEVICES = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}
for folder, expected in (("/", EXPECTED), ("/dev", EXPECTED_DEVICES), ("/tmp", {"work"})):
    odd = sorted(set(os.listdir(folder)) - expected)
    if odd:
        print("BREACH: sees in", folder, odd)
