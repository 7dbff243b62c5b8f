// What the environment tells a peer, and the line by which it says that it serves.

const list = (text) => (text ? text.split(',') : []);

export const settings = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 0),
  databaseUrl: process.env.DATABASE_URL,
  replicaUrls: list(process.env.REPLICA_URLS),
  redisUrl: process.env.REDIS_URL,
  connectionsPerHost: Number(process.env.POOL ?? 10),
};

export const announce = (name, port) => console.log(`${name} serves http://127.0.0.1:${port}`);
