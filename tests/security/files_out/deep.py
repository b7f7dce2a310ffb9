# Folders in folders, deeper than a path can say.
import os

for _ in range(600):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
    with open("f", "w", encoding="utf-8") as file:
        file.write("deep")
