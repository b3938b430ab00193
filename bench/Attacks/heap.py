"""What a .NET program on this machine holds after a full collection: what grows then is a leak, whatever the collector does."""
import glob, re, socket, struct, tempfile, threading, time

COLLECT = 0x800000  # the keyword of the runtime's events that begins with a full collection
MAGIC = b"DOTNET_IPC_V1\0"
EVENTS, STOP, START = 2, 1, 3
RESERVED = 64 << 30  # the collector's area has 256 GiB


def collect(pid):
    """Collects the heap of a process by the runtime's diagnostic port, and waits for it."""
    port = next(iter(glob.glob(f"{tempfile.gettempdir()}/dotnet-diagnostic-{pid}-*-socket")), None)
    if port is None:
        raise OSError(f"found no diagnostic port of process {pid}; expected one: start it without DOTNET_EnableDiagnostics=0")
    with socket.socket(socket.AF_UNIX) as events:
        events.connect(port)
        # Megabytes of buffer, format, no rundown, one provider: keywords, level, name, no filter.
        provider = struct.pack("<QI", COLLECT, 4) + text("Microsoft-Windows-DotNETRuntime") + struct.pack("<I", 0)
        send(events, START, struct.pack("<IIBI", 16, 1, 0, 1) + provider)
        session = receive(events, 28)[20:]
        reader = threading.Thread(target=lambda: [None for _ in iter(lambda: events.recv(1 << 16), b"")])
        reader.start()
        time.sleep(1)
        with socket.socket(socket.AF_UNIX) as stop:
            stop.connect(port)
            send(stop, STOP, session)
            receive(stop, 20)
        reader.join()


def send(port, command, payload):
    port.sendall(MAGIC + struct.pack("<HBBH", 20 + len(payload), EVENTS, command, 0) + payload)


def receive(port, length):
    found = b""
    while len(found) < length:
        part = port.recv(length - len(found))
        if not part:
            raise OSError(f"the diagnostic port closed after {len(found)} bytes; expected {length}")
        found += part
    return found


def text(value):
    return struct.pack("<I", len(value) + 1) + (value + "\0").encode("utf-16-le")


def sizes(metrics, pid):
    """Bytes of living objects at the last collection, and anonymous bytes outside the collector's heap."""
    total = lambda name: sum(float(value) for value in re.findall(rf"^{name}\S* (\S+)", metrics, re.MULTILINE))
    living = total("dotnet_gc_last_collection_heap_size_bytes") - total("dotnet_gc_last_collection_heap_fragmentation_size_bytes")
    return living, native(pid)


def native(pid):
    """Anonymous bytes of all areas but the collector's, which reserves one that is longer than any machine's memory here."""
    areas = []  # first byte, end, anonymous bytes
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ (\d+)", line):
                start, end = (int(text, 16) for text in found.group(1, 2))
                if areas and areas[-1][1] == start and found.group(3) == "0":
                    areas[-1][1] = end
                else:
                    areas.append([start, end, 0])
            elif line.startswith("Anonymous:"):
                areas[-1][2] += int(line.split()[1]) << 10
    return sum(anonymous for start, end, anonymous in areas if end - start < RESERVED)


def growth(points):
    """What the second half of some (seconds, bytes) grows by: the median slope between two points, times its length."""
    half = points[len(points) // 2:]
    slopes = sorted((b - a) / (u - t) for i, (t, a) in enumerate(half) for u, b in half[i + 1:])
    return slopes[len(slopes) // 2] * (half[-1][0] - half[0][0]) if slopes else 0
