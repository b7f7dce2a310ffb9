# tries: to flood its output
# layer: runner
# outcome: output
# limit: output_kb
# limits: output_kb=16
import os

for _ in range(1000):
    os.write(1, b"x" * 65536)
os.write(1, b"\nBREACH: wrote 64 MiB\n")
