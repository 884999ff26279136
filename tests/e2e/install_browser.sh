#!/bin/sh
# Finds a Chromium for the browser tests, or installs Debian's.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium: install it so that 'chromium' is on the PATH." >&2
    exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
echo "Installing Chromium for the browser tests"
$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium >/dev/null
