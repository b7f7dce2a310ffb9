# Files and folders that their own user may not open.
import os

os.makedirs("shut/in")
for path in ("closed", "shut/in/file"):
    with open(path, "w", encoding="utf-8") as file:
        file.write(path)
    os.chmod(path, 0)
os.chmod("shut/in", 0o400)
os.chmod("shut", 0)
