# tries: to see the files of the host
# layer: mount-ns
import os

for path in ("/root", "/home", "/var", "/boot", "/run", "/srv", "/mnt", "/media", "/sys", "/work", "/snap",
             "/etc/shadow", "/etc/ssh", "/etc/sudoers", "/etc/hostname", "/etc/resolv.conf",
             "/etc/machine-id", "/usr/local/bin", "/.dockerenv"):
    if os.path.lexists(path):
        print("BREACH: sees", path)
