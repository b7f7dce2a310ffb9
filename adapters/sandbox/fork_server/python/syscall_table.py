"""What a run may ask of the kernel, x86_64: the numbers are the kernel's own and never change.

ALLOWED goes through. REFUSED answers EPERM, so that a program is told. INSPECTED depends on an
argument (see seccomp.py). Every other number, today's or tomorrow's, answers ENOSYS.
"""

ARCHITECTURE = "x86_64"
AUDIT_ARCH = 0xC000003E

ALLOWED = """
files: read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 lseek=8 pread64=17 pwrite64=18 readv=19
  writev=20
  access=21 flock=73 fsync=74 fdatasync=75 truncate=76 ftruncate=77 getdents=78
  getcwd=79 chdir=80 fchdir=81 rename=82 mkdir=83 rmdir=84 creat=85 link=86 unlink=87 symlink=88
  readlink=89 chmod=90 fchmod=91 chown=92 fchown=93 lchown=94 umask=95 utime=132 mknod=133 statfs=137
  fstatfs=138 readahead=187 setxattr=188 lsetxattr=189 fsetxattr=190 getxattr=191
  lgetxattr=192 fgetxattr=193 listxattr=194 llistxattr=195 flistxattr=196 removexattr=197
  lremovexattr=198 fremovexattr=199 getdents64=217 fadvise64=221 utimes=235 openat=257 mkdirat=258
  mknodat=259 fchownat=260 futimesat=261 newfstatat=262 unlinkat=263 renameat=264 linkat=265
  symlinkat=266 readlinkat=267 fchmodat=268 faccessat=269 splice=275 tee=276 sync_file_range=277
  utimensat=280 fallocate=285 preadv=295 pwritev=296 renameat2=316
  copy_file_range=326 preadv2=327 pwritev2=328 statx=332 close_range=436 openat2=437 faccessat2=439
  fchmodat2=452
memory: mprotect=10 munmap=11 brk=12 mremap=25 msync=26 mincore=27 madvise=28 mlock=149
  munlock=150 mlockall=151 munlockall=152 remap_file_pages=216 mbind=237 set_mempolicy=238
  get_mempolicy=239 mlock2=325 pkey_mprotect=329 pkey_alloc=330 pkey_free=331 map_shadow_stack=453
  mseal=462
signals: rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 pause=34 kill=62 rt_sigpending=127
  rt_sigtimedwait=128 rt_sigqueueinfo=129 rt_sigsuspend=130 sigaltstack=131 tkill=200
  restart_syscall=219 tgkill=234 signalfd=282 signalfd4=289 rt_tgsigqueueinfo=297
  pidfd_send_signal=424
time: nanosleep=35 getitimer=36 alarm=37 setitimer=38 gettimeofday=96 times=100 time=201
  timer_create=222 timer_settime=223 timer_gettime=224 timer_getoverrun=225 timer_delete=226
  clock_gettime=228 clock_getres=229 clock_nanosleep=230 timerfd_create=283 timerfd_settime=286
  timerfd_gettime=287
processes: getpid=39 fork=57 vfork=58 execve=59 exit=60 wait4=61 uname=63 getrlimit=97 getrusage=98
  sysinfo=99 getuid=102 getgid=104 setuid=105 setgid=106 geteuid=107 getegid=108 setpgid=109
  getppid=110 getpgrp=111 setsid=112 setreuid=113 setregid=114 getgroups=115 setgroups=116
  setresuid=117 getresuid=118 setresgid=119 getresgid=120 getpgid=121 setfsuid=122 setfsgid=123
  getsid=124 capget=125 capset=126 getpriority=140 setpriority=141 prctl=157 arch_prctl=158
  setrlimit=160 gettid=186 set_tid_address=218 exit_group=231 waitid=247 ioprio_set=251
  ioprio_get=252 getcpu=309 seccomp=317 execveat=322 pidfd_open=434
scheduling: sched_yield=24 sched_setparam=142 sched_getparam=143 sched_setscheduler=144
  sched_getscheduler=145 sched_get_priority_max=146 sched_get_priority_min=147
  sched_rr_get_interval=148 sched_setaffinity=203 sched_getaffinity=204 sched_setattr=314
  sched_getattr=315 membarrier=324 rseq=334
threads: futex=202 set_thread_area=205 get_thread_area=211 set_robust_list=273 get_robust_list=274
  futex_waitv=449 futex_wake=454 futex_wait=455 futex_requeue=456
waiting: poll=7 pipe=22 select=23 dup=32 dup2=33 sendfile=40 epoll_create=213 epoll_wait=232
  epoll_ctl=233 pselect6=270 ppoll=271
  epoll_pwait=281 eventfd=284 eventfd2=290 epoll_create1=291 dup3=292 pipe2=293
  epoll_pwait2=441
socket pairs: sendto=44 recvfrom=45 sendmsg=46 recvmsg=47 shutdown=48 getsockname=51 getpeername=52
  getsockopt=55 recvmmsg=299 sendmmsg=307
chance: getrandom=318
"""

REFUSED = """
network: socket=41 connect=42 accept=43 bind=49 listen=50 accept4=288
watching others: inotify_init=253 inotify_add_watch=254 inotify_rm_watch=255 inotify_init1=294
host's disks: sync=162 syncfs=306
mounts: pivot_root=155 chroot=161 mount=165 umount2=166 swapon=167 swapoff=168 quotactl=179
  name_to_handle_at=303 open_by_handle_at=304 open_tree=428 move_mount=429 fsopen=430 fsconfig=431
  fsmount=432 fspick=433 mount_setattr=442 quotactl_fd=443
namespaces: unshare=272 setns=308
other processes: ptrace=101 migrate_pages=256 move_pages=279 process_vm_readv=310
  process_vm_writev=311 kcmp=312 pidfd_getfd=438 process_madvise=440 process_mrelease=448
kernel: syslog=103 uselib=134 personality=135 vhangup=153 modify_ldt=154 adjtimex=159 acct=163
  settimeofday=164 reboot=169 sethostname=170 setdomainname=171 iopl=172 ioperm=173
  init_module=175 delete_module=176 lookup_dcookie=212 clock_settime=227 kexec_load=246
  fanotify_init=300 fanotify_mark=301 clock_adjtime=305 finit_module=313 kexec_file_load=320
  bpf=321 perf_event_open=298 userfaultfd=323
keyrings: add_key=248 request_key=249 keyctl=250
System V and POSIX queues: shmget=29 shmat=30 shmctl=31 semget=64 semop=65 semctl=66 shmdt=67
  msgget=68 msgsnd=69 msgrcv=70 msgctl=71 semtimedop=220 mq_open=240 mq_unlink=241
  mq_timedsend=242 mq_timedreceive=243 mq_notify=244 mq_getsetattr=245
asynchronous I/O: io_setup=206 io_destroy=207 io_getevents=208 io_submit=209 io_cancel=210
  io_pgetevents=333 io_uring_setup=425 io_uring_enter=426 io_uring_register=427
hidden memory: vmsplice=278 memfd_create=319 memfd_secret=447
"""

INSPECTED = """
new namespaces only by flag: clone=56
terminal injection: ioctl=16
unix pairs only, and without names: socketpair=53
larger socket buffers: setsockopt=54
memory that no process is charged for: mmap=9
watching others, larger pipes: fcntl=72
the init's limits: prlimit64=302
"""


def numbers(table):
    """The `name=number` pairs of a table above, as a dict."""
    pairs = (word.split("=") for word in table.split() if "=" in word)
    return {name: int(number) for name, number in pairs}
