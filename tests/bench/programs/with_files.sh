IFS= read -r text < in
echo "$text" > out
echo 1
