#!/usr/bin/python3
"""sbom.py PROGRAMS VERSION: what a published folder is made of, as CycloneDX 1.6 on standard output.

PROGRAM.deps.json lists every package with its version and hash, the runtime included. Licenses come from the packages'
own descriptions in the local NuGet cache, so nothing is asked of a network.
"""
import base64
import glob
import json
import os
import sys
import uuid
import xml.etree.ElementTree as xml

CACHE = os.environ.get("NUGET_PACKAGES", os.path.expanduser("~/.nuget/packages"))


def licenses(name, version):
    """The license of a package as CycloneDX wants it; empty when the cache does not know."""
    path = os.path.join(CACHE, name.lower(), version.lower(), name.lower() + ".nuspec")
    if not os.path.exists(path):
        return []
    found = {element.tag.split("}")[1]: element for element in xml.parse(path).getroot().iter() if "}" in element.tag}
    kind = found["license"].get("type") if "license" in found else None
    if kind == "expression":
        return [{"expression": found["license"].text}]
    if "licenseUrl" in found:
        return [{"license": {"name": "see the address", "url": found["licenseUrl"].text}}]
    return [{"license": {"name": found["license"].text}}] if kind else []


def component(name, library):
    """One package of a deps.json; the project's own libraries have no hash."""
    package, version = name.split("/")
    package = package.removeprefix("runtimepack.")
    own = library["type"] == "project"
    result = {"type": "library", "bom-ref": f"{package}@{version}", "name": package, "version": version}
    if not own:
        result["purl"] = f"pkg:nuget/{package}@{version}"
        result["licenses"] = licenses(package, version)
    if library.get("sha512", "").startswith("sha512-"):
        content = base64.b64decode(library["sha512"][len("sha512-"):]).hex()
        result["hashes"] = [{"alg": "SHA-512", "content": content}]
    return {key: value for key, value in result.items() if value}


def main(programs, version):
    parts, edges = {}, {}
    for path in sorted(glob.glob(os.path.join(programs, "*.deps.json"))):
        with open(path, encoding="utf-8") as file:
            deps = json.load(file)
        for name, library in deps["libraries"].items():
            part = component(name, library)
            parts[part["bom-ref"]] = part
        for name, target in deps["targets"][deps["runtimeTarget"]["name"]].items():
            reference = name.removeprefix("runtimepack.").replace("/", "@")
            edges.setdefault(reference, set()).update(
                f"{key.removeprefix('runtimepack.')}@{value}" for key, value in target.get("dependencies", {}).items())
    if not parts:
        sys.exit(f"found no *.deps.json in {programs}; expected a folder that publish.sh has made")
    body = [parts[key] for key in sorted(parts)]
    json.dump({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # The same for the same parts.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body))}",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": "recommendation-engine", "name": "recommendation-engine",
            "version": version}},
        "components": body,
        "dependencies": [
            {"ref": key, "dependsOn": sorted(edges[key] & parts.keys())} for key in sorted(edges) if key in parts],
    }, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
