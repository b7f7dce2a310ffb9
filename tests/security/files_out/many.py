# A hundred thousand files, more than anybody will look at.
import os

for folder in range(10):
    os.mkdir(f"{folder}")
    for number in range(10_000):
        os.mknod(f"{folder}/{number}")
print("made")
