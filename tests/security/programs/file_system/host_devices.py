# tries: to open the host's devices
# layer: mount-ns
import os

for name in ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "fuse", "kvm",
             "tty", "console", "tty0", "ptmx", "pts/0", "net/tun", "vhost-net", "userfaultfd", "input/event0",
             "dri/card0", "snapshot", "cpu_dma_latency", "vsock", "hwrng", "rtc0", "uinput", "mapper/control"):
    try:
        os.close(os.open(f"/dev/{name}", os.O_RDONLY | os.O_NOCTTY))
        print("BREACH: opened", name)
    except OSError:
        pass
