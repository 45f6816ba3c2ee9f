#!/bin/sh
# Tailcall with the workload. Users are batched into one call; with SHARE=1 it is the set-up its makers publish, where
# users are read one by one and identical reads in flight are shared; with CACHE=1 upstream fields are cached.
set -eu
binary=node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall
cached= shared= batch='batch: {maxSize: 1000, delay: 1, headers: []}, '
user="url: \"$UPSTREAM/users\", query: [{key: \"id\", value: \"{{.value.userId}}\"}], batchKey: [\"id\"]"
if [ "${CACHE:-0}" = 1 ]; then cached='@cache(maxAge: 3600000)'; fi
if [ "${SHARE:-0}" = 1 ]; then
    batch= shared=", dedupe: true"
    user="url: \"$UPSTREAM/users/{{.value.userId}}\"$shared"
fi
cat >"libc/$PORT.graphql" <<END
schema
  @server(port: $PORT, hostname: "127.0.0.1", workers: ${WORKERS:-1})
  @upstream(${batch}poolMaxIdlePerHost: 200, tcpKeepAlive: 60) {
  query: Query
}
type Query {
  posts: [Post] @http(url: "$UPSTREAM${POSTS_PATH:-/posts}"$shared) $cached
  greet: String! @expr(body: "Hello World!")
}
type User { id: Int! name: String! username: String! email: String! phone: String website: String }
type Post { id: Int! userId: Int! title: String! body: String! user: User @http($user) $cached }
END
export TAILCALL_LOG_LEVEL=error TAILCALL_TRACKER=false
exec libc/usr/lib64/ld-linux-x86-64.so.2 --library-path libc/usr/lib/x86_64-linux-gnu "$binary" start "libc/$PORT.graphql"
