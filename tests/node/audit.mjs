// The audits of graphql-http against a running server: node audit.mjs http://127.0.0.1:8000/graphql
// Prints a JSON list of {id, name, status, reason}.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
const results = await Promise.all(serverAudits({ url, fetchFn: fetch }).map((audit) => audit.fn()));
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
