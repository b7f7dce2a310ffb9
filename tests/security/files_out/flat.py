# A hundred thousand files in one folder.
import os

for number in range(100_000):
    os.mknod(f"{number}")
print("made")
