# tries: to be taken for a run that the sandbox could not start
# layer: runner
# outcome: nonzero
import os

for descriptor in range(3, 64):
    try:
        os.write(descriptor, b"Fforged")
        print("BREACH: wrote to descriptor", descriptor, flush=True)
    except OSError:
        pass
os._exit(125)
