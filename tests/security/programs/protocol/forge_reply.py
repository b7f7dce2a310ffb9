# tries: to be taken for the broker, by writing what brokers write
# layer: runner
import os
import struct

frames = [struct.pack("<I", 64) + bytes([kind]) + struct.pack("<Q", number) + bytes(55)
          for kind in range(8) for number in (0, 1, 2, 3)]
for descriptor in range(256):
    for frame in frames if descriptor in (1, 2) else frames[:1]:
        try:
            os.write(descriptor, frame)
            if descriptor > 2:
                print("BREACH: wrote to descriptor", descriptor)
        except OSError:
            pass
