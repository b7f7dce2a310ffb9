# tries: to break the answer by bytes that are no text
# layer: runner
import os

os.write(1, bytes(range(256)) * 16 + b"\xff\xfe\xed\xa0\x80\0\x1b]0;owned\x07")
os.write(2, b"\xf4\x90\x80\x80" * 100 + b'"},{"outcome":"ok')
