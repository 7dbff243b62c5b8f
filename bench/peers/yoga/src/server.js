// GraphQL Yoga on Node's own HTTP server, with DataLoaders made for each request; JIT=1 compiles operations.

import '../../shop/production.js';

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga, maskError } from 'graphql-yoga';
import postgres from 'postgres';

import { connect } from '../../shop/database.js';
import { BadInput } from '../../shop/products.js';
import { announce, settings } from '../../shop/settings.js';
import { createLoaders } from './loaders.js';
import { createResolvers } from './resolvers.js';

const database = connect(postgres);

const yoga = createYoga({
  schema: createSchema({
    typeDefs: readFileSync(new URL('../../shop/schema.graphql', import.meta.url), 'utf8'),
    resolvers: createResolvers(database),
  }),
  context: () => ({ loaders: createLoaders(database) }),
  plugins: process.env.JIT === '1' ? [useGraphQlJit()] : [],
  parserAndValidationCache: true,
  maskedErrors: {
    maskError: (error, ...rest) => (error.originalError instanceof BadInput ? error : maskError(error, ...rest)),
  },
  graphqlEndpoint: '/graphql',
  graphiql: false,
  landingPage: false,
  logging: false,
  cors: false,
  multipart: false,
});

const server = createServer(yoga);
server.listen(settings.port, settings.host, () => announce('yoga', server.address().port));
