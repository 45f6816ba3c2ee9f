// How every Node peer reads the upstream: undici's pool, all users of a request in one call.
// CACHE=1 keeps the parsed answers, which is the best that a cache can do for them.

const { UPSTREAM, POSTS_PATH = "/posts", CACHE } = process.env;

export const PORT = Number(process.env.PORT);

export function reader(Pool) {
  const pool = new Pool(UPSTREAM, { connections: 64 });
  const kept = new Map();

  async function fetched(path) {
    const { body } = await pool.request({ path, method: "GET" });
    return body.json();
  }

  function read(path) {
    if (CACHE !== "1") return fetched(path);
    if (!kept.has(path)) kept.set(path, fetched(path));
    return kept.get(path);
  }

  return {
    posts: () => read(POSTS_PATH),
    async usersById(ids) {
      const users = await read(`/users?${ids.map((id) => `id=${id}`).join("&")}`);
      const byId = new Map(users.map((user) => [user.id, user]));
      return ids.map((id) => byId.get(id) ?? null);
    },
  };
}

export const typeDefs = `
  type Query { posts: [Post] greet: String! }
  type Post { id: Int! userId: Int! title: String! body: String! user: User }
  type User { id: Int! name: String! username: String! email: String! phone: String website: String }
`;

export const GREETING = "Hello World!";
