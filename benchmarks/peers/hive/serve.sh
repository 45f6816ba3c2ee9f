#!/bin/sh
# Composes the workload's supergraph for this upstream, then serves it.
set -eu
mkdir -p built
export SUPERGRAPH="built/$PORT.graphql"
node_modules/.bin/mesh-compose -c mesh.config.mjs -o "$SUPERGRAPH"
exec node_modules/.bin/hive-gateway supergraph -c gateway.config.mjs
