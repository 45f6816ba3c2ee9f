import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import example from "./example.graphql";

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = label === "graphql" || label === "json" ? label : "editor";
    return new Worker(`/graphiql/${name}.worker.js`, { type: "module" });
  },
};

// GraphiQL's history would write the headers of each request, and so its secrets, to the disk.
const storage = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, /:(queries|favorites)$/.test(key) ? withoutHeaders(value) : value),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  get length() {
    return localStorage.length;
  },
};

function withoutHeaders(json) {
  return JSON.stringify(JSON.parse(json), (key, value) => (key === "headers" ? undefined : value));
}

const endpoint = location.origin + location.pathname;
const fetcher = createGraphiQLFetcher({
  url: endpoint,
  subscriptionUrl: endpoint.replace("http", "ws"),
  headers: { accept: "application/graphql-response+json, application/json, multipart/mixed" },
});

createRoot(document.getElementById("root")).render(
  <GraphiQL fetcher={fetcher} storage={storage} defaultQuery={example} shouldPersistHeaders={false}>
    <GraphiQL.Logo>
      <img src="/graphiql/favicon.svg" alt="" /> Punnet
    </GraphiQL.Logo>
  </GraphiQL>,
);
