// The preset: the tables of the shop by PostGraphile's own conventions, and nothing that only development needs.

import 'postgraphile/grafserv';
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

import { settings } from '../../shop/settings.js';
import { TagsPlugin } from './tags.js';

export default {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  plugins: [TagsPlugin],
  pgServices: [
    makePgService({
      connectionString: settings.databaseUrl,
      schemas: ['public'],
      poolConfig: { max: settings.connectionsPerHost },
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, graphiqlOnGraphQLGET: false, websockets: false, watch: false },
  grafast: { explain: false },
};
