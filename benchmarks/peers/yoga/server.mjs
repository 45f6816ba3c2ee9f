import { createServer } from "node:http";
import { useGraphQlJit } from "@envelop/graphql-jit";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import { Pool } from "undici";
import { GREETING, PORT, reader, typeDefs } from "../reader.mjs";

const api = reader(Pool);
const resolvers = {
  Query: { posts: () => api.posts(), greet: () => GREETING },
  Post: { user: (post, _, { users }) => users.load(post.userId) },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => ({ users: new DataLoader((ids) => api.usersById(ids)) }),
  plugins: [useGraphQlJit()],
  graphiql: false,
  landingPage: false,
  logging: false,
});

createServer(yoga).listen(PORT, "127.0.0.1");
