#!/usr/bin/env bash
# Asks the server in this container for /healthz; bash does it alone, the image has no HTTP client.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/${STOREFRONT_PORT:-8000}"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
