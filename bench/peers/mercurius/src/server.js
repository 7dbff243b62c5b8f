// Fastify with Mercurius: the JIT compiles an operation the second time it comes, loaders gather what lists need.

import '../../shop/production.js';

import { readFileSync } from 'node:fs';

import Fastify from 'fastify';
import mercurius from 'mercurius';
import postgres from 'postgres';

import { connect } from '../../shop/database.js';
import { productKey, readPage, readProduct, renameProduct } from '../../shop/products.js';
import { announce, settings } from '../../shop/settings.js';
import { productCache } from './cache.js';
import { loaders } from './loaders.js';

const database = connect(postgres);
const cache = settings.redisUrl ? productCache(settings.redisUrl, database) : null;

const resolvers = {
  Query: {
    product(_, { id }) {
      const key = productKey(id);
      return cache ? cache.read(key) : readProduct(database.reader(), key);
    },
    products: (_, { first, after }) => readPage(database.reader(), first, after),
  },
  Mutation: {
    async productUpdate(_, { input }) {
      const payload = await renameProduct(database.primary, input);
      if (cache && payload.product) await cache.forget(productKey(input.id));
      return payload;
    },
  },
};

const app = Fastify({ logger: false });
await app.register(mercurius, {
  schema: readFileSync(new URL('../../shop/schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  loaders: loaders(database),
  jit: 1,
  graphiql: false,
  path: '/graphql',
});
await app.listen({ host: settings.host, port: settings.port });
announce('mercurius', app.server.address().port);
