# tries: to confuse the sandbox by closing all that it has
# layer: runner
import os

os.closerange(0, 4096)
os._exit(0)
