# tries: to leave its root by symbolic links and by ..
# layer: mount-ns
import os

for number, target in enumerate(("/../../../../etc/shadow", "/proc/1/root/etc/shadow", "/proc/1/cwd/../etc/shadow",
                                 "../" * 40 + "etc/shadow", "/proc/self/root/../etc/shadow")):
    link = f"/tmp/link{number}"
    os.symlink(target, link)
    for path in (link, target):
        try:
            with open(path, "rb") as file:
                print("BREACH: reads", target, len(file.read()))
        except OSError:
            pass
root = os.stat("/")
above = os.stat("/..")
if (root.st_dev, root.st_ino) != (above.st_dev, above.st_ino):
    print("BREACH: there is something above the root")
