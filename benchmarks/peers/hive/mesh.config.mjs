import { defineConfig } from "@graphql-mesh/compose-cli";
import { loadJSONSchemaSubgraph } from "@omnigraph/json-schema";

const int = { type: "integer" };
const text = { type: "string" };
const array = (items) => ({ type: "array", items });
const object = (title, properties, required) => ({ type: "object", title, properties, required });
const post = object("Post", { id: int, userId: int, title: text, body: text }, ["id", "userId", "title", "body"]);
const user = object(
  "User",
  { id: int, name: text, username: text, email: text, phone: text, website: text },
  ["id", "name", "username", "email"],
);

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadJSONSchemaSubgraph("jsonplaceholder", {
        endpoint: process.env.UPSTREAM,
        operations: [
          {
            type: "Query",
            field: "posts",
            path: process.env.POSTS_PATH ?? "/posts",
            method: "GET",
            responseSchema: array(post),
          },
          {
            type: "Query",
            field: "usersById",
            path: "/users",
            method: "GET",
            argTypeMap: { ids: array(int) },
            queryParamArgMap: { id: "ids" },
            responseSchema: array(user),
          },
        ],
        queryStringOptions: { arrayFormat: "repeat", indices: false },
      }),
    },
  ],
  additionalTypeDefs: `
    extend type Query { greet: String! }
    extend type Post {
      user: User @resolveTo(
        sourceName: "jsonplaceholder", sourceTypeName: "Query", sourceFieldName: "usersById",
        requiredSelectionSet: "{ userId }", keyField: "userId", keysArg: "ids"
      )
    }
  `,
});
