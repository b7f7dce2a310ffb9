# tries: to write one file larger than it may
# layer: rlimits
# outcome: nonzero
# limit: file_size_mb
# limits: file_size_mb=4
with open("/tmp/large", "wb", buffering=0) as file:
    while file.tell() < 16 << 20:
        file.write(bytes(1 << 20))
print("BREACH: wrote 16 MiB")
