// Cache-aside in Redis: the answer of a product under a key of its own. A read that misses fills it, a write deletes it after its
// commit.

import { Redis } from 'ioredis';

const TTL_SECS = 300;

export function productCache(url) {
  const redis = new Redis(url, { enableAutoPipelining: true, keyPrefix: 'hono:product:' });

  return {
    async get(id, read) {
      const cached = await redis.get(id);
      if (cached !== null) return cached;
      const answer = await read();
      await redis.set(id, answer, 'EX', TTL_SECS);
      return answer;
    },

    forget: (id) => redis.del(id),
  };
}

export const withoutCache = { get: (_, read) => read(), forget: () => {} };
