# tries: to become the user of another run
# layer: caps-dropped
import os

own = os.getuid()
for uid in (*range(1000, 1100), 5095, 33, 65534, 100_000, 1_879_048_192 + 1000):
    if uid != own:
        try:
            os.setresuid(uid, uid, uid)
            print("BREACH: is now", uid)
        except OSError:
            pass
