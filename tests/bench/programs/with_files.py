with open("in") as source, open("out", "w") as target:
    target.write(source.read())
print(1)
