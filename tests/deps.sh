#!/bin/sh
# Installs the Debian packages that are missing, and says so first. Usage: deps.sh yes|no PACKAGE...
wanted=$1; shift
command -v dpkg-query >/dev/null 2>&1 || { echo "not a Debian system: these packages' equivalents are needed: $*"; exit 0; }
missing=
for package in "$@"; do
    case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
if [ "$wanted" = no ]; then
    echo "missing packages; install them with:"
    echo "$sudo apt-get install -y --no-install-recommends$missing"
    exit 1
fi
echo "installing packages that are missing:$missing"
$sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
