# Files with the strangest names that the kernel takes.
import os

NAMES = ("数据", "данные", "بيانات", "ไฟล์", "😀👩‍👩‍👧", "e\u0301", "\u202etxt", "a\nb", "a\rb\t\x1b[31m", " ", "-rf", "\"'`$(x)",
         "a" * 255, "é" * 127, "..a", "...", "\\..\\", "%2e%2e", "．．", "a／b", "<script>&", "\x7f", "\ufeff", "\ufffd")
for name in NAMES:
    with open(name, "w", encoding="utf-8") as file:
        file.write(name)
for name in (b"latin-\xe9", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xae\xc0\xae"):
    with open(name, "w", encoding="utf-8") as file:
        file.write("SECRET")
os.mkdir(b"folder-\xff")
with open(b"folder-\xff/inside", "w", encoding="utf-8") as file:
    file.write("SECRET")
