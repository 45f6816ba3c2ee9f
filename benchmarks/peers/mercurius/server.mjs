import Fastify from "fastify";
import mercurius from "mercurius";
import { Pool } from "undici";
import { GREETING, PORT, reader, typeDefs } from "../reader.mjs";

const api = reader(Pool);
const app = Fastify();

async function user(asked) {
  const ids = [...new Set(asked.map(({ obj }) => obj.userId))];
  const users = await api.usersById(ids);
  const byId = new Map(ids.map((id, n) => [id, users[n]]));
  return asked.map(({ obj }) => byId.get(obj.userId));
}

app.register(mercurius, {
  schema: typeDefs,
  resolvers: { Query: { posts: () => api.posts(), greet: () => GREETING } },
  loaders: { Post: { user: { loader: user, opts: { cache: false } } } },
  jit: 1,
});

await app.listen({ host: "127.0.0.1", port: PORT });
