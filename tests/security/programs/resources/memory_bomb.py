# tries: to be filled by what it unpacks
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
import zlib

packer = zlib.compressobj(9)
bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
held = zlib.decompress(bomb)
print("BREACH: unpacked", len(held) >> 20, "MiB")
