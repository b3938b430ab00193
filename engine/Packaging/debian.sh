#!/bin/sh
# debian.sh PROGRAMS OUT: a Debian package of a folder that publish.sh has made. Prints the path of the package.
# It needs dpkg-deb and no root. Equal programs give equal packages.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$1
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$here/../../Directory.Build.props")
architecture=$(dpkg --print-architecture)
maintainer="${MAINTAINER:-Engine maintainers <maintainers@engine.invalid>}"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || date +%s)}"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
umask 022
chmod 755 "$tree"

lib="$tree/usr/lib/recommendation-engine"
doc="$tree/usr/share/doc/recommendation-engine"
mkdir -p "$lib" "$doc/examples" "$tree/usr/bin" "$tree/usr/share/man/man1" "$tree/usr/share/lintian/overrides" \
  "$tree/lib/systemd/system" "$tree/etc/engine/sources" "$tree/DEBIAN"
cp -r "$programs/." "$lib/"
find "$lib" -type f -exec chmod 644 {} +
find "$lib" \( -name Engine.Server -o -name Trainer -o -name createdump \) -type f -exec chmod 755 {} +
ln -s ../lib/recommendation-engine/Engine.Server "$tree/usr/bin/engine"
ln -s ../lib/recommendation-engine/Trainer "$tree/usr/bin/trainer"

cp "$here"/systemd/*.service "$here"/systemd/*.timer "$tree/lib/systemd/system/"
cp "$here/debian/engine.json" "$tree/etc/engine/engine.json"
cp "$here/debian/lintian-overrides" "$tree/usr/share/lintian/overrides/recommendation-engine"
cp "$here/debian/copyright" "$doc/copyright"
cp "$here"/../Engine.Server/Monitoring/* "$here"/kubernetes/*.yaml "$doc/examples/"
"$here/sbom.py" "$programs" "$version" | gzip -9n > "$doc/sbom.cdx.json.gz"
printf 'recommendation-engine (%s) unstable; urgency=medium\n\n  * sbom.cdx.json.gz lists the parts.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$doc/changelog.gz"
for page in engine.1 trainer.1; do gzip -9n < "$here/debian/$page" > "$tree/usr/share/man/man1/$page.gz"; done
find "$tree/usr/share" "$tree/lib" "$tree/etc" -type f -exec chmod 644 {} +

sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$(du -ks "$tree" | cut -f1)/" \
  -e "s/@MAINTAINER@/$maintainer/" "$here/debian/control.in" > "$tree/DEBIAN/control"
echo /etc/engine/engine.json > "$tree/DEBIAN/conffiles"
install -m 755 "$here/debian/postinst" "$here/debian/prerm" "$here/debian/postrm" "$tree/DEBIAN/"
(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -print | sed 's:^\./::' | LC_ALL=C sort | xargs -d '\n' md5sum) > "$tree/DEBIAN/md5sums"

mkdir -p "$2"
package="$2/recommendation-engine_${version}_$architecture.deb"
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$tree" "$package" >/dev/null
echo "$package"
