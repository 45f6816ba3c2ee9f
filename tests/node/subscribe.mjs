// A subscription by its protocol's own client: node subscribe.mjs ws|sse http://127.0.0.1:8000/graphql QUERY COUNT [VARIABLES]
// Prints a line of JSON for each result as it comes, then {"ended": "completed"}, or {"ended": "error", "errors"}.
// After COUNT results it unsubscribes, then waits for a line on stdin before it ends.
import { createClient as overEventStream } from 'graphql-sse';
import { createClient as overWebSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [transport, url, query, count, variables] = process.argv.slice(2);
const client =
  transport === 'ws'
    ? overWebSocket({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })
    : overEventStream({ url, retryAttempts: 0 });
const tell = (what) => console.log(JSON.stringify(what));
let results = 0;
const unsubscribe = client.subscribe(
  { query, variables: variables && JSON.parse(variables) },
  {
    next(result) {
      tell(result);
      results += 1;
      if (results === Number(count)) unsubscribe();
    },
    error: (error) => end({ ended: 'error', errors: Array.isArray(error) ? error : String(error) }),
    complete: () => end({ ended: 'completed' }),
  },
);

function end(how) {
  tell(how);
  client.dispose();
}
