// What Apollo Client makes of an answer in parts: node parts.mjs http://127.0.0.1:8000/graphql '{ a ... @defer { b } }'
// Prints a JSON list of its results as they came: {data, error, complete, ms since the first}.
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQL17Alpha9Handler } from '@apollo/client/incremental';

const [uri, query] = process.argv.slice(2);
const client = new ApolloClient({
  link: new HttpLink({ uri }),
  cache: new InMemoryCache(),
  incrementalHandler: new GraphQL17Alpha9Handler(),
});
const watched = client.watchQuery({ query: gql(query), fetchPolicy: 'no-cache', errorPolicy: 'all' });
const results = [];
let began;
await new Promise((resolve) => {
  watched.subscribe(({ data, error, loading }) => {
    if (data === undefined && loading) return;
    began ??= performance.now();
    results.push({ data, error: error?.message, complete: !loading, ms: performance.now() - began });
    if (!loading) resolve();
  });
});
console.log(JSON.stringify(results, (key, value) => (key === '__typename' ? undefined : value)));
process.exit();
