#!/usr/bin/python3
"""image.py PROGRAMS OUT.tar [NAME:TAG]: an OCI image of a folder that publish.sh has made, without a container engine.

The first layer is what the programs need of Debian, from the packages that are installed here (dpkg -L): the C and C++
libraries, OpenSSL, time zones and certificates. There is no shell and no package manager in it. The second layer is
the programs. Equal inputs give equal bytes. `skopeo copy oci-archive:OUT.tar docker://REGISTRY/NAME:TAG` pushes it.
"""
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time

PACKAGES = ["base-files", "ca-certificates", "libc6", "libgcc-s1", "libssl3", "libstdc++6", "tzdata", "zlib1g"]
# Of those packages only what a program reads: no manuals and no tools. Licenses stay.
LEFT_OUT = ("bin/", "sbin/", "usr/bin/", "usr/sbin/", "usr/share/man/", "usr/share/lintian/", "usr/share/locale/",
            "usr/share/bug/", "usr/share/doc-base/", "usr/share/base-files/", "usr/share/info/", "etc/update-motd.d/",
            "etc/ca-certificates/", "usr/lib/x86_64-linux-gnu/gconv/", "usr/lib/x86_64-linux-gnu/audit/", "var/lib/dpkg/")
USER = 10001
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600"))
LEVEL = int(os.environ.get("COMPRESSION_LEVEL", "9"))
LIB = "usr/lib/recommendation-engine"


class Layer:
    """A tar archive in memory with sorted entries, fixed times and owners."""

    def __init__(self):
        self._entries = {}

    def add(self, name, kind=tarfile.DIRTYPE, mode=0o755, content=b"", link="", owner=0):
        for parent in parents(name):
            if parent not in self._entries:
                self.add(parent)
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.linkname, entry.size = kind, mode, link, len(content)
        entry.uid = entry.gid = owner
        entry.mtime = EPOCH
        self._entries[name] = (entry, content)

    def copy(self, path, name, mode=None):
        if os.path.islink(path):
            self.add(name, tarfile.SYMTYPE, 0o777, link=os.readlink(path))
        elif os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
            self.add(name, tarfile.REGTYPE, mode or os.stat(path).st_mode & 0o755, content)

    def bytes(self):
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(self._entries):
                entry, content = self._entries[name]
                tar.addfile(entry, io.BytesIO(content))
        return output.getvalue()


def parents(name):
    parts = name.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def system():
    """What is needed of Debian."""
    layer = Layer()
    for link in ("bin", "lib", "lib64", "sbin"):
        layer.add(link, tarfile.SYMTYPE, 0o777, link=f"usr/{link}")
    listed = subprocess.run(["dpkg", "-L", *PACKAGES], check=True, capture_output=True, text=True).stdout
    for path in sorted(set(listed.split("\n"))):
        # Packages name /lib where the system has a link to /usr/lib.
        name = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)).lstrip("/")
        if path.startswith("/") and not (name + "/").startswith(LEFT_OUT) and (
                os.path.islink(path) or os.path.isfile(path)) and name not in ("lib64",):
            layer.copy(path, name)
    layer.copy("/etc/ssl/certs/ca-certificates.crt", "etc/ssl/certs/ca-certificates.crt")
    status = subprocess.run(["dpkg", "-s", *PACKAGES], check=True, capture_output=True, text=True).stdout
    for package, text in zip(PACKAGES, status.split("\n\n")):
        # Where scanners of images look for packages.
        layer.add(f"var/lib/dpkg/status.d/{package}", tarfile.REGTYPE, 0o644, text.encode() + b"\n")
    layer.add("etc/passwd", tarfile.REGTYPE, 0o644,
              f"root:x:0:0:root:/root:/sbin/nologin\nengine:x:{USER}:{USER}::/var/lib/engine:/sbin/nologin\n".encode())
    layer.add("etc/group", tarfile.REGTYPE, 0o644, f"root:x:0:\nengine:x:{USER}:\n".encode())
    layer.add("tmp", mode=0o1777)
    layer.add("var/lib/engine", mode=0o750, owner=USER)
    layer.add("var/lib/engine/snapshots", mode=0o750, owner=USER)
    return layer


def programs(folder, version):
    """The programs, their settings and the list of their parts."""
    layer = Layer()
    here = os.path.dirname(os.path.abspath(__file__))
    for root, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(root, file)
            executable = file in ("Engine.Server", "Trainer", "createdump")
            layer.copy(path, f"{LIB}/{os.path.relpath(path, folder)}", 0o755 if executable else 0o644)
    layer.add("usr/bin/engine", tarfile.SYMTYPE, 0o777, link=f"/{LIB}/Engine.Server")
    layer.add("usr/bin/trainer", tarfile.SYMTYPE, 0o777, link=f"/{LIB}/Trainer")
    layer.copy(os.path.join(here, "debian", "engine.json"), "etc/engine/engine.json", 0o644)
    bill = subprocess.run([os.path.join(here, "sbom.py"), folder, version], check=True, capture_output=True).stdout
    layer.add("usr/share/doc/recommendation-engine/sbom.cdx.json", tarfile.REGTYPE, 0o644, bill)
    return layer


def main(folder, out, name):
    blobs, layers, differences = {}, [], []

    def blob(content, media):
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}

    version = name.rpartition(":")[2]
    for layer in (system(), programs(folder, version)):
        content = layer.bytes()
        differences.append(f"sha256:{hashlib.sha256(content).hexdigest()}")
        layers.append(blob(gzip.compress(content, LEVEL, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip"))
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))
    config = blob(json.dumps({
        "created": created, "architecture": architecture, "os": "linux",
        "config": {
            "User": f"{USER}:{USER}", "WorkingDir": "/var/lib/engine", "Entrypoint": ["/usr/bin/engine"],
            "Cmd": ["serve", "--config", "/etc/engine/engine.json"], "StopSignal": "SIGTERM",
            "Env": ["PATH=/usr/bin", "DOTNET_EnableDiagnostics=0"],
            "ExposedPorts": {"8080/tcp": {}, "50051/tcp": {}}, "Volumes": {"/var/lib/engine": {}},
            "Labels": {"org.opencontainers.image.title": "recommendation-engine",
                       "org.opencontainers.image.version": version}},
        "rootfs": {"type": "layers", "diff_ids": differences},
        "history": [{"created": created, "created_by": "image.py: libraries of Debian"},
                    {"created": created, "created_by": "image.py: programs"}]}).encode(),
        "application/vnd.oci.image.config.v1+json")
    manifest = blob(json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": layers}).encode(), "application/vnd.oci.image.manifest.v1+json")
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        manifest | {"platform": {"architecture": architecture, "os": "linux"},
                    "annotations": {"org.opencontainers.image.ref.name": version}}]}
    archive = Layer()
    archive.add("oci-layout", tarfile.REGTYPE, 0o644, b'{"imageLayoutVersion": "1.0.0"}')
    archive.add("index.json", tarfile.REGTYPE, 0o644, json.dumps(index).encode())
    for digest, content in blobs.items():
        archive.add(f"blobs/sha256/{digest}", tarfile.REGTYPE, 0o644, content)
    with open(out, "wb") as file:
        file.write(archive.bytes())
    print(out)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else "recommendation-engine:0.2.0")
