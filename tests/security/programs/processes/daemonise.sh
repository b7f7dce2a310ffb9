# tries: to outlive its shell: setsid, nohup, disown
# layer: pid-ns
# limits: processes=16
setsid bash -c 'sleep 3; echo BREACH: setsid has outlived the shell' &
nohup bash -c 'sleep 3; echo BREACH: nohup has outlived the shell' 2>/dev/null &
(bash -c 'trap "" TERM HUP INT; sleep 3; echo BREACH: disowned has outlived the shell' & disown)
sleep 0.1
