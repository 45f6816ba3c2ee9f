import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import DataLoader from "dataloader";
import { Pool } from "undici";
import { GREETING, PORT, reader, typeDefs } from "../reader.mjs";

const api = reader(Pool);
const resolvers = {
  Query: { posts: () => api.posts(), greet: () => GREETING },
  Post: { user: (post, _, { users }) => users.load(post.userId) },
};

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { host: "127.0.0.1", port: PORT },
  context: async () => ({ users: new DataLoader((ids) => api.usersById(ids)) }),
});
